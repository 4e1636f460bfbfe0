import { isOfSurroundings, isRefusedByBooks, onceMore } from '../../db/once-more.ts'
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

/**
 * Orders on their way into the books: as they were stated, why those cannot be booked that contradict themselves or cannot be readied (null: they can), and what is booked of the others, their
 * personal data sealed.
 */
export type ReadiedOrders = {
  readonly stated: readonly ChannelOrder[]
  readonly refusals: readonly (string | null)[]
  readonly documents: readonly OrderToBook[]
}

type HowToBook = { readonly now?: Date; readonly routes?: readonly PlainRoute[] }

/** The part of `bookOrders` that needs no database. */
export async function readyOrders(
  context: Context,
  accountId: number,
  orders: readonly ChannelOrder[],
  options: { readonly fresh: boolean; readonly basket?: string },
): Promise<ReadiedOrders> {
  const readied = await Promise.all(orders.map(order => readyOne(context, accountId, order, options)))
  return {
    stated: readied.map(one => one.stated),
    refusals: readied.map(one => ('refusal' in one ? one.refusal : null)),
    documents: readied.flatMap(one => ('document' in one ? [one.document] : [])),
  }
}

async function readyOne(
  context: Context,
  accountId: number,
  order: ChannelOrder,
  options: { readonly fresh: boolean; readonly basket?: string },
): Promise<{ readonly stated: ChannelOrder } & ({ readonly refusal: string } | { readonly document: OrderToBook })> {
  const clean = bookable(order)
  try {
    const reason = contradiction(clean)
    return reason === null
      ? { stated: clean, document: await document(context, accountId, clean, options) }
      : { stated: clean, refusal: reason }
  } catch (error) {
    // What breaks on one order must not hold up those that came with it.
    return { stated: clean, refusal: wordsOf(error) }
  }
}

/** The other part. `routes`: of the account's channels whose orders need no choice, so that new ones are routed with it. */
export async function bookReadied(
  context: Context,
  accountId: number,
  { stated, refusals, documents }: ReadiedOrders,
  how: HowToBook = {},
): Promise<Booked[]> {
  if (stated.length === 0) return []
  const taken = (await bookAll(context, documents, how)).values()
  const booked = stated.map((order, at): Booked => {
    const reason = refusals[at] ?? null
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

/**
 * Books all in one statement. Where one of them breaks it, halves, and halves of those, so that one order never holds up the others: by itself it is answered as refused. Where the
 * books fail, or each of several for a reason that is not its own, nothing is refused.
 */
async function bookAll(context: Context, documents: readonly OrderToBook[], how: HowToBook): Promise<Booked[]> {
  const failed: unknown[] = []
  const booked = await bookDivided(context, documents, how, failed)
  if (documents.length > 1 && failed.length === documents.length && !failed.some(isRefusedByBooks)) throw failed[0]
  return booked
}

async function bookDivided(context: Context, documents: readonly OrderToBook[], how: HowToBook, failed: unknown[]): Promise<Booked[]> {
  try {
    // Booking the same statement twice changes nothing, so a lost connection is simply asked again.
    return await onceMore(() => bookInDatabase(context.sql, documents, context.actor, how))
  } catch (error) {
    if (isOfSurroundings(error)) throw error
    const [first, ...others] = documents
    if (first && others.length === 0) {
      failed.push(error)
      return [{ externalId: first.externalId, outcome: 'refused', reason: wordsOf(error) }]
    }
    const half = Math.ceil(documents.length / 2)
    const before = await bookDivided(context, documents.slice(0, half), how, failed)
    return [...before, ...(await bookDivided(context, documents.slice(half), how, failed))]
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

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
