import type { Sql } from '../../db/connect.ts'
import { pickUpStoresOf, readBasketItems } from '../../db/pick-up-stores.ts'
import type { Point } from '../domain/fulfilment/facts.ts'
import { offersOf, type StoreOffer } from '../domain/fulfilment/pick-up-stores.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { withPublicHolidays } from './public-holidays.ts'
import { whereaboutsOf } from './whereabouts.ts'

export type StoreWish = {
  readonly channel: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  /** Where the buyer is; null, or where his postal code is not known: the channel's order of its locations stands for nearness. */
  readonly near: Point | { readonly country: string; readonly postalCode: string } | null
  /** Only these stores, by code; null: all. */
  readonly stores: readonly string[] | null
}

/** Which stores have a basket, or which part of it, and when it is ready there; see `offersOf` for their order. Throws `invalid` for an unknown channel or SKU. */
export async function findStores(context: Pick<Context, 'sql' | 'now'>, wish: StoreWish): Promise<StoreOffer[]> {
  const { channelId, items } = await readBasketItems(
    context.sql,
    wish.channel,
    wish.lines.map(line => line.sku),
  )
  if (channelId === null)
    throw new Fault('invalid', `There is no channel ${wish.channel}.`, {
      field: 'channel',
      value: wish.channel,
      expected: 'a known channel',
    })
  const known = new Map(items.map(item => [item.sku, item]))
  const basket = wish.lines.map(({ sku, quantity }, at) => {
    const item = known.get(sku)
    if (item === undefined)
      throw new Fault('invalid', `There is no SKU ${sku}.`, { field: `lines.${at}.sku`, value: sku, expected: 'a SKU of the catalog' })
    return { item, quantity }
  })
  const variantIds = [...new Set(items.flatMap(item => [item.id, ...item.parts.map(part => part.id)]))]
  const at = context.now?.() ?? new Date()
  const stores = await withPublicHolidays(await pickUpStoresOf(context.sql, channelId, variantIds, wish.stores), at)
  return offersOf(stores, basket, await pointOf(context.sql, wish.near), at)
}

async function pointOf(sql: Sql, near: StoreWish['near']): Promise<Point | null> {
  if (near === null || 'latitude' in near) return near
  const [found] = await whereaboutsOf(sql, [{ ...near, point: null }])
  // The middle of a country is near to nobody.
  return found?.pointBy === 'postal_code' ? found.point : null
}
