// What there is, as plain data: the model that the SQL is held equal to. Nothing is stored twice here: what is reserved is the sum of the promises.

/** What is told apart by lot. */
export const TRACKED = 'TEA'
/** In the order in which they were made; shorts of several SKUs are filled in it. */
export const SKUS = ['MUG', 'LID', TRACKED, 'SET', 'BOX', 'KIT'] as const
export const PLACES = ['main', 'shop', 'depot'] as const
/** The locations of each channel, in its order of preference. */
export const POOLS = { one: ['main', 'shop'], two: ['shop', 'depot'] } as const
export type ChannelCode = keyof typeof POOLS

/** What one unit of a bundle takes of a SKU. */
export type Part = { readonly sku: string; readonly each: number }

/** `byExpiry`: the units that lie aside because its time was over, and were not restored since. */
export type Lot = {
  readonly code: string
  expires: number | null
  quantity: number
  unavailable: number
  expired: boolean
  byExpiry: number
}

/** One SKU at one location. */
export type Shelf = {
  readonly sku: string
  readonly place: string
  onHand: number
  unavailable: number
  incoming: number
  safety: number
  /** In the order in which they came to be; empty for what is not told apart. */
  readonly lots: Lot[]
}

/** Units of a SKU that left a location, of one lot where it has lots. */
export type Left = { readonly sku: string; readonly place: string; readonly lot: Lot | null; units: number }

/** Units of an item that lie promised at a location: whole ones (one part, itself), or as the parts of a bundle. Ended when no units are left. */
export type Promised = {
  /** Older promises have smaller numbers. */
  readonly no: number
  basket: string
  readonly item: string
  readonly parts: readonly Part[]
  readonly isPack: boolean
  readonly place: string
  units: number
  line: Line | null
  expires: number | null
}

export type Line = {
  readonly no: number
  readonly order: Order
  readonly id: string
  readonly sku: string
  ordered: number
  short: number
  shipped: number
  cancelled: number
  returned: number
  /** What it was sold as, where it was a bundle. */
  parts: readonly Part[]
  /** How many units left from where and have not come back, the latest last. */
  readonly left: Left[]
  /** Whole units of a bundle that left and have not come back. */
  wholeOut: number
}

export type Order = {
  readonly id: string
  readonly channel: ChannelCode
  readonly placedAt: number
  stamp: number
  hash: string
  state: string
  /** We cancelled some of it ourselves. */
  cancelledByUs: boolean
  readonly lines: Line[]
}

export type Delivery = {
  readonly reference: string
  readonly place: string
  state: string
  readonly lines: { readonly sku: string; ordered: number; received: number; cancelled: number }[]
}

export type Transfer = {
  readonly reference: string
  readonly from: string
  readonly to: string
  state: string
  readonly lines: {
    readonly sku: string
    readonly asked: number
    cancelled: number
    sent: number
    received: number
    lost: number
    readonly lots: { readonly code: string; expires: number | null; sent: number; ended: number }[]
  }[]
}

export type Answer = Readonly<Record<string, unknown>>

export type State = {
  now: number
  last: number
  readonly shelves: Shelf[]
  readonly promises: Promised[]
  /** What bundles consist of now. */
  readonly bundles: Map<string, readonly Part[]>
  readonly orders: Order[]
  readonly deliveries: Delivery[]
  readonly transfers: Transfer[]
  readonly keys: Map<string, { readonly body: string; readonly answer: Answer }>
}

/** A refusal that takes back the whole command. */
export type Refusal = { readonly refused: string; readonly detail: Answer }

/** Where the model's time begins: after any real clock, so that the check of the books takes nothing of it for overdue. */
export const DAWN = Date.UTC(2100, 0, 1)

export function emptyState(): State {
  return {
    ...{ now: DAWN, last: 0, shelves: [], promises: [], bundles: new Map<string, readonly Part[]>() },
    ...{ orders: [], deliveries: [], transfers: [], keys: new Map<string, { body: string; answer: Answer }>() },
  }
}

/** The parts of a bundle down to what lies on shelves, added up; empty for what is none. */
export function partsOf(state: State, sku: string): Part[] {
  const sums = new Map<string, number>()
  for (const part of state.bundles.get(sku) ?? []) {
    const below = state.bundles.has(part.sku) ? partsOf(state, part.sku) : [{ sku: part.sku, each: 1 }]
    for (const one of below) sums.set(one.sku, (sums.get(one.sku) ?? 0) + one.each * part.each)
  }
  return inOrder([...sums.keys()]).map(one => ({ sku: one, each: sums.get(one) ?? 0 }))
}

/** SKUs, each once, in the order in which they were made. */
export function inOrder(skus: readonly string[]): string[] {
  return SKUS.filter(sku => skus.includes(sku))
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
