import type { Sql } from './connect.ts'

/**
 * Removes the personal data of all orders of an account's buyer, by his mark, for good: what is told of them later brings none back. Answers of how many. The row
 * holds the order's own key: without it no copy can be read.
 */
export async function forgetBuyer(sql: Sql, accountId: number, mark: Uint8Array): Promise<number> {
  for (let orders = 0; ; ) {
    const { count } = await sql`
      with gone as (
        delete from order_people p using orders o, channels c
        where p.buyer_mark = ${mark} and o.id = p.order_id and c.id = o.channel_id and c.account_id = ${accountId} returning p.order_id
      )
      update orders set people_gone_at = clock_timestamp() where id in (select order_id from gone)`
    if (count === 0) return orders
    // Goods of these may have been exchanged while we waited: what goes out for them has a copy that this statement did not see.
    orders += count
  }
}

type Sealed = { readonly sealedKey: string; readonly sealedBody: string }

/** Keeps who else may collect (null: nobody), beside the buyer's data or `nobody` in its place. Answers whether there is such an order. */
export async function keepCollector(sql: Sql, orderId: number, collector: Sealed | null, nobody: Sealed): Promise<boolean> {
  if (collector === null) {
    const [row] = await sql<{ known: boolean }[]>`
      with gone as (delete from order_collectors where order_id = ${orderId}), told as (
        insert into change (kind, ref_id, channel_id) select 'order', id, channel_id from orders where id = ${orderId})
      select exists (select from orders where id = ${orderId}) as known`
    return row?.known ?? false
  }
  const { count } = await sql`
    with buyer as (
      insert into order_people (order_id, sealed_key, sealed_body)
      select id, decode(${nobody.sealedKey}, 'base64'), decode(${nobody.sealedBody}, 'base64') from orders where id = ${orderId}
      on conflict do nothing
    ), told as (
      insert into change (kind, ref_id, channel_id) select 'order', id, channel_id from orders where id = ${orderId}
    )
    insert into order_collectors (order_id, sealed_key, sealed_body)
    select id, decode(${collector.sealedKey}, 'base64'), decode(${collector.sealedBody}, 'base64') from orders where id = ${orderId}
    on conflict (order_id) do update set sealed_key = excluded.sealed_key, sealed_body = excluded.sealed_body`
  return count > 0
}
