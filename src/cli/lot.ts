import { type LotRow, lotsExpiringBefore } from '../../db/lots.ts'
import { listLots, setLotExpiry, trackLots } from '../usecases/lots.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import { type Command, wrongUsage } from './command.ts'
import { expiryOf, shownAt } from './instants.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const DAY_MS = 24 * 3600 * 1000
const LINES_MOST = 10_000
const text = { type: 'string' } as const

/** `lot track|list|set|expiring`. */
export const lotCommands: readonly Command[] = [
  {
    name: 'lot track',
    usage: 'SKU on|off',
    summary: 'Tell the units of a SKU apart by lot, or no longer',
    details: 'On: what is there becomes the lot of no name. Off: lots are forgotten, and what is unavailable stays so.',
    examples: ['lot track MILK-1L on'],
    options: { key: text },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const [sku = '', word = ''] = call.args
      if (word !== 'on' && word !== 'off') throw wrongUsage(`"${word}" is neither on nor off`)
      const { changed } = await trackLots(call.context, call.text('key') ?? ownKey(), sku, word === 'on')
      const now = word === 'on' ? 'told apart by lot' : 'not told apart by lot'
      call.answer({ sku, tracked: word === 'on', changed }, changed ? `The units of ${sku} are ${now} from now on.` : 'It was so already.')
      return 0
    },
  },
  {
    name: 'lot list',
    usage: 'SKU',
    summary: 'The lots of a SKU that hold units, by location, first expired first',
    examples: ['lot list MILK-1L'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const found = await listLots(call.context, call.args[0] ?? '')
      call.answer(
        { ...found, lots: found.lots.map(shown) },
        found.tracked ? lotsText(found.lots) : `The units of ${found.sku} are not told apart by lot.`,
      )
      return 0
    },
  },
  {
    name: 'lot set',
    usage: 'SKU LOCATION LOT --expires DAY|never',
    summary: 'State when a lot expires: from then on its units are not sold',
    details: 'A day begins at midnight UTC; an instant with its zone is taken too. The lot of no name is "".',
    examples: ['lot set MILK-1L MAIN L2026-11 --expires 2026-12-24'],
    options: { expires: text, key: text },
    takes: [3, 3],
    database: 'migrated',
    run: async call => {
      const [sku = '', location = '', lot = ''] = call.args
      const expiresAt = expiryOf(call)
      if (expiresAt === undefined) throw wrongUsage('--expires is missing: a day, an instant or never')
      const { lot: row } = await setLotExpiry(call.context, call.text('key') ?? ownKey(), { sku, location, lot, expiresAt })
      call.answer(shown(row), lotsText([row]))
      return 0
    },
  },
  {
    name: 'lot expiring',
    usage: '[--days N] [--location CODE]',
    summary: 'Lots that expire within some days (30 unless told), or have expired',
    examples: ['lot expiring --days 7', 'lot expiring --location MAIN'],
    options: { days: text, location: text },
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const days = call.text('days') ?? '30'
      if (!/^\d{1,4}$/.test(days)) throw wrongUsage(`--days ${days} is no number of days`)
      await refuseUnknown(call.context, { location: call.text('location') })
      const before = new Date(call.wiring.now().getTime() + Number(days) * DAY_MS)
      const lots = await lotsExpiringBefore(call.context.sql, before, call.text('location') ?? null, null, LINES_MOST)
      call.answer(lots.map(shown), lots.length === 0 ? 'None.' : lotsText(lots))
      return 0
    },
  },
]

const shown = ({ id: _, ...row }: LotRow) => row

function lotsText(lots: readonly LotRow[]): string {
  const rows = lots.map(one => [
    ...[one.sku, one.location, one.lot === '' ? '(no name)' : one.lot, one.quantity, one.unavailable],
    one.expiresAt === null ? 'never' : `${shownAt(one.expiresAt)}${one.expired ? ' (over)' : ''}`,
  ])
  return table([['sku', 'location', 'lot', 'on hand', 'unavailable', 'expires'], ...rows])
}
