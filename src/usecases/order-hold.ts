import { type HoldItem, holdItems, isHold, orderOfChannel, sellingChannel, soldAs } from '../../db/holds.ts'
import { laterToken } from '../../db/later-token.ts'
import { type OrderGroup, orderGroups } from '../../db/order-life.ts'
import { pickUpPlace } from '../../db/pick-up-choice.ts'
import type { ChannelOrder, ChannelOrderLine, OrderPerson } from '../values/channel-order.ts'
import { Fault } from '../values/fault.ts'
import { bookOrders } from './book-orders.ts'
import { noStore } from './buyer-choice.ts'
import type { Context } from './context.ts'
import { refuseFuture } from './past.ts'
import { routeOrder } from './route-order.ts'
import { stated } from './stated.ts'
import type { WriteToken } from './write-token.ts'

/** An order that takes a hold over. */
export type HoldOrder = {
  /** The channel that sold it, and its own id of the order: together they are the key. */
  readonly channel: string
  readonly externalId: string
  /** What people call it; the id when absent. */
  readonly number?: string | undefined
  /** The channel's when absent. */
  readonly currency?: string | undefined
  /** Decimal text. */
  readonly total?: string | undefined
  /** ISO 8601; now when absent. What the channel says of the order later must be younger. */
  readonly placedAt?: string | undefined
  /** The store where the buyer collects what its lines do not say otherwise of; absent: it is sent. */
  readonly collectAt?: string | undefined
  readonly buyer?: Stated<OrderPerson> | undefined
  /** What was bought; all that is held when absent. */
  readonly lines?: readonly HoldOrderLine[] | undefined
}

export type HoldOrderLine = HoldItem & {
  /** The channel's own id of the line, so that what it says later meets it. */
  readonly lineId?: string | undefined
  readonly unitPrice?: string | undefined
  readonly title?: string | undefined
  /** The store where the buyer collects it; null: it is sent. As the order says when absent. */
  readonly collectAt?: string | null | undefined
}

type Stated<T> = { readonly [Field in keyof T]?: T[Field] | undefined }

export type HoldOrdered = {
  readonly orderId: number
  /** Units that nobody has: ordered beyond what was held, and not to be had elsewhere. */
  readonly short: number
  /** What the hold still holds: more than was bought. It ends as it would have. */
  readonly held: readonly HoldItem[]
  /** Where it is handed over, of what is routed by now: what buyers collect always is. */
  readonly groups: readonly OrderGroup[]
  /** The order was booked before; nothing was done again. */
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

/**
 * Books an order of a channel out of a hold: its units go over to the order in one statement, and are never free in between. Where the order asks
 * for more than was held, the rest is promised as for any order, or short. Throws `not_found` for an unknown hold, `invalid` for an unknown channel or
 * SKU, a store where nothing is collected or an instant that has not come, `conflict` when the hold ended before, or when the channel's order is booked already with other goods.
 */
export async function orderHold(context: Context, basket: string, order: HoldOrder, now: Date): Promise<HoldOrdered> {
  const { sql } = context
  refuseFuture({ now: () => now }, order.placedAt, 'placedAt')
  const channel = await sellingChannel(sql, order.channel)
  if (channel === null)
    throw new Fault('invalid', `There is no channel ${order.channel}.`, {
      field: 'channel',
      value: order.channel,
      expected: 'a known channel',
    })
  const held = await holdItems(sql, basket)
  // In this order: where the hold is empty because the same request was carried out at this moment, its order is seen.
  const known = await orderOfChannel(sql, channel.id, order.externalId)
  if (known !== null) {
    if (!isSame(order.lines ?? held, known.items) && (order.lines !== undefined || held.length > 0))
      throw new Fault('conflict', `Order ${order.externalId} of ${order.channel} is booked already, with other goods.`, {
        orderId: known.id,
      })
    const groups = await orderGroups(sql, known.id)
    return { orderId: known.id, short: known.short, held, groups, replayed: true, token: await laterToken(sql) }
  }
  if (held.length === 0) {
    if (!(await isHold(sql, basket))) throw new Fault('not_found', 'There is no such reservation.')
    throw new Fault('conflict', 'Nothing of this reservation is open any more: it was settled, released, ordered or timed out.')
  }

  const at = order.placedAt ?? now.toISOString()
  const asked: ChannelOrder = {
    ...{ externalId: order.externalId, number: order.number ?? order.externalId, channelRef: channel.ref, stamp: at, placedAt: at },
    ...{ effect: 'reserve', platformState: 'placed', currency: order.currency ?? channel.currency, total: order.total ?? null },
    lines: await linesOf(context, channel.id, order.lines ?? held, order.collectAt ?? null),
    person: order.buyer === undefined ? null : (stated(order.buyer) as OrderPerson),
  }
  const [booked] = await bookOrders(context, channel.accountId, [asked], { fresh: false, basket })
  if (booked?.outcome === 'refused') throw new Fault('invalid', `The books do not take this order: ${booked.reason}.`)
  if (booked?.orderId === undefined) throw new Error(`order ${order.externalId} of ${order.channel} was answered with ${booked?.outcome}`)
  // The units are promised at the store already: with its group the order is on the store's desk at once. Whoever routes finds it otherwise.
  if (asked.lines.some(line => line.collectAt != null)) await routeOrder(context, { id: booked.orderId, channelId: channel.id })
  return {
    orderId: booked.orderId,
    short: booked.short ?? 0,
    held: await holdItems(sql, basket),
    groups: await orderGroups(sql, booked.orderId),
    // Its own message came in at the same moment.
    replayed: booked.outcome !== 'booked',
    token: booked.token,
  }
}

/** The order's lines as the channel would state them: by its own listing where it has one. */
async function linesOf(
  context: Context,
  channelId: number,
  lines: readonly HoldOrderLine[],
  collectAt: string | null,
): Promise<ChannelOrderLine[]> {
  const stores = new Set(lines.map(line => (line.collectAt === undefined ? collectAt : line.collectAt)))
  for (const code of stores) if (code !== null && (await pickUpPlace(context.sql, code)) === null) throw noStore(code, 'collectAt')
  const known = new Map(
    (
      await soldAs(
        context.sql,
        channelId,
        lines.map(line => line.sku),
      )
    ).map(one => [one.sku, one]),
  )
  const told = lines.map((line, at): ChannelOrderLine => {
    const sold = known.get(line.sku)
    if (sold === undefined)
      throw new Fault('invalid', `There is no SKU ${line.sku}.`, {
        field: `lines.${at}.sku`,
        value: line.sku,
        expected: 'a SKU of the catalog',
      })
    const place = line.collectAt === undefined ? collectAt : line.collectAt
    return {
      ...(place === null ? {} : { collectAt: place }),
      ...{
        externalLineId: line.lineId ?? `${at + 1}`,
        listingRef: sold.listingRef,
        sku: sold.listingSku ?? line.sku,
        title: line.title ?? sold.title,
      },
      ...{ ordered: line.quantity, cancelled: 0, shipped: 0, returned: 0, unitPrice: line.unitPrice ?? null },
    }
  })
  // What is collected takes over what is held at its store first.
  return told.toSorted((a, b) => Number(a.collectAt === undefined) - Number(b.collectAt === undefined))
}

function isSame(lines: readonly HoldItem[], items: readonly HoldItem[]): boolean {
  const units = new Map<string, number>()
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity)
  return units.size === items.length && items.every(item => units.get(item.sku) === item.quantity)
}
