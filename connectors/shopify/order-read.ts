import { z } from 'zod'
import { AccountTrouble } from '../contract.ts'
import { gid } from './access.ts'
import type { Client } from './client.ts'
import {
  allParcels,
  moreLines,
  moreParcelLines,
  morePlaceLines,
  morePlaces,
  moreWays,
  type Operation,
  ORDERS_MAX,
  ordersById,
  refundLines,
  returnLines,
  takenBack,
} from './operations.ts'
import { PARCELS_FIRST, PARCELS_MAX } from './selections.ts'
import {
  allParcelsShape,
  type Line,
  moreLinesShape,
  moreParcelLinesShape,
  morePlaceLinesShape,
  morePlacesShape,
  moreWaysShape,
  type OrderHead,
  orderShape,
  ordersShape,
  type Parcel,
  type ParcelLine,
  type Place,
  type PlaceLine,
  type RefundLine,
  refundLinesShape,
  returnLinesShape,
  takenBackShape,
  type Way,
} from './wire-order.ts'

/** Units that came back into stock. */
export type Back = { readonly lineId: string; readonly quantity: number; readonly locationId: string | null }

/** An order with all of its lists read to their ends. */
export type WholeOrder = {
  readonly head: OrderHead
  readonly lines: readonly Line[]
  readonly ways: readonly Way[]
  readonly places: readonly (Place & { readonly lines: readonly PlaceLine[] })[]
  readonly parcels: readonly (Parcel & { readonly lines: readonly ParcelLine[] })[]
  readonly back: readonly Back[]
}

/** An order that cannot be read, and why. */
export type Unread = { readonly id: string | null; readonly reason: string; readonly raw: string }

/** What is longer than the hub reads. */
class TooLong extends Error {}

/** The orders with these ids, in their order; those that the shop does not have (or does not show, being older than 60 days) are left out. */
export async function readOrders(client: Client, ids: readonly string[]): Promise<(WholeOrder | Unread)[]> {
  const found: (WholeOrder | Unread)[] = []
  for (let from = 0; from < ids.length; from += ORDERS_MAX) {
    const asked = ids.slice(from, from + ORDERS_MAX).map(id => gid('Order', id))
    const { nodes } = await client.ask(ordersById, { ids: asked }, ordersShape)
    for (const node of nodes) {
      // What is gone is null; what the id of another kind of thing leads to has no field of an order.
      if (node === null || (typeof node === 'object' && Object.keys(node).length === 0)) continue
      found.push(await readWhole(client, node))
    }
  }
  return found
}

async function readWhole(client: Client, node: unknown): Promise<WholeOrder | Unread> {
  const read = orderShape.safeParse(node)
  if (!read.success) {
    const known = z.looseObject({ id: z.string() }).safeParse(node)
    return {
      id: known.success ? (/(\d+)$/.exec(known.data.id)?.[1] ?? null) : null,
      reason: z.prettifyError(read.error),
      raw: JSON.stringify(node),
    }
  }
  const head = read.data
  try {
    const lines = await rest(client, head.lineItems, moreLines, head.id, 'Order', data => moreLinesShape.parse(data).order?.lineItems)
    const ways = await rest(client, head.shippingLines, moreWays, head.id, 'Order', data => moreWaysShape.parse(data).order?.shippingLines)
    const placed = await rest(
      client,
      head.fulfillmentOrders,
      morePlaces,
      head.id,
      'Order',
      data => morePlacesShape.parse(data).order?.fulfillmentOrders,
    )
    const places = []
    for (const place of placed) {
      const more = (data: unknown) => morePlaceLinesShape.parse(data).fulfillmentOrder?.lineItems
      places.push({ ...place, lines: await rest(client, place.lineItems, morePlaceLines, place.id, null, more) })
    }
    return { head, lines, ways, places, parcels: await parcelsOf(client, head), back: await broughtBack(client, head) }
  } catch (error) {
    if (error instanceof TooLong) return { id: head.id, reason: `order ${head.name} ${error.message}`, raw: JSON.stringify(node) }
    throw error
  }
}

type Page<T> = { readonly nodes: readonly T[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } }

/** A list from its first page to its end. `type` null: the id is a global one. */
async function rest<T>(
  client: Client,
  first: Page<T>,
  operation: Operation,
  id: string,
  type: string | null,
  pageOf: (data: unknown) => Page<T> | undefined,
): Promise<T[]> {
  const all = [...first.nodes]
  let info = first.pageInfo
  while (info.hasNextPage) {
    const data = await client.ask(operation, { id: type === null ? id : gid(type, id), after: info.endCursor }, z.unknown())
    const page = promised(operation, () => pageOf(data))
    // Gone between two pages: what was read is all there is to tell.
    if (!page) return all
    all.push(...page.nodes)
    info = page.pageInfo
  }
  return all
}

/** A shape that does not fit is the platform's fault, not ours. */
function promised<T>({ name }: Operation, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof z.ZodError) throw new AccountTrouble('down', `${name} answered with something else than promised`)
    throw error
  }
}

async function parcelsOf(client: Client, head: OrderHead): Promise<WholeOrder['parcels']> {
  let parcels: readonly Parcel[] = head.fulfillments
  if (parcels.length >= PARCELS_FIRST) {
    const { order } = await client.ask(allParcels, { id: gid('Order', head.id) }, allParcelsShape)
    parcels = order?.fulfillments ?? parcels
    if (parcels.length >= PARCELS_MAX) throw new TooLong(`has ${PARCELS_MAX} parcels or more`)
  }
  const whole = []
  for (const parcel of parcels) {
    const more = (data: unknown) => moreParcelLinesShape.parse(data).fulfillment?.fulfillmentLineItems
    whole.push({ ...parcel, lines: await rest(client, parcel.fulfillmentLineItems, moreParcelLines, parcel.id, null, more) })
  }
  return whole
}

const NO_LINES: Page<RefundLine> = { nodes: [], pageInfo: { hasNextPage: true, endCursor: null } }

/**
 * What came back into stock: by refunds that restock what was shipped, and by returns that were looked at and put back. A refund that belongs to a return is money
 * only; the return tells of its goods.
 */
async function broughtBack(client: Client, head: OrderHead): Promise<Back[]> {
  if (head.refunds.length === 0 && head.returnStatus === 'NO_RETURN') return []
  const { order } = await client.ask(takenBack, { id: gid('Order', head.id) }, takenBackShape)
  if (!order) return []
  if (order.returns.pageInfo.hasNextPage) throw new TooLong('has more than 100 returns')
  const back: Back[] = []
  for (const refund of order.refunds.filter(one => one.return === null)) {
    const more = (data: unknown) => refundLinesShape.parse(data).refund?.refundLineItems
    for (const line of await rest(client, NO_LINES, refundLines, refund.id, null, more))
      if (line.restockType === 'RETURN' || line.restockType === 'LEGACY_RESTOCK')
        back.push({ lineId: line.lineItem.id, quantity: line.quantity, locationId: line.location?.id ?? null })
  }
  for (const { id } of order.returns.nodes) back.push(...(await returned(client, id)))
  return back
}

async function returned(client: Client, id: string): Promise<Back[]> {
  const { return: one } = await client.ask(returnLines, { id }, returnLinesShape)
  const places = one?.reverseFulfillmentOrders
  if (places?.pageInfo.hasNextPage || places?.nodes.some(place => place.lineItems.pageInfo.hasNextPage))
    throw new TooLong('has a return of more than 30 lines')
  return (places?.nodes ?? []).flatMap(place =>
    place.lineItems.nodes.flatMap(({ fulfillmentLineItem, dispositions }): Back[] =>
      dispositions
        .filter(one => one.type === 'RESTOCKED' && fulfillmentLineItem)
        .map(one => ({ lineId: fulfillmentLineItem?.lineItem.id ?? '', quantity: one.quantity, locationId: one.location?.id ?? null })),
    ),
  )
}
