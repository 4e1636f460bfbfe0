import { sameAmount } from '../../src/values/money.ts'
import type { FieldOutcome, PushItem, ShownPrice } from '../contract.ts'
import type { Rank } from '../pace.ts'
import type { Client } from './client.ts'
import { isPlain } from './listings.ts'
import type { Verdicts } from './stock.ts'
import { type Price, pricedShape, type Variant } from './wire.ts'

/** A listing's new prices, one for each currency. */
export type WantedPrices = { readonly item: PushItem; readonly prices: readonly ShownPrice[] }

/**
 * Sets prices of variants of one product. Medusa replaces a variant's prices as a whole: whatever is not sent is deleted. So all that stand there go back with the new
 * one: other currencies, regions and quantities, each by its id. Variants that are not named stay (`/admin/products/batch` deletes them, and is not used).
 */
export async function pushPrices(
  client: Client,
  productId: string,
  wanted: readonly WantedPrices[],
  variants: ReadonlyMap<string, Variant>,
  rank: Rank,
): Promise<Verdicts> {
  const done: Verdicts = new Map()
  const there = wanted.flatMap(one => {
    const variant = variants.get(one.item.listing.externalId)
    if (variant) return [{ ...one, variant }]
    done.set(one.item, notFound(one.item))
    return []
  })
  const [only] = there
  if (!only) return done
  const body = { update: there.map(({ variant, prices }) => ({ id: variant.id, prices: mergedPrices(variant.prices, prices) })) }
  const answer = await client.call('POST', `/admin/products/${productId}/variants/batch`, pricedShape, { body, rank })
  if (answer.status === 'ok') {
    const after = new Map(answer.data.updated.map(one => [one.id, one.prices]))
    for (const { item, prices, variant } of there)
      done.set(item, { status: 'accepted', applied: prices.every(price => shows(after.get(variant.id) ?? [], price)) })
    return done
  }
  // All or none: halving finds which of them is refused.
  if (there.length === 1) {
    done.set(only.item, rejected(only.item, answer.code, answer.words))
    return done
  }
  const middle = Math.ceil(there.length / 2)
  for (const half of [there.slice(0, middle), there.slice(middle)])
    for (const [item, verdict] of await pushPrices(client, productId, half, variants, rank)) done.set(item, verdict)
  return done
}

type Sent = {
  readonly id?: string
  readonly currency_code: string
  readonly amount: number
  readonly min_quantity?: number
  readonly max_quantity?: number
  readonly rules?: Readonly<Record<string, unknown>>
}

/** What stands there with our prices changed, or added where there was none in that currency. */
export function mergedPrices(standing: readonly Price[], wanted: readonly ShownPrice[]): Sent[] {
  const kept = standing
    .filter(price => !wanted.some(({ currency }) => isPlain(price, currency)))
    .map(({ id, currency_code, amount, min_quantity: min, max_quantity: max, rules }) => ({
      ...{ id, currency_code, amount: Number(amount) },
      ...(min == null ? {} : { min_quantity: min }),
      ...(max == null ? {} : { max_quantity: max }),
      ...(rules && Object.keys(rules).length > 0 ? { rules } : {}),
    }))
  const sent = wanted.map(({ currency, regular }) => {
    const before = standing.find(price => isPlain(price, currency))
    return { ...(before ? { id: before.id } : {}), currency_code: currency.toLowerCase(), amount: Number(regular) }
  })
  return [...kept, ...sent]
}

function shows(prices: readonly Price[], { currency, regular }: ShownPrice): boolean {
  const found = prices.find(price => isPlain(price, currency))
  return found !== undefined && sameAmount(found.amount, regular)
}

function notFound({ listing }: PushItem): FieldOutcome {
  const words = `${listing.externalSku} is no longer on the server (variant ${listing.externalId}): match the listing anew.`
  return { status: 'rejected', code: 'not_found', words }
}

function rejected({ listing }: PushItem, code: string, words: string): FieldOutcome {
  return { status: 'rejected', code, words: `Medusa refuses the price of ${listing.externalSku}: ${words}. Look at the variant in Medusa.` }
}
