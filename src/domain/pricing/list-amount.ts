import type { PriceEntry, PriceFacts, PriceList, Scope } from './facts.ts'
import { carried, Decimal, ruled } from './numbers.ts'
import { exchangeRate } from './rates.ts'
import { isShownTaxed, type NoTax, type Restated, restated } from './tax-basis.ts'

/** What a list asks, in its own currency and tax basis, and by which entry. `base`: what its rule leans on, in the list's currency, brought to its tax basis. */
export type ListAmount = { readonly entry: PriceEntry; readonly base: Restated | null; readonly amount: Decimal }

/** Why a list has no price for a variant. */
export type NoAmount =
  | 'no_entry'
  | 'ended_here'
  | 'no_cost'
  | 'no_plain_price'
  | 'no_rate'
  | 'not_in_base'
  | 'not_positive'
  | 'too_deep'
  | NoTax

const CLOSEST: readonly Scope[] = ['variant', 'product', 'category', 'all']
const DEPTH_MOST = 5

/**
 * What a list asks for the variant, by its closest entry (variant, product, category, all) and of those the one with the greatest quantity that
 * is reached; or why it asks nothing. `price_list_amounts_2` in SQL.
 */
export function listAmount(facts: PriceFacts, list: PriceList, quantity: number, at: Date, depth = 0): ListAmount | NoAmount {
  if (depth > DEPTH_MOST) return 'too_deep'
  const entry = closestEntry(list, quantity)
  if (!entry) return 'no_entry'
  if (entry.rule === 'none' || entry.value === null) return 'ended_here'
  const base = baseOf(facts, list, entry, quantity, at, depth)
  if (typeof base === 'string') return base
  const amount = ruled(entry.rule, new Decimal(entry.value), base?.amount ?? null)
  return amount?.greaterThan(0) ? { entry, base, amount } : 'not_positive'
}

function closestEntry(list: PriceList, quantity: number): PriceEntry | undefined {
  for (const scope of CLOSEST) {
    const reached = list.entries.filter(entry => entry.scope === scope && entry.minQuantity <= quantity)
    const best = reached.sort((a, b) => b.minQuantity - a.minQuantity)[0]
    if (best) return best
  }
  return undefined
}

/** What an entry leans on. A plain price stands as the channel shows prices, cost never has tax, a list states its own basis: all are brought to that of the list. */
function baseOf(
  facts: PriceFacts,
  list: PriceList,
  entry: PriceEntry,
  quantity: number,
  at: Date,
  depth: number,
): Restated | null | NoAmount {
  const isTaxed = isShownTaxed(facts, list)
  switch (entry.over) {
    case null:
      return null
    case 'cost': {
      const { cost } = facts.variant
      if (!cost) return 'no_cost'
      const rate = exchangeRate(facts.exchangeRates, cost.currency, list.currency, at)
      if (!rate) return 'no_rate'
      const net = carried(new Decimal(cost.amount).times(rate))
      // A channel without a region counts no tax on cost, as in the floor of a margin.
      return facts.channel.region === null ? { stands: net, tax: null, amount: net } : restated(facts, net, false, isTaxed, at)
    }
    case 'plain': {
      const plain = facts.plain.find(price => price.channel === null && price.startsAt === null && price.currency === list.currency)
      return plain ? restated(facts, new Decimal(plain.amount), facts.channel.taxInclusive, isTaxed, at) : 'no_plain_price'
    }
    case 'list': {
      const below = facts.lists.find(one => one.id === entry.baseList)
      const found = below ? listAmount(facts, below, quantity, at, depth + 1) : 'not_in_base'
      if (typeof found === 'string' || !below) return 'not_in_base'
      const rate = exchangeRate(facts.exchangeRates, below.currency, list.currency, at)
      return rate ? restated(facts, carried(found.amount.times(rate)), isShownTaxed(facts, below), isTaxed, at) : 'no_rate'
    }
  }
}
