/** What both shops and the hub sell: the same articles everywhere. */
export type Article = {
  readonly sku: string
  /** The product that it is a variant of, and what it is called there. */
  readonly product: number
  readonly variant: string
  /** Units that the hub has in the beginning. */
  readonly opening: number
  /** What the hub asks, EUR. */
  readonly price: string
}

/** Variants of each product. */
export const VARIANTS = ['S', 'M', 'L', 'XL', 'XXL'] as const
/** What the shops ask, in each of their currencies, before the hub has told them anything. */
export const FIRST_PRICES = { EUR: '99.99', USD: '109.00' } as const
/** What the shops hold before the hub has told them anything. */
export const FIRST_STOCK = 3
export const CURRENCY = 'EUR'
export const WAREHOUSE = 'peers'

/** The articles, always the same for a count. Every tenth is scarce. */
export function makeGoods(count: number): Article[] {
  return Array.from({ length: count }, (_, n) => ({
    sku: `PEER-${String(n + 1).padStart(4, '0')}`,
    product: Math.floor(n / VARIANTS.length),
    variant: VARIANTS[n % VARIANTS.length] ?? '',
    opening: n % 10 === 0 ? 4 : 20 + (n % 37),
    price: `${10 + (n % 80)}.${String((n * 7) % 100).padStart(2, '0')}`,
  }))
}

/** The articles by the product that they are variants of. */
export function productsOf(goods: readonly Article[]): Article[][] {
  return [...Map.groupBy(goods, article => article.product).values()]
}
