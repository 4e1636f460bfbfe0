import type { NoticeKind } from '../src/domain/notices/kinds.ts'
import type { NoticeTemplate } from '../src/domain/notices/letter.ts'
import type { OrderState } from '../src/domain/orders/life.ts'
import type { Sql } from './connect.ts'
import type { TrackedUnits } from './tracked-order.ts'

type Language = 'en' | 'zh-CN'

/** A notice that is this worker's until its lease ends. */
export type ClaimedNotice = {
  readonly id: number
  readonly kind: NoticeKind
  readonly via: 'email' | 'webhook'
  readonly messageId: string
  /** Tries before this one. */
  readonly attempts: number
  /** Of the webhook; null: by e-mail. */
  readonly endpoint: number | null
  readonly address: string | null
  readonly tellsBuyers: boolean
  /** Those that sign now, sealed, in base64; the newest first. */
  readonly secrets: readonly string[]
  readonly createdAt: Date
  readonly at: Date
}

/** Takes what is due at the instant, at most `limit`; nobody else gets it for `leaseMs`. Those that were tried least go first. */
export function claimNotices(sql: Sql, owner: string, leaseMs: number, limit: number, now: Date | null = null): Promise<ClaimedNotice[]> {
  return sql<ClaimedNotice[]>`
    with clock as (select coalesce(${now}::timestamptz, clock_timestamp()) as at), due as (
      select n.id from buyer_notices n left join alert_endpoints e on e.id = n.endpoint_id cross join clock
      where n.state = 'waiting' and n.due_at <= clock.at and (n.taken_until is null or n.taken_until <= clock.at)
        and (e.id is null or e.state = 'active' and e.removed_at is null)
      order by n.attempts, n.due_at limit ${limit} for update of n skip locked)
    update buyer_notices n set taken_by = ${owner}, taken_until = clock.at + make_interval(secs => ${leaseMs / 1000}::float8)
    from clock, due left join buyer_notices x on x.id = due.id left join alert_endpoints e on e.id = x.endpoint_id where n.id = due.id
    returning n.id, n.kind, n.via, n.message_id as "messageId", n.attempts, e.id as endpoint, e.address, coalesce(e.tells_buyers, false) as "tellsBuyers",
      array(select encode(s.secret, 'base64') from alert_secrets s where s.endpoint_id = e.id and (s.ends_at is null or s.ends_at > clock.at)
        order by s.id desc) as secrets, n.created_at as "createdAt", clock.at`
}

/** How a try went. `drop`: there is nobody to tell, or it is no longer so. `again`: in `retryMs`; null: that was the last one. */
export type NoticeTried = {
  readonly outcome: 'done' | 'again' | 'drop' | 'gone'
  readonly status: number | null
  readonly trouble: string | null
  readonly retryMs: number | null
}

/** Notes a try as of `now` (null: the database's clock); answers the notice's state, or null when it is no more. */
export async function noteNotice(sql: Sql, id: number, owner: string, tried: NoticeTried, now: Date | null): Promise<string | null> {
  const { outcome, status, trouble, retryMs } = tried
  const [row] = await sql<{ state: string | null }[]>`
    select buyer_notice_try_1(${id}, ${owner}, ${outcome}, ${status}, ${trouble}, ${retryMs}, ${now}) as state`
  return row?.state ?? null
}

/** Gives back what was claimed and not tried to its end. */
export async function releaseNotice(sql: Sql, id: number, owner: string): Promise<void> {
  await sql`update buyer_notices set taken_by = null, taken_until = null where id = ${id} and taken_by = ${owner} and state = 'waiting'`
}

/** What a notice is about, as it stands now. */
export type NoticeFacts = {
  readonly kind: NoticeKind
  /** The address of whoever asked for a sample; then there is no order. */
  readonly sampleTo: string | null
  readonly sampleLanguage: Language | null
  readonly orderId: number | null
  readonly groupId: number | null
  readonly state: OrderState | null
  readonly groupState: string | null
  /** Units that the event named; none: it named none. */
  readonly named: readonly TrackedUnits[]
  /** What was paid back, decimal text, and in what. */
  readonly refunded: string | null
  readonly currency: string | null
  readonly channel: ChannelNotices | null
}

/** What a channel tells its buyers, and how. */
export type ChannelNotices = {
  readonly channelId: number
  readonly channel: string
  readonly channelName: string
  readonly locale: string
  /** The platform tells its buyers itself, and forbids others to. */
  readonly platformTells: boolean
  readonly kinds: readonly NoticeKind[]
  readonly byEmail: boolean
  readonly senderName: string | null
  readonly replyTo: string | null
  readonly language: Language | null
}

/** What a notice is about. */
export async function noticeFacts(sql: Sql, id: number): Promise<NoticeFacts | null> {
  const [row] = await sql<(Omit<NoticeFacts, 'channel'> & { readonly channelCode: string | null })[]>`
    select n.kind, u.email as "sampleTo", n.language as "sampleLanguage", n.order_id as "orderId", n.group_id as "groupId", o.state, g.state as "groupState",
      coalesce((select jsonb_agg(jsonb_build_object('title', l.title, 'units', (x->>'quantity')::int, 'instead', s.title) order by l.id)
        from jsonb_array_elements(case jsonb_typeof(e.detail->'lines') when 'array' then e.detail->'lines' else '[]' end) x
        join order_lines l on l.id = (x->>'lineId')::bigint left join order_lines s on s.id = l.instead_of where (x->>'quantity')::int > 0), '[]') as named,
      a.body->'refund'->>'total' as refunded, o.currency, c.code as "channelCode"
    from buyer_notices n left join orders o on o.id = n.order_id left join channels c on c.id = o.channel_id left join fulfilment_groups g on g.id = n.group_id
    left join order_events e on e.id = n.event_id left join acts a on a.id = n.act_id left join users u on u.id = n.user_id where n.id = ${id}`
  if (row === undefined) return null
  const { channelCode, ...facts } = row
  const [channel = null] = channelCode === null ? [] : await channelNotices(sql, channelCode)
  return { ...facts, channel }
}

/** What each channel tells its buyers, or the one with this code. */
export function channelNotices(sql: Sql, code: string | null = null): Promise<ChannelNotices[]> {
  return sql<ChannelNotices[]>`
    select c.id as "channelId", c.code as channel, c.name as "channelName", c.locale, coalesce(p.tells_buyers, false) as "platformTells",
      coalesce(s.kinds, '{}') as kinds, coalesce(s.by_email, true) as "byEmail", s.sender_name as "senderName", s.reply_to as "replyTo", s.language
    from channels c join accounts a on a.id = c.account_id left join platforms p on p.platform = a.platform left join channel_notices s on s.channel_id = c.id
    where ${code}::text is null or c.code = ${code} order by c.code`
}

export type TemplateRow = NoticeTemplate & {
  readonly channel: string | null
  readonly kind: NoticeKind
  readonly language: Language
  readonly actor: string
  readonly setAt: Date
}

/** Letters in a merchant's own words, of all kinds or one. */
export function noticeTemplates(sql: Sql, kind: NoticeKind | null = null): Promise<TemplateRow[]> {
  return sql<TemplateRow[]>`
    select c.code as channel, t.kind, t.language, t.subject, t.body, t.actor, t.set_at as "setAt" from notice_templates t left join channels c on c.id = t.channel_id
    where ${kind}::text is null or t.kind = ${kind} order by t.kind, t.language, c.code nulls first`
}

export type NoticeRow = {
  readonly id: number
  readonly kind: NoticeKind
  readonly via: 'email' | 'webhook'
  readonly state: 'waiting' | 'done' | 'failed' | 'dropped'
  readonly attempts: number
  /** What the webhook or the mail server answered last. */
  readonly status: number | null
  readonly trouble: string | null
  /** Of the webhook, whose whole address may be a secret; null: by e-mail. */
  readonly host: string | null
  readonly createdAt: Date
  readonly endedAt: Date | null
}

/** What the buyer of an order was told or is to be told, the first one first. */
export function orderNotices(sql: Sql, orderId: number): Promise<NoticeRow[]> {
  return sql<NoticeRow[]>`
    select n.id, n.kind, n.via, n.state, n.attempts, n.last_status as status, n.last_trouble as trouble, substring(e.address from '^[a-z]+://(?:[^/@]*@)?([^/:?#]+)') as host, n.created_at as "createdAt",
      n.ended_at as "endedAt"
    from buyer_notices n left join alert_endpoints e on e.id = n.endpoint_id where n.order_id = ${orderId} order by n.id`
}

export type NoticeAnswer =
  | { readonly outcome: 'done'; readonly notice?: number; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'forbidden'; readonly platform: string }
  | { readonly outcome: 'waiting' | 'gone' }
  | { readonly outcome: 'key_conflict' }

/** Calls a command of functions/84_notice_settings.sql or 84_buyer_notices.sql, which tells what `cmd` holds. */
export async function noticeCommand(
  sql: Sql,
  name: 'channel_notices_set_1' | 'notice_template_set_1' | 'notice_sample_1' | 'buyer_notice_again_1',
  cmd: Parameters<Sql['json']>[0],
): Promise<NoticeAnswer> {
  const [row] = await sql<{ answer: NoticeAnswer }[]>`select ${sql(name)}(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}
