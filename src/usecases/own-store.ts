import type { Sql } from '../../db/connect.ts'
import { deskPlace } from '../../db/pages-desk.ts'
import { Fault } from '../values/fault.ts'
import type { Principal } from './principal.ts'
import { RECEIPT_TEXT } from './receipt-text.ts'

/** Whose goods somebody may hand over and take back: those of any place, or of one store; a clerk without a store has none. */
export type OwnStore = { readonly any: true } | { readonly any: false; readonly code: string | null }

export const ANY_STORE: OwnStore = { any: true }

/** The store of whoever asks: clerks work in their own only. The office, and a key, which is bound to no store, work in all. */
export async function ownStore(sql: Sql, { role, locationId }: Pick<Principal, 'role' | 'locationId'>): Promise<OwnStore> {
  if (locationId === undefined) return role === 'clerk' ? { any: false, code: null } : ANY_STORE
  return { any: false, code: (await deskPlace(sql, { id: locationId }))?.code ?? null }
}

/** Throws `forbidden`, which names the location, where it is another store than theirs. */
export function refuseOtherStore(own: OwnStore, location: string): void {
  if (own.any || own.code === location) return
  const { other_store: other, no_store: none } = RECEIPT_TEXT
  const detail = { field: 'location', value: location }
  throw own.code === null
    ? new Fault('forbidden', none(location, ''), detail)
    : new Fault('forbidden', other(location, own.code), { ...detail, expected: own.code })
}
