import type { Sql } from './connect.ts'

type Row = Readonly<Record<string, unknown>>

/** What must hold of goods that come back, of what goes out for them, and of money that goes back; rules of `check.ts`. */
export const EXCHANGE_RULES: readonly { readonly rule: string; readonly find: (sql: Sql) => Promise<readonly Row[]> }[] = [
  {
    rule: 'an exchange ties the order whose goods come back to the one that goes out for them',
    find: sql => sql`
      select o.number as goes_out, s.number as said_to_be_for, b.number as goods_of, x.return_id from exchanges x
      join orders o on o.id = x.replacement_id join returns r on r.id = x.return_id join orders b on b.id = r.order_id left join orders s on s.id = o.exchange_of
      -- An older order, of the same channel and currency: in a ring, whoever follows exchanges would never come to an end.
      where o.exchange_of is distinct from b.id or o.id <= b.id or (o.channel_id, o.currency) <> (b.channel_id, b.currency)
        or not exists (select from return_lines l where l.return_id = r.id and greatest(l.announced, l.to_stock + l.unavailable + l.scrapped) > 0)
      union all
      select o.number, b.number, null, null from orders o join orders b on b.id = o.exchange_of
      where o.exchange_of is not null and not exists (select from exchanges x where x.replacement_id = o.id)`,
  },
  {
    rule: 'what goes out in exchange waits only for goods that are to come, and keeps nothing where they do not',
    find: sql => sql`
      select o.number, r.state as goods, h.put_at as waits_since, null::bigint as keeps from order_holds h join orders o on o.id = h.order_id
      left join exchanges x on x.replacement_id = o.id left join returns r on r.id = x.return_id
      cross join lateral (select sum(announced) <= sum(to_stock + unavailable + scrapped) as is_all from return_lines l where l.return_id = r.id) c
      where h.kind = 'return' and h.ended_at is null and (r.id is null or r.state = 'cancelled' or (r.state = 'received' and c.is_all))
      union all
      select o.number, r.state, null, sum(l.reserved + l.short) from exchanges x join returns r on r.id = x.return_id and r.state = 'cancelled'
      join orders o on o.id = x.replacement_id join order_lines l on l.order_id = o.id
      -- Who let it go before its goods were called off has decided that it goes out without them.
      where x.waits and not exists (select from order_holds h where h.order_id = o.id and h.kind = 'return' and h.ended_at <= r.ended_at)
      group by o.id, r.id having sum(l.reserved + l.short) > 0`,
  },
  {
    rule: 'no more of an order line comes back than left',
    find: sql => sql`
      select o.number, l.sku, l.shipped, l.returned, b.came, b.announced from (
        select x.order_line_id as id, sum(x.to_stock + x.unavailable + x.scrapped) filter (where r.state = 'received') as came,
          coalesce(sum(x.announced) filter (where r.state = 'announced'), 0) as announced
        from return_lines x join returns r on r.id = x.return_id where r.state <> 'cancelled' group by 1) b
      join order_lines l on l.id = b.id join orders o on o.id = l.order_id
      where coalesce(b.came, 0) > l.returned or coalesce(b.came, 0) + b.announced > l.shipped`,
  },
  {
    rule: 'no more of the money of an order goes back than was paid for it',
    find: sql => sql`
      with back as (
        select order_id, sum((body->'refund'->>'total')::numeric) as total from acts
        where kind in ('refund', 'cancel') and state <> 'refused' and body ? 'refund' group by 1
      )
      select o.number, o.currency, p.paid, b.total as refunded from back b join orders o on o.id = b.order_id
      cross join lateral (select order_paid(o) as paid, coalesce((o.amounts->>'digits')::int, currency_digits(o.currency)) as digits) p
      where round(b.total, p.digits) > round(p.paid, p.digits)
        -- What a platform states as the total once something was cancelled is no measure of what was paid.
        and (o.amounts is not null or o.exchange_of is not null or not exists (select from order_lines l where l.order_id = o.id and l.cancelled > 0))`,
  },
]
