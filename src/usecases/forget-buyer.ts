import type { JsonValue } from '../../db/connect.ts'
import { forgetOrders, type OrderOfBuyer, ordersById, ordersByNumber, sealedPeople } from '../../db/forget.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { openPerson } from './read-person.ts'

const AT_ONCE = 500

/**
 * The orders of a buyer: by the number that a channel gave one, or by his e-mail address. An address stands in no index, so that none can be guessed from one: the data of
 * all orders that still have any are opened and compared.
 */
export async function findBuyer(
  context: Context,
  asked: { readonly number: string } | { readonly email: string },
): Promise<OrderOfBuyer[]> {
  if ('number' in asked) return ordersByNumber(context.sql, asked.number)
  const email = asked.email.trim().toLowerCase()
  const found: number[] = []
  for (let after = 0; ; ) {
    const rows = await sealedPeople(context.sql, after, AT_ONCE)
    const opened = await Promise.all(rows.map(row => openPerson(context.keyring, row)))
    found.push(...rows.filter((_, at) => opened[at]?.email?.trim().toLowerCase() === email).map(({ orderId }) => orderId))
    const last = rows.at(-1)
    if (last === undefined || rows.length < AT_ONCE) break
    after = last.orderId
  }
  return found.length === 0 ? [] : ordersById(context.sql, found)
}

/**
 * Removes the personal data of orders for good, as a buyer may ask: what is told of them later brings none back. Books, ledger and statistics stay; the audit says which
 * orders, by whom and when. Answers of how many. The platform's own messages, sealed, go by their age (30 days). Fault: conflict of keys.
 */
export async function forgetOrdersOf(context: Context, key: string | null, orderIds: readonly number[]): Promise<number> {
  const body = { orderIds: [...new Set(orderIds)].sort((a, b) => a - b) }
  const cmd = { ...body, ...command(context, 'order.forget', key, body) } as unknown as JsonValue
  const answer = await carryOut(key, () => forgetOrders(context.sql, cmd))
  if (answer.outcome === 'key_conflict') throw keyConflict()
  return answer.orders
}
