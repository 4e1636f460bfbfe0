import { readOrderLines } from '../../db/reads-orders.ts'
import { substitutionRules, substitutionRulesOf } from '../../db/substitutes.ts'
import { substituteUnits } from '../usecases/substitute.ts'
import { setSubstitutionRules } from '../usecases/substitution-rules.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { firstOf, LIMIT } from './listed.ts'
import { findOrder, lineOf, tellOrder, WHICH } from './order.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const

/** `order substitute|substitute-rule`: another SKU instead of one that is short. */
export const substituteCommands: readonly Command[] = [
  {
    name: 'order substitute',
    usage: 'ORDER SKU --with SKU [--units N] [--reason TEXT] [--key KEY]',
    summary: 'Hand over another SKU instead of units that an order is short of',
    details: `${WHICH} As many as are short and there, or --units. Its channel goes on to know what was sold.
A SKU that stands on several lines is named by its line, as "order show" tells it: line:17.`,
    examples: ['order substitute 1042 TEA-GREEN --with TEA-GREEN-BIG', 'order substitute my-shop/4711 line:17 --with TEA-BLACK --units 1'],
    options: { with: text, units: text, reason: text, key: text },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const [{ id }, sku, units] = [await findOrder(call), call.text('with'), call.text('units')]
      if (sku === undefined) throw wrongUsage('--with says what is handed over instead')
      const quantity = units === undefined ? undefined : wholeUnits(units, false)
      if (quantity === 0) throw wrongUsage('--units is 1 or more')
      const lineId = lineOf(await readOrderLines(call.context.sql, id), call.args[1] ?? '', '')
      const wish = { lineId, sku, quantity, reason: call.text('reason') }
      return tellOrder(call, id, await substituteUnits(call.context, call.text('key') ?? ownKey(), id, wish))
    },
  },
  {
    name: 'order substitute-rule',
    usage: '[SKU [SUBSTITUTE…]] [--channel CODE] [--automatic] [--above-percent N] [--none] [--limit N]',
    summary: 'What may be handed over instead of a SKU that is short, in order of preference; without substitutes, show it',
    details: `Of all channels where none is named; the rule of a channel goes before that. --automatic: it goes by itself, else it is only
proposed. --above-percent: only while its regular price is at most so much above. --none: nothing may be any more.`,
    examples: [
      'order substitute-rule',
      'order substitute-rule TEA-GREEN TEA-GREEN-BIG TEA-BLACK --automatic --above-percent 20',
      'order substitute-rule TEA-GREEN --channel my-shop --none',
    ],
    options: { channel: text, automatic: { type: 'boolean' }, 'above-percent': text, none: { type: 'boolean' }, ...LIMIT },
    takes: [0, 21],
    database: 'migrated',
    run: async call => {
      const [sku, ...skus] = call.args
      const [none, above] = [call.flag('none'), call.text('above-percent')]
      if (none ? skus.length > 0 || sku === undefined : skus.length === 0 && (call.flag('automatic') || above !== undefined))
        throw wrongUsage('name the SKU and what may be handed over instead, or the SKU alone with --none')
      if (above !== undefined && !/^\d{1,5}(\.\d{1,2})?$/.test(above)) throw wrongUsage(`--above-percent ${above} is no number of per cent`)
      if (sku !== undefined && (none || skus.length > 0)) {
        const abovePercent = above === undefined ? null : Number(above)
        const substitutes = skus.map(one => ({ sku: one, automatic: call.flag('automatic'), abovePercent }))
        await setSubstitutionRules(call.context, ownKey(), { sku, channel: call.text('channel') ?? null, substitutes })
      } else if (call.text('channel') !== undefined)
        throw wrongUsage('--channel says where a rule holds: name the SKU and its substitutes, too')
      return show(call, sku ?? null)
    },
  },
]

async function show(call: Call, sku: string | null): Promise<0> {
  const { sql } = call.context
  const { rows: rules, more } = await firstOf(call, 50, limit =>
    sku === null ? substitutionRules(sql, null, limit) : substitutionRulesOf(sql, sku),
  )
  const rows = rules.flatMap(rule =>
    rule.substitutes.map(one => [
      rule.sku,
      rule.channel ?? 'all',
      one.sku,
      one.automatic ? 'by itself' : 'proposed',
      one.abovePercent === null ? '' : `at most ${one.abovePercent} % dearer`,
      rule.actor,
    ]),
  )
  call.answer(
    rules,
    rows.length === 0
      ? 'Nothing may be handed over instead.'
      : table([['SKU', 'channel', 'instead', 'goes', 'where', 'by'], ...rows]) + more,
  )
  return 0
}
