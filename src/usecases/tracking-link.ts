import { createHash, randomBytes } from 'node:crypto'
import { type TrackedOrder, trackedOrder } from '../../db/tracked-order.ts'
import { keepLink, orderOfLink, readLink } from '../../db/tracking.ts'
import { Fault } from '../values/fault.ts'
import { seal, unsealText } from '../values/sealed.ts'
import type { Context } from './context.ts'
import { sealPerson } from './seal-person.ts'

const PURPOSE = 'tracking-link'
/** 144 bits, which nobody guesses, in 24 characters. */
const TOKEN_BYTES = 18
const TOKEN = /^[A-Za-z0-9_-]{24}$/

const hashOf = (token: string): Buffer => createHash('sha256').update(`tracking link ${token}`).digest()

/**
 * The path of the page on which the buyer of an order follows it; made where there is none yet. `renew`: a new one, and the old one leads nowhere from then on.
 * Faults: not_found, conflict (its buyer is to be forgotten).
 */
export async function trackingPath(context: Context, orderId: number, { renew = false } = {}): Promise<string> {
  const known = renew ? null : await openLink(context, orderId)
  if (known !== null) return known
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const link = {
    tokenHash: hashOf(token).toString('base64'),
    sealedToken: Buffer.from(await seal(context.keyring, PURPOSE, token)).toString('base64'),
  }
  // Where the channel told nothing of the buyer, an empty row stands for it: the link goes when that row does.
  const nobody = await sealPerson(context, {})
  const sealed = await keepLink(context.sql, { orderId, link, nobody, renew, actor: context.actor })
  if (sealed !== null) return pathOf(await unsealText(context.keyring, PURPOSE, sealed))
  if ((await readLink(context.sql, orderId)) === null)
    throw new Fault('not_found', `There is no order ${orderId}.`, { field: 'order', value: orderId })
  throw new Fault('conflict', 'The buyer of this order is to be forgotten: there is no page for it.', { field: 'order', value: orderId })
}

/** The path of the page that the buyer of an order has; null where none was made, or it went with the personal data. */
export async function openLink({ sql, keyring }: Pick<Context, 'sql' | 'keyring'>, orderId: number): Promise<string | null> {
  const link = await readLink(sql, orderId)
  return link?.token ? pathOf(await unsealText(keyring, PURPOSE, link.token)) : null
}

/** The order that the token of a link leads to, as its buyer may know it; null: none, or none any more. */
export async function trackOrder({ sql }: Pick<Context, 'sql'>, token: string): Promise<TrackedOrder | null> {
  if (!TOKEN.test(token)) return null
  const orderId = await orderOfLink(sql, hashOf(token))
  return orderId === null ? null : trackedOrder(sql, orderId)
}

const pathOf = (token: string): string => `/track/${token}`
