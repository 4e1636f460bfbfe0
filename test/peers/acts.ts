import { setTimeout as wait } from 'node:timers/promises'
import { readOrderLines } from '../../db/reads-orders.ts'
import { findBooked } from '../../db/replay.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import type { Context } from '../../src/usecases/context.ts'
import type { Sold } from './shoppers.ts'

/** What the hub does with an order: of ten orders six are shipped whole, one in two parcels, two are cancelled, and one stays open. */
export type Fate = 'ship' | 'ship in two parcels' | 'cancel' | 'leave open'

/** By the order's place among all. */
export function fateOf(place: number): Fate {
  const tenth = place % 10
  if (tenth === 3) return 'ship in two parcels'
  if (tenth === 5 || tenth === 8) return 'cancel'
  return tenth === 9 ? 'leave open' : 'ship'
}

/** What must be found in the shop afterwards. */
export type Done = { readonly sold: Sold; readonly fate: Fate; readonly parcels: readonly string[] }

const LOOK_MS = 200

/** Does to a booked order what is meant for it; of two parcels the second goes when the shop has confirmed the first. An order of one unit needs but one. */
export async function act(context: Context, sold: Sold, fate: Fate, signal: AbortSignal): Promise<Done> {
  const order = await booked(context, sold)
  const key = `peers-act-${sold.shop}-${sold.id}`
  const number = (n: number): string => `PEER-${sold.shop}-${order.id}-${n}`.toUpperCase()
  if (fate === 'leave open') return { sold, fate, parcels: [] }
  if (fate === 'cancel') {
    await cancelOrder(context, key, order.id, {})
    return { sold, fate, parcels: [] }
  }
  const units = order.lines.reduce((sum, line) => sum + line.reserved, 0)
  const parcels: string[] = []
  if (fate === 'ship in two parcels' && units > 1) {
    const [line] = await readOrderLines(context.sql, order.id)
    if (line === undefined) throw new Error(`${sold.shop} ${sold.id} has no lines`)
    await shipOrder(context, `${key}-1`, order.id, {
      lines: [{ lineId: line.id, quantity: 1 }],
      tracking: { carrier: 'DHL', number: number(1) },
    })
    parcels.push(number(1))
    while ((await booked(context, sold)).openActs > 0) await wait(LOOK_MS, undefined, { signal })
  }
  const last = number(parcels.length + 1)
  await shipOrder(context, `${key}-last`, order.id, { tracking: { carrier: 'DHL', number: last } })
  return { sold, fate, parcels: [...parcels, last] }
}

async function booked({ sql }: Context, { shop, id }: Sold) {
  const order = await findBooked(sql, shop, id)
  if (order === null) throw new Error(`${shop} ${id} is not booked`)
  return order
}
