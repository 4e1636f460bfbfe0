import { type FeedUnderWay, feedUnderWay } from '../../db/price-feeds.ts'
import {
  type Backlog,
  listPublishing,
  type PublishedField,
  type PublishingFilter,
  type PublishingHead,
  publishingBacklog,
  publishingCounts,
  publishingHead,
  type StandsCount,
} from '../../db/publishing.ts'
import { backlogS, callsFor } from '../domain/sync/backlog.ts'
import type { PushPace } from '../domain/sync/forecast.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'

/** What is left of the platform's quota for pushes, shared by all channels of the account. */
export type QuotaShown = {
  /** The platform's operation; null where nobody told it yet: then what the platform publishes of its limits counts. */
  readonly operation: string | null
  /** Calls that could start at once; null where nobody told it yet. */
  readonly callsLeft: number | null
  readonly perSecond: number
  readonly burst: number
  /** Nothing starts before; null: now. */
  readonly openAt: Date | null
  readonly toldAt: Date | null
}

/** What waits to be sent and may go, and when it is done at the rate that is left, if nothing joins it. */
export type BacklogShown = {
  readonly fields: number
  /** Of all channels of the account, which share its quota. */
  readonly accountFields: number
  readonly calls: number
  /** Null: nothing waits, or `waitsFor` says what has to happen first. */
  readonly doneAt: Date | null
  readonly waitsFor: 'channel' | 'account' | 'hub' | null
}

export type PublishingShown = Omit<PublishingHead, 'channelId' | 'accountId' | 'scale' | 'quota'> & {
  readonly counts: readonly StandsCount[]
  /** Null where the platform is not known here. */
  readonly quota: QuotaShown | null
  readonly backlog: BacklogShown
  /** Prices that went as one document and wait for the platform's verdicts; null: none. */
  readonly feed: FeedUnderWay | null
}

/** How a channel's publishing stands: counts with the age of the oldest, what is left of the quota, and when the backlog is done. Fault: not_found. */
export async function showPublishing(context: Context, channel: string, now = new Date()): Promise<PublishingShown> {
  const head = await knownHead(context, channel)
  const pace = context.pushPaceOf?.(head.platform)
  const [counts, backlog, feed] = await Promise.all([
    publishingCounts(context.sql, head.channelId),
    publishingBacklog(context.sql, head.accountId, head.channelId),
    feedUnderWay(context.sql, head.accountId, head.channelId),
  ])
  const quota = quotaOf(head, pace)
  const { channelId: _channel, accountId: _account, scale: _scale, ...shown } = head
  return { ...shown, counts, quota, backlog: backlogOf(head, backlog, quota, pace, now), feed }
}

/** What is left of an account's quota; null where the platform is not known here. */
export function quotaOf({ quota, scale }: PublishingHead, pace: PushPace | undefined): QuotaShown | null {
  if (quota !== null) return quota
  if (pace === undefined) return null
  const burst = Math.max(1, pace.bucket.burst * scale)
  return { operation: null, callsLeft: null, perSecond: pace.bucket.ratePerS * scale, burst, openAt: null, toldAt: null }
}

/** When the first call may start: after the pause of an account in trouble, and when the platform takes calls again. */
export function callsBeginAt({ accountState, retryAt }: PublishingHead, quota: QuotaShown | null, now: Date): Date {
  const instants = [now, ...(accountState === 'failing' && retryAt !== null ? [retryAt] : []), ...(quota?.openAt ? [quota.openAt] : [])]
  return new Date(Math.max(...instants.map(at => at.getTime())))
}

function backlogOf(
  head: PublishingHead,
  { fields, accountFields, families }: Backlog,
  quota: QuotaShown | null,
  pace: PushPace | undefined,
  now: Date,
): BacklogShown {
  const waitsFor = head.accountState === 'paused' ? 'account' : head.paused ? 'channel' : head.isHeld ? null : 'hub'
  const calls = callsFor(families, pace?.perCall ?? 1)
  if (calls === 0 || waitsFor !== null || quota === null || pace === undefined)
    return { fields, accountFields, calls, doneAt: null, waitsFor }
  const seconds = backlogS(calls, { left: quota.callsLeft ?? 0, ratePerS: quota.perSecond }, pace, head.scale)
  return { fields, accountFields, calls, doneAt: new Date(callsBeginAt(head, quota, now).getTime() + Math.round(seconds * 1000)), waitsFor }
}

/** A field with what a person does next; null: it goes on by itself. */
export type FieldShown = PublishedField & { readonly next: string | null }

/** A channel's fields with how each stands, in the order of listing and field, after that pair. Fault: not_found. */
export async function readPublishing(
  context: Context,
  channel: string,
  filter: PublishingFilter,
  after: readonly [number, string],
  limit: number,
): Promise<FieldShown[]> {
  const { channelId } = await knownHead(context, channel)
  const rows = await listPublishing(context.sql, channelId, filter, after, limit)
  return rows.map(row => ({ ...row, next: nextStep(row, channel) }))
}

function nextStep(row: PublishedField, channel: string): string | null {
  switch (row.stands) {
    case 'quarantined':
      return `decide: "concord guard show ${row.incident}", then "guard approve ${row.incident}" or "guard reject ${row.incident}"`
    case 'refused':
      return row.sentAt === null || row.reasonCode === null
        ? 'mend what the reason says'
        : `mend what the platform says, then "concord publication force ${channel} --sku ${row.sku}"`
    case 'drifting':
      return `"concord drift list --channel ${channel}" tells what becomes of difference ${row.drift}`
    default:
      return null
  }
}

/** The channel as publishing sees it. Fault: not_found. */
export async function knownHead(context: Pick<Context, 'sql'>, channel: string): Promise<PublishingHead> {
  const head = await publishingHead(context.sql, channel)
  if (head === null) throw new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
  return head
}
