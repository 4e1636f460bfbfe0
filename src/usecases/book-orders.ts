import { isRefusedByBooks, onceMore } from '../../db/once-more.ts'
import { askReread, type Booked, bookOrders as bookInDatabase, type OrderToBook, type PlainRoute } from '../../db/orders.ts'
import { misfit } from '../domain/orders/amounts.ts'
import { contentHash } from '../domain/orders/content.ts'
import { bookable, contradiction } from '../domain/orders/stated.ts'
import { buyerMark } from '../values/buyer-mark.ts'
import type { ChannelOrder } from '../values/channel-order.ts'
import type { OrderAmounts } from '../values/order-amounts.ts'
import type { Context } from './context.ts'
import { sealPerson } from './seal-person.ts'

/**
 * Books orders as a channel states them, exactly once each: the platform's own stamp decides between versions of one order. An order for
 * more than there is is booked with its shorts. `fresh`: just read from the platform, so it wins over a stored one of the same stamp.
 * Orders whose versions contradict each other are noted to be read again. An order that the books do not take is answered as `refused`
 * with the reason, and the others are booked all the same. `basket`: a hold whose units go over to the orders. Answers one result per order, in their order.
 */
export async function bookOrders(
  context: Context,
  accountId: number,
  orders: readonly ChannelOrder[],
  options: { readonly fresh: boolean; readonly now?: Date; readonly basket?: string },
): Promise<Booked[]> {
  const { now } = options
  return bookReadied(context, accountId, await readyOrders(context, accountId, orders, options), now === undefined ? {} : { now })
}

/** Orders on their way into the books: as they can be booked, and of those that do not contradict themselves what is booked, their personal data sealed. */
export type ReadiedOrders = { readonly stated: readonly ChannelOrder[]; readonly documents: readonly OrderToBook[] }

type HowToBook = { readonly now?: Date; readonly routes?: readonly PlainRoute[] }

/** The part of `bookOrders` that needs no database. */
export async function readyOrders(
  context: Context,
  accountId: number,
  orders: readonly ChannelOrder[],
  options: { readonly fresh: boolean; readonly basket?: string },
): Promise<ReadiedOrders> {
  const stated = orders.map(bookable)
  const sound = stated.filter(order => contradiction(order) === null)
  return { stated, documents: await Promise.all(sound.map(order => document(context, accountId, order, options))) }
}

/** The other part. `routes`: of the account's channels whose orders need no choice, so that new ones are routed with it. */
export async function bookReadied(
  context: Context,
  accountId: number,
  { stated, documents }: ReadiedOrders,
  how: HowToBook = {},
): Promise<Booked[]> {
  if (stated.length === 0) return []
  const taken = (await bookAll(context, documents, how)).values()
  const booked = stated.map((order): Booked => {
    const reason = contradiction(order)
    if (reason !== null) return { externalId: order.externalId, outcome: 'refused', reason }
    const { value } = taken.next()
    if (!value) throw new Error(`order ${order.number} was booked without an answer`)
    return value
  })
  await askReread(
    context.sql,
    accountId,
    booked.filter(result => result.outcome === 'reread').map(result => result.externalId),
  )
  return booked
}

/** Books all in one statement; where one of them breaks it, each by itself, so that one order never holds up the others. */
async function bookAll(context: Context, documents: readonly OrderToBook[], how: HowToBook): Promise<Booked[]> {
  try {
    // Booking the same statement twice changes nothing, so a lost connection is simply asked again.
    return await onceMore(() => bookInDatabase(context.sql, documents, context.actor, how))
  } catch (error) {
    if (!isRefusedByBooks(error)) throw error
    const [first, ...others] = documents
    if (first && others.length === 0) return [{ externalId: first.externalId, outcome: 'refused', reason: error.message }]
    const booked: Booked[] = []
    for (const one of documents) booked.push(...(await bookAll(context, [one], how)))
    return booked
  }
}

async function document(
  context: Context,
  accountId: number,
  order: ChannelOrder,
  { fresh, basket }: { readonly fresh: boolean; readonly basket?: string },
): Promise<OrderToBook> {
  const person = order.person ? await sealPerson(context, order.person) : { sealedKey: null, sealedBody: null }
  const buyer = order.person?.account
  const mark = buyer === undefined ? {} : { buyerMark: Buffer.from(await buyerMark(accountId, buyer)).toString('base64') }
  const { externalId, channelRef, number, stamp, effect, platformState, currency, total, placedAt, amounts, shipBy, flags, noAddress } =
    order
  return {
    ...{ accountId, externalId, channelRef, number, stamp, effect, platformState, currency, total, placedAt },
    ...(amounts === undefined ? {} : { amounts: withMisfit(amounts) }),
    ...(shipBy === undefined ? {} : { shipBy }),
    ...(flags === undefined ? {} : { flags }),
    ...(noAddress === undefined ? {} : { noAddress }),
    hash: contentHash(order),
    fresh,
    ...(basket === undefined ? {} : { basket }),
    ...person,
    ...mark,
    lines: order.lines.map(line => ({ ...line })),
  }
}

function withMisfit(amounts: OrderAmounts): NonNullable<OrderToBook['amounts']> {
  const found = misfit(amounts)
  return found === null ? amounts : { ...amounts, misfit: found }
}
