import type { TransferState } from '../src/domain/inventory/transfer.ts'
import type { JsonValue, Sql } from './connect.ts'
import type { ExpiredOnArrival } from './lots.ts'

type Ended = {
  readonly sku: string
  readonly quantity: number
  readonly received: number
  readonly lost: number
  readonly underWay: number
}

/** What a transfer's command did, or why it did nothing. `line` counts from 0. */
export type TransferAnswer =
  | { readonly outcome: 'requested'; readonly id: number; readonly reference: string; readonly replayed?: true; readonly token?: string }
  | {
      readonly outcome: 'changed' | 'sent' | 'coming'
      readonly id: number
      readonly state: TransferState
      readonly replayed?: true
      readonly token?: string
    }
  | {
      readonly outcome: 'received' | 'lost'
      readonly id: number
      readonly state: TransferState
      readonly lines: readonly Ended[]
      readonly warnings?: readonly ExpiredOnArrival[]
      readonly replayed?: true
      readonly token?: string
    }
  | { readonly outcome: 'exists'; readonly id: number; readonly reference: string }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown; readonly line?: number }
  | { readonly outcome: 'insufficient'; readonly missing: readonly MissingUnits[] }
  | { readonly outcome: 'ended' | 'all_sent' | 'not_under_way'; readonly reference: string; readonly state: TransferState }
  | { readonly outcome: 'not_on_transfer' | 'no_lots'; readonly line: number; readonly sku: string }
  | {
      readonly outcome: 'over'
      readonly line: number
      readonly sku: string
      readonly lot?: string
      readonly asked: number
      readonly rest: number
    }
  | { readonly outcome: 'key_conflict' }

/** Units that are not free to be sent, of a SKU or of one lot of it. */
export type MissingUnits = {
  readonly sku: string
  readonly location: string
  readonly lot?: string
  readonly asked: number
  readonly available: number
}

type TransferCommand = 'transfer_request_1' | 'transfer_send_1' | 'transfer_receive_1' | 'transfer_resolve_1' | 'transfer_cancel_1'

/** Carries out a command about a transfer; see functions/33_*.sql for `cmd`. What was written bears the token of its transaction. */
export async function transferCommand(sql: Sql, name: TransferCommand, cmd: JsonValue): Promise<TransferAnswer> {
  const [row] = await sql<{ answer: TransferAnswer; token: string }[]>`
    select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return 'id' in row.answer && row.answer.outcome !== 'exists' ? { ...row.answer, token: row.token } : row.answer
}

export type TransferRow = {
  readonly id: number
  readonly reference: string
  readonly from: string
  readonly to: string
  readonly state: TransferState
  readonly expectedAt: Date | null
  /** Something is under way, and its day is over. */
  readonly late: boolean
  readonly lines: number
  readonly asked: number
  readonly cancelled: number
  readonly sent: number
  readonly received: number
  readonly lost: number
  readonly note: string | null
  readonly actor: string
  readonly createdAt: Date
  readonly sentAt: Date | null
  readonly endedAt: Date | null
}

const columns = (sql: Sql, now: Date) => sql`
  select t.id, t.reference, f.code as from, g.code as to, t.state, t.expected_at as "expectedAt",
    s.sent > s.received + s.lost and coalesce(t.expected_at < ${now}, false) as late,
    s.lines, s.asked, s.cancelled, s.sent, s.received, s.lost, t.note, t.actor, t.created_at as "createdAt", t.sent_at as "sentAt", t.ended_at as "endedAt"
  from transfers t join locations f on f.id = t.from_id join locations g on g.id = t.to_id
  cross join lateral (select count(*)::int as lines, sum(l.asked) as asked, sum(l.cancelled) as cancelled, sum(l.sent) as sent, sum(l.received) as received,
    sum(l.lost) as lost from transfer_lines l where l.transfer_id = t.id) s`

export type TransferFilter = {
  readonly state?: TransferState | undefined
  /** Only those with something under way whose day is over by `now`. */
  readonly late?: boolean | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Only those with a line of it. */
  readonly sku?: string | undefined
}

/** Transfers, the newest first, before the id. */
export function listTransfers(sql: Sql, filter: TransferFilter, now: Date, before: number | null, limit: number): Promise<TransferRow[]> {
  return sql<TransferRow[]>`${columns(sql, now)}
    where (${before}::bigint is null or t.id < ${before}) and (${filter.state ?? null}::text is null or t.state = ${filter.state ?? null})
      and (${filter.late ?? false} is false or (s.sent > s.received + s.lost and t.expected_at < ${now}))
      and (${filter.from ?? null}::text is null or f.code = ${filter.from ?? null})
      and (${filter.to ?? null}::text is null or g.code = ${filter.to ?? null})
      and (${filter.sku ?? null}::text is null or exists (
        select from transfer_lines l join variants v on v.id = l.variant_id where l.transfer_id = t.id and v.sku = ${filter.sku ?? null}))
    order by t.id desc limit ${limit}`
}

/** One transfer, by our id or by its reference. */
export async function readTransfer(
  sql: Sql,
  by: { readonly id: number } | { readonly reference: string },
  now: Date,
): Promise<TransferRow | null> {
  const which = 'id' in by ? sql`t.id = ${by.id}` : sql`t.reference = ${by.reference}`
  const [row] = await sql<TransferRow[]>`${columns(sql, now)} where ${which}`
  return row ?? null
}

export type TransferLineRow = {
  readonly sku: string
  readonly title: string
  readonly asked: number
  readonly cancelled: number
  readonly sent: number
  readonly received: number
  readonly lost: number
  readonly underWay: number
  /** What travels with it, where the SKU is told apart by lot. */
  readonly lots: readonly { readonly code: string; readonly expiresAt: string | null; readonly sent: number; readonly underWay: number }[]
}

/** The lines of a transfer, in their order. */
export function readTransferLines(sql: Sql, id: number): Promise<TransferLineRow[]> {
  return sql<TransferLineRow[]>`
    select v.sku, r.title, l.asked, l.cancelled, l.sent, l.received, l.lost, l.sent - l.received - l.lost as "underWay",
      (select coalesce(jsonb_agg(jsonb_build_object('code', o.code, 'expiresAt', o.expires_at, 'sent', o.sent, 'underWay', o.sent - o.ended)
        order by o.expires_at nulls last, o.id), '[]') from transfer_lots o where o.transfer_line_id = l.id) as lots
    from transfer_lines l join variants v on v.id = l.variant_id join products r on r.id = v.product_id where l.transfer_id = ${id} order by l.id`
}
