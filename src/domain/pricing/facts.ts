import type { Rounding, Rule } from './numbers.ts'
import type { ExchangeRate, TaxRate } from './rates.ts'

/** Everything that the price of one variant in one channel (for one partner) follows from. Amounts are decimal text. */
export type PriceFacts = {
  readonly channel: {
    readonly id: number
    readonly currency: string
    /** Digits of the currency. */
    readonly digits: number
    readonly taxInclusive: boolean
    readonly region: number | null
    readonly groups: readonly number[]
    readonly rounding: Rounding
    /** Percent added to each converted price. */
    readonly exchangeMargin: string
    /** Whether its platform has a field for the price that a sale is measured by. */
    readonly takesReference: boolean
  }
  readonly partner: { readonly id: number; readonly tier: number | null } | null
  readonly variant: {
    readonly product: number
    readonly category: string | null
    readonly taxCategory: string
    readonly cost: { readonly amount: string; readonly currency: string } | null
  }
  readonly plain: readonly PlainPrice[]
  readonly lists: readonly PriceList[]
  readonly exchangeRates: readonly ExchangeRate[]
  readonly taxRates: readonly TaxRate[]
  readonly limits: readonly PriceLimit[]
}

/** What a person typed for the SKU: for everyone (`channel` null) or one channel, for good or (`startsAt`) for a period. */
export type PlainPrice = {
  readonly id: number
  readonly channel: number | null
  readonly currency: string
  readonly amount: string
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  /** Since when it is in the books, and who typed it. */
  readonly since: Date
  readonly actor: string
}

export type Audience = 'everyone' | 'region' | 'group' | 'channel' | 'tier' | 'partner'

/** An approved list; drafts and ended ones are no facts. */
export type PriceList = {
  readonly id: number
  readonly code: string
  readonly title: string
  readonly kind: 'price' | 'sale'
  readonly currency: string
  readonly audience: Audience
  readonly audienceId: number | null
  /** The code of that region, group, channel, tier or partner. */
  readonly audienceCode: string | null
  readonly priority: number
  /** Null: as the channel that shows it. */
  readonly taxIncluded: boolean | null
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  /** Since when it is approved without a break. */
  readonly since: Date
  /** Who approved it last. */
  readonly approvedBy?: string | null
  /** Entries that speak of the variant, its product, its category, or all. */
  readonly entries: readonly PriceEntry[]
}

export type Scope = 'variant' | 'product' | 'category' | 'all'

export type PriceEntry = {
  readonly id: number
  readonly scope: Scope
  readonly minQuantity: number
  /** none: the list has no price here. */
  readonly rule: Rule | 'none'
  readonly over: 'plain' | 'list' | 'cost' | null
  readonly baseList: number | null
  readonly value: string | null
  /** Since when it holds, and who wrote it. */
  readonly since: Date
  readonly actor: string
  readonly approvedBy?: string | null
  /** Where a rule on market prices wrote it: which, and why. */
  readonly market?: { readonly rule: string; readonly words: string } | null
}

/** A floor or ceiling that speaks of the variant in the channel. `percent` only with basis margin, else `amount` in `currency`, as the channel shows prices. */
export type PriceLimit = {
  readonly id: number
  readonly kind: 'floor' | 'ceiling'
  readonly basis: 'manual' | 'map' | 'legal' | 'margin'
  readonly amount: string | null
  readonly currency: string | null
  readonly percent: string | null
  /** Since when it holds, and who set it. */
  readonly since: Date
  readonly actor: string
}
