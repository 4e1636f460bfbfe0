import { noteCovered } from '../db/accounts.ts'
import { isCoverageHeldUp, notePolled, polledUntil, reopenIfKnown, settleKept } from '../db/coverage.ts'
import { databaseNow } from '../db/listings.ts'
import { dueRereads, endReread, postponeReread } from '../db/orders.ts'
import { backoffMs } from '../src/domain/sync/backoff.ts'
import { bookOrders } from '../src/usecases/book-orders.ts'
import type { ChannelOrder } from '../src/values/channel-order.ts'
import { keepMessage } from './keep-message.ts'
import type { Lane } from './lane.ts'
import { troubleOf, unreadable } from './trouble-words.ts'

/** How far back the first poll of an account looks, ms. */
const FIRST_LOOK_MS = 24 * 3_600_000

/**
 * Asks the platform for all orders changed since the last look, with an overlap, and books them: the safety net under webhooks and queues.
 * Afterwards everything before the poll's beginning is known to be known, which frees what was withheld for unseen orders. An order that was
 * met and is not in the books may be just what is withheld: until it is understood, polls go on but nothing is freed.
 */
export async function pollOrders(lane: Lane): Promise<number> {
  const { deps, account } = lane
  const beganAt = await databaseNow(deps.sql)
  const until = await polledUntil(deps.sql, account.row.id)
  const overlapMs = account.connector.declares.pollOverlapMs / account.scale
  const since = until ? until.getTime() - overlapMs : beganAt.getTime() - FIRST_LOOK_MS
  let booked = 0
  for await (const page of account.session.orders(new Date(since))) {
    await book(lane, page.orders, true)
    booked += page.orders.length
    for (const one of page.unreadable)
      await keepMessage(lane, {
        source: 'poll',
        topic: one.externalId ?? 'unknown',
        body: one.raw,
        refusedFor: unreadable(one.reason),
      })
  }
  const blindMs = account.connector.declares.pollBlindMs / account.scale
  const asked = new Date(beganAt.getTime() - blindMs)
  await notePolled(deps.sql, account.row.id, asked)
  if (!(await isCoverageHeldUp(deps.sql, account.row.id))) await noteCovered(deps.sql, account.row.id, asked)
  lane.pushBell.ring()
  return booked
}

async function book(lane: Lane, orders: readonly ChannelOrder[], fresh: boolean): Promise<void> {
  const { deps, account } = lane
  const context = { sql: deps.sql, keyring: deps.keyring, actor: `channel:${account.row.name}` }
  const results = await bookOrders(context, account.row.id, orders, { fresh })
  const inBooks: string[] = []
  for (const [at, order] of orders.entries()) {
    const result = results[at]
    const reason = troubleOf(account.row.name, order, result)
    if (result && result.outcome !== 'refused' && result.outcome !== 'unknown_channel') inBooks.push(order.externalId)
    if (reason) await keepMessage(lane, { source: 'poll', topic: order.externalId, body: '', refusedFor: reason })
  }
  await settleKept(deps.sql, account.row.id, inBooks)
  await reopenIfKnown(
    deps.sql,
    account.row.id,
    results.flatMap(result => result.unmatched ?? []),
  )
}

/** Fetches orders whose messages were not enough or contradicted each other. */
export async function rereadOrders(lane: Lane): Promise<boolean> {
  const { deps, account } = lane
  const due = await dueRereads(deps.sql, account.row.id, 10)
  for (const one of due) {
    const order = await account.session.order(one.externalId)
    if (order === null) {
      await postponeReread(
        deps.sql,
        account.row.id,
        one.externalId,
        backoffMs(one.attempts + 1, deps.random(), { firstMs: 2_000, maxMs: 3_600_000 }),
      )
    } else if ('reason' in order) {
      await keepMessage(lane, { source: 'poll', topic: one.externalId, body: order.raw, refusedFor: unreadable(order.reason) })
      await endReread(deps.sql, account.row.id, one.externalId, one.askedAt)
    } else {
      await book(lane, [order], true)
      await endReread(deps.sql, account.row.id, one.externalId, one.askedAt)
    }
  }
  return due.length > 0
}

/** Receives what waits in the account's queue; a message is deleted there only after it is stored here. */
export async function readQueue(lane: Lane): Promise<boolean | 'called'> {
  const { session } = lane.account
  if (!session.receive || !session.deleteMessages) return false
  const messages = await session.receive()
  if (messages.length === 0) return 'called'
  for (const message of messages)
    await keepMessage(lane, { source: 'queue', deliveryId: message.id, topic: message.topic, body: message.body })
  await session.deleteMessages(messages.map(message => message.receipt))
  lane.intakeBell.ring()
  return true
}
