import { findBooked, ordersToShip } from '../../../db/replay.ts'
import { shipOrder } from '../../usecases/act-on-order.ts'
import { Fault } from '../../values/fault.ts'
import type { Platform } from './plan.ts'
import type { Scene } from './scene.ts'

const AT_ONCE = 4

/** Ships every promised unit of every order, each order as one package. Answers when the hub has noted all; platforms are told by its acts. */
export async function shipWhatIsPromised(scene: Scene): Promise<void> {
  const waiting = await ordersToShip(scene.context.sql)
  const total = waiting.length
  const next = async (): Promise<void> => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
      scene.signal.throwIfAborted()
      await ship(scene, order.id, order.shipments)
      scene.progress('shipped', total - waiting.length, total)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
}

/** Ships what is promised of one order, if it is booked. */
export async function shipOne(scene: Scene, platform: Platform, externalId: string): Promise<void> {
  const order = await findBooked(scene.context.sql, platform, externalId)
  if (order?.lines.some(line => line.reserved > 0)) await ship(scene, order.id, order.shipments)
}

/** `before`: shipments of this order that were made already; they are part of the key, so that none is made twice. */
async function ship({ context }: Scene, orderId: number, before: number): Promise<void> {
  const number = `RP${orderId}-${before + 1}`
  try {
    await shipOrder(context, `replay-ship-${number}`, orderId, { tracking: { carrier: 'Royal Mail', number } })
  } catch (error) {
    // A day's end and a return may ship the same order: whoever comes second finds nothing open, or the first one's key.
    if (!(error instanceof Fault && error.code === 'conflict')) throw error
  }
}
