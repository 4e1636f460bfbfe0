import { type BundleRow, listBundles } from '../../db/bundles.ts'
import { findBundle, historyOfBundle, setBundle } from '../usecases/bundles.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import { type Command, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const LINES_MOST = 10_000

/** `bundle set|show|end|list`. */
export const bundleCommands: readonly Command[] = [
  {
    name: 'bundle set',
    usage: 'SKU PART[:QUANTITY]…',
    summary: 'Say what a SKU consists of; from then on it is sold as its parts',
    details: 'A part may be a bundle itself. What was sold before stays as it was sold.',
    examples: ['bundle set TEA-SET TEA-GREEN:2 CUP-BLUE:4 TRAY'],
    options: { key: text },
    takes: [2, 51],
    database: 'migrated',
    run: async call => {
      const [sku = '', ...words] = call.args
      const parts = words.map(word => {
        const [, part = word, quantity = '1'] = /^(.+):(\d+)$/.exec(word) ?? []
        if (wholeUnits(quantity, false) === 0) throw wrongUsage(`"${word}" is none of ${part}`)
        return { sku: part, quantity: wholeUnits(quantity, false) }
      })
      const { changed } = await setBundle(call.context, call.text('key') ?? ownKey(), sku, parts)
      const bundle = await findBundle(call.context, sku)
      call.answer({ ...shown(bundle), changed }, changed ? lineOf(bundle) : 'It was so already.')
      return 0
    },
  },
  {
    name: 'bundle show',
    usage: 'SKU',
    summary: 'What a bundle consists of, now and before',
    examples: ['bundle show TEA-SET'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const sku = call.args[0] ?? ''
      const [bundle, versions] = await Promise.all([findBundle(call.context, sku), historyOfBundle(call.context, sku)])
      const rows = versions.map(one => [shownAt(one.validFrom), shownAt(one.validTo) ?? 'now', one.actor, partsText(one.parts)])
      const flat = `Takes off the shelves: ${partsText(bundle.flat)}`
      call.answer({ ...shown(bundle), versions }, [lineOf(bundle), flat, '', table([['from', 'to', 'by', 'parts'], ...rows])].join('\n'))
      return 0
    },
  },
  {
    name: 'bundle end',
    usage: 'SKU',
    summary: 'Let a SKU be no bundle any more',
    examples: ['bundle end TEA-SET'],
    options: { key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const sku = call.args[0] ?? ''
      const { changed: ended } = await setBundle(call.context, call.text('key') ?? ownKey(), sku, [])
      call.answer({ sku, ended }, ended ? `${sku} is no bundle any more.` : `${sku} was no bundle.`)
      return 0
    },
  },
  {
    name: 'bundle list',
    usage: '[--part SKU]',
    summary: 'All bundles, or those that hold a part',
    examples: ['bundle list', 'bundle list --part CUP-BLUE'],
    options: { part: text },
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      await refuseUnknown(call.context, { part: call.text('part') })
      const bundles = await listBundles(call.context.sql, call.text('part') ?? null, 0, LINES_MOST)
      const rows = bundles.map(one => [one.sku, one.title, partsText(one.parts)])
      call.answer(bundles.map(shown), table([['bundle', 'title', 'parts'], ...rows]))
      return 0
    },
  },
]

const shown = ({ id: _, ...bundle }: BundleRow) => bundle
const partsText = (parts: readonly { readonly sku: string; readonly quantity: number }[]): string =>
  parts.map(part => `${part.quantity} × ${part.sku}`).join(', ')
const lineOf = (bundle: BundleRow): string => `${bundle.sku} = ${partsText(bundle.parts)}`
