import type { JsonValue, Sql } from '../../db/connect.ts'
import { type Booked, bookOrders, type OrderToBook } from '../../db/orders.ts'

/** Locations and SKUs with stock, put in through the same functions that people use. */
export async function layIn(sql: Sql, stock: Readonly<Record<string, Readonly<Record<string, number>>>>, price = '10'): Promise<void> {
  const skus = Object.keys(stock)
  const places = [...new Set(Object.values(stock).flatMap(places => Object.keys(places)))]
  await sql`
    insert into locations (code, name, kind) select code, code, 'warehouse' from unnest(${places}::text[]) with ordinality l(code, n) order by n
    on conflict do nothing`
  await sql`insert into products (handle, title) select sku, 'Product ' || sku from unnest(${skus}::text[]) sku on conflict do nothing`
  await sql`
    insert into variants (product_id, sku, title) select p.id, p.handle, '' from products p where p.handle = any(${skus}::text[]) order by p.id
    on conflict do nothing`
  const lines = Object.entries(stock).flatMap(([sku, at]) =>
    Object.entries(at).map(([location, quantity]) => ({ sku, location, quantity, kind: 'count', reason: 'opening' })),
  )
  await change(sql, lines)
  await sql`select prices_set_1(${sql.json({ actor: 'test', prices: skus.map(sku => ({ sku, currency: 'EUR', amount: price })) })})`
}

export type StockLine = {
  readonly sku: string
  readonly location: string
  readonly quantity: number
  readonly kind: string
  readonly reason?: string
  readonly reasonCode?: string
  readonly lot?: string
  readonly expiresAt?: string
  readonly to?: string
}

/** Posts stock lines; answers what the function answers. */
export async function change(
  sql: Sql,
  lines: readonly StockLine[],
  head: Readonly<Record<string, JsonValue>> = {},
): Promise<Record<string, unknown>> {
  const [row] = await sql<{ answer: Record<string, unknown> }[]>`
    select stock_change_2(${sql.json({ actor: 'test', ...head, lines: lines.map(line => ({ ...line })) })}) as answer`
  return row?.answer ?? {}
}

export type ReserveAnswer = {
  readonly outcome: string
  readonly basket?: string
  readonly lines?: readonly { readonly sku: string; readonly location: string; readonly quantity: number }[]
  readonly missing?: readonly { readonly sku: string; readonly asked: number; readonly available: number }[]
  readonly replayed?: boolean
}

/** Sends reservation requests in one statement. */
export async function reserve(sql: Sql, requests: readonly Readonly<Record<string, JsonValue>>[]): Promise<ReserveAnswer[]> {
  const full = requests.map(request => ({ scope: 'test', kind: 'reserve', hash: JSON.stringify(request), actor: 'test', ...request }))
  const [row] = await sql<{ answer: ReserveAnswer[] }[]>`select stock_reserve_2(${sql.json(full)}) as answer`
  return row?.answer ?? []
}

export type Balance = { readonly onHand: number; readonly reserved: number }

export async function balance(sql: Sql, sku: string, location: string): Promise<Balance> {
  const [row] = await sql<Balance[]>`
    select b.on_hand as "onHand", b.reserved from balances b join variants v on v.id = b.variant_id join locations p on p.id = b.location_id
    where v.sku = ${sku} and p.code = ${location}`
  return row ?? { onHand: 0, reserved: 0 }
}

/** An account with one channel that nobody talks to, for tests of the books alone. */
export async function quietChannel(
  sql: Sql,
  code: string,
  locations: readonly string[] | null = null,
): Promise<{ accountId: number; channelId: number }> {
  const [row] = await sql<{ answer: { accountId: number; channels: { id: number }[] } }[]>`
    select account_create_1(${sql.json({
      actor: 'test',
      name: code,
      platform: 'none',
      settings: {},
      credentials: '',
      webhookSecret: '',
      webhookToken: code,
      channels: [{ code, name: code, ref: code, currency: 'EUR' }],
      locations: locations === null ? null : [...locations],
      stockPerAccount: false,
    })}) as answer`
  const channel = row?.answer.channels[0]
  if (!row || !channel) throw new Error('no channel was made')
  return { accountId: row.answer.accountId, channelId: channel.id }
}

export type OrderSketch = {
  readonly id: string
  readonly effect?: string
  readonly stamp?: string
  readonly placedAt?: string
  readonly fresh?: boolean
  /** A hold that the order takes over. */
  readonly basket?: string
  readonly lines: readonly {
    readonly sku: string
    readonly ordered: number
    readonly cancelled?: number
    readonly shipped?: number
    readonly returned?: number
    /** Where the buyer collects it; absent: it is sent. */
    readonly collectAt?: string
  }[]
}

/** An order as the books take it. */
export function toBook(accountId: number, code: string, order: OrderSketch): OrderToBook {
  return {
    ...{
      accountId,
      channelRef: code,
      externalId: order.id,
      number: order.id,
      currency: 'EUR',
      total: null,
      sealedKey: null,
      sealedBody: null,
    },
    stamp: order.stamp ?? '2026-01-01T00:00:00Z',
    hash: JSON.stringify([order.effect, order.lines]),
    fresh: order.fresh ?? false,
    effect: order.effect ?? 'reserve',
    platformState: order.effect ?? 'processing',
    placedAt: order.placedAt ?? '2026-01-01T00:00:00Z',
    ...(order.basket === undefined ? {} : { basket: order.basket }),
    lines: order.lines.map((line, at) => ({
      ...{ externalLineId: `${at + 1}`, listingRef: null, title: line.sku, cancelled: 0, shipped: 0, returned: 0, unitPrice: '10' },
      ...line,
    })),
  }
}

/** Books orders of a quiet channel. */
export function book(sql: Sql, channel: { accountId: number }, code: string, orders: readonly OrderSketch[]): Promise<Booked[]> {
  return bookOrders(
    sql,
    orders.map(order => toBook(channel.accountId, code, order)),
    'test',
  )
}

export type LineNumbers = {
  readonly ordered: number
  readonly reserved: number
  readonly short: number
  readonly shipped: number
  readonly cancelled: number
  readonly returned: number
}

export async function orderLine(sql: Sql, externalId: string, line = '1'): Promise<LineNumbers> {
  const [row] = await sql<LineNumbers[]>`
    select l.ordered, l.reserved, l.short, l.shipped, l.cancelled, l.returned from order_lines l join orders o on o.id = l.order_id
    where o.external_id = ${externalId} and l.external_line_id = ${line}`
  if (!row) throw new Error(`no line ${line} of order ${externalId}`)
  return row
}
