import { type HoldItem, holdItems, isHold, orderOfChannel, sellingChannel, soldAs } from '../../db/holds.ts'
import { laterToken } from '../../db/later-token.ts'
import type { ChannelOrder, ChannelOrderLine } from '../values/channel-order.ts'
import { Fault } from '../values/fault.ts'
import { bookOrders } from './book-orders.ts'
import type { Context } from './context.ts'
import { refuseFuture } from './past.ts'
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
  /** What was bought; all that is held when absent. */
  readonly lines?: readonly HoldOrderLine[] | undefined
}

export type HoldOrderLine = HoldItem & {
  /** The channel's own id of the line, so that what it says later meets it. */
  readonly lineId?: string | undefined
  readonly unitPrice?: string | undefined
  readonly title?: string | undefined
}

export type HoldOrdered = {
  readonly orderId: number
  /** Units that nobody has: ordered beyond what was held, and not to be had elsewhere. */
  readonly short: number
  /** What the hold still holds: more than was bought. It ends as it would have. */
  readonly held: readonly HoldItem[]
  /** The order was booked before; nothing was done again. */
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

/**
 * Books an order of a channel out of a hold: its units go over to the order in one statement, and are never free in between. Where the order asks
 * for more than was held, the rest is promised as for any order, or short. Throws `not_found` for an unknown hold, `invalid` for an unknown channel or
 * SKU or an instant that has not come, `conflict` when the hold ended before, or when the channel's order is booked already with other goods.
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
    return { orderId: known.id, short: known.short, held, replayed: true, token: await laterToken(sql) }
  }
  if (held.length === 0) {
    if (!(await isHold(sql, basket))) throw new Fault('not_found', 'There is no such reservation.')
    throw new Fault('conflict', 'Nothing of this reservation is open any more: it was settled, released, ordered or timed out.')
  }

  const at = order.placedAt ?? now.toISOString()
  const stated: ChannelOrder = {
    ...{ externalId: order.externalId, number: order.number ?? order.externalId, channelRef: channel.ref, stamp: at, placedAt: at },
    ...{ effect: 'reserve', platformState: 'placed', currency: order.currency ?? channel.currency, total: order.total ?? null },
    lines: await linesOf(context, channel.id, order.lines ?? held),
    person: null,
  }
  const [booked] = await bookOrders(context, channel.accountId, [stated], { fresh: false, basket })
  if (booked?.outcome === 'refused') throw new Fault('invalid', `The books do not take this order: ${booked.reason}.`)
  if (booked?.orderId === undefined) throw new Error(`order ${order.externalId} of ${order.channel} was answered with ${booked?.outcome}`)
  return {
    orderId: booked.orderId,
    short: booked.short ?? 0,
    held: await holdItems(sql, basket),
    // Its own message came in at the same moment.
    replayed: booked.outcome !== 'booked',
    token: booked.token,
  }
}

/** The order's lines as the channel would state them: by its own listing where it has one. */
async function linesOf(context: Context, channelId: number, lines: readonly HoldOrderLine[]): Promise<ChannelOrderLine[]> {
  const known = new Map(
    (
      await soldAs(
        context.sql,
        channelId,
        lines.map(line => line.sku),
      )
    ).map(one => [one.sku, one]),
  )
  return lines.map((line, at) => {
    const sold = known.get(line.sku)
    if (sold === undefined)
      throw new Fault('invalid', `There is no SKU ${line.sku}.`, {
        field: `lines.${at}.sku`,
        value: line.sku,
        expected: 'a SKU of the catalog',
      })
    return {
      ...{
        externalLineId: line.lineId ?? `${at + 1}`,
        listingRef: sold.listingRef,
        sku: sold.listingSku ?? line.sku,
        title: line.title ?? sold.title,
      },
      ...{ ordered: line.quantity, cancelled: 0, shipped: 0, returned: 0, unitPrice: line.unitPrice ?? null },
    }
  })
}

function isSame(lines: readonly HoldItem[], items: readonly HoldItem[]): boolean {
  const units = new Map<string, number>()
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity)
  return units.size === items.length && items.every(item => units.get(item.sku) === item.quantity)
}
