import { readSealedPerson } from '../../db/reads-orders.ts'
import type { OrderPerson } from '../values/channel-order.ts'
import { type Keyring, readKeyring, unsealText } from '../values/sealed.ts'
import type { Context } from './context.ts'

/** The personal data of an order, opened: for whoever may see it. Null when the channel told none, or it was deleted for its age. */
export async function readPerson(context: Context, orderId: number): Promise<OrderPerson | null> {
  const sealed = await readSealedPerson(context.sql, orderId)
  return sealed === null ? null : openPerson(context.keyring, sealed)
}

/** Opens personal data by the order's own key, which our keyring opens. */
export async function openPerson(keyring: Keyring, sealed: { readonly key: Uint8Array; readonly body: Uint8Array }): Promise<OrderPerson> {
  const own = await unsealText(keyring, 'person-key', sealed.key)
  return JSON.parse(await unsealText(await readKeyring(`order:${own}`), 'person', sealed.body))
}
