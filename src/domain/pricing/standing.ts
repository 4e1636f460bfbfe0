/** A price document as it goes out and comes back: decimal text, ISO instants. */
export type StatedPrice = {
  readonly currency: string
  readonly regular: string
  readonly sale: { readonly amount: string; readonly from: string | null; readonly to: string | null } | null
}

/** An incident of the guard that holds a price back. Instants are ISO text. */
export type HoldingIncident = {
  readonly id: number
  readonly since: string
  /** Which limit the price goes beyond. */
  readonly limit: 'changed' | 'dropped' | 'zeroed' | null
  readonly decision: 'approved' | 'rejected' | 'released' | 'dissolved' | null
  readonly decidedBy: string | null
  readonly decidedAt: string | null
}

/** A listing's price between what lists and rules say and what buyers see, as the books of publishing have it. */
export type PublicationFacts = {
  readonly channel: string
  readonly isPublished: boolean
  readonly isPaused: boolean
  readonly state: 'intended' | 'sent' | 'accepted' | 'applied' | 'refused' | 'quarantined'
  /** Whether what the platform took last is something else than what is wanted. */
  readonly differs: boolean
  readonly isLimited: boolean
  readonly reason: string | null
  readonly since: string | null
  readonly incident: HoldingIncident | null
}

/**
 * How a listing's price stands. shown: the platform was read and shows it. sent: it was taken, and not read back yet. under_way: goes out by itself. held: the
 * guard waits for a person. rejected: a person said no. limited: no price lies between floor and ceiling, or there is none. refused: the platform said no. off:
 * nobody has turned publishing on. paused: channel or account.
 */
export type Stands = 'shown' | 'sent' | 'under_way' | 'held' | 'rejected' | 'limited' | 'refused' | 'off' | 'paused'

export type Standing = {
  readonly stands: Stands
  readonly since: string | null
  /** Who holds it: the person that rejected it, else null. */
  readonly by: string | null
  readonly incident: number | null
  /** Why, in words, where that is known; and what a person does next. */
  readonly reason: string | null
  readonly next: string | null
}

/** Which of these a price is in, and the next step where it does not go on by itself. */
export function standingOf(facts: PublicationFacts): Standing {
  const { incident, channel, reason, since } = facts
  const plain = { since, by: null, incident: null, reason: null, next: null }
  if (facts.isLimited) return { ...plain, stands: 'limited', reason, next: null }
  if (facts.state === 'quarantined' && incident !== null && incident.decision !== 'approved') {
    const held = { since: incident.since, incident: incident.id, reason: facts.reason }
    return incident.decision === 'rejected'
      ? {
          ...held,
          ...{ stands: 'rejected', since: incident.decidedAt, by: incident.decidedBy },
          next: `set another price, or let it out after all: "concord guard approve ${incident.id}", or /held/${incident.id} in the console`,
        }
      : {
          ...held,
          ...{ stands: 'held', by: null },
          next: `decide: "concord guard show ${incident.id}", then "guard approve ${incident.id}" or "guard reject ${incident.id}"; or /held/${incident.id} in the console`,
        }
  }
  if (facts.state === 'refused')
    return {
      ...plain,
      stands: 'refused',
      reason,
      next: `mend what the platform says, then send it again on /channels/${channel} in the console`,
    }
  if (!facts.differs) return { ...plain, stands: facts.state === 'applied' ? 'shown' : 'sent' }
  if (!facts.isPublished) return { ...plain, stands: 'off', next: `turn its prices on: "concord channel publish ${channel} --prices on"` }
  if (facts.isPaused) return { ...plain, stands: 'paused', next: `resume channel ${channel} or its account` }
  return { ...plain, stands: 'under_way' }
}

/** A listing of a SKU with what buyers see of it: what the platform showed when it was last read, and what was last sent. */
export type ListingStanding = Standing & {
  readonly channel: string
  readonly sku: string
  readonly externalId: string
  readonly externalSku: string
  /** What should be shown: of a price that is held back, that one. */
  readonly wanted: StatedPrice | null
  /** What the platform showed when it was read, and when that was; null: never read. */
  readonly shows: StatedPrice | null
  readonly readAt: string | null
  readonly sent: StatedPrice | null
  readonly sentAt: string | null
}
