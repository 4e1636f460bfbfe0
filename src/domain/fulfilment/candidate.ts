import { type Away, awayFrom } from './distance.ts'
import type { Place, Precision, RouteFacts, RouteLine, Supply } from './facts.ts'
import { barredClasses } from './hazards.ts'
import { arrival, type Readiness, readiness } from './promise.ts'
import type { Filter, RankBy, RoutingRule } from './rules.ts'

/** One place that was looked at: why it could not be, or what it would cost, and how much of the lines it has. */
export type Candidate = {
  readonly place: string
  readonly out?: Filter
  /** What belongs to the reason: a distance, a day, a reason told by the store. */
  readonly detail?: string
  /** What each measure counts, in money; those of a unit are for one unit. */
  readonly score?: Readonly<Partial<Record<RankBy, number>>>
  readonly cost?: number
  readonly perUnit?: number
  readonly has?: number
  readonly km?: number | null
  /** By what the distance is known: the addresses, postal codes, or only countries. */
  readonly kmBy?: Precision
  readonly readyBy?: string
  /** SKUs that it has and may not hand over, dangerous as they are. */
  readonly barred?: readonly string[]
  readonly chosen?: boolean
  /**
   * Why it lost, where it could have been: others were cheaper; it had nothing more that was wanted; or it was just as good as the one that was chosen, which comes
   * before it in the channel's list of locations (`later`), or where less of the same cost is for using the place at all (`parcel`).
   */
  readonly lost?: 'dearer' | 'nothing_wanted' | 'later' | 'parcel'
}

/** What is the same for all rules of a decision: the facts, what each place has of each line, and when it is ready (filled as it is asked for). */
export type Ground = {
  readonly facts: RouteFacts
  readonly stock: ReadonlyMap<number, ReadonlyMap<number, Supply>>
  readonly ready: Map<number, Readiness | null>
}

/** A place that could be: what it costs to use it, and each unit there; units of each line that it has, and their age in days. */
export type Scored = {
  readonly place: Place
  readonly ready: Readiness
  readonly fixed: number
  readonly perUnit: number
  readonly supply: readonly number[]
  readonly ages: readonly number[]
}

const DAY_MS = 86_400_000

/** How a rule sees a place: how far it is, how far the farthest is, and the places that the rule names (null: all). */
export type Sight = { readonly away: Away; readonly farthestKm: number; readonly named: ReadonlySet<string> | null }

/** What counts once for a place that is used; the others count for each unit. */
const PER_PLACE = ['parcel', 'distance', 'split', 'promise', 'balance', 'priority'] as const

/** Why a place is out by this rule, or what it would count. */
export function look(
  { facts, stock, ready }: Ground,
  lines: readonly RouteLine[],
  rule: RoutingRule,
  place: Place,
  { away, farthestKm, named }: Sight,
): { candidate: Candidate; scored: Scored | null } {
  const out = (reason: Filter, detail?: string) => ({
    candidate: { place: place.code, out: reason, ...(detail === undefined ? {} : { detail }) },
    scored: null,
  })
  const first = lines[0]
  const isCollected = first?.method === 'collect'
  const isSentToStore = isCollected && first.collectAt !== null && first.collectAt !== place.id
  // The store that the buyer chose need not be one that the channel sells from.
  if (place.position === null && !(isCollected && first.collectAt === place.id)) return out('serves')
  if (place.excluded !== null) return out('excluded', place.excluded)
  if (!place.active) return out('open')
  if (isCollected && !isSentToStore ? !place.collects && first.collectAt === null : !place.ships || (isSentToStore && !rule.shipToStore))
    return out('method')
  const to = isCollected ? null : facts.destination.country
  if (to !== null && place.shipsTo !== null && !place.shipsTo.includes(to)) return out('ships_to', to)
  const isForced = isCollected && !isSentToStore
  if (!isForced && ((rule.kinds !== null && !rule.kinds.includes(place.kind)) || (named !== null && !named.has(place.code))))
    return out('kind')
  const store = isSentToStore ? (facts.places.find(one => one.id === first.collectAt) ?? null) : isCollected ? place : null
  const { km, by } = away
  // A country's middle does not tell whether something is within some kilometres.
  if (rule.maxKm !== null && !isForced && (km === null || by === 'country')) return out('distance', 'unknown')
  if (rule.maxKm !== null && km !== null && km > rule.maxKm) return out('distance', `${Math.round(km)} km`)
  const here = stock.get(place.id)
  const has = lines.map(line => Math.min(line.units, here?.get(line.id)?.units ?? 0))
  const classes = lines.map((line, l) => ((has[l] ?? 0) > 0 ? barredClasses(line, place, store) : []))
  const supply = has.map((units, l) => (classes[l]?.length === 0 ? units : 0))
  const units = supply.reduce((all, one) => all + one, 0)
  const barred = lines.filter((_, l) => (classes[l]?.length ?? 0) > 0).map(line => line.sku)
  if (units === 0) return barred.length > 0 ? out('hazard', [...new Set(classes.flat())].sort().join(', ')) : out('stock')
  if (!ready.has(place.id)) ready.set(place.id, readiness(place, facts.at))
  const when = ready.get(place.id) ?? null
  if (when === null) return out('capacity')
  const { worth } = rule
  const load = place.load[when.workOn]?.orders ?? 0
  const until = isForced ? when.readyBy : arrives(place, when, facts)
  const ages = lines.map(line => here?.get(line.id)?.ageDays ?? 0)
  const score: Readonly<Record<(typeof PER_PLACE)[number], number>> = {
    parcel: place.parcelCost ?? worth.parcel,
    // Nothing speaks for a place of which nobody knows where it is: it counts as far as the farthest.
    distance: (km ?? (by === null ? farthestKm : 0)) * worth.distance,
    split: worth.split,
    promise: (Math.max(0, until.getTime() - facts.at.getTime()) / DAY_MS) * worth.promise,
    balance: place.ordersPerDay ? (load / place.ordersPerDay) * worth.balance : 0,
    priority: -place.priority * worth.priority,
  }
  const perUnit = isForced ? 0 : (place.unitCost ?? worth.handling)
  const told: Partial<Record<RankBy, number>> = {}
  let fixed = 0
  const tell = (by: RankBy, money: number): void => {
    if (money !== 0) told[by] = rounded(money)
  }
  // Nobody sends what the buyer fetches. A place never pays for being used: the search counts on that.
  if (!isForced) {
    for (const by of PER_PLACE) {
      fixed += score[by]
      tell(by, score[by])
    }
    fixed = Math.max(0, fixed)
  }
  tell('handling', perUnit)
  tell('oldest', -Math.max(0, ...ages) * worth.oldest)
  const candidate: Candidate = {
    ...{ place: place.code, score: told, cost: rounded(fixed), perUnit: rounded(perUnit), has: units },
    ...{ km: km === null ? null : Math.round(km), ...(by === null ? {} : { kmBy: by }), readyBy: when.readyBy.toISOString() },
    ...(barred.length === 0 ? {} : { barred }),
  }
  return { candidate, scored: { place, ready: when, fixed, perUnit, supply, ages } }
}

/** How far each place is from where these lines go: the buyer, or the store where he collects them. */
export function aways({ facts }: { readonly facts: Pick<RouteFacts, 'places' | 'destination'> }, lines: readonly RouteLine[]): Away[] {
  const [first] = lines
  const collectAt = first?.method === 'collect' ? facts.places.find(one => one.id === first.collectAt) : undefined
  return facts.places.map(place => awayFrom(place, first?.method === 'collect' ? (collectAt ?? place) : facts.destination))
}

/** When what is ready arrives: abroad it takes longer. */
export function arrives(place: Place, ready: Readiness, facts: RouteFacts): Date {
  const to = facts.destination.country
  const isAbroad = to !== null && place.country !== null && to !== place.country
  return arrival(ready.readyBy, isAbroad ? place.transitDaysAbroad : place.transitDays, place.zone)
}

export const rounded = (money: number): number => Math.round(money * 10_000) / 10_000
