import type { Sql } from './connect.ts'

/** Removes the personal data of all orders of an account's buyer, by his mark. Answers of how many. The row holds the order's own key: without it no copy can be read. */
export async function forgetBuyer(sql: Sql, accountId: number, mark: Uint8Array): Promise<number> {
  const { count } = await sql`
    delete from order_people p using orders o, channels c
    where p.buyer_mark = ${mark} and o.id = p.order_id and c.id = o.channel_id and c.account_id = ${accountId}`
  return count
}
