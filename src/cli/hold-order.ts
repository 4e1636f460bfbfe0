import { basketOf } from '../usecases/hold-id.ts'
import { orderHold } from '../usecases/order-hold.ts'
import { type Command, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { instantOf, shownAt } from './instants.ts'
import { wholeUnits } from './stock.ts'

const text = { type: 'string' } as const

/** `hold order`: a basket was bought. */
export const orderCommand: Command = {
  name: 'hold order',
  usage: 'HOLD CHANNEL ORDER [SKU=UNITS[@STORE]…] [--collect-at STORE] [--number NUMBER] [--total AMOUNT] [--at INSTANT]',
  summary: 'A basket was bought: its units go over to an order of the channel, and are never free in between',
  details: `CHANNEL and ORDER (the channel's own id of it) are the key: asked again, it answers what is booked. Without SKUs, all that is
held was bought; what is held beyond them stays held. With --collect-at the buyer collects all of it there, with @STORE that line alone; the others are sent.`,
  examples: [
    'hold order aG9sZDpjbGk my-shop 4711',
    'hold order aG9sZDpjbGk my-shop 4711 TEA-GREEN=1 --total 12.90',
    'hold order aG9sZDpjbGk my-shop 4711 TEA-GREEN=1@kiel CUP-BLUE=1',
  ],
  options: { 'collect-at': text, number: text, total: text, at: text },
  takes: [3, 103],
  database: 'migrated',
  run: async call => {
    const [id = '', channel = '', externalId = '', ...words] = call.args
    const lines = words.map(word => {
      const [, sku, units = '', store] = /^(.+)=(\d+)(?:@([^@]+))?$/.exec(word) ?? []
      if (sku === undefined || wholeUnits(units, false) === 0) throw wrongUsage(`"${word}" is not SKU=UNITS or SKU=UNITS@STORE`)
      return { sku, quantity: wholeUnits(units, false), ...(store === undefined ? {} : { collectAt: store }) }
    })
    const [number, total, placedAt] = [call.text('number'), call.text('total'), instantOf(call, 'at')]
    if (total !== undefined && !/^\d{1,12}(\.\d{1,6})?$/.test(total)) throw wrongUsage(`--total ${total} is no amount such as 12.90`)
    const ordered = await orderHold(
      call.context,
      basketOf(id),
      {
        ...{ channel, externalId },
        collectAt: call.text('collect-at'),
        ...(number === undefined ? {} : { number }),
        ...(total === undefined ? {} : { total }),
        ...(placedAt === undefined ? {} : { placedAt }),
        ...(lines.length === 0 ? {} : { lines }),
      },
      call.wiring.now(),
    )
    const notes = [
      ...ordered.groups.map(
        one =>
          `Group ${one.id}: ${one.method === 'collect' ? 'collected' : 'sent'} from ${one.location}, ready by ${shownAt(one.readyBy) ?? 'no time told'}.`,
      ),
      ...(ordered.replayed ? ['It was booked before; nothing was changed.'] : []),
      ...(ordered.short === 0 ? [] : [`${counted(ordered.short, 'unit is', 'units are')} short.`]),
      ...(ordered.held.length === 0 ? [] : [`Still held: ${ordered.held.map(item => `${item.quantity} × ${item.sku}`).join(', ')}.`]),
    ]
    call.answer(ordered, [`Order ${externalId} of ${channel} is booked as ${ordered.orderId}.`, ...notes].join('\n'))
    return 0
  },
}
