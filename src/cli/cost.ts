import { stockCost } from '../usecases/stock-cost.ts'
import { unitPrice } from '../values/money.ts'
import type { Call, Command, ExitCode } from './command.ts'
import { shownAt } from './instants.ts'
import { table } from './terminal.ts'

/** `stock cost`. */
export const costCommand: Command = {
  name: 'stock cost',
  usage: 'SKU',
  summary: 'What a unit of a SKU cost on average, how that came to be, and what the units at each location are worth',
  details:
    'Each receipt with a unit cost changes the weighted average. One currency for each SKU. It stands for what is on\nhand in our own locations, and under way between them.',
  examples: ['stock cost TEA-GREEN'],
  takes: [1, 1],
  database: 'migrated',
  run: cost,
}

async function cost(call: Call): Promise<ExitCode> {
  const found = await stockCost(call.context, call.args[0] ?? '')
  const { sku, currency, locations, underWay, history } = found
  const worth = (value: string | null): string | null => (value === null ? null : `${value} ${currency}`)
  const places = [
    ...locations.map(one => [one.location, one.units, worth(one.value)]),
    ...(underWay.units === 0 ? [] : [['under way', underWay.units, worth(underWay.value)]]),
    ['all', found.units, worth(found.value)],
  ]
  const averages = history.map(row => [
    `${unitPrice(row.average, row.currency)} ${row.currency}`,
    shownAt(row.validFrom),
    shownAt(row.validTo),
    row.actor,
  ])
  const words =
    averages.length === 0 ? `No receipt has said yet what ${sku} cost.` : table([['average cost', 'from', 'to', 'by'], ...averages])
  call.answer(found, `${words}\n\n${table([['location', 'units', 'worth'], ...places])}`)
  return 0
}
