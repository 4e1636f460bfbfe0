import { costedUnits, listCosts } from '../../db/costs.ts'
import { unknownSku } from '../usecases/past.ts'
import { unitPrice } from '../values/money.ts'
import type { Call, Command, ExitCode } from './command.ts'
import { shownAt } from './instants.ts'
import { table } from './terminal.ts'

const HISTORY_MOST = 200

/** `stock cost`. */
export const costCommand: Command = {
  name: 'stock cost',
  usage: 'SKU',
  summary: 'What a unit of a SKU cost on average, and how that came to be',
  details: 'Each receipt with a unit cost changes the weighted average. One currency for each SKU.',
  examples: ['stock cost TEA-GREEN'],
  takes: [1, 1],
  database: 'migrated',
  run: cost,
}

async function cost(call: Call): Promise<ExitCode> {
  const [sku = ''] = call.args
  const [units, history] = await Promise.all([costedUnits(call.context.sql, sku), listCosts(call.context.sql, sku, HISTORY_MOST)])
  if (units === null) throw unknownSku(sku)
  const rows = history.map(row => [
    `${unitPrice(row.average, row.currency)} ${row.currency}`,
    shownAt(row.validFrom),
    shownAt(row.validTo),
    row.actor,
  ])
  const words =
    rows.length === 0
      ? `No receipt has said yet what ${sku} cost.`
      : `${table([['average cost', 'from', 'to', 'by'], ...rows])}\nIt stands for ${units} units: on hand in our own locations, and under way between them.`
  call.answer({ sku, average: history[0]?.average ?? null, currency: history[0]?.currency ?? null, units, history }, words)
  return 0
}
