import { awayFrom } from './distance.ts'
import type { Calendar, Point } from './facts.ts'
import { readiness } from './promise.ts'

/** A SKU of a basket; `parts` is empty for what is no bundle. */
export type BasketItem = {
  readonly sku: string
  readonly id: number
  /** Classes of dangerous goods of it and its parts. */
  readonly hazards: readonly string[]
  readonly parts: readonly { readonly id: number; readonly quantity: number }[]
}

export type BasketLine = { readonly item: BasketItem; readonly quantity: number }

/** A store where buyers collect, and what is free there, by variant. */
export type PickUpStore = Calendar & {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly country: string | null
  readonly address: string | null
  readonly postalCode: string | null
  readonly point: Point | null
  /** Classes of dangerous goods that it may hand to a buyer; null: all. */
  readonly handsOverHazards: readonly string[] | null
  readonly free: Readonly<Record<string, number>>
}

/** What a store can hand out of a basket, and when. */
export type StoreOffer = {
  readonly store: PickUpStore
  /** Kilometres as the crow flies; null where it is not known where one of both is. */
  readonly km: number | null
  /** It has all of the basket. */
  readonly whole: boolean
  readonly lines: readonly { readonly sku: string; readonly asked: number; readonly available: number }[]
  /** What it has is ready there by then. */
  readonly readyBy: Date
}

/**
 * The stores that have something of a basket and take it on, those that have all of it first, then the nearest, then in the order in which they were given. A store that has no
 * room or no open day for three weeks is not among them.
 */
export function offersOf(stores: readonly PickUpStore[], basket: readonly BasketLine[], near: Point | null, at: Date): StoreOffer[] {
  const offers = stores.flatMap((store): StoreOffer[] => {
    const lines = availableAt(store, basket)
    const units = lines.reduce((sum, line) => sum + line.available, 0)
    const ready = units === 0 ? null : readiness(store, at, units)
    if (ready === null) return []
    const whole = lines.every(line => line.available === line.asked)
    return [{ store, km: awayFrom(store, { country: null, point: near }).km, whole, lines, readyBy: ready.readyBy }]
  })
  return offers.sort((a, b) => Number(b.whole) - Number(a.whole) || far(a) - far(b))
}

const far = ({ km }: StoreOffer): number => km ?? Number.MAX_VALUE

/** Units of each line that a store has and may hand over: one line after the other, as two may need the same parts. A bundle takes whole ones first, then its parts. */
function availableAt(store: PickUpStore, basket: readonly BasketLine[]): StoreOffer['lines'] {
  const left = new Map(Object.entries(store.free))
  const has = (id: number): number => left.get(String(id)) ?? 0
  const take = (id: number, units: number): void => void left.set(String(id), has(id) - units)
  return basket.map(({ item, quantity }) => {
    const mayHandOver = item.hazards.every(one => store.handsOverHazards === null || store.handsOverHazards.includes(one))
    if (!mayHandOver) return { sku: item.sku, asked: quantity, available: 0 }
    const whole = Math.min(quantity, has(item.id))
    take(item.id, whole)
    const made =
      item.parts.length === 0 ? 0 : Math.min(quantity - whole, ...item.parts.map(part => Math.floor(has(part.id) / part.quantity)))
    for (const part of item.parts) take(part.id, made * part.quantity)
    return { sku: item.sku, asked: quantity, available: whole + made }
  })
}
