import type { Judged, KeepReason, MarketAim, MarketFacts, MarketRule } from './market-facts.ts'
import { Decimal } from './numbers.ts'

type Told = Pick<MarketFacts, 'rule' | 'currency' | 'floor' | 'ceiling'>

const KEPT: Readonly<Record<KeepReason, string>> = {
  there: 'it is there already',
  no_offer: 'no offer counts: none of the competitors that it watches was seen lately enough, in a currency that can be converted',
  waits: 'the price waits for approval',
  turned_down: 'somebody has turned this very price down',
  limit_unknown: 'a limit cannot be told: a rate of exchange or tax is missing',
  floor_above_most: 'the floor is above the most that it may be: a person has to move one of them',
  nothing_left: 'nothing would be left of the price: set a floor',
}

/** Why a rule does what it does about a SKU, as one sentence that names the offer, the way there and what held it. */
export function marketWords(told: Told, judged: Judged): string {
  const { rule, currency } = told
  switch (judged.act) {
    case 'step':
      return aimWords(told, judged.aim)
    case 'keep':
      return judged.aim === null ? KEPT[judged.reason] : `${KEPT[judged.reason]}: ${aimWords(told, judged.aim)}`
    case 'later':
      return `its ${rule.stepsPerDay} steps of 24 hours are used up until ${judged.at.toISOString()}; then: ${aimWords(told, judged.aim)}`
    case 'war':
      return `${judged.steps} steps down within ${rule.warWindowMinutes} minutes, each after ${judged.competitor} went down after ours: the rule stops here instead of going to ${judged.aim.to} ${currency}`
    case 'stopped':
      return `stopped on ${judged.stop.at.toISOString()}, because it and ${judged.stop.competitor} were chasing each other, until a person resumes it`
  }
}

const ISO = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g

/** The sentence with its instants as its reader tells time; they are kept in UTC. */
export const withInstants = (words: string, text: (at: Date) => string): string => words.replace(ISO, iso => text(new Date(iso)))

function aimWords({ rule, currency, floor, ceiling }: Told, { offer, target, to, clamp }: MarketAim): string {
  const stated = `${offer.stated.amount} ${offer.stated.currency}`
  const asked = offer.stated.currency === currency ? stated : `${stated}, that is ${offer.amount} ${currency}`
  const where = offer.channel === null ? '' : ` in ${offer.channel}`
  const way = `${offer.competitor} asks ${asked}${where} (seen ${offer.seenAt.toISOString()}); ${wayWords(rule, currency)} is ${target} ${currency}`
  switch (clamp) {
    case null:
      return way
    case 'floor':
      return `${way}, held at ${to} by the floor${exactly(to, floor)}`
    case 'ceiling':
      return `${way}, held at ${to} by the ceiling${exactly(to, ceiling)}`
    case 'most':
      return `${way}, held at ${to}, the rule's own most`
  }
}

/** What a limit is where it has more digits than money, and the price beside it is the next that can be paid. */
const exactly = (to: string, limit: string | null): string => (limit === null || new Decimal(limit).equals(to) ? '' : `, exactly ${limit}`)

function wayWords({ mode, value }: MarketRule, currency: string): string {
  switch (mode) {
    case 'amount':
      return `${value} ${currency} below it`
    case 'percent':
      return `${value} % below it`
    case 'within':
      return `at most ${value} % away from it`
    case 'match':
      return 'the same'
  }
}
