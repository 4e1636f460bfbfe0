/** How many times faster than with a shop out there the hub may poll and call: these are on the same machine. */
export const SCALE = 5

/** A line of somebody's basket. */
export type BasketLine = { readonly sku: string; readonly quantity: number }

/** What a shop itself says of an order, in the words that all shops share. */
export type ShopOrder = {
  readonly id: string
  readonly cancelled: boolean
  /** By SKU. */
  readonly lines: ReadonlyMap<string, { readonly ordered: number; readonly shipped: number; readonly cancelled: number }>
  /** Numbers of the parcels, sorted. */
  readonly tracking: readonly string[]
}

/** What a shop itself says of an article: `onHand` with what is promised to its own open orders (`reserved`), prices as decimal text by currency. */
export type ShopArticle = { readonly onHand: number; readonly reserved: number; readonly prices: Readonly<Record<string, string>> }

/** How the hub reaches a shop. */
export type ShopAccess = {
  readonly platform: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly credentials: Readonly<Record<string, unknown>>
  /** Of the channel, as the platform calls it. */
  readonly channelRef: string
}

/** A real server of a platform, with everything asked through its own interfaces, never through a connector. */
export type Shop = {
  readonly name: string
  readonly access: ShopAccess
  /** Buys as a shopper does, up to the paid order: its id, or null where the shop has not enough. */
  readonly buy: (lines: readonly BasketLine[], shopper: number) => Promise<string | null>
  readonly articles: () => Promise<ReadonlyMap<string, ShopArticle>>
  readonly orders: () => Promise<ReadonlyMap<string, ShopOrder>>
  readonly stop: () => Promise<void>
}

/** What the peers share while they run. */
export type Peers = {
  /** For what they say; gone when all is over. */
  readonly folder: string
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}
