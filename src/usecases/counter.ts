import { sellingChannel } from '../../db/holds.ts'
import { announcedUnits, type BoughtOrder, boughtOrders, isMissedAt, isOfSameWorth, scannedSku } from '../../db/pages-counter.ts'
import { readOrder } from '../../db/reads-orders.ts'
import { Fault } from '../values/fault.ts'
import { readGtin } from '../values/gtin.ts'
import { type LOOKED, lookedAt, receiveReturn } from './change-order.ts'
import type { Context } from './context.ts'
import { exchangeOrder } from './exchange-order.ts'
import { routeOrder } from './route-order.ts'
import { type Substituted, substituteUnits } from './substitute.ts'

/** The store at whose counter it happens. */
export type Counter = { readonly id: number; readonly code: string }

/** Goods of a line that somebody lays on the counter, what the look at them said, and which SKU goes out for them at once; null: nothing does. */
export type Brought = {
  readonly orderId: number
  readonly lineId: number
  readonly quantity: number
  readonly look: (typeof LOOKED)[number]
  readonly goes: string | null
}

/** What came of it: the order that went out, or null. */
export type AtCounter = { readonly number: string | null }

const BY_CODE = /^P(\d{1,15})-\d{6}$/i

/** Orders whose goods somebody brings: by the number that is named, or by the code that they were collected with. */
export function findBought({ sql }: Pick<Context, 'sql'>, counter: Counter, text: string): Promise<BoughtOrder[]> {
  const group = BY_CODE.exec(text.trim())?.[1]
  return boughtOrders(sql, counter.id, { number: text.trim(), groupId: group === undefined ? null : Number(group) })
}

/**
 * Takes goods back at a counter, or exchanges them there for the same ones or others of their product, unit for unit. What costs something else is not a clerk's: no money is
 * taken or paid here. Throws as `exchangeOrder` and `receiveReturn` do, and `invalid` with `reason: 'other_product'`.
 */
export async function takeAtCounter(
  context: Context,
  key: string,
  counter: Counter,
  { orderId, lineId, quantity, look, goes }: Brought,
): Promise<AtCounter> {
  const came = { location: counter.code, lines: lookedAt([{ lineId, quantity }], look) }
  if (goes === null) {
    await receiveReturn(context, key, orderId, came)
    return { number: null }
  }
  const isSame = await isOfSameWorth(context.sql, orderId, lineId, goes)
  if (isSame === null) throw new Fault('not_found', `There is no line ${lineId} of a known SKU in order ${orderId}.`, { reason: 'unknown' })
  if (!isSame)
    throw new Fault('invalid', `${goes} is of another product, or costs something else.`, {
      field: 'goes',
      value: goes,
      reason: 'other_product',
    })
  const replacement = { lines: [{ sku: goes, quantity }], handOver: 'counter' as const, location: counter.code }
  const { number } = await exchangeOrder(context, key, orderId, { received: came.lines, location: counter.code, replacement })
  return { number }
}

/** How the goods of an announced return look that lie on the counter, line by line. */
export type AnnouncedBrought = {
  readonly orderId: number
  readonly returnId: number
  readonly lines: readonly { readonly lineId: number; readonly look: (typeof LOOKED)[number] }[]
}

/**
 * Takes in at a counter what was announced, all of it: that ends the return, and lets go out what waits for it. Answers how many units came. Throws `not_found`, and `invalid` with
 * `reason: 'part'` where a line is not looked at, else as `receiveReturn`.
 */
export async function takeAnnounced(
  context: Context,
  key: string,
  counter: Counter,
  { orderId, returnId, lines }: AnnouncedBrought,
): Promise<number> {
  const announced = await announcedUnits(context.sql, orderId, returnId)
  if (announced.length === 0) throw new Fault('not_found', `There is no return ${returnId} of order ${orderId}.`, { reason: 'unknown' })
  const looks = new Map(lines.map(({ lineId, look }) => [lineId, look]))
  const came = announced.flatMap(({ lineId, units }) => {
    const look = looks.get(lineId)
    return look === undefined ? [] : lookedAt([{ lineId, quantity: units }], look)
  })
  if (came.length < announced.length || looks.size > announced.length)
    throw new Fault('invalid', 'What was announced comes as a whole.', { field: 'lines', reason: 'part' })
  await receiveReturn(context, key, orderId, { returnId, location: counter.code, lines: came })
  return announced.reduce((sum, { units }) => sum + units, 0)
}

/** Other goods from the shelf of a store for units that its clerk did not find: by their SKU, or the code that stands on them. */
export type FromShelf = { readonly orderId: number; readonly lineId: number; readonly code: string; readonly quantity: number }

/**
 * Hands over another SKU that lies in a store instead of units which it was to pick and did not find; routed at once, so that it stands on that store's list. Throws as
 * `substituteUnits`, and `not_found` where the store was not to pick the line.
 */
export async function substituteAtShelf(
  context: Context,
  key: string,
  store: Counter,
  { orderId, lineId, code, quantity }: FromShelf,
): Promise<Substituted> {
  const order = await readOrder(context.sql, orderId)
  if (order === null || !(await isMissedAt(context.sql, store.id, orderId, lineId)))
    throw new Fault('not_found', `There is no line ${lineId} of order ${orderId} here.`, { reason: 'unknown' })
  const read = readGtin(code)
  const sku = await scannedSku(context.sql, code, 'gtin' in read ? read.gtin : null)
  if (sku === null) throw new Fault('invalid', `There is no SKU ${code}.`, { field: 'sku', value: code })
  const done = await substituteUnits(context, key, orderId, { lineId, sku, quantity, locationId: store.id })
  const channel = await sellingChannel(context.sql, order.channel)
  // Whoever routes finds it otherwise.
  if (channel !== null) await routeOrder(context, { id: orderId, channelId: channel.id })
  return done
}
