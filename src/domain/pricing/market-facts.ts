/** How a rule follows the market. Amounts are decimal text in the list's currency, as the list states prices. */
export type MarketRule = {
  readonly code: string
  /** Null: any competitor. */
  readonly competitors: readonly string[] | null
  /** amount, percent: below the lowest offer by `value`; within: at most `value` percent away from it; match: the same. */
  readonly mode: 'amount' | 'percent' | 'within' | 'match'
  readonly value: string | null
  /** Never above this; null: only ceilings hold. */
  readonly most: string | null
  /** Offers that were last seen longer ago do not count. */
  readonly maxAgeMinutes: number
  /** For one SKU within any 24 hours. */
  readonly stepsPerDay: number
  /** After so many steps down in answer to one competitor within the window, the rule stops rather than take another. */
  readonly warSteps: number
  readonly warWindowMinutes: number
}

/** What a competitor asks. */
export type MarketOffer = {
  readonly id: number
  readonly competitor: string
  /** The channel of ours where it is met; null: anywhere. */
  readonly channel: string | null
  /** In the list's currency; null: the exchange rate is missing. */
  readonly amount: string | null
  /** The same when we took our last step; null: there was none, or we had none. */
  readonly before: string | null
  /** As it was stated. */
  readonly stated: { readonly amount: string; readonly currency: string }
  /** When it was last seen. */
  readonly seenAt: Date
}

/** A step that was taken. */
export type MarketStep = {
  readonly at: Date
  readonly from: string | null
  readonly to: string
  readonly competitor: string
  /** A step down, after the same competitor went down after our step before. */
  readonly isAnswer: boolean
}

/** Everything that a rule's decision about one SKU follows from. */
export type MarketFacts = {
  readonly rule: MarketRule
  readonly sku: string
  readonly currency: string
  /** Digits of the currency. */
  readonly digits: number
  /** What the list asks, else the plain price; null: neither does. */
  readonly ours: string | null
  /** What waits for approval in the list. */
  readonly waiting: string | null
  readonly fourEyes: boolean
  /** The highest floor and the lowest ceiling of the channels that the list reaches in its currency. */
  readonly floor: string | null
  readonly ceiling: string | null
  /** The rate of exchange of a limit is missing: nobody knows the limit. */
  readonly limitUnknown: boolean
  readonly offers: readonly MarketOffer[]
  /** Steps of the last 24 hours and of the rule's window at the least. */
  readonly steps: readonly MarketStep[]
  readonly last: MarketStep | null
  /** Where the rule stopped for this SKU, and nobody has resumed it. */
  readonly stop: { readonly competitor: string; readonly at: Date } | null
  /** When a person last resumed it here: what was before starts no war. */
  readonly resumedAt: Date | null
}

/** What held a price back from its target. */
export type Clamp = 'floor' | 'ceiling' | 'most'

/** The offer that is followed, where the market alone would have the price (`target`), where it goes (`to`), and what held it. */
export type MarketAim = { readonly offer: MarketOffer; readonly target: string; readonly to: string; readonly clamp: Clamp | null }

export type KeepReason = 'no_offer' | 'there' | 'waits' | 'turned_down' | 'limit_unknown' | 'floor_above_most' | 'nothing_left'

/** What a rule does about one SKU, and when to look again though nothing comes in (null: never). */
export type Judged =
  | { readonly act: 'step'; readonly aim: MarketAim; readonly isAnswer: boolean; readonly stepsLeft: number; readonly again: Date }
  | { readonly act: 'keep'; readonly reason: KeepReason; readonly aim: MarketAim | null; readonly again: Date | null }
  /** The steps of the day are used up; `at` frees one. */
  | { readonly act: 'later'; readonly at: Date; readonly aim: MarketAim; readonly again: Date }
  /** Two repricers chase each other: so many answers to this competitor are in the window already. */
  | { readonly act: 'war'; readonly competitor: string; readonly steps: number; readonly aim: MarketAim; readonly again: null }
  | { readonly act: 'stopped'; readonly stop: { readonly competitor: string; readonly at: Date }; readonly again: null }
