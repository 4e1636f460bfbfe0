import { trackingPath } from '../usecases/tracking-link.ts'
import type { Command } from './command.ts'
import { findOrder, WHICH } from './order.ts'

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
      call.answer({ path, url }, url ?? path)
      return 0
    },
  },
]
