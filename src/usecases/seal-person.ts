import type { OrderPerson } from '../values/channel-order.ts'
import { ringOf, seal } from '../values/sealed.ts'
import type { Context } from './context.ts'

/** Personal data as it is stored, in base64. */
export type SealedPerson = { readonly sealedKey: string; readonly sealedBody: string }

/** Seals personal data under a key of its own: deleting that key later shreds every copy. */
export async function sealPerson(context: Pick<Context, 'keyring'>, person: OrderPerson): Promise<SealedPerson> {
  const own = crypto.getRandomValues(new Uint8Array(32))
  return {
    sealedKey: Buffer.from(await seal(context.keyring, 'person-key', Buffer.from(own).toString('base64'))).toString('base64'),
    sealedBody: Buffer.from(await seal(ringOf('order', own), 'person', JSON.stringify(person))).toString('base64'),
  }
}
