import type { Sql } from '../../../db/connect.ts'
import { reservedFor } from './promises.ts'
import { reservedOn } from './shelves.ts'
import { type ChannelCode, POOLS, partsOf, SKUS, type State, sum } from './state.ts'

// Both sides written down in the same shape, in a fixed order: what is compared after every few commands.

/** What channels keep back; the database is set up with the same. */
export const POLICIES = {
  one: { buffer: 1, bufferPercent: 0, cap: 12, stopSellingAt: 0 },
  two: { buffer: 0, bufferPercent: 10, cap: null, stopSellingAt: 2 },
} as const

export type Books = Readonly<
  Record<'shelves' | 'lots' | 'promises' | 'lines' | 'orders' | 'deliveries' | 'transfers' | 'shown', readonly string[]>
>

const sorted = (rows: readonly (readonly unknown[])[]): string[] => rows.map(row => row.map(String).join(' ')).toSorted()

export function booksOf(state: State): Books {
  return {
    shelves: sorted(
      state.shelves
        .map(one => [one.sku, one.place, one.onHand, reservedOn(state, one), one.unavailable, one.incoming, one.safety])
        .filter(([, , ...buckets]) => buckets.some(bucket => bucket !== 0)),
    ),
    lots: sorted(
      state.shelves.flatMap(one =>
        one.lots
          .filter(lot => lot.quantity > 0)
          .map(lot => [one.sku, one.place, `"${lot.code}"`, lot.quantity, lot.unavailable, lot.expired, lot.expires]),
      ),
    ),
    promises: sorted(
      state.promises
        .filter(one => one.units > 0)
        .flatMap(one =>
          one.parts.map(part => [one.basket, one.line?.id ?? null, one.item, part.sku, one.units * part.each, one.place, one.expires]),
        ),
    ),
    lines: sorted(
      state.orders.flatMap(order =>
        order.lines.map(line => [
          ...[order.id, line.id, line.sku, line.ordered, reservedFor(state, line), line.short, line.shipped, line.cancelled, line.returned],
          line.parts
            .map(part => `${part.each}*${part.sku}`)
            .toSorted()
            .join('+'),
        ]),
      ),
    ),
    orders: sorted(state.orders.map(order => [order.id, order.state])),
    deliveries: sorted(
      state.deliveries.flatMap(one =>
        one.lines.map(line => [one.reference, one.state, line.sku, line.ordered, line.received, line.cancelled]),
      ),
    ),
    transfers: sorted(
      state.transfers.flatMap(one =>
        one.lines.map(line => [one.reference, one.state, line.sku, line.asked, line.cancelled, line.sent, line.received, line.lost]),
      ),
    ),
    shown: sorted(
      (Object.keys(POOLS) as ChannelCode[]).flatMap(channel => SKUS.map(sku => [channel, sku, ...shownOf(state, channel, sku)])),
    ),
  }
}

/** What a channel can promise of a SKU and what it shows; holds and lots whose time is over count as gone already. */
function shownOf(state: State, channel: ChannelCode, sku: string): [number, number] {
  const atp = sum(
    POOLS[channel].map(place => {
      const made = partsOf(state, sku).map(part => Math.floor(freeNow(state, part.sku, place) / part.each))
      return freeNow(state, sku, place) + (made.length === 0 ? 0 : Math.min(...made))
    }),
  )
  const { buffer, bufferPercent, cap, stopSellingAt } = POLICIES[channel]
  const kept = bufferPercent > 0 ? Math.ceil((atp * bufferPercent) / 100) : buffer
  return [atp, atp <= stopSellingAt ? 0 : Math.max(0, Math.min(atp - kept, cap ?? atp))]
}

function freeNow(state: State, sku: string, place: string): number {
  const shelf = state.shelves.find(one => one.sku === sku && one.place === place)
  if (!shelf) return 0
  const isOver = (at: number | null): boolean => at !== null && at <= state.now
  const over = reservedOn({ ...state, promises: state.promises.filter(one => isOver(one.expires)) }, shelf)
  const gone = sum(shelf.lots.filter(lot => !lot.expired && isOver(lot.expires)).map(lot => lot.quantity - lot.unavailable))
  return Math.max(0, shelf.onHand - (reservedOn(state, shelf) - over) - shelf.unavailable - gone - shelf.safety)
}

/** The same, read from the database in one statement. */
export async function booksIn(sql: Sql, now: number): Promise<Books> {
  const [row] = await sql<{ books: Record<keyof Books, string[] | null> }[]>`
    select jsonb_build_object(
      'shelves', (select jsonb_agg(concat_ws(' ', v.sku, p.code, b.on_hand, b.reserved, b.unavailable, b.incoming, b.safety_stock))
        from balances b join variants v on v.id = b.variant_id join locations p on p.id = b.location_id
        where (b.on_hand, b.reserved, b.unavailable, b.incoming, b.safety_stock) <> (0, 0, 0, 0, 0)),
      'lots', (select jsonb_agg(concat_ws(' ', v.sku, p.code, '"' || l.code || '"', l.quantity, l.unavailable, l.expired::text, coalesce(${millis(sql, 'l.expires_at')}, 'null')))
        from lots l join variants v on v.id = l.variant_id join locations p on p.id = l.location_id where l.quantity > 0),
      'promises', (select jsonb_agg(concat_ws(' ', coalesce('order/' || o.external_id, r.basket), coalesce(n.external_line_id, 'null'), i.sku, v.sku, r.quantity, p.code,
          coalesce(${millis(sql, 'r.expires_at')}, 'null')))
        from reservations r join variants v on v.id = r.variant_id join variants i on i.id = coalesce(r.bundle_id, r.variant_id) join locations p on p.id = r.location_id
        left join order_lines n on n.id = r.order_line_id left join orders o on o.id = n.order_id where r.state = 'open'),
      'lines', (select jsonb_agg(concat_ws(' ', o.external_id, l.external_line_id, l.sku, l.ordered, l.reserved, l.short, l.shipped, l.cancelled, l.returned, coalesce((
          select string_agg(f.quantity || '*' || v.sku, '+' order by f.quantity || '*' || v.sku) from order_line_parts f join variants v on v.id = f.variant_id
          where f.order_line_id = l.id), '')))
        from order_lines l join orders o on o.id = l.order_id),
      'orders', (select jsonb_agg(concat_ws(' ', external_id, state)) from orders),
      'deliveries', (select jsonb_agg(concat_ws(' ', d.reference, d.state, v.sku, l.ordered, l.received, l.cancelled))
        from delivery_lines l join deliveries d on d.id = l.delivery_id join variants v on v.id = l.variant_id),
      'transfers', (select jsonb_agg(concat_ws(' ', t.reference, t.state, v.sku, l.asked, l.cancelled, l.sent, l.received, l.lost))
        from transfer_lines l join transfers t on t.id = l.transfer_id join variants v on v.id = l.variant_id),
      'shown', (select jsonb_agg(concat_ws(' ', c.code, v.sku, s.atp, s.shown))
        from channel_shown_2(array(select id from channels), array(select id from variants), ${new Date(now)}) s
        join channels c on c.id = s.channel_id join variants v on v.id = s.variant_id)) as books`
  const books = Object.entries(row?.books ?? {}).map(([name, rows]) => [name, (rows ?? []).toSorted()])
  return Object.fromEntries(books) as Books
}

const millis = (sql: Sql, column: string) => sql.unsafe(`(extract(epoch from ${column}) * 1000)::bigint::text`)
