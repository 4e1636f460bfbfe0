import { restore } from './changes.ts'
import { expire } from './promises.ts'
import { shelfOf } from './shelves.ts'
import { type Answer, type State, TRACKED } from './state.ts'

export type SetLot = { readonly sku: string; readonly location: string; readonly lot: string; readonly expiresAt: string | null }

/** States when a lot expires. What its expiry put aside is for sale again when its time is not over any more. */
export function setLot(state: State, { sku, location, lot: code, expiresAt }: SetLot): Answer {
  expire(state, [sku])
  const shelf = shelfOf(state, sku, location)
  const lot = shelf.lots.find(one => one.code === code)
  if (!lot || sku !== TRACKED) return { outcome: 'unknown', field: 'lot', value: code }
  const stated = expiresAt === null ? null : Date.parse(expiresAt)
  if (lot.expires !== stated) {
    const isBack = lot.expired && (stated === null || stated > state.now)
    lot.expires = stated
    if (isBack) {
      lot.expired = false
      const units = Math.min(lot.byExpiry, lot.unavailable)
      if (units > 0) restore(state, shelf, units, lot)
    }
    expire(state, [sku])
  }
  return { outcome: 'done', quantity: lot.quantity, unavailable: lot.unavailable, expired: lot.expired }
}
