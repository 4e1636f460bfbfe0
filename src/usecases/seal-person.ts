import type { OrderPerson } from '../values/channel-order.ts'
import { readKeyring, seal } from '../values/sealed.ts'
import type { Context } from './context.ts'

/** Personal data as it is stored, in base64. */
export type SealedPerson = { readonly sealedKey: string; readonly sealedBody: string }

/** Seals personal data under a key of its own: deleting that key later shreds every copy. */
export async function sealPerson(context: Pick<Context, 'keyring'>, person: OrderPerson): Promise<SealedPerson> {
  const own = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))
  const ring = await readKeyring(`order:${own}`)
  return {
    sealedKey: Buffer.from(await seal(context.keyring, 'person-key', own)).toString('base64'),
    sealedBody: Buffer.from(await seal(ring, 'person', JSON.stringify(person))).toString('base64'),
  }
}
