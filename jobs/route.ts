import type { Logger } from 'pino'
import { isOfSurroundings, untilTaken } from '../db/once-more.ts'
import { steppingBack } from '../db/order-troubles.ts'
import { newestToRoute, ordersToRoute, plainChannels, takeLate } from '../db/routing.ts'
import type { Context } from '../src/usecases/context.ts'
import { type RoutingGround, routeOrder, routingGround } from '../src/usecases/route-order.ts'
import { routePlain } from '../src/usecases/route-plain.ts'
import { makeBell } from './bell.ts'
import { loop } from './loop.ts'
import type { Tailer } from './tailer.ts'

/** Few enough that what they are decided by is of a moment ago. */
const PART = 50
const PLAIN_PART = 200

/** How long the loop sleeps at the most: a net under its bell. */
const POLL_MS = 5_000

/**
 * Routes everything that waits, and takes groups that are late away from their locations first; answers how many orders were routed. Any number of
 * processes may do it at once: what two of them decide about one order, one of them writes. A process that dies leaves nothing half done.
 */
export async function routeAll(context: Context, log: Logger): Promise<number> {
  const late = await untilTaken(() => takeLate(context.sql, PART))
  if (late > 0) log.info({ groups: late }, 'groups were late and are routed anew')
  let routed = 0
  // What comes while we are at it is for the next time: as a set again, where it can be one.
  const last = await newestToRoute(context.sql)
  for (const { channelId, placeId } of await plainChannels(context.sql)) {
    for (let done = PLAIN_PART; done === PLAIN_PART; routed += done)
      done = await untilTaken(() => routePlain(context, channelId, placeId, PLAIN_PART)).catch((error: unknown) => {
        if (isOfSurroundings(error)) throw error
        // One of the set breaks it: each is routed by itself below.
        log.warn({ err: error, channel: channelId }, 'orders could not be routed as a set')
        return 0
      })
  }
  for (let after = 0; ; ) {
    const waiting = await ordersToRoute(context.sql, after, last, PART)
    // Read anew for each part: capacity and rules may have moved.
    const grounds = new Map<number, RoutingGround>()
    for (const order of waiting) {
      const ground = grounds.get(order.channelId) ?? (await routingGround(context, order.channelId))
      grounds.set(order.channelId, ground)
      const undertaking = { what: 'route', refId: order.id, orderId: order.id } as const
      const outcome = await steppingBack(context.sql, undertaking, () => untilTaken(() => routeOrder(context, order, ground)))
      if (outcome === 'routed') routed += 1
      else if (outcome === null) log.warn({ order: order.id }, 'this order could not be routed; it is tried again later')
      else if (outcome === 'unplaced') log.info({ order: order.id }, 'no location may hand this order over now')
      after = order.id
    }
    if (waiting.length < PART) return routed
  }
}

/** Routes orders until the signal: whenever one changes, and every few seconds whatever waits all the same. */
export async function runRouting(context: Context, log: Logger, tailer: Tailer, signal: AbortSignal): Promise<void> {
  const bell = makeBell()
  const leave = tailer.add({
    consumer: null,
    startOver: async () => bell.ring(),
    take: async rows => {
      if (rows.some(row => row.kind === 'order')) bell.ring()
      return undefined
    },
  })
  const step = async (): Promise<boolean> => {
    if ((await routeAll(context, log)) > 0) tailer.ring()
    return false
  }
  await loop('routing', step, { bell, idleMs: POLL_MS, signal, log }).finally(leave)
}
