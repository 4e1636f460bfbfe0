import { explain } from '../usecases/explain.ts'
import { explainText } from '../usecases/explain-text.ts'
import { stockHistory } from '../usecases/stock-history.ts'
import { stockValue, stockValueCsv } from '../usecases/stock-value.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { toFile } from './export.ts'
import { shownAt } from './instants.ts'
import { table } from './terminal.ts'

/** `explain`, `stock history|value`: what is, what was, and why. */
export const explainCommands: readonly Command[] = [
  {
    name: 'explain',
    usage: 'SKU [--channel CODE] [--location CODE] [--at INSTANT]',
    summary: 'Why each channel shows what it shows of a SKU, now or at any past instant: the chain from on hand to shown',
    details: `With --at: every bucket, promise, rule and bundle as it was then, and what was sent and read back by then; by what was
recorded then. A day means its first instant in UTC.`,
    examples: ['explain TEA-GREEN', 'explain TEA-GREEN --channel woo --at 2026-11-20T10:00Z'],
    options: { channel: { type: 'string' }, location: { type: 'string' }, at: { type: 'string' } },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const explained = await explain(call.context, call.args[0] ?? '', given(call, ['channel', 'location', 'at']))
      call.answer(explained, explainText(explained, shownAt))
      return 0
    },
  },
  {
    name: 'stock history',
    usage: 'SKU [--location CODE] [--from INSTANT] [--to INSTANT] [--points N]',
    summary: 'Stock of a SKU over time, after each change; the last 30 days where no period is named',
    details: 'With more changes than points (500), the period is cut into so many equal parts, and each line is the end of one.',
    examples: ['stock history TEA-GREEN --from 2026-11-01', 'stock history TEA-GREEN --location MAIN --points 24 --json'],
    options: { location: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' }, points: { type: 'string' } },
    takes: [1, 1],
    database: 'migrated',
    run: history,
  },
  {
    name: 'stock value',
    usage: '[--at INSTANT] [--location CODE] [--out FILE]',
    summary: 'What stock on hand was worth at an instant: units of then × weighted average cost of then',
    details: `Where there was no average, the cost that the catalog has today counts (basis catalog); units without any cost are listed and
are in no total. --out writes it SKU by SKU as CSV.`,
    examples: ['stock value --at 2026-12-31', 'stock value --at 2026-12-31 --out value.csv'],
    options: { at: { type: 'string' }, location: { type: 'string' }, out: { type: 'string' } },
    takes: [0, 0],
    database: 'migrated',
    isLong: true,
    run: value,
  },
]

async function history(call: Call): Promise<ExitCode> {
  const points = call.text('points')
  if (points !== undefined && !/^[1-9]\d{0,2}$/.test(points)) throw wrongUsage(`--points ${points} is no number from 1 to 999`)
  const wish = { ...given(call, ['location', 'from', 'to']), ...(points === undefined ? {} : { points: Number(points) }) }
  const found = await stockHistory(call.context, call.args[0] ?? '', wish)
  const rows = found.points.map(one => [shownAt(one.at), one.onHand, one.reserved, one.unavailable, one.available, one.incoming])
  const starts =
    found.historyStarts === null ? '' : `\nHistory starts at ${shownAt(found.historyStarts)}: older months of the ledger were detached.`
  call.answer(found, table([['at', 'on hand', 'reserved', 'unavailable', 'available', 'incoming'], ...rows]) + starts)
  return 0
}

async function value(call: Call): Promise<ExitCode> {
  const asked = given(call, ['at', 'location'])
  const file = call.text('out')
  if (file !== undefined) {
    await toFile(await stockValueCsv(call.context, asked), file)
    call.answer({ file }, `The value of stock is in ${file}`)
    return 0
  }
  const worth = await stockValue(call.context, asked)
  const rows = [
    ...worth.locations.map(one => [one.location, one.currency, one.units, one.value, one.basis]),
    ...worth.withoutCost.map(one => [
      one.location,
      '',
      one.units,
      '',
      `no cost: ${one.examples.slice(0, 3).join(', ')}${one.skus > 3 ? ' …' : ''}`,
    ]),
    // Where one row tells all of a location, its total would say it again.
    ...worth.locationTotals
      .filter(one => worth.locations.filter(row => row.location === one.location).length > 1)
      .map(one => [`${one.location}, all`, one.currency, one.units, one.value, '']),
    ...worth.totals.map(one => ['all', one.currency, one.units, one.value, '']),
  ]
  call.answer(worth, `at ${shownAt(worth.at)}\n${table([['location', 'currency', 'units', 'value', 'basis'], ...rows])}`)
  return 0
}

/** The options that were given, by name. */
function given<Name extends string>(call: Call, names: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const text = call.text(name)
    if (text !== undefined) found[name] = text
  }
  return found
}
