import { listExchangeRates, listTaxRates } from '../../db/price-policies.ts'
import { setExchangeRates, setTaxRates } from '../usecases/price-rates.ts'
import type { Command } from './command.ts'
import { dayOf, shownAt } from './instants.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const MOST = 1000

/** `price tax`, `price taxes`, `price exchange`, `price exchanges`. */
export const priceRateCommands: readonly Command[] = [
  {
    name: 'price tax',
    usage: 'REGION CATEGORY PERCENT|none [--from DAY] [--why TEXT] [--key KEY]',
    summary: 'Set the tax rate of a category of goods in a region from an instant on; none takes it back',
    details: 'From now on unless --from is given. A day begins at midnight UTC; instants with their zone are taken too.',
    examples: ['price tax de standard 19', 'price tax de reduced 7 --from 2027-01-01T00:00+01:00'],
    options: { from: text, why: text, key: text },
    takes: [3, 3],
    database: 'migrated',
    run: async call => {
      const [region = '', category = '', percent = ''] = call.args
      const from = dayOf(call, 'from')
      const rate = { region, category, percent: percent === 'none' ? null : percent, ...(from === undefined ? {} : { from }) }
      const done = await setTaxRates(call.context, call.text('key') ?? ownKey(), [rate], call.text('why'))
      const words = percent === 'none' ? 'rate taken back' : `${percent} % from ${from === undefined ? 'now on' : shownAt(from)}`
      call.answer({ ...done, rate }, done.changed > 0 ? `${region}, ${category}: ${words}` : 'It was so already.')
      return 0
    },
  },
  {
    name: 'price taxes',
    usage: '[--region CODE] [--category NAME]',
    summary: 'Tax rates that stand, also those to come',
    examples: ['price taxes --region de'],
    options: { region: text, category: text },
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const rows = await listTaxRates(call.context.sql, { region: call.text('region'), category: call.text('category') }, 0, MOST)
      const lines = rows.map(row => [row.region, row.category, `${row.percent} %`, shownAt(row.startsAt), row.actor])
      call.answer(rows, rows.length === 0 ? 'No tax rates.' : table([['region', 'category', 'rate', 'from', 'by'], ...lines]))
      return 0
    },
  },
  {
    name: 'price exchange',
    usage: 'FROM TO RATE|none [--from DAY] [--why TEXT] [--key KEY]',
    summary: 'Set how many units of a currency one unit of another is, from an instant on; none takes it back',
    details: `Used both ways, where a list, a floor or an offer in one currency speaks of a channel in the other. Plain prices are not converted:
a channel shows the plain price in its own currency, or none. From now on unless --from is given.`,
    examples: ['price exchange EUR CHF 0.95', 'price exchange EUR SEK 11.32 --from 2026-12-01'],
    options: { from: text, why: text, key: text },
    takes: [3, 3],
    database: 'migrated',
    run: async call => {
      const [from = '', to = '', value = ''] = call.args
      const since = dayOf(call, 'from')
      const rate = { from, to, rate: value === 'none' ? null : value, ...(since === undefined ? {} : { since }) }
      const done = await setExchangeRates(call.context, call.text('key') ?? ownKey(), [rate], call.text('why'))
      const words =
        value === 'none'
          ? `${from} to ${to}: rate taken back`
          : `1 ${from} is ${value} ${to} from ${since === undefined ? 'now on' : shownAt(since)}; lists, floors and offers are converted by it, plain prices are not`
      call.answer({ ...done, rate }, done.changed > 0 ? words : 'It was so already.')
      return 0
    },
  },
  {
    name: 'price exchanges',
    usage: '[--from CURRENCY] [--to CURRENCY]',
    summary: 'Exchange rates that stand, also those to come',
    examples: ['price exchanges --from EUR'],
    options: { from: text, to: text },
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const rows = await listExchangeRates(call.context.sql, { from: call.text('from'), to: call.text('to') }, 0, MOST)
      const lines = rows.map(row => [row.from, row.to, row.rate, shownAt(row.startsAt), row.actor])
      call.answer(rows, rows.length === 0 ? 'No exchange rates.' : table([['from', 'to', 'rate', 'since', 'by'], ...lines]))
      return 0
    },
  },
]
