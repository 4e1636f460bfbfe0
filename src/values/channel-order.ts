import type { OrderAmounts } from './order-amounts.ts'

/**
 * An order as a channel states it, in our words. Level-triggered: it tells the whole present state (how many were ordered, cancelled,
 * shipped, returned), never a change, so that taking the same one twice or an older one late does no harm.
 */
export type ChannelOrder = {
  /** The platform's id of the order; unique within the account. */
  readonly externalId: string
  /** What people call it (Woo: order number). */
  readonly number: string
  /** The platform's marketplace or shop id that tells which channel of the account it belongs to. */
  readonly channelRef: string
  /** The instant of the platform's last change to this order (ISO 8601, UTC). Orders versions of the same order; equal stamps mean: re-read. */
  readonly stamp: string
  /** The instant the buyer placed it (ISO 8601, UTC). */
  readonly placedAt: string
  /** The last instant by which the platform wants all that is open of it shipped (ISO 8601, UTC); null: it states none. Absent where this message does not tell. */
  readonly shipBy?: string | null
  /**
   * What the state asks of us. `ignore`: not (yet) an order (unpaid, draft). `reserve`: promise stock. `settle`: handed over, stock leaves.
   * `cancel`: nothing of it is wanted any more. `foreign`: not ours to fill (the platform ships from stock that it holds).
   */
  readonly effect: OrderEffect
  /** The platform's own word for the state, for people. */
  readonly platformState: string
  readonly currency: string
  /** The order's total as the channel states it, as decimal text; null when this message does not tell. */
  readonly total: string | null
  /** What all of it costs, and how that comes about; absent where this message does not tell. */
  readonly amounts?: OrderAmounts
  readonly lines: readonly ChannelOrderLine[]
  /** Why the platform says that it is not to be filled yet; none where it does not. Absent where this message does not tell. It is held until the platform says so no more. */
  readonly flags?: readonly OrderFlag[]
  /** Whether something of it is to be sent, and the platform tells no address. Absent where this message does not tell. */
  readonly noAddress?: boolean
  /** Personal data; stored encrypted in its own table. Null when this message does not tell. */
  readonly person: OrderPerson | null
}

/** `payment`: it is not paid; `fraud`: the platform warns of its buyer. `reason`: in the platform's own word. */
export type OrderFlag = { readonly kind: 'payment' | 'fraud'; readonly reason: string }

export type OrderEffect = 'ignore' | 'reserve' | 'settle' | 'cancel' | 'foreign'

export type ChannelOrderLine = {
  readonly externalLineId: string
  /** The listing it was sold through: the platform's id of it where the platform tells, else null. */
  readonly listingRef: string | null
  /** The SKU as the channel knows it. */
  readonly sku: string
  readonly title: string
  /** Ordered units, as first ordered (cancelled, shipped and returned ones included). */
  readonly ordered: number
  readonly cancelled: number
  readonly shipped: number
  /** Returned units that go back to stock. */
  readonly returned: number
  /** Price of one unit as decimal text, null when this message does not tell. */
  readonly unitPrice: string | null
  /** Only where the buyer collects it: where, by the platform's name or id of the place; null where it does not tell. */
  readonly collectAt?: string | null
}

export type OrderPerson = {
  readonly name?: string
  readonly email?: string
  readonly phone?: string
  readonly address?: Readonly<Record<string, string>>
  /** The language that the buyer reads, as a tag (`de-DE`), where the platform tells it. */
  readonly language?: string
  /** Who the buyer is at the platform, where it tells when he wants to be forgotten. */
  readonly account?: string
}
