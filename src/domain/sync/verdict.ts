import type { PushEvent } from './pushes.ts'

/** Why nothing of a field goes out, or when it will. In the order in which they decide. */
export type VerdictCode =
  /** The listing is no longer at the platform. */
  | 'gone'
  /** No price may be shown, or there is none any more. */
  | 'held'
  /** The guard waits for a person, or a person said no. */
  | 'quarantined'
  | 'rejected'
  /** The platform said no to just this value. */
  | 'refused'
  | 'under_way'
  /** Under way with many others, and waits for the verdict of all. */
  | 'in_feed'
  /** It differs, and: its account or channel is paused, the field is only observed, the account is in trouble, no hub is running, */
  | 'account_paused'
  | 'paused'
  | 'observed'
  | 'trouble'
  | 'no_hub'
  /** a person decides on a difference first, it is right only from an instant on, it is tried again later, it waits for its turn. */
  | 'drift'
  | 'scheduled'
  | 'retry'
  | 'waiting'
  /** Nothing differs: taken and not read back yet; or shown as it should be. */
  | 'accepted'
  | 'unchanged'

/** `since`, `until`: ISO text. `by`: who. `ref`: the incident or the difference. `reason`: in words. */
export type Verdict = {
  readonly code: VerdictCode
  readonly since: string | null
  readonly until: string | null
  readonly by: string | null
  readonly ref: number | null
  readonly reason: string | null
  /** Failed calls so far. */
  readonly attempts: number
}

/** A field of a listing as the books of publishing have it now. Instants are ISO text. */
export type PushFacts = {
  readonly listingState: 'active' | 'inactive' | 'gone'
  readonly state: 'intended' | 'sent' | 'accepted' | 'applied' | 'refused' | 'quarantined'
  /** Something is to be sent: it differs, or a person wants it sent again. */
  readonly waitingSince: string | null
  readonly isHeld: boolean
  /** It is under way in a feed. */
  readonly inFeed?: boolean
  readonly reason: string | null
  readonly intendedAt: string
  readonly sentAt: string | null
  readonly acceptedAt: string | null
  readonly appliedAt: string | null
  readonly retryAt: string | null
  readonly notBefore: string | null
  readonly attempts: number
  readonly incident: number | null
  readonly incidentSince: string | null
  readonly rejectedBy: string | null
  /** A difference that a person decides on before this goes out. */
  readonly drift: number | null
  readonly isPublished: boolean
  readonly isPaused: boolean
  readonly account: {
    readonly state: 'active' | 'paused' | 'failing'
    readonly reason: string | null
    readonly since: string
    readonly retryAt: string | null
    readonly isHeld: boolean
  }
}

const isAfter = (one: string, other: string): boolean => Date.parse(one) > Date.parse(other)

const NOTHING = { since: null, until: null, by: null, ref: null, reason: null, attempts: 0 } as const

/** Why nothing of it goes out just now, or when it will. `now`: ISO text. */
export function verdictOf(facts: PushFacts, now: string): Verdict {
  const { account, reason, attempts } = facts
  const is = (code: VerdictCode, more: Partial<Verdict> = {}): Verdict => ({ ...NOTHING, attempts, ...more, code })
  if (facts.listingState === 'gone') return is('gone')
  if (facts.isHeld) return is('held', { reason, since: facts.intendedAt })
  if (facts.state === 'quarantined') {
    const { rejectedBy: by, incident: ref, incidentSince: since } = facts
    return is(by === null ? 'quarantined' : 'rejected', { ref, since, by, reason })
  }
  if (facts.state === 'refused') return is('refused', { reason, since: facts.sentAt })
  if (facts.state === 'sent') return is(facts.inFeed ? 'in_feed' : 'under_way', { since: facts.sentAt })
  if (facts.waitingSince === null)
    return facts.state === 'accepted' ? is('accepted', { since: facts.acceptedAt }) : is('unchanged', { since: facts.appliedAt })
  const since = facts.waitingSince
  if (account.state === 'paused') return is('account_paused', { since: account.since, reason: account.reason })
  if (facts.isPaused) return is('paused', { since })
  if (!facts.isPublished) return is('observed', { since })
  if (account.state === 'failing') return is('trouble', { since: account.since, reason: account.reason, until: account.retryAt })
  if (facts.drift !== null) return is('drift', { since, ref: facts.drift })
  if (facts.notBefore !== null && isAfter(facts.notBefore, now)) return is('scheduled', { since, until: facts.notBefore })
  if (!account.isHeld) return is('no_hub', { since })
  if (facts.retryAt !== null && isAfter(facts.retryAt, now)) return is('retry', { since, until: facts.retryAt, reason })
  return is('waiting', { since })
}

/** Whether a channel published the field then. */
export type SwitchesThen = { readonly isPublished: boolean; readonly isPaused: boolean }

/** The same of a moment that has passed, by what had happened to the field until then, in its order. Null: nothing had. */
export function verdictThen(events: readonly PushEvent[], switches: SwitchesThen): Verdict | null {
  const is = (code: VerdictCode, more: Partial<Verdict> = {}): Verdict => ({ ...NOTHING, ...more, code })
  // What was seen there, and orders, say nothing of where our own value had got.
  const last = events.findLast(({ event }) => event !== 'read' && event !== 'order')
  if (last === undefined) return null
  const since = last.at
  const text = (name: string): string | null => (typeof last.why?.[name] === 'string' ? (last.why[name] as string) : null)
  switch (last.event) {
    case 'held':
      return is('held', { since, reason: text('words') })
    case 'quarantined':
      return is('quarantined', { since, ref: Number(last.why?.quarantine ?? 0) })
    case 'refused':
      return is('refused', { since, reason: text('words') })
    case 'sent':
      return is('under_way', { since })
    case 'retry':
      return is('retry', { since, reason: text('words') })
    case 'accepted':
      return is('accepted', { since })
    case 'applied':
      return is('unchanged', { since })
    default:
      return is(switches.isPaused ? 'paused' : switches.isPublished ? 'waiting' : 'observed', { since })
  }
}
