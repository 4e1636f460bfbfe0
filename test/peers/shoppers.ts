import type { Article } from './goods.ts'
import type { BasketLine, Shop } from './shop.ts'

/** Numbers from 0 to below 1, always the same for a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Shoppers of one shop at a time. */
const AT_ONCE = 2
/** Every so many baskets goes for what is scarce, which other shops sell too. */
const SCARCE_SHARE = 0.2

export type Sold = { readonly shop: string; readonly id: string; readonly lines: readonly BasketLine[] }

/**
 * Lets shoppers buy until so many orders are placed in the shop. Whoever finds a shelf empty goes without, and another one comes. `placed` is told of each order.
 * @throws Error when the shop refuses for any other reason, or when it has nothing left to sell.
 */
export async function shop(
  shop: Shop,
  goods: readonly Article[],
  count: number,
  seed: number,
  placed: (order: Sold) => void,
  signal: AbortSignal,
): Promise<void> {
  const random = seeded(seed)
  const scarce = goods.filter(article => article.opening < 10)
  let wanted = count
  let shopper = 0
  const come = async (): Promise<void> => {
    while (wanted > 0) {
      signal.throwIfAborted()
      if (shopper > count * 3) throw new Error(`${shop.name}: ${shopper} shoppers came and ${wanted} orders are still missing`)
      wanted -= 1
      shopper += 1
      const lines = basket(random() < SCARCE_SHARE ? scarce : goods, random)
      const id = await shop.buy(lines, seed * 10_000 + shopper)
      if (id === null) wanted += 1
      else placed({ shop: shop.name, id, lines })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, come))
}

/** One to three articles, up to two of each. */
function basket(goods: readonly Article[], random: () => number): BasketLine[] {
  const chosen = new Map<string, number>()
  for (let n = Math.ceil(random() * 3); n > 0; n -= 1) {
    const article = goods[Math.floor(random() * goods.length)]
    if (article) chosen.set(article.sku, 1 + Math.floor(random() * 2))
  }
  return [...chosen].map(([sku, quantity]) => ({ sku, quantity }))
}
