/** Why what was to go out in exchange does not, as its buyer may know it. */
export const EXCHANGE_ENDS = ['late', 'not_coming', 'sold_out', 'not_collected', 'wished', 'other'] as const
export type ExchangeEnd = (typeof EXCHANGE_ENDS)[number]

/** What is noted of it: the last event that cancelled units, and the return that it goes out for. */
export type ExchangeEndFacts = {
  readonly transition: string
  readonly cause: string | null
  readonly actor: string
  readonly at: Date
  /** It went out only when the goods were back: until when, and when they were given up. */
  readonly waits: boolean
  readonly returnBy: Date | null
  readonly givenUpAt: Date | null
}

/** Reads from the facts why units of it were cancelled; whatever a buyer need not know is `other`. */
export function exchangeEnd({ transition, cause, actor, at, waits, returnBy, givenUpAt }: ExchangeEndFacts): ExchangeEnd {
  if (transition === 'not_collected') return 'not_collected'
  if (transition === 'choose' || cause === 'customer') return 'wished'
  if (cause === 'stock') return 'sold_out'
  if (waits && givenUpAt !== null && givenUpAt <= at) return 'not_coming'
  if (waits && returnBy !== null && returnBy <= at && actor === 'rule') return 'late'
  return 'other'
}
