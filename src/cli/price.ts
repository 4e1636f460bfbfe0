import { effectWords } from '../usecases/price-effect-text.ts'
import { setPrices } from '../usecases/set-prices.ts'
import type { Command } from './command.ts'
import { forecastLines } from './forecast-lines.ts'
import { momentOf, shownAt } from './instants.ts'
import { ownKey } from './stock.ts'

/** `price set`. */
export const priceCommands: readonly Command[] = [
  {
    name: 'price set',
    usage: 'SKU AMOUNT|none CURRENCY [--channel CODE] [--from TIME [--to TIME]] [--zone ZONE] [--accept-window] [--key KEY]',
    summary: 'Set a price for all channels or one, for good or for a period; none ends it',
    details: `A dated price that is lower than the regular one is a sale. A day begins at its midnight in the zone of the channel, or of
--zone, also when clocks are set; instants with their zone are taken too. Where a channel cannot show it within a second of its
instant, the forecast is told and nothing is set without --accept-window.
The answer tells for each channel what is shown from now on, or why not: a list or a sale that goes before it, the guard, a floor.`,
    examples: ['price set TEA-GREEN 12.90 EUR', 'price set TEA-GREEN 9.90 EUR --channel shop --from 2026-11-27 --to 2026-12-01'],
    options: {
      channel: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      zone: { type: 'string' },
      'accept-window': { type: 'boolean' },
      key: { type: 'string' },
    },
    takes: [3, 3],
    database: 'migrated',
    run: async call => {
      const [sku = '', amount = '', currency = ''] = call.args
      const [channel, from, to] = [call.text('channel'), momentOf(call, 'from'), momentOf(call, 'to')]
      const zone = call.text('zone')
      const price = {
        ...{ sku, currency, amount: amount === 'none' ? null : amount },
        ...(channel === undefined ? {} : { channel }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(zone === undefined ? {} : { zone }),
      }
      const done = await setPrices(call.context, call.text('key') ?? ownKey(), [price], { acceptWindow: call.flag('accept-window') })
      call.answer(
        { ...done, price },
        [
          done.changed > 0 ? `${sku}: ${amount} ${currency}${channel === undefined ? '' : ` in ${channel}`}` : 'It was so already.',
          ...done.channels.map(one => `  ${effectWords(one, shownAt)}`),
          ...forecastLines(done.forecast),
        ].join('\n'),
      )
      return 0
    },
  },
]
