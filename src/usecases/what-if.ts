import { channelIdOf } from '../../db/channels.ts'
import { ledgerClock } from '../../db/partitions.ts'
import { rulesInForce } from '../../db/routing.ts'
import { nextStatement, type PastAsked, type PastRow, pastDecisions, pastSpan } from '../../db/routing-past.ts'
import { type Compared, makeComparison } from '../domain/fulfilment/compare-routes.ts'
import type { Place, RouteFacts } from '../domain/fulfilment/facts.ts'
import { knownBy, knowsAsThen } from '../domain/fulfilment/known-then.ts'
import { makeRedecide, type PastDecision } from '../domain/fulfilment/redecide.ts'
import { PLAIN_RULES, PLAIN_WORTH, type RoutingRules } from '../domain/fulfilment/rules.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { destinationOf } from './route-order.ts'
import { routingPlaces } from './routing-places.ts'
import { statedRules } from './routing-settings.ts'
import { whereaboutsOf } from './whereabouts.ts'

export type WhatIfAsked = {
  /** As a person wrote them; null: those that hold. */
  readonly rules: unknown
  /** Null: all channels that have no rules of their own. */
  readonly channel: string | null
  readonly days: number
}

/** Where stock and load of the decisions come from, and those that stay as they were. */
export type WhatIfSources = {
  /** As it was seen: kept with the decision. */
  readonly kept: number
  /** As the ledger says of that instant. */
  readonly ledger: number
  /** Left as they were: the channel sold from one location. */
  readonly only: number
  /** Left as they were: the buyer's data is removed. */
  readonly forgotten: number
  /** Left as they were: where the buyer or a location is came to be known later, and nothing tells what was known then. */
  readonly later: number
  /** Left out: nothing tells what was to be decided. */
  readonly untold: number
}

export type WhatIf = Compared & { readonly from: Date; readonly until: Date; readonly sources: WhatIfSources }

export type WhatIfStep = { readonly done: number; readonly of: number; readonly answer?: WhatIf }

/** So many decisions are held at once; the comparison holds only sums, and what differs. */
const PART = 50
const ORDERS_TOLD = 200
export const DAYS_MOST = 92
/** Each keeps a core busy, which others want as well. */
const RUNS_MOST = 2
let underWay = 0
const DAY_MS = 86_400_000

/**
 * Decides the orders of the last days anew by changed rules and compares; changes nothing. Each decision is made from what it was made from then: lines, stock,
 * load, what locations did, and who had given it up; stock and load follow where orders would have gone elsewhere. Tells how far it is after each part, the
 * answer with the last. Throws `invalid`, `not_found`, and `too_many` while this process does as many as it may.
 */
export async function* whatIf(context: Context, asked: WhatIfAsked): AsyncGenerator<WhatIfStep, void> {
  if (underWay >= RUNS_MOST) throw new Fault('too_many', `${RUNS_MOST} comparisons are under way: ask again when one has ended.`)
  underWay += 1
  try {
    yield* compare(context, asked)
  } finally {
    underWay -= 1
  }
}

async function* compare(context: Context, asked: WhatIfAsked): AsyncGenerator<WhatIfStep, void> {
  const { sql } = context
  if (!Number.isInteger(asked.days) || asked.days < 1 || asked.days > DAYS_MOST)
    throw new Fault('invalid', `days must be 1 to ${DAYS_MOST}.`, { field: 'days', value: `${asked.days}`, expected: `1 to ${DAYS_MOST}` })
  const channelId = asked.channel === null ? null : await channelIdOf(sql, asked.channel)
  if (asked.channel !== null && channelId === null)
    throw new Fault('not_found', `There is no channel ${asked.channel}.`, { field: 'channel', value: asked.channel })
  const rules = await rulesOf(context, asked.rules, channelId)
  // By the clock that the decisions were stamped with; one of this very millisecond belongs to the past as well.
  const until = new Date((await ledgerClock(sql)).now.getTime() + 1)
  const past: PastAsked = { channelId, from: new Date(until.getTime() - asked.days * DAY_MS), until }

  const { count: of, first, last } = await pastSpan(sql, past)
  const redecide = makeRedecide(rules)
  const comparison = makeComparison(rules.rules[0]?.worth ?? PLAIN_WORTH, ORDERS_TOLD)
  const sources = { kept: 0, ledger: 0, only: 0, forgotten: 0, later: 0, untold: 0 }
  const placesAt = makePlacesAt(context)
  yield { done: 0, of }
  for (let done = 0, next = first; ; ) {
    const rows = await pastDecisions(sql, past, next, last, PART)
    for (const row of rows) {
      const source = sourceOf(row)
      const decision = source === 'kept' || source === 'ledger' ? await decisionOf(context, row, placesAt) : null
      sources[decision === 'later' ? 'later' : source] += 1
      if (decision !== null && decision !== 'later') comparison.take(decision, redecide(decision))
    }
    done += rows.length
    if (rows.length < PART) {
      yield { done, of: done, answer: { ...comparison.answer(), from: past.from, until, sources } }
      return
    }
    next = (rows.at(-1)?.id ?? last) + 1
    yield { done, of: Math.max(of, done) }
  }
}

async function rulesOf(context: Context, written: unknown, channelId: number | null): Promise<RoutingRules> {
  return written === null ? ((await rulesInForce(context.sql, channelId))?.rules ?? PLAIN_RULES) : statedRules(written)
}

function sourceOf(row: PastRow): keyof WhatIfSources {
  if (row.isOnly) return 'only'
  if (row.isForgotten) return 'forgotten'
  if (row.kept !== null) return 'kept'
  return row.found !== null && row.found.lines.length > 0 ? 'ledger' : 'untold'
}

type PlacesAt = (channelId: number, at: Date) => Promise<readonly Omit<Place, 'excluded'>[]>

/** A decision with what was known when it was made; `later`: that cannot be told any more. */
async function decisionOf(context: Context, row: PastRow, placesAt: PlacesAt): Promise<PastDecision | 'later'> {
  const at = row.kept === null ? row.at : new Date(row.kept.at)
  const [places, told] = await Promise.all([placesAt(row.channelId, at), destinationOf(context, row.orderId)])
  const from = row.kept ?? row.found
  const excluded = new Map(from?.excluded)
  const supply =
    row.kept?.supply.map(([lineId, placeId, units, ageDays]) => ({ lineId, placeId, units, ageDays })) ?? row.found?.supply ?? []
  const now: RouteFacts = {
    ...{ at, destination: told, supply, lines: from?.lines ?? [] },
    places: places.map(place => ({ ...place, load: from?.load[place.id] ?? {}, excluded: excluded.get(place.id) ?? null })),
  }
  const facts = await asKnownThen(context, now, row)
  if (facts === null) return 'later'
  const date = (text: string | null): Date | null => (text === null ? null : new Date(text))
  const was = row.groups.map((group, n) => {
    const told = row.kept?.groups[n] ?? group
    return { ...told, isKept: group.isKept, readyBy: date(told.readyBy), deliverBy: date(told.deliverBy) }
  })
  return { orderId: row.orderId, number: row.number, facts, was, loadAt: row.kept?.loadAt === undefined ? at : new Date(row.kept.loadAt) }
}

/** The facts with the buyer where he was known to be then: as now, by the country alone, or nowhere; null: none of these. */
async function asKnownThen({ sql }: Context, now: RouteFacts, { attempts, kept }: PastRow): Promise<RouteFacts | null> {
  const isThen = (facts: RouteFacts) =>
    (kept?.toBy === undefined || kept.toBy === knownBy(facts.destination)) && knowsAsThen(facts, attempts)
  if (isThen(now)) return now
  const country = await whereaboutsOf(sql, [{ country: now.destination.country, postalCode: null, point: null }])
  for (const destination of [...country, { country: null, point: null }]) {
    const then = { ...now, destination }
    if (isThen(then)) return then
  }
  return null
}

/** What locations did at an instant, read once for as long as nobody stated anything else. */
function makePlacesAt({ sql }: Context): PlacesAt {
  const known = new Map<number, { from: number; until: number; places: readonly Omit<Place, 'excluded'>[] }>()
  return async (channelId, at) => {
    const here = known.get(channelId)
    if (here !== undefined && at.getTime() >= here.from && at.getTime() < here.until) return here.places
    const [places, next] = await Promise.all([routingPlaces(sql, channelId, at), nextStatement(sql, channelId, at)])
    known.set(channelId, { from: at.getTime(), until: next?.getTime() ?? Number.POSITIVE_INFINITY, places })
    return places
  }
}
