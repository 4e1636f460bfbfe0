import type { Sql } from './connect.ts'

export type ExplainedBalance = {
  readonly location: string
  readonly name: string
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly safetyStock: number
  readonly inPool: readonly string[]
}

export type ExplainedField = {
  readonly channel: string
  readonly field: 'stock' | 'price'
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
  readonly intended: Readonly<Record<string, unknown>>
  readonly why: Readonly<Record<string, unknown>>
  readonly intendedAt: Date
  readonly withheld: number
  readonly expected: number | null
  readonly sent: Readonly<Record<string, unknown>> | null
  readonly sentAt: Date | null
  readonly accepted: Readonly<Record<string, unknown>> | null
  readonly acceptedAt: Date | null
  readonly applied: Readonly<Record<string, unknown>> | null
  readonly appliedAt: Date | null
  readonly state: string
  readonly reason: string | null
  readonly publishes: boolean
  readonly waitingSince: Date | null
}

export type ExplainedPolicy = {
  readonly channel: string
  readonly buffer: number
  readonly cap: number | null
  readonly stopSellingAt: number
  readonly stockLead: string | null
}

export type Explanation = {
  readonly sku: string
  readonly title: string
  readonly balances: readonly ExplainedBalance[]
  readonly reservations: readonly {
    readonly location: string
    readonly basket: string
    readonly quantity: number
    readonly expiresAt: Date | null
  }[]
  readonly channels: readonly ExplainedPolicy[]
  readonly fields: readonly ExplainedField[]
}

/** Everything that leads from what is on hand to what each channel shows of a SKU, or null for an unknown SKU. */
export async function readExplanation(sql: Sql, sku: string): Promise<Explanation | null> {
  const [variant] = await sql<{ id: number; title: string }[]>`
    select v.id, p.title || case when v.title in ('', p.title) then '' else ' · ' || v.title end as title
    from variants v join products p on p.id = v.product_id where v.sku = ${sku}`
  if (!variant) return null
  const [balances, reservations, channels, fields] = await Promise.all([
    sql<ExplainedBalance[]>`
      select p.code as location, p.name, b.on_hand as "onHand", b.reserved, b.unavailable, b.safety_stock as "safetyStock",
        coalesce((select array_agg(c.code order by c.id) from channel_locations l join channels c on c.id = l.channel_id
          where l.location_id = p.id and l.valid_to is null), '{}') as "inPool"
      from balances b join locations p on p.id = b.location_id where b.variant_id = ${variant.id} order by p.code`,
    sql<Explanation['reservations'][number][]>`
      select p.code as location, case when o.id is null then r.basket else 'order ' || o.number end as basket, r.quantity, r.expires_at as "expiresAt"
      from reservations r join locations p on p.id = r.location_id left join order_lines l on l.id = r.order_line_id left join orders o on o.id = l.order_id
      where r.variant_id = ${variant.id} and r.state = 'open' order by r.id limit 200`,
    sql<ExplainedPolicy[]>`
      select c.code as channel, coalesce(y.buffer, 0) as buffer, y.cap, coalesce(y.stop_selling_at, 0) as "stopSellingAt", lead.code as "stockLead"
      from channels c left join channel_policies y on y.channel_id = c.id and y.valid_to is null left join channels lead on lead.id = c.stock_lead_id
      order by c.id`,
    sql<ExplainedField[]>`
      select c.code as channel, p.field, p.listing_id as listing, l.external_id as "externalId", l.external_sku as "externalSku", p.intended, p.intended_why as why,
        p.intended_at as "intendedAt", p.withheld, p.expected, p.sent, p.sent_at as "sentAt", p.accepted, p.accepted_at as "acceptedAt", p.applied,
        p.applied_at as "appliedAt", p.state, p.reason, p.waiting_since as "waitingSince",
        case p.field when 'stock' then c.publish_stock else c.publish_prices end and not c.paused as publishes
      from publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id
      where p.variant_id = ${variant.id} order by c.id, p.field desc`,
  ])
  return { sku, title: variant.title, balances, reservations, channels, fields }
}
