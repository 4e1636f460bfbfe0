import type { Finding } from '../../db/check.ts'
import type { Books, OrderInBooks } from '../../db/replay-books.ts'
import { FIRST_PRICES } from './goods.ts'
import type { Told } from './journey.ts'
import type { ShopArticle, ShopOrder } from './shop.ts'

/** What one shop itself says in the end. */
export type ShopBooks = {
  readonly name: string
  readonly articles: ReadonlyMap<string, ShopArticle>
  readonly orders: ReadonlyMap<string, ShopOrder>
}

export type Evidence = {
  readonly told: Told
  readonly shops: readonly ShopBooks[]
  readonly books: Books
  /** What the hub says that can be sold, by channel and SKU. */
  readonly available: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly check: readonly Finding[]
}

export type Difference = { readonly what: string; readonly where: string; readonly expected: unknown; readonly found: unknown }

/** A line of the table: what was compared, how many, and what differs. */
export type Compared = { readonly what: string; readonly count: number; readonly differences: readonly Difference[] }

/** Holds the shops' own words and the hub's books against each other, and both against what was done. */
export function compare(evidence: Evidence): Compared[] {
  const { told, shops, books, check } = evidence
  return [
    ...shops.flatMap(shop => [
      compareStock(evidence, shop),
      comparePrices(told, shop),
      compareOrders(told, shop, books),
      compareUnits(shop, books),
      compareParcels(told, shop),
    ]),
    compareWarehouse(evidence),
    {
      ...{ what: "the hub's acts confirmed", count: books.acts.length },
      differences: books.acts
        .filter(one => one.state !== 'confirmed')
        .map(one => ({
          what: `${one.kind} is ${one.state}`,
          where: `${one.platform} ${one.externalId}`,
          expected: 'confirmed',
          found: one.reason,
        })),
    },
    {
      ...{ what: 'nothing left to do', count: books.leftovers.length },
      differences: books.leftovers.map(({ what, n, example }) => ({ what, where: example ?? '', expected: 0, found: n })),
    },
    {
      ...{ what: 'rules of `concord check`', count: check.length },
      differences: check
        .filter(one => one.violations > 0)
        .map(one => ({ what: one.rule, where: JSON.stringify(one.examples[0] ?? null), expected: 0, found: one.violations })),
    },
  ]
}

/** What a shop still sells is what the hub has for it. */
function compareStock({ available }: Evidence, { name, articles }: ShopBooks): Compared {
  const mine = available.get(name) ?? new Map<string, number>()
  const differences = [...mine].flatMap(([sku, expected]) => {
    const article = articles.get(sku)
    const found = article ? article.onHand - article.reserved : null
    return found === expected
      ? []
      : [{ what: 'sells another number', where: `${name} ${sku}`, expected, found: { sells: found, ...article } }]
  })
  return { what: `${name}: stock for sale`, count: mine.size, differences }
}

/** Ours is the hub's; other currencies are what they were. */
function comparePrices({ prices }: Told, { name, articles }: ShopBooks): Compared {
  const differences = [...prices].flatMap(([sku, price]) => {
    const found = articles.get(sku)?.prices ?? {}
    return found.EUR === price && found.USD === FIRST_PRICES.USD
      ? []
      : [{ what: 'asks another price', where: `${name} ${sku}`, expected: { EUR: price, USD: FIRST_PRICES.USD }, found }]
  })
  return { what: `${name}: prices in EUR and USD`, count: prices.size, differences }
}

/** Each order of the shop stands once in the books, and no other. */
function compareOrders({ done }: Told, { name, orders }: ShopBooks, books: Books): Compared {
  const booked = Map.groupBy(ordersOf(books, name), order => order.externalId)
  const bought = new Set(done.filter(one => one.sold.shop === name).map(one => one.sold.id))
  const differences: Difference[] = []
  for (const id of new Set([...orders.keys(), ...bought, ...booked.keys()])) {
    const counts = { shop: orders.has(id) ? 1 : 0, bought: bought.has(id) ? 1 : 0, booked: booked.get(id)?.length ?? 0 }
    if (counts.shop !== 1 || counts.bought !== 1 || counts.booked !== 1)
      differences.push({
        what: 'an order is not there once',
        where: `${name} ${id}`,
        expected: { shop: 1, bought: 1, booked: 1 },
        found: counts,
      })
  }
  return { what: `${name}: orders booked once`, count: orders.size, differences }
}

/** Each line of each order, as the shop and as the hub tell it: ordered, shipped, cancelled; and what the shop keeps for open orders. */
function compareUnits({ name, orders, articles }: ShopBooks, books: Books): Compared {
  const differences: Difference[] = []
  const open = new Map<string, number>()
  let count = 0
  for (const order of ordersOf(books, name))
    for (const [sku, ours] of unitsOf(order)) {
      count += 1
      const theirs = orders.get(order.externalId)?.lines.get(sku)
      open.set(sku, (open.get(sku) ?? 0) + ours.ordered - ours.shipped - ours.cancelled)
      if (theirs?.ordered !== ours.ordered || theirs.shipped !== ours.shipped || theirs.cancelled !== ours.cancelled)
        differences.push({ what: 'a line has other units', where: `${name} ${order.externalId} ${sku}`, expected: ours, found: theirs })
    }
  for (const [sku, { reserved }] of articles)
    if (reserved > (open.get(sku) ?? 0))
      differences.push({
        what: 'the shop keeps units that no open order has',
        where: `${name} ${sku}`,
        expected: open.get(sku) ?? 0,
        found: reserved,
      })
  return { what: `${name}: lines ordered, shipped, cancelled`, count, differences }
}

/** Parcels and cancellations of ours are in the shop, each once. */
function compareParcels({ done }: Told, { name, orders }: ShopBooks): Compared {
  const ours = done.filter(one => one.sold.shop === name)
  const differences = ours.flatMap(({ sold, fate, parcels }) => {
    const order = orders.get(sold.id)
    const found = { parcels: order?.tracking, cancelled: order?.cancelled }
    const expected = { parcels, cancelled: fate === 'cancel' }
    return JSON.stringify(found) === JSON.stringify(expected)
      ? []
      : [{ what: `was not done: ${fate}`, where: `${name} ${sold.id}`, expected, found }]
  })
  const parcels = ours.reduce((sum, one) => sum + one.parcels.length, 0)
  const cancelled = ours.filter(one => one.fate === 'cancel').length
  return { what: `${name}: ${parcels} parcels and ${cancelled} cancellations seen`, count: ours.length, differences }
}

/** What lies in the warehouse is what was laid in, and came, and went by the shops' own words. */
function compareWarehouse({ told, shops, books }: Evidence): Compared {
  const shipped = new Map<string, number>()
  for (const { orders } of shops)
    for (const order of orders.values()) for (const [sku, line] of order.lines) shipped.set(sku, (shipped.get(sku) ?? 0) + line.shipped)
  const differences = books.stock.flatMap(({ sku, onHand }) => {
    const expected = (told.stock.get(sku) ?? 0) + (told.received.get(sku) ?? 0) - (shipped.get(sku) ?? 0)
    return onHand === expected ? [] : [{ what: 'the hub counts other units', where: sku, expected, found: onHand }]
  })
  return { what: 'warehouse: laid in + came − shipped', count: books.stock.length, differences }
}

const ordersOf = (books: Books, name: string): readonly OrderInBooks[] => books.orders.filter(order => order.platform === name)

type Units = { readonly ordered: number; readonly shipped: number; readonly cancelled: number }

function unitsOf({ lines }: OrderInBooks): Map<string, Units> {
  const units = new Map<string, Units>()
  for (const line of lines) {
    const sku = line.matched ?? `unmatched ${line.sku}`
    const before = units.get(sku) ?? { ordered: 0, shipped: 0, cancelled: 0 }
    units.set(sku, {
      ordered: before.ordered + line.ordered,
      shipped: before.shipped + line.shipped,
      cancelled: before.cancelled + line.cancelled,
    })
  }
  return units
}
