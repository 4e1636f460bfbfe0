import type { SandboxOrder } from '../../../connectors/sandbox.ts'
import { findBooked } from '../../../db/replay.ts'
import { changeStock } from '../../usecases/change-stock.ts'
import { type PlanEvent, type Platform, platformOf } from './plan.ts'
import type { Watch } from './pulse.ts'
import type { ReturnLine } from './returns.ts'
import { type Scene, WAREHOUSE } from './scene.ts'
import type { Done } from './sell.ts'
import { shipOne } from './ship.ts'

/** Goods that came back, as they were booked. */
export type Returned = {
  readonly invoice: string
  readonly sku: string
  /** Units that are in stock again. */
  readonly quantity: number
  /** Units that were never delivered, and so could not come back. */
  readonly undelivered: number
  /** The platform whose order it was of, and that order; null: older goods. */
  readonly of: { readonly platform: Platform; readonly externalId: string } | null
}

/**
 * Books one cancellation. Goods of a sale of these days go back through its platform: the order is shipped if it is not yet, then the shop
 * refunds and restocks, which the hub learns from the shop; Amazon's API tells nothing of returns, so there the warehouse books them, as it
 * books older goods.
 */
export async function takeBack(scene: Scene, watch: Watch, event: PlanEvent & { readonly kind: 'return' }, done: Done): Promise<void> {
  const older = event.lines.filter(line => line.sale === null)
  for (const [n, line] of older.entries()) {
    await bookReturn(scene, `${event.invoice}-older-${n}`, line.sku, line.quantity)
    done.returned.push({ invoice: event.invoice, sku: line.sku, quantity: line.quantity, undelivered: 0, of: null })
  }
  const ofSales = Map.groupBy(
    event.lines.filter(line => line.sale !== null),
    line => line.sale ?? '',
  )
  for (const [sale, lines] of ofSales) {
    const platform = platformOf(sale)
    const order = done.sold.get(sale) ?? null
    for (const line of lines) await takeBackLine(scene, watch, { invoice: event.invoice, platform, order, line }, done)
  }
}

type Case = { readonly invoice: string; readonly platform: Platform; readonly order: SandboxOrder | null; readonly line: ReturnLine }

async function takeBackLine(scene: Scene, watch: Watch, { invoice, platform, order, line }: Case, done: Done): Promise<void> {
  const { sku, quantity } = line
  const sold = order?.lines.find(one => one.sku === sku)
  if (!order || !sold) {
    done.returned.push({ invoice, sku, quantity: 0, undelivered: quantity, of: null })
    return
  }
  const { externalId } = order
  const delivered = await whenShipped(scene, watch, platform, externalId, sold.externalLineId)
  const before = done.returned
    .filter(one => one.of?.externalId === externalId && one.sku === sku)
    .reduce((sum, one) => sum + one.quantity, 0)
  // A shop's refund does not say whether it takes back what was shipped or gives up what is short: while units are short, it is the latter.
  const isWhole = platform === 'amazon' || delivered === sold.quantity
  const units = isWhole ? Math.min(quantity, delivered - before) : 0
  // Noted before the call, so that another return of the same line, which runs beside, does not count these units again.
  done.returned.push({ invoice, sku, quantity: units, undelivered: quantity - units, of: { platform, externalId } })
  if (units === 0) return
  await scene.platforms[platform].refund(externalId, [{ externalLineId: sold.externalLineId, quantity: units }])
  if (platform === 'amazon') await bookReturn(scene, `${invoice}-${externalId}-${sku}`, sku, units)
}

/**
 * Ships the order as soon as it is booked and waits until its platform knows; answers how many units of the line have left. When the hub
 * stands still it answers what is so by then.
 */
async function whenShipped(scene: Scene, watch: Watch, platform: Platform, externalId: string, lineId: string): Promise<number> {
  const look = () => findBooked(scene.context.sql, platform, externalId)
  await watch.until(async () => {
    await shipOne(scene, platform, externalId)
    return (await look())?.openActs === 0
  })
  return (await look())?.lines.find(line => line.externalLineId === lineId)?.shipped ?? 0
}

async function bookReturn({ context }: Scene, key: string, sku: string, quantity: number): Promise<void> {
  const change = { kind: 'return' as const, sku, location: WAREHOUSE, quantity, reason: `cancellation ${key.split('-')[0]}` }
  await changeStock(context, `replay-return-${key}`, [change])
}
