import { readSealedPerson } from '../../db/reads-orders.ts'
import type { OrderPerson } from '../values/channel-order.ts'
import { type Keyring, readKeyring, unsealText } from '../values/sealed.ts'
import type { Context } from './context.ts'

/** The personal data of an order, opened: for whoever may see it. Null when the channel told none, or it was deleted for its age. */
export async function readPerson(context: Pick<Context, 'sql' | 'keyring'>, orderId: number): Promise<OrderPerson | null> {
  const sealed = await readSealedPerson(context.sql, orderId)
  return sealed === null ? null : openPerson(context.keyring, sealed)
}

/** Whether an order's buyer left an address, so that goods may be sent to him. */
export async function hasAddress(context: Pick<Context, 'sql' | 'keyring'>, orderId: number): Promise<boolean> {
  const address = (await readPerson(context, orderId))?.address ?? {}
  return Object.values(address).some(part => part.trim() !== '')
}

/** Opens personal data by the order's own key, which our keyring opens. */
export async function openPerson(keyring: Keyring, sealed: { readonly key: Uint8Array; readonly body: Uint8Array }): Promise<OrderPerson> {
  const own = await unsealText(keyring, 'person-key', sealed.key)
  return JSON.parse(await unsealText(await readKeyring(`order:${own}`), 'person', sealed.body))
}
