import type { Clamp, Judged, MarketFacts, MarketOffer, MarketRule, MarketStep } from './market-facts.ts'
import { Decimal, roundedDown, roundedUp } from './numbers.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** Where the market alone would have the price, what holds it, and the offer it follows. */
type Aim = { readonly offer: MarketOffer; readonly target: Decimal; readonly to: Decimal; readonly clamp: Clamp | null }

/**
 * What a rule does about one SKU now. The lowest offer that counts gives the target; floor, ceiling and the rule's own most hold it; it is a step only where that
 * is another price than ours, no more often within any 24 hours than the rule allows, and not where two repricers chase each other. `again`: when time alone
 * may change the answer.
 */
export function judgeMarket(facts: MarketFacts, now: Date): Judged {
  const { rule } = facts
  if (facts.stop !== null) return { act: 'stopped', stop: facts.stop, again: null }
  const counting = facts.offers.filter(offer => counts(rule, offer, now))
  const lowest = lowestOf(counting)
  if (lowest === null) return { act: 'keep', reason: 'no_offer', aim: null, again: null }
  const again = agedAt(rule, lowest)
  const aim = aimAt(facts, lowest)
  if (aim === 'limit_unknown' || aim === 'floor_above_most' || aim === 'nothing_left') return { act: 'keep', reason: aim, aim: null, again }
  const told = toldOf(aim)
  const ours = facts.waiting ?? facts.ours
  if (ours !== null && aim.to.equals(ours)) return { act: 'keep', reason: facts.waiting === null ? 'there' : 'waits', aim: told, again }
  // A person who turned the same step down is not asked again and again.
  if (facts.fourEyes && facts.last !== null && aim.to.equals(facts.last.to)) return { act: 'keep', reason: 'turned_down', aim: told, again }

  const isAnswer = ours !== null && aim.to.lessThan(ours) && wentDown(lowest)
  const since = new Date(
    Math.max(now.getTime() - rule.warWindowMinutes * MINUTE_MS, facts.resumedAt?.getTime() ?? Number.NEGATIVE_INFINITY),
  )
  const answers = facts.steps.filter(step => step.isAnswer && step.competitor === lowest.competitor && step.at.getTime() > since.getTime())
  if (isAnswer && answers.length >= rule.warSteps)
    return { act: 'war', competitor: lowest.competitor, steps: answers.length, aim: told, again: null }

  const today = facts.steps.filter(step => step.at.getTime() > now.getTime() - DAY_MS)
  const stepsLeft = rule.stepsPerDay - today.length
  if (stepsLeft <= 0) return { act: 'later', at: freeAgain(rule, today), aim: told, again: freeAgain(rule, today) }
  return { act: 'step', aim: told, isAnswer, stepsLeft: stepsLeft - 1, again }
}

/** Offers count while they are young enough, of a competitor that the rule watches, and in a currency that can be converted. */
function counts({ competitors, maxAgeMinutes }: MarketRule, { competitor, amount, seenAt }: MarketOffer, now: Date): boolean {
  const isWatched = competitors === null || competitors.includes(competitor)
  return isWatched && amount !== null && now.getTime() - seenAt.getTime() <= maxAgeMinutes * MINUTE_MS
}

/** The lowest; of equals the one that was there first, so that the answer does not hang on the order of rows. */
function lowestOf(offers: readonly MarketOffer[]): MarketOffer | null {
  return [...offers].sort((a, b) => new Decimal(a.amount ?? 0).comparedTo(b.amount ?? 0) || a.id - b.id)[0] ?? null
}

/** The first instant at which the offer counts no more. */
const agedAt = ({ maxAgeMinutes }: MarketRule, { seenAt }: MarketOffer): Date => new Date(seenAt.getTime() + maxAgeMinutes * MINUTE_MS + 1)

/** Lower than it was when we took our last step. */
const wentDown = ({ amount, before }: MarketOffer): boolean => amount !== null && before !== null && new Decimal(amount).lessThan(before)

/** When so many steps have grown a day old that one more is allowed. */
function freeAgain({ stepsPerDay }: MarketRule, today: readonly MarketStep[]): Date {
  const oldestFirst = today.map(step => step.at.getTime()).sort((a, b) => a - b)
  const last = oldestFirst[oldestFirst.length - stepsPerDay] ?? 0
  return new Date(last + DAY_MS)
}

function aimAt(facts: MarketFacts, offer: MarketOffer): Aim | 'limit_unknown' | 'floor_above_most' | 'nothing_left' {
  if (facts.limitUnknown) return 'limit_unknown'
  const target = targetOf(facts, new Decimal(offer.amount ?? 0))
  const floor = facts.floor === null ? null : roundedUp(new Decimal(facts.floor), facts.digits)
  const tops = [
    ...(facts.ceiling === null ? [] : [{ clamp: 'ceiling' as const, amount: roundedDown(new Decimal(facts.ceiling), facts.digits) }]),
    ...(facts.rule.most === null ? [] : [{ clamp: 'most' as const, amount: roundedDown(new Decimal(facts.rule.most), facts.digits) }]),
  ].sort((a, b) => a.amount.comparedTo(b.amount))
  const [top] = tops
  if (floor !== null && top !== undefined && floor.greaterThan(top.amount)) return 'floor_above_most'
  const held =
    floor !== null && target.lessThan(floor)
      ? { to: floor, clamp: 'floor' as const }
      : top !== undefined && target.greaterThan(top.amount)
        ? { to: top.amount, clamp: top.clamp }
        : { to: target, clamp: null }
  return held.to.greaterThan(0) ? { offer, target, ...held } : 'nothing_left'
}

/** Rounded down to the currency's digits, so that what is promised of the distance to the offer holds; the lower edge of `within` is rounded up. */
function targetOf({ rule, digits, ours, waiting }: MarketFacts, lowest: Decimal): Decimal {
  const value = rule.value ?? '0'
  switch (rule.mode) {
    case 'match':
      return roundedDown(lowest, digits)
    case 'amount':
      return roundedDown(lowest.minus(value), digits)
    case 'percent':
      return roundedDown(lowest.times(new Decimal(100).minus(value)).div(100), digits)
    case 'within': {
      const least = roundedUp(lowest.times(new Decimal(100).minus(value)).div(100), digits)
      const most = roundedDown(lowest.times(new Decimal(100).plus(value)).div(100), digits)
      if (least.greaterThan(most)) return roundedDown(lowest, digits)
      const here = waiting ?? ours
      return here === null ? most : Decimal.min(Decimal.max(here, least), most)
    }
  }
}

const toldOf = ({ offer, target, to, clamp }: Aim) => ({ offer, target: target.toFixed(), to: to.toFixed(), clamp })
