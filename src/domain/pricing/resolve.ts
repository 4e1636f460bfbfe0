import type { PlainPrice, PriceFacts, PriceList } from './facts.ts'
import { type Bounds, bounds, type Held, heldBetween } from './limits.ts'
import { type ListAmount, listAmount, type NoAmount } from './list-amount.ts'
import { carried, Decimal, rounded } from './numbers.ts'
import { exchangeRate } from './rates.ts'
import { isShownTaxed, restated } from './tax-basis.ts'

/** Where a price can come from. `level`: how closely it addresses the buyer, 6 partner, 5 tier, 4 channel, 3 group, 2 region, 1 everyone. */
export type Source =
  | { readonly kind: 'list'; readonly level: number; readonly list: PriceList }
  | { readonly kind: 'plain'; readonly level: number; readonly price: PlainPrice }

/** A source's price on its way to the channel. */
export type Candidate = {
  readonly source: Source
  /** Of a list: the entry that spoke and what it leaned on. */
  readonly spoke: ListAmount | null
  /** As asked, in the source's currency and tax basis. */
  readonly asked: Decimal
  readonly currency: string
  readonly rate: Decimal | null
  readonly tax: Decimal | null
  /** In the channel's currency and tax display, before rounding. */
  readonly reckoned: Decimal
  /** Typed for this very currency and display: it stays as it was typed. */
  readonly isTyped: boolean
}

export type PassedOver = { readonly source: Source; readonly because: NoAmount }

export type Resolved = {
  /** Null where the price is held for a person. */
  readonly amount: Decimal | null
  readonly held: Held | null
  readonly winner: Candidate
  readonly rounded: Decimal
  readonly bounds: Bounds
  /** What the winner beat, the next best first. */
  readonly beaten: readonly Candidate[]
  /** What would have gone before, but has no price here. */
  readonly passedOver: readonly PassedOver[]
}

export type Track = 'regular' | 'sale'

/**
 * The price of a quantity at an instant, with its reasons, or null where nothing gives one. The strongest source that has a price wins; it is
 * converted, brought to the channel's tax display, rounded, and last held between floor and ceiling. `price_resolve_2` in SQL.
 */
export function resolvePrice(facts: PriceFacts, track: Track, quantity: number, at: Date): Resolved | null {
  const candidates: Candidate[] = []
  const passedOver: PassedOver[] = []
  for (const source of sourcesOf(facts, track, at)) {
    const found = candidateOf(facts, source, quantity, at)
    if (typeof found !== 'string') candidates.push(found)
    else if (candidates.length === 0 && found !== 'no_entry') passedOver.push({ source, because: found })
  }
  const [winner, ...beaten] = candidates
  if (!winner) return null
  const { rounding, digits } = facts.channel
  const stated = winner.isTyped ? winner.reckoned.toDecimalPlaces(6) : rounded(winner.reckoned, rounding, digits)
  const limits = bounds(facts, at)
  const end = heldBetween(stated, limits, rounding, digits)
  return {
    ...(typeof end === 'string' ? { amount: null, held: end } : { amount: end, held: null }),
    ...{ winner, rounded: stated, bounds: limits, beaten, passedOver },
  }
}

/** Where no source gives a price: each that could have, and why it does not, the strongest first. */
export function passedOverSources(facts: PriceFacts, track: Track, quantity: number, at: Date): PassedOver[] {
  return sourcesOf(facts, track, at).flatMap(source => {
    const found = candidateOf(facts, source, quantity, at)
    return typeof found === 'string' ? [{ source, because: found }] : []
  })
}

/**
 * The sources in force, the strongest first: who is addressed more closely; then a dated plain price, a list, a plain price; then priority; then
 * what began later; then the older list. `price_sources` in SQL.
 */
export function sourcesOf(facts: PriceFacts, track: Track, at: Date): Source[] {
  const isOn = (from: Date | null, to: Date | null): boolean => (from === null || from <= at) && (to === null || to > at)
  const lists = facts.lists.flatMap((list): Source[] => {
    const level = levelOf(facts, list)
    return level !== null && list.kind === (track === 'sale' ? 'sale' : 'price') && isOn(list.startsAt, list.endsAt)
      ? [{ kind: 'list', level, list }]
      : []
  })
  const plain = facts.plain.flatMap((price): Source[] => {
    if (price.currency !== facts.channel.currency || (price.channel !== null && price.channel !== facts.channel.id)) return []
    const isWanted = track === 'sale' ? price.startsAt !== null && isOn(price.startsAt, price.endsAt) : price.startsAt === null
    return isWanted ? [{ kind: 'plain', level: price.channel === null ? 1 : 4, price }] : []
  })
  return [...lists, ...plain].sort(
    (a, b) => b.level - a.level || classOf(a) - classOf(b) || priorityOf(b) - priorityOf(a) || beganAt(b) - beganAt(a) || idOf(a) - idOf(b),
  )
}

function levelOf({ channel, partner }: PriceFacts, list: PriceList): number | null {
  const id = list.audienceId
  switch (list.audience) {
    case 'everyone':
      return 1
    case 'region':
      return id === channel.region ? 2 : null
    case 'group':
      return id !== null && channel.groups.includes(id) ? 3 : null
    case 'channel':
      return id === channel.id ? 4 : null
    case 'tier':
      return partner !== null && id === partner.tier ? 5 : null
    case 'partner':
      return partner !== null && id === partner.id ? 6 : null
  }
}

const classOf = (source: Source): number => (source.kind === 'list' ? 1 : source.price.startsAt === null ? 2 : 0)
const priorityOf = (source: Source): number => (source.kind === 'list' ? source.list.priority : 0)
const beganAt = (source: Source): number =>
  (source.kind === 'list' ? source.list : source.price).startsAt?.getTime() ?? Number.MIN_SAFE_INTEGER
const idOf = (source: Source): number => (source.kind === 'list' ? source.list.id : source.price.id)

/** What the source asks, brought to the channel's currency and tax display, or why it asks nothing. */
function candidateOf(facts: PriceFacts, source: Source, quantity: number, at: Date): Candidate | NoAmount {
  const { channel } = facts
  if (source.kind === 'plain') {
    const asked = new Decimal(source.price.amount)
    return { source, spoke: null, asked, currency: channel.currency, rate: null, tax: null, reckoned: asked, isTyped: true }
  }
  const { list } = source
  const spoke = listAmount(facts, list, quantity, at)
  if (typeof spoke === 'string') return spoke
  const bare = list.currency === channel.currency ? null : exchangeRate(facts.exchangeRates, list.currency, channel.currency, at)
  if (bare === null && list.currency !== channel.currency) return 'no_rate'
  const rate = bare && carried(bare.times(new Decimal(channel.exchangeMargin).plus(100)).div(100))
  const converted = carried(spoke.amount.times(rate ?? 1))
  const shown = restated(facts, converted, isShownTaxed(facts, list), channel.taxInclusive, at)
  if (typeof shown === 'string') return shown
  const { tax, amount: reckoned } = shown
  return {
    source,
    spoke,
    asked: spoke.amount,
    currency: list.currency,
    rate,
    tax,
    reckoned,
    isTyped: spoke.entry.rule === 'fixed' && rate === null && tax === null,
  }
}
