import { sameAmount } from '../../src/values/money.ts'
import type { FieldOutcome, PushItem, ShownPrice } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { gid } from './access.ts'
import type { Client } from './client.ts'
import { setPrices } from './operations.ts'
import { setPricesShape, type UserError } from './wire.ts'

/** The price of one variant, and whose it is. */
export type WantedPrice = { readonly item: PushItem; readonly price: ShownPrice }

/** The amounts that show a price: what buyers pay, and what that is compared with. */
export function amountsOf({ regular, sale }: ShownPrice): { readonly price: string; readonly compareAtPrice: string | null } {
  return sale === null ? { price: regular, compareAtPrice: null } : { price: sale.amount, compareAtPrice: regular }
}

/** Sets prices of variants of one product in one call. Shopify takes those that are right and names the others by their place in the list. */
export async function pushPrices(
  client: Client,
  productId: string,
  wanted: readonly WantedPrice[],
  how: Rank,
): Promise<Map<PushItem, FieldOutcome>> {
  const variants = wanted.map(({ item, price }) => ({ id: gid('ProductVariant', item.listing.externalId), ...amountsOf(price) }))
  const { productVariantsBulkUpdate: answer } = await client.ask(
    setPrices,
    { productId: gid('Product', productId), variants },
    setPricesShape,
    how,
  )
  const echoed = new Map((answer.productVariants ?? []).map(each => [each.id, each]))
  const refused = new Map<number, UserError>()
  for (const error of answer.userErrors) refused.set(indexOf(error), error)
  const ofAll = refused.get(-1)
  return new Map(
    wanted.map(({ item, price }, at): [PushItem, FieldOutcome] => {
      const error = refused.get(at) ?? ofAll
      if (error) return [item, rejected(item, error)]
      const echo = echoed.get(item.listing.externalId)
      const amounts = amountsOf(price)
      const applied = echo !== undefined && sameAmount(echo.price, amounts.price) && sameAmount(echo.compareAtPrice, amounts.compareAtPrice)
      return [item, { status: 'accepted', applied }]
    }),
  )
}

/** Which of the list an error is about; -1: about all of it. */
export function indexOf({ field }: UserError): number {
  const found = field?.find(part => /^\d+$/.test(part))
  return found === undefined ? -1 : Number(found)
}

const GONE = /DOES_NOT_EXIST|MUST_BE_FOR_THIS_PRODUCT|INVALID_INVENTORY_ITEM/

export function rejected({ listing }: PushItem, error: UserError): FieldOutcome {
  const code = error.code ?? 'refused'
  const next = GONE.test(code) ? 'It is no longer in the shop: match the listing anew.' : 'Look at the product in Shopify.'
  return { status: 'rejected', code, words: `Shopify refuses ${listing.externalSku}: ${error.message} ${next}` }
}
