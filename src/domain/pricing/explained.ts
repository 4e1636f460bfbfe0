import type { PriceEntry, PriceFacts, PriceLimit } from './facts.ts'
import type { Bound, Held } from './limits.ts'
import { carried, type Decimal, type Rounding } from './numbers.ts'
import type { Candidate, PassedOver, Resolved, Source } from './resolve.ts'
import { isShownTaxed } from './tax-basis.ts'

/** Where a price comes from: a list, or a price that a person typed for the SKU. */
export type SourceTold = {
  readonly kind: 'list' | 'plain'
  /** A list's code; null for a plain price. */
  readonly list: string | null
  readonly title: string | null
  /** Whom it addresses: everyone, or one region, group, channel, tier, partner by its code. */
  readonly audience: string
  readonly audienceCode: string | null
  /** How closely it addresses the buyer: 6 partner, 5 tier, 4 channel, 3 group, 2 region, 1 everyone. The closest goes first. */
  readonly level: number
  readonly priority: number
  readonly startsAt: Date | null
  readonly endsAt: Date | null
}

/**
 * A step from what was asked to what is shown; `amount` is what it led to, decimal text. base: what the rule leans on, and tax where the list states it the other
 * way. rule: what the list asks. plain: what was typed. conversion, tax, rounding. floor, ceiling: where it had to give way.
 */
export type PriceStep = {
  readonly step: 'base' | 'rule' | 'plain' | 'conversion' | 'tax' | 'rounding' | 'floor' | 'ceiling'
  readonly amount: string
  readonly currency: string
  /** Of base: cost, plain or list (its id is in the entry). Of rule: fixed, percent, amount, margin. Of floor and ceiling: the basis. */
  readonly by?: string
  /** Of a rule its value; of a conversion its rate, with the channel's margin; of a tax its percent. */
  readonly value?: string
  /** Of a tax: whether it was added or taken out. Of rounding: how the channel rounds. */
  readonly how?: string
}

export type BoundTold = {
  readonly kind: PriceLimit['kind']
  readonly basis: PriceLimit['basis']
  /** As the channel shows prices. */
  readonly amount: string
  /** As it was set. */
  readonly stated: string
  /** Of a margin: the cost that it is over, and the tax percent that the channel shows with it. */
  readonly cost: { readonly amount: string; readonly currency: string } | null
  readonly tax: string | null
  readonly since: Date | null
  readonly actor: string | null
}

export type PriceTold = {
  /** Null where it is held for a person. */
  readonly amount: string | null
  readonly held: Held | null
  readonly source: SourceTold
  /** Of a list: the entry that spoke. */
  readonly entry: PriceEntry | null
  /** Who typed a plain price, or wrote the entry, and since when it holds. */
  readonly actor: string | null
  readonly since: Date | null
  /** Of a list: who approved the entry, or else the list; null where nobody did. */
  readonly approvedBy: string | null
  /** Of an entry that a rule on market prices made: the rule, and why it took this price. */
  readonly market: { readonly rule: string; readonly words: string } | null
  readonly steps: readonly PriceStep[]
  readonly floor: BoundTold | null
  readonly ceiling: BoundTold | null
  /** What it beat, the next best first; their amounts are before rounding. */
  readonly beaten: readonly { readonly source: SourceTold; readonly amount: string }[]
  readonly passedOver: readonly PassedOverTold[]
}

/** What would have gone before, and why it has no price here. */
export type PassedOverTold = { readonly source: SourceTold; readonly because: PassedOver['because'] }

/** A resolved price with its reasons as plain data: the winner, each step of the arithmetic, the limits, what it beat and what had no price here. */
export function toldPrice(facts: PriceFacts, resolved: Resolved): PriceTold {
  const { winner, bounds, beaten, passedOver } = resolved
  const entry = winner.spoke?.entry ?? null
  const origin = entry ?? (winner.source.kind === 'plain' ? winner.source.price : null)
  return {
    amount: resolved.amount?.toFixed() ?? null,
    held: resolved.held,
    source: toldSource(winner.source),
    entry,
    actor: origin?.actor ?? null,
    since: origin?.since ?? null,
    approvedBy: entry?.approvedBy ?? (winner.source.kind === 'list' ? (winner.source.list.approvedBy ?? null) : null),
    market: entry?.market ?? null,
    steps: stepsOf(facts, resolved),
    floor: bounds.floor && toldBound(bounds.floor),
    ceiling: bounds.ceiling && toldBound(bounds.ceiling),
    beaten: beaten.map(({ source, reckoned }) => ({ source: toldSource(source), amount: reckoned.toFixed() })),
    passedOver: passedOver.map(toldPassedOver),
  }
}

export const toldPassedOver = ({ source, because }: PassedOver): PassedOverTold => ({ source: toldSource(source), because })

function toldSource(source: Source): SourceTold {
  if (source.kind === 'list') {
    const { code, title, audience, audienceCode, priority, startsAt, endsAt } = source.list
    return { kind: 'list', list: code, title, audience, audienceCode, level: source.level, priority, startsAt, endsAt }
  }
  const { channel, startsAt, endsAt } = source.price
  const audience = channel === null ? 'everyone' : 'channel'
  return { kind: 'plain', list: null, title: null, audience, audienceCode: null, level: source.level, priority: 0, startsAt, endsAt }
}

function stepsOf(facts: PriceFacts, { winner, rounded, amount, bounds }: Resolved): PriceStep[] {
  const { currency } = facts.channel
  const { asked, rate, tax, reckoned } = winner
  const converted = carried(asked.times(rate ?? 1))
  return [
    ...askedSteps(facts, winner),
    ...(rate === null ? [] : [{ step: 'conversion', amount: converted.toFixed(), currency, value: rate.toFixed() } as const]),
    ...taxStep(facts.channel.taxInclusive, tax, reckoned, currency),
    ...(rounded.equals(reckoned)
      ? []
      : [{ step: 'rounding', amount: rounded.toFixed(), currency, how: roundingWords(facts.channel.rounding) } as const]),
    ...(amount === null || amount.equals(rounded)
      ? []
      : [
          amount.greaterThan(rounded)
            ? ({ step: 'floor', amount: amount.toFixed(), currency, by: bounds.floor?.limit.basis ?? 'manual' } as const)
            : ({ step: 'ceiling', amount: amount.toFixed(), currency, by: bounds.ceiling?.limit.basis ?? 'manual' } as const),
        ]),
  ]
}

function askedSteps(facts: PriceFacts, { source, spoke, asked, currency }: Candidate): PriceStep[] {
  if (spoke === null || source.kind === 'plain') return [{ step: 'plain', amount: asked.toFixed(), currency }]
  const { base, entry } = spoke
  const { rule, over, value } = entry
  const ruled: PriceStep = { step: 'rule', amount: asked.toFixed(), currency, by: rule, ...(value === null ? {} : { value }) }
  if (base === null || over === null) return [ruled]
  return [
    { step: 'base', amount: base.stands.toFixed(), currency, by: over },
    ...taxStep(isShownTaxed(facts, source.list), base.tax, base.amount, currency),
    ruled,
  ]
}

/** The step that brought an amount to the other tax basis: `isTaxed`, to the one with tax. */
function taxStep(isTaxed: boolean, tax: Decimal | null, amount: Decimal, currency: string): PriceStep[] {
  return tax === null
    ? []
    : [{ step: 'tax', amount: amount.toFixed(), currency, value: tax.toFixed(), how: isTaxed ? 'added' : 'taken out' }]
}

function roundingWords(rounding: Rounding): string {
  if (rounding.kind === 'none') return 'to 6 decimals'
  if (rounding.kind === 'digits') return "to the currency's digits"
  return `${rounding.direction}, ending in ${rounding.ending} in steps of ${rounding.step}`
}

function toldBound({ limit, amount, cost, tax }: Bound): BoundTold {
  return {
    kind: limit.kind,
    basis: limit.basis,
    amount: amount.toFixed(),
    stated: limit.percent === null ? `${limit.amount} ${limit.currency}` : `${limit.percent} %`,
    cost,
    tax: tax?.toFixed() ?? null,
    since: limit.since,
    actor: limit.actor,
  }
}
