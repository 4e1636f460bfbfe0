import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { orderGroups } from '../../db/order-life.ts'
import { listOrders } from '../../db/reads-orders.ts'
import { balancesAt } from '../../db/stock.ts'
import { shipOrder } from '../usecases/act-on-order.ts'
import { changeStock } from '../usecases/change-stock.ts'
import type { Context } from '../usecases/context.ts'
import { Fault } from '../values/fault.ts'
import { CHANNELS } from './accounts.ts'
import { LOCATIONS, SAMPLES } from './goods.ts'

const ROUND_MS = 3_000
/** How long an order lies before it is packed, ms. */
const PACKED_AFTER_MS = 25_000
const PER_ROUND = 20
/** A warehouse orders anew below this many units of the samples that are not scarce. */
const LOW = 12
const DELIVERY = [18, 40] as const
/** Chance per round that somebody finds a last piece of what is scarce and sold out. */
const LAST_PIECE = 0.02

/**
 * The people of the sample company, who work beside the shoppers so that the demo goes on for days: a clerk ships what lies long enough, and
 * deliveries come where stock runs low. They use the same use cases as real people do. Answers what sends them home.
 */
export function startClerk(context: Context, log: Logger): () => Promise<void> {
  const ending = new AbortController()
  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        await shipWhatLies(context, new Date())
        await takeDeliveries(context)
      } catch (error) {
        log.warn({ err: error }, 'the clerk of the demo met an error, and goes on')
      }
      await wait(ROUND_MS, undefined, { signal: ending.signal }).catch(() => {})
    }
  }
  const done = work()
  return () => {
    ending.abort()
    return done
  }
}

/** Ships orders that nothing is missing of, oldest first. Each has its key, so that a round that was cut short ships nothing twice. */
async function shipWhatLies(context: Context, now: Date): Promise<void> {
  const channels: readonly string[] = CHANNELS
  const states = ['accepted', 'routed', 'in_fulfilment']
  const listed = await Promise.all(states.map(state => listOrders(context.sql, { state }, null, 1000)))
  const open = listed
    .flat()
    .filter(order => channels.includes(order.channel) && order.short === 0 && now.getTime() - order.bookedAt.getTime() > PACKED_AFTER_MS)
  let shipped = 0
  for (const { id } of open.toSorted((a, b) => a.id - b.id)) {
    if (shipped === PER_ROUND) break
    // What buyers collect is handed over at the desk.
    if ((await orderGroups(context.sql, id)).some(group => group.method === 'collect')) continue
    shipped += 1
    const tracking = { carrier: 'DHL', number: `00340${String(id).padStart(15, '0')}` }
    try {
      await shipOrder(context, `demo-ship-${id}`, id, { tracking })
    } catch (error) {
      // It was cancelled between our look and our hand.
      if (!(error instanceof Fault)) throw error
    }
  }
}

async function takeDeliveries(context: Context): Promise<void> {
  const scarce = new Set(SAMPLES.filter(sample => sample.isScarce).map(sample => sample.sku))
  const ours = new Set(SAMPLES.map(sample => sample.sku))
  for (const { code, kind } of LOCATIONS) {
    if (kind !== 'warehouse') continue
    const balances = (await balancesAt(context.sql, code, 0, 1000)).filter(balance => ours.has(balance.sku))
    const lines = balances.flatMap(({ sku, available }) => {
      const quantity = scarce.has(sku)
        ? Number(available === 0 && Math.random() < LAST_PIECE)
        : available < LOW
          ? randomInt(DELIVERY[0], DELIVERY[1])
          : 0
      return quantity === 0 ? [] : [{ kind: 'receive' as const, sku, location: code, quantity, reason: 'delivery' }]
    })
    if (lines.length > 0) await changeStock(context, `demo-delivery-${randomUUID()}`, lines)
  }
}
