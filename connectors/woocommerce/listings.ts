import { z } from 'zod'
import { AccountTrouble, type Bulk, type ChannelAccess, type ListingKey, type RemoteListing, type ShownPrice } from '../contract.ts'
import { isBehind } from '../in-force.ts'
import type { WooClient } from './client.ts'
import { type WooProduct, wooProduct } from './wire.ts'

const PER_PAGE = 100
const page = z.array(wooProduct)

/** All simple products and all variations; a variable product itself sells nothing. Grouped and external products have no stock. */
export async function* allListings(client: WooClient, channel: ChannelAccess, now: () => Date): AsyncIterable<readonly RemoteListing[]> {
  for await (const products of pages(client, 'wc/v3/products')) {
    yield products
      .filter(product => product.type === undefined || product.type === 'simple')
      .map(product => remote(product, null, channel, now()))
    for (const parent of products.filter(product => product.type === 'variable')) {
      // There is no call for the variations of several parents (woocommerce#31282).
      for await (const variations of pages(client, `wc/v3/products/${parent.id}/variations`))
        yield variations.map(variation => remote(variation, parent, channel, now()))
    }
  }
}

/** What a check of many products needs to know of each; the shop then reads and sends no descriptions and pictures. */
const CHECKED = [
  ...['id', 'type', 'status', 'sku', 'manage_stock', 'stock_quantity', 'price', 'regular_price', 'sale_price'],
  ...['date_on_sale_from_gmt', 'date_on_sale_to_gmt', 'date_modified_gmt', 'name', 'attributes', 'global_unique_id'],
].join(',')

/** 100 simple products a call, and 100 variations of one parent. A place is the number of a page. */
export function bulkListings(client: WooClient, channel: ChannelAccess, now: () => Date): Bulk {
  const read = async (path: string, place: string | null, more: Readonly<Record<string, string>>) => {
    const number = Number(place ?? 1)
    const query = { page: number, per_page: PER_PAGE, orderby: 'id', order: 'asc', _fields: CHECKED, ...more }
    const answer = await client.call('GET', path, page, { query, spare: true })
    return { answer, next: answer.status === 'ok' && number < answer.totalPages ? String(number + 1) : null }
  }
  return {
    page: async place => {
      const { answer, next } = await read('wc/v3/products', place, { type: 'simple' })
      if (answer.status !== 'ok') throw new AccountTrouble('down', `GET /wp-json/wc/v3/products: ${answer.words} (${answer.code})`)
      return { listings: answer.data.map(product => remote(product, null, channel, now())), next }
    },
    family: async (parentId, place) => {
      const { answer, next } = await read(`wc/v3/products/${parentId}/variations`, place, {})
      // A parent that is gone took its variations with it.
      if (answer.status !== 'ok') return { listings: [], next: null }
      const parent = { id: Number(parentId), name: '' }
      return { listings: answer.data.map(variation => remote(variation, parent, channel, now())), next }
    },
  }
}

/** The named listings, one call for the simple ones and one for each parent (at most 100 keys). */
export async function namedListings(
  client: WooClient,
  channel: ChannelAccess,
  keys: readonly ListingKey[],
  now: () => Date,
): Promise<RemoteListing[]> {
  const found: RemoteListing[] = []
  for (const [parentId, members] of byParent(keys)) {
    const query = { include: members.map(key => key.externalId).join(','), per_page: PER_PAGE }
    if (parentId === null)
      found.push(...(await client.read('wc/v3/products', page, query)).data.map(product => remote(product, null, channel, now())))
    else {
      const answer = await client.call('GET', `wc/v3/products/${parentId}/variations`, page, { query })
      // A parent that is gone took its variations with it.
      if (answer.status === 'ok')
        found.push(...answer.data.map(variation => remote(variation, { id: Number(parentId), name: '' }, channel, now())))
    }
  }
  return found
}

/** Keys or items by the parent's id, in the order in which each parent first appears. */
export function byParent<T extends { readonly externalParentId: string | null }>(keys: readonly T[]): Map<string | null, T[]> {
  const groups = new Map<string | null, T[]>()
  for (const key of keys) {
    const group = groups.get(key.externalParentId)
    if (group) group.push(key)
    else groups.set(key.externalParentId, [key])
  }
  return groups
}

/** By id, so that a product that is edited while we read does not change its place. */
async function* pages(client: WooClient, path: string): AsyncIterable<WooProduct[]> {
  for (let number = 1, last = 1; number <= last; number += 1) {
    const answer = await client.read(path, page, { page: number, per_page: PER_PAGE, orderby: 'id', order: 'asc' })
    last = answer.totalPages
    yield answer.data
  }
}

function remote(
  product: WooProduct,
  parent: { readonly id: number; readonly name: string } | null,
  channel: ChannelAccess,
  now: Date,
): RemoteListing {
  const options = (product.attributes ?? []).flatMap(attribute => attribute.option ?? []).join(', ')
  return {
    channelRef: channel.ref,
    externalId: String(product.id),
    externalParentId: parent ? String(parent.id) : null,
    externalSku: product.sku,
    productType: product.type ?? null,
    title: product.name || [parent?.name, options].filter(Boolean).join(' - '),
    gtin: product.global_unique_id || null,
    state: product.status === 'publish' ? 'active' : 'inactive',
    // A variation that says `parent` shares its parent's number and has none of its own.
    quantity: product.manage_stock === true ? product.stock_quantity : null,
    price: product.regular_price === '' ? null : shownPrice(product, channel.currency, now),
    modifiedAt: product.date_modified_gmt ?? null,
  }
}

/** The price that the shop states; where its own job has not acted on the dates, what buyers pay is all that may be claimed. */
function shownPrice(product: WooProduct, currency: string, now: Date): ShownPrice {
  const stated = { currency, regular: product.regular_price, sale: product.sale_price === '' ? null : period(product) }
  return product.price !== undefined && isBehind(stated, product.price, now) ? { currency, regular: product.price, sale: null } : stated
}

function period(product: WooProduct): { amount: string; from: string | null; to: string | null } {
  return { amount: product.sale_price, from: product.date_on_sale_from_gmt ?? null, to: product.date_on_sale_to_gmt ?? null }
}
