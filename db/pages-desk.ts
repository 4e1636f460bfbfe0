import type { Sql } from './connect.ts'

/** A line of a group as the desk shows it. `picked` is of what is open; `putBack` was picked and is not wanted any more. */
export type DeskLine = {
  readonly lineId: number
  readonly sku: string
  readonly gtin: string | null
  readonly title: string
  readonly open: number
  readonly picked: number
  readonly putBack: number
  readonly parts: readonly { readonly sku: string; readonly gtin: string | null; readonly quantity: number }[]
}

export type DeskGroup = {
  readonly id: number
  readonly orderId: number
  readonly number: string
  readonly channel: string
  readonly method: 'ship' | 'collect' | 'ship_to_store'
  readonly state: string
  /** The store that it goes to, and where it comes from; null: it is handed over here. */
  readonly to: string | null
  readonly from: string | null
  readonly isHeld: boolean
  readonly readyBy: Date | null
  readonly placedAt: Date
  readonly readyAt: Date | null
  readonly collectBy: Date | null
  readonly bay: string | null
  readonly code: string | null
  readonly codeLocked: boolean
  readonly lines: readonly DeskLine[]
  /** Personal data as it is stored: sealed. */
  readonly person: { readonly key: Uint8Array; readonly body: Uint8Array } | null
  readonly collector: { readonly key: Uint8Array; readonly body: Uint8Array } | null
}

const GROUPS_MOST = 300

/**
 * What a location has in hand: open groups, what is on its way to it, and ended groups of which something is to be put back; who waits here first, then by promise, or by when
 * the platform wants it shipped where that is sooner.
 */
export async function deskGroups(sql: Sql, locationId: number): Promise<DeskGroup[]> {
  return sql<DeskGroup[]>`
    select g.id, o.id as "orderId", o.number, c.name as channel, g.method, g.state, case when g.location_id = ${locationId} then e.name end as to,
      case when g.location_id <> ${locationId} then f.name end as from, o.state = 'held' as "isHeld", t.by as "readyBy",
      o.placed_at as "placedAt", g.ready_at as "readyAt", g.collect_by as "collectBy", g.bay, g.code, g.code_tries >= 5 as "codeLocked", l.lines,
      case when p.order_id is not null then jsonb_build_object('k', encode(p.sealed_key, 'base64'), 'b', encode(p.sealed_body, 'base64')) end as person,
      case when x.order_id is not null then jsonb_build_object('k', encode(x.sealed_key, 'base64'), 'b', encode(x.sealed_body, 'base64')) end as collector
    from fulfilment_groups g join orders o on o.id = g.order_id join channels c on c.id = o.channel_id
    join locations f on f.id = g.location_id left join locations e on e.id = g.collect_location_id and g.method = 'ship_to_store'
    left join order_people p on p.order_id = o.id left join order_collectors x on x.order_id = o.id
    cross join lateral (select least(g.ready_by, case when g.method <> 'collect' then o.ship_by end) as by) t
    cross join lateral (
      select jsonb_agg(jsonb_build_object('lineId', f.order_line_id, 'sku', coalesce(v.sku, n.sku), 'gtin', v.gtin, 'title', n.title,
          'open', f.assigned - f.done - f.released, 'picked', least(greatest(f.picked - f.done, 0), f.assigned - f.done - f.released),
          'putBack', case g.state when 'sent' then 0 else greatest(f.picked - (f.assigned - f.released), 0) end, 'parts', coalesce((
            select jsonb_agg(jsonb_build_object('sku', w.sku, 'gtin', w.gtin, 'quantity', q.quantity) order by w.sku)
            from order_line_parts q join variants w on w.id = q.variant_id where q.order_line_id = n.id), '[]')) order by coalesce(v.sku, n.sku), n.id) as lines
      from fulfilment_lines f join order_lines n on n.id = f.order_line_id left join variants v on v.id = n.variant_id
      where f.group_id = g.id and (f.assigned > f.done + f.released or f.picked > f.assigned - f.released)) l
    where l.lines is not null and (g.location_id = ${locationId} and (g.state in ('waiting', 'picking', 'ready')
        or g.state <> 'sent' and g.id in (select group_id from fulfilment_lines where picked > assigned - released))
      or g.state = 'sent' and g.collect_location_id = ${locationId})
    order by g.bay is null, t.by nulls last, g.id limit ${GROUPS_MOST}`.then(rows =>
    rows.map(row => ({ ...row, person: bytes(row.person), collector: bytes(row.collector) })),
  )
}

// Sealed bytes come in JSON, as base64: the pool has no type of its own for bytes in a list of columns that may be null.
function bytes(told: unknown): DeskGroup['person'] {
  if (typeof told !== 'object' || told === null || !('k' in told) || !('b' in told)) return null
  return { key: Buffer.from(String(told.k), 'base64'), body: Buffer.from(String(told.b), 'base64') }
}

export type DeskPlace = { readonly id: number; readonly code: string; readonly name: string; readonly zone: string }

/** Where the desk of somebody stands: of their own store, or of the one with this code. */
export async function deskPlace(sql: Sql, which: { readonly id: number } | { readonly code: string }): Promise<DeskPlace | null> {
  const [row] = await sql<DeskPlace[]>`
    select id, code, name, zone from locations where ${'id' in which ? sql`id = ${which.id}` : sql`code = ${which.code}`} and active`
  return row ?? null
}

/** The places where a desk may stand, by name. */
export async function deskPlaces(sql: Sql): Promise<DeskPlace[]> {
  return sql<
    DeskPlace[]
  >`select id, code, name, zone from locations where active and kind <> 'platform' order by kind <> 'store', name limit 500`
}

export type DeskClerk = { readonly id: number; readonly name: string; readonly email: string }

/** Clerks of a store whom a PIN opens the desk for. */
export async function deskClerks(sql: Sql, locationId: number): Promise<DeskClerk[]> {
  return sql<DeskClerk[]>`
    select id, name, email from users where location_id = ${locationId} and role = 'clerk' and pin_hash is not null and disabled_at is null order by name, id`
}

/** One of them with the hash of the PIN; null where there is no such clerk of this store. */
export async function clerkWithPin(
  sql: Sql,
  locationId: number,
  userId: number,
): Promise<(DeskClerk & { readonly pinHash: string }) | null> {
  const [row] = await sql<(DeskClerk & { pinHash: string })[]>`
    select id, name, email, pin_hash as "pinHash" from users
    where id = ${userId} and location_id = ${locationId} and role = 'clerk' and pin_hash is not null and disabled_at is null`
  return row ?? null
}
