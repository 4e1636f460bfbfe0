import type { TransferState } from '../src/domain/inventory/transfer.ts'
import type { Sql } from './connect.ts'
import { contains, cut, type Page, type Place, placeText } from './pages.ts'

export const TRANSFER_FILTERS = ['open', 'requested', 'sent', 'received', 'cancelled', 'all'] as const
export type TransferShow = (typeof TRANSFER_FILTERS)[number]

export type TransferListed = {
  readonly id: number
  readonly at: string
  readonly reference: string
  readonly from: string
  readonly to: string
  readonly state: TransferState
  readonly expectedAt: Date | null
  readonly late: boolean
  readonly asked: number
  /** Units that will not be sent. */
  readonly cancelled: number
  readonly underWay: number
  readonly received: number
  readonly lost: number
}

/** Transfers, the newest first, from behind `before`. `open`: requested or under way. `search` is part of a reference, or a SKU. */
export async function transferList(
  sql: Sql,
  asked: {
    readonly show: TransferShow
    readonly search: string
    readonly before: Place | null
    readonly limit: number
    readonly now: Date
  },
): Promise<Page<TransferListed>> {
  const { show, search, before, limit, now } = asked
  const states = show === 'all' ? null : show === 'open' ? ['requested', 'sent'] : [show]
  const rows = await sql<TransferListed[]>`
    select t.id, t.created_at::text as at, t.reference, f.name as from, g.name as to, t.state, t.expected_at as "expectedAt",
      s.sent > s.received + s.lost and coalesce(t.expected_at < ${now}, false) as late, s.asked, s.cancelled, s.sent - s.received - s.lost as "underWay", s.received, s.lost
    from transfers t join locations f on f.id = t.from_id join locations g on g.id = t.to_id
    cross join lateral (select coalesce(sum(l.asked), 0)::int as asked, coalesce(sum(l.cancelled), 0)::int as cancelled, coalesce(sum(l.sent), 0)::int as sent,
      coalesce(sum(l.received), 0)::int as received, coalesce(sum(l.lost), 0)::int as lost from transfer_lines l where l.transfer_id = t.id) s
    where (${states}::text[] is null or t.state = any(${states}::text[]))
      and (${before === null} or (t.created_at, t.id) < (${before?.at ?? '2000-01-01 00:00:00+00'}::text::timestamptz, ${before?.id ?? 0}))
      and (${search} = '' or t.reference ilike ${contains(search)} or exists (
        select from transfer_lines l join variants v on v.id = l.variant_id where l.transfer_id = t.id and v.sku = ${search}))
    order by t.created_at desc, t.id desc limit ${limit + 1}`
  return cut(rows, limit, placeText)
}
