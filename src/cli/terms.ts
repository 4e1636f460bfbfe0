import { setTerms } from '../usecases/set-terms.ts'
import { type Command, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { dayOf, shownAt } from './instants.ts'
import { ownKey } from './stock.ts'

/** `terms`. */
export const termsCommands: readonly Command[] = [
  {
    name: 'terms',
    usage: 'SKU backorder|preorder|none [--limit UNITS] [--from DAY] [--key KEY]',
    summary: 'Sell a SKU before it is there, up to a limit; none ends it',
    details:
      'Channels show the units where they sell ahead ("channel set CODE --sell-ahead on"). A pre-order needs its day, and ends then.\nDays begin at midnight UTC; instants with their zone are taken too.',
    examples: [
      'terms TEA-GREEN backorder --limit 20',
      'terms TEA-FIRST-FLUSH preorder --limit 200 --from 2027-03-15',
      'terms TEA-GREEN none',
    ],
    options: { limit: { type: 'string' }, from: { type: 'string' }, key: { type: 'string' } },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const [sku = '', word = ''] = call.args
      if (word !== 'backorder' && word !== 'preorder' && word !== 'none') throw wrongUsage(`"${word}" is not backorder, preorder or none`)
      const [limit, availableFrom] = [units(call.text('limit')), dayOf(call, 'from')]
      const kind = word === 'none' ? null : word
      const done = await setTerms(call.context, call.text('key') ?? ownKey(), { sku, kind, limit, availableFrom }, call.wiring.now())
      const { terms } = done
      const until = terms?.availableFrom == null ? '' : `, available from ${shownAt(terms.availableFrom)}`
      const words =
        terms === null ? `${sku}: only what is there is sold` : `${sku}: ${terms.kind} of up to ${counted(terms.limit, 'unit')}${until}`
      call.answer(done, done.changed ? words : `${words}. It was so already.`)
      return 0
    },
  },
]

function units(text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d{1,8}$/.test(text)) throw wrongUsage(`--limit ${text} is no number of units`)
  return text === undefined ? undefined : Number(text)
}
