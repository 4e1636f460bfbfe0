import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import type { Settings } from './access.ts'
import type { Acknowledging } from './acknowledgements.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { orderCall } from './orders.ts'
import { orderAnswerShape, orderShape } from './wire.ts'

type Account = { readonly settings: Settings; readonly client: Client; readonly acknowledging: Acknowledging }

/** Carriers that Amazon has a code for; any other is sent as `Other` with its name. */
const CARRIER_CODES = [
  'UPS',
  'USPS',
  'FedEx',
  'DHL',
  'DPD',
  'GLS',
  'Royal Mail',
  'Hermes',
  'Deutsche Post',
  'La Poste',
  'Correos',
  'TNT',
  'Canada Post',
  'OnTrac',
]

/** Tells Amazon that a package has left, that goods may be picked up, or that an order is accepted or cancelled. Refused when the act lacks what Amazon demands. */
export async function act(account: Account, wanted: Act): Promise<ActOutcome> {
  if (wanted.kind === 'ready') return sent(account, readyCall(wanted))
  if (wanted.kind === 'acknowledge' || wanted.kind === 'cancel') return account.acknowledging.act(wanted)
  if (wanted.kind !== 'ship')
    return { status: 'refused', code: 'unsupported', words: `Amazon has no call for "${wanted.kind}": do it in Seller Central.` }
  const call = await shipCall(wanted)
  if (!call)
    return {
      status: 'refused',
      code: 'tracking',
      words: `Amazon takes no shipment of order ${wanted.externalOrderId} without a tracking number.`,
    }
  return sent(account, call)
}

async function sent(account: Account, call: Call): Promise<ActOutcome> {
  try {
    const answer = await account.client(call)
    if (answer.status < 300) return { status: 'confirmed' }
    const error = errorIn(answer.json)
    return { status: 'refused', code: error?.code ?? String(answer.status), words: error?.words ?? `status ${answer.status}` }
  } catch (error) {
    if (!(error instanceof AccountTrouble)) throw error
    if (error.kind === 'throttled') return { status: 'retry', words: error.message, afterMs: error.afterMs }
    if (error.maybeTookEffect) return { status: 'unknown', words: error.message }
    throw error
  }
}

/** Whether Amazon's order shows the package of this act. It does not show that goods may be picked up; told again, Amazon takes it as the state that it is. */
export async function actHappened(account: Account, wanted: Act): Promise<boolean> {
  if (wanted.kind === 'acknowledge' || wanted.kind === 'cancel') return account.acknowledging.happened(wanted)
  if (wanted.kind !== 'ship') return false
  const call = orderCall(wanted.externalOrderId, 'FULFILLMENT,PACKAGES')
  const answer = await account.client(call)
  if (answer.status === 404) return false
  const order = orderShape.parse(promised(call, orderAnswerShape, answer).order)
  const reference = await packageReference(wanted.key)
  return (order.packages ?? []).some(one => one.packageReferenceId === reference)
}

/** The state of what is picked up at a store of the seller. */
export function readyCall(wanted: Act): Call {
  return {
    operation: 'updateShipmentStatus',
    method: 'POST',
    writes: true,
    path: `/orders/v0/orders/${encodeURIComponent(wanted.externalOrderId)}/shipment`,
    body: {
      marketplaceId: wanted.channelRef,
      shipmentStatus: 'ReadyForPickup',
      orderItems: wanted.lines.map(line => ({ orderItemId: line.externalLineId, quantity: line.quantity })),
    },
  }
}

/** The confirmation of one package; null without tracking, which Amazon demands. */
export async function shipCall(wanted: Act): Promise<Call | null> {
  const { tracking } = wanted
  if (!tracking) return null
  const code = CARRIER_CODES.find(known => known.toLowerCase() === tracking.carrier.trim().toLowerCase())
  return {
    operation: 'confirmShipment',
    method: 'POST',
    writes: true,
    path: `/orders/v0/orders/${encodeURIComponent(wanted.externalOrderId)}/shipmentConfirmation`,
    body: {
      marketplaceId: wanted.channelRef,
      packageDetail: {
        packageReferenceId: await packageReference(wanted.key),
        carrierCode: code ?? 'Other',
        ...(code ? {} : { carrierName: tracking.carrier }),
        trackingNumber: tracking.number,
        shipDate: new Date(tracking.shippedAt).toISOString(),
        orderItems: wanted.lines.map(line => ({ orderItemId: line.externalLineId, quantity: line.quantity })),
      },
    },
  }
}

/** Our key as the package's reference: Amazon allows positive numbers only, unique within the order, so it is 31 bits of the key's hash. */
async function packageReference(key: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key))
  return String((new DataView(digest).getUint32(0) >>> 1) + 1)
}
