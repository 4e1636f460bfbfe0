import type { JsonValue, Sql } from './connect.ts'

export type ForgetAnswer = { readonly outcome: 'forgotten'; readonly orders: number } | { readonly outcome: 'key_conflict' }

/** Removes the personal data of orders for good; see functions/85_forget.sql. */
export async function forgetOrders(sql: Sql, cmd: JsonValue): Promise<ForgetAnswer> {
  const [row] = await sql<{ answer: ForgetAnswer }[]>`select orders_forget_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('orders_forget_1 gave no row')
  return row.answer
}

/** An order of a buyer, by which he is known without a word of his. */
export type OrderOfBuyer = {
  readonly id: number
  readonly number: string
  readonly channel: string
  readonly state: string
  readonly placedAt: Date
  /** Whether anything personal is kept of it. */
  readonly hasPerson: boolean
}

const columns = (sql: Sql) => sql`
  select o.id, o.number, c.code as channel, o.state, o.placed_at as "placedAt", p.order_id is not null as "hasPerson"
  from orders o join channels c on c.id = o.channel_id left join order_people p on p.order_id = o.id`

/** Orders with this number or platform's id, of whatever channel, or of the one before a slash. */
export function ordersByNumber(sql: Sql, number: string): Promise<OrderOfBuyer[]> {
  return sql<OrderOfBuyer[]>`${columns(sql)} where o.id in (
    select id from orders where number = ${number} or external_id = ${number}
    union select w.id from orders w join channels h on h.id = w.channel_id
    where h.code = split_part(${number}, '/', 1) and w.external_id = substr(${number}, strpos(${number}, '/') + 1)) order by o.id`
}

/** Orders by our own numbers. */
export function ordersById(sql: Sql, ids: readonly number[]): Promise<OrderOfBuyer[]> {
  return sql<OrderOfBuyer[]>`${columns(sql)} where o.id = any(${[...ids]}::bigint[]) order by o.id`
}

/** Sealed personal data in the order of their orders, after the id. */
export function sealedPeople(
  sql: Sql,
  after: number,
  limit: number,
): Promise<{ readonly orderId: number; readonly key: Uint8Array; readonly body: Uint8Array }[]> {
  return sql`select order_id as "orderId", sealed_key as key, sealed_body as body from order_people where order_id > ${after} order by order_id limit ${limit}`
}
