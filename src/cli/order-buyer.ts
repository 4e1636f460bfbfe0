import { findBuyer, forgetOrdersOf } from '../usecases/forget-buyer.ts'
import { trackingPath } from '../usecases/tracking-link.ts'
import { type Command, wrongUsage } from './command.ts'
import { findOrder, WHICH } from './order.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

/** What concerns the buyer of an order. */
export const orderBuyerCommands: readonly Command[] = [
  {
    name: 'order link',
    usage: 'ORDER [--renew]',
    summary: 'The page on which the buyer follows the order',
    details: `${WHICH} Whoever has the link sees the page, with the code that goods are handed over against.
--renew makes a new link; the old one leads nowhere from then on. It ends with the personal data of the buyer.`,
    examples: ['order link 1042', 'order link my-shop/4711 --renew'],
    options: { renew: { type: 'boolean' } },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      const path = await trackingPath(call.context, id, { renew: call.flag('renew') })
      const { publicUrl = null } = await call.wiring.settings()
      const url = publicUrl === null ? null : `${publicUrl}${path}`
      call.answer({ path, url }, url ?? `${path}\nPUBLIC_URL is not set here: put the address in front at which buyers reach the hub.`)
      return 0
    },
  },
  {
    name: 'order forget',
    usage: 'NUMBER | --email EMAIL [--yes]',
    summary: 'Remove the personal data of a buyer for good, as he asks; without --yes, show of which orders',
    details: `NUMBER is what a channel called an order, its id there, or CHANNEL/ID. What is told of these orders later brings nothing back; stock, sales
and statistics stay. An address is compared with the data of all orders that still have any.`,
    examples: ['order forget 4711', 'order forget --email ida@example.org --yes'],
    options: { email: { type: 'string' }, yes: { type: 'boolean' } },
    takes: [0, 1],
    database: 'migrated',
    isLong: true,
    run: async call => {
      const [number] = call.args
      const email = call.text('email')
      if ((number === undefined) === (email === undefined)) throw wrongUsage('order forget takes a number or --email')
      const found = await findBuyer(call.context, email === undefined ? { number: number ?? '' } : { email })
      const isDone = call.flag('yes') && found.length > 0
      const forgotten = isDone
        ? await forgetOrdersOf(
            call.context,
            ownKey(),
            found.map(({ id }) => id),
          )
        : 0
      const rows = found.map(row => [row.id, row.number, row.channel, row.state, row.hasPerson ? 'yes' : 'no'])
      const shown =
        found.length === 0
          ? email === undefined
            ? 'No order was found. NUMBER is what its channel called it, or CHANNEL/ID, not our number of it.'
            : 'No order was found.'
          : table([['order', 'number', 'channel', 'state', 'has personal data'], ...rows])
      call.answer(
        { orders: found, forgotten },
        isDone ? `${shown}\nRemoved for good.` : found.length === 0 ? shown : `${shown}\nAgain with --yes to remove it.`,
      )
      return found.length === 0 ? 1 : 0
    },
  },
]
