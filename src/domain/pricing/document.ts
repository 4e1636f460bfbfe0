import type { PriceFacts } from './facts.ts'
import { Decimal } from './numbers.ts'
import { type Resolved, resolvePrice, type Source, sourcesOf } from './resolve.ts'

export type PriceDocument = {
  readonly regular: string
  /** `from` is null once the sale has begun. `reference`, where the platform has a field for it: the price that the sale is measured by; null: there is none. */
  readonly sale: {
    readonly amount: string
    readonly from: Date | null
    readonly to: Date | null
    readonly reference?: string | null
  } | null
}

export type Documented = {
  /** Null where there is no regular price, or it is held for a person. */
  readonly document: PriceDocument | null
  readonly regular: Resolved | null
  readonly sale: (Resolved & { readonly from: Date | null }) | null
}

/**
 * What a channel should show for a variant: the regular price, and the sale that is in force or else the next one, so that it can be sent ahead.
 * A sale price that is not lower than the regular one replaces it while it is in force. `channel_price_3` in SQL.
 */
export function priceDocument(facts: PriceFacts, now: Date): Documented {
  const regular = resolvePrice(facts, 'regular', 1, now)
  const sale = presentSale(facts, now) ?? nextSale(facts, now)
  if (!regular || regular.amount === null) return { document: null, regular, sale }
  return { document: documentOf(regular.amount, sale), regular, sale }
}

function documentOf(regular: Decimal, sale: Documented['sale']): PriceDocument {
  if (!sale || sale.amount === null) return { regular: regular.toFixed(), sale: null }
  if (sale.amount.lessThan(regular))
    return {
      regular: regular.toFixed(),
      sale: { amount: sale.amount.toFixed(), from: wholeSecond(sale.from), to: wholeSecond(endOf(sale)) },
    }
  return { regular: (sale.from === null ? sale.amount : regular).toFixed(), sale: null }
}

/** Some platforms keep no fraction of a second, and what is read back must be what was sent. */
const wholeSecond = (at: Date | null): Date | null => at && new Date(Math.floor(at.getTime() / 1000) * 1000)

function presentSale(facts: PriceFacts, now: Date): Documented['sale'] {
  const resolved = resolvePrice(facts, 'sale', 1, now)
  return resolved && { ...resolved, from: null }
}

function nextSale(facts: PriceFacts, now: Date): Documented['sale'] {
  const starts = [...facts.lists, ...facts.plain]
    .flatMap(({ startsAt }) => (startsAt !== null && startsAt > now ? [startsAt.getTime()] : []))
    .sort((a, b) => a - b)
  for (const start of new Set(starts)) {
    const at = new Date(start)
    const begins = sourcesOf(facts, 'sale', at).some(source => startOf(source)?.getTime() === start)
    const resolved = begins ? resolvePrice(facts, 'sale', 1, at) : null
    if (resolved) return { ...resolved, from: at }
  }
  return null
}

const startOf = (source: Source): Date | null => (source.kind === 'list' ? source.list : source.price).startsAt

function endOf({ winner }: Resolved): Date | null {
  return winner.source.kind === 'list' ? winner.source.list.endsAt : winner.source.price.endsAt
}

/** The price that a buyer pays now by the document. */
export function effectiveAmount(document: PriceDocument, now: Date): Decimal {
  const { sale } = document
  const isOn = sale !== null && (sale.from === null || sale.from <= now) && (sale.to === null || sale.to > now)
  return new Decimal(isOn ? sale.amount : document.regular)
}
