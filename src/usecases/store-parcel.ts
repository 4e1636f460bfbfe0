import { parcelPlaces } from '../../db/groups.ts'
import { Fault } from '../values/fault.ts'
import { type Worked, workOnGroup } from './act-on-group.ts'
import type { Context } from './context.ts'

/** What becomes of goods that go to the store where their buyer collects them: they leave, come there, or never do. */
export type ParcelDeed =
  | {
      readonly kind: 'send'
      readonly tracking?: { readonly carrier: string; readonly number: string; readonly url?: string | undefined } | undefined
    }
  | { readonly kind: 'receive'; readonly lost?: boolean | undefined }

/** Sends such a group, or takes it in, for whoever works in no store. `orderId`: the order that it must be of. Throws as `workOnGroup` does. */
export async function workOnParcel(
  context: Context,
  key: string | null,
  groupId: number,
  deed: ParcelDeed,
  orderId?: number,
): Promise<Worked> {
  const places = await parcelPlaces(context.sql, groupId)
  if (places === null || (orderId !== undefined && places.orderId !== orderId))
    throw new Fault('not_found', `There is no group ${groupId} here.`, { reason: 'unknown' })
  if (places.to === null) throw new Fault('conflict', `Group ${groupId} goes to no store.`, { reason: 'no_parcel' })
  return workOnGroup(context, key, deed.kind === 'send' ? places.from : places.to, groupId, deed)
}
