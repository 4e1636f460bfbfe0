import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import { type Call, type Client, errorIn } from './client.ts'
import { parcelsOf, rawOrder } from './orders.ts'
import { isRefunded, refund } from './refund.ts'

/** Carriers by eBay's own codes; any other is told as it is called. */
const CARRIERS: Readonly<Record<string, string>> = {
  dhl: 'DHL',
  ups: 'UPS',
  usps: 'USPS',
  fedex: 'FedEx',
  dpd: 'DPD',
  gls: 'GLS',
  hermes: 'Hermes',
  'deutsche post': 'DeutschePost',
  'royal mail': 'RoyalMail',
  tnt: 'TNT',
}

/** Tells eBay that a parcel has left, or asks it to give money back. The rest is refused with what to do: eBay's API for cancellations and returns is another one. */
export async function act(client: Client, wanted: Act, refundsConsented: boolean): Promise<ActOutcome> {
  if (wanted.kind === 'refund') return settled(() => refund(client, wanted, refundsConsented))
  if (wanted.kind !== 'ship')
    return { status: 'refused', code: 'unsupported', words: `eBay's Sell APIs have no call for "${wanted.kind}": do it in Seller Hub.` }
  if (!wanted.tracking)
    return {
      status: 'refused',
      code: 'tracking',
      words: `Order ${wanted.externalOrderId} needs a tracking number: without one, a shipment whose answer was lost could not be told from another.`,
    }
  const { tracking } = wanted
  const call = shipCall(wanted, tracking)
  return settled(async () => {
    const answer = await client(call)
    if (answer.status < 300) return { status: 'confirmed' }
    // There is a parcel of that number: this very one, of a call whose answer was lost, or another.
    if (answer.status === 409)
      return (await actHappened(client, wanted))
        ? { status: 'confirmed' }
        : {
            status: 'refused',
            code: 'conflict',
            words: `Order ${wanted.externalOrderId} has another parcel with the number ${tracking.number}: give this one a number of its own.`,
          }
    const error = errorIn(answer.json)
    return { status: 'refused', code: error?.code ?? String(answer.status), words: error?.words ?? `status ${answer.status}` }
  })
}

/** What trouble of the account means for an act. */
async function settled(work: () => Promise<ActOutcome>): Promise<ActOutcome> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AccountTrouble)) throw error
    if (error.kind === 'throttled') return { status: 'retry', words: error.message, afterMs: error.afterMs }
    if (error.maybeTookEffect) return { status: 'unknown', words: error.message }
    throw error
  }
}

/** Whether eBay's order has the parcel of this act (its number, with its units), or its refund. */
export async function actHappened(client: Client, wanted: Act): Promise<boolean> {
  if (wanted.kind === 'refund') return isRefunded(client, wanted)
  if (wanted.kind !== 'ship' || !wanted.tracking) return false
  const order = await rawOrder(client, wanted.externalOrderId)
  if (order === null) return false
  const number = trackingNumber(wanted.tracking.number)
  const parcels = await parcelsOf(client, wanted.externalOrderId)
  return parcels.some(
    parcel =>
      parcel.shipmentTrackingNumber === number &&
      wanted.lines.every(line =>
        parcel.lineItems.some(one => one.lineItemId === line.externalLineId && (one.quantity ?? 1) === line.quantity),
      ),
  )
}

/** The call that adds a parcel to an order. */
export function shipCall(wanted: Act, tracking: NonNullable<Act['tracking']>): Call {
  return {
    operation: 'createShippingFulfillment',
    method: 'POST',
    writes: true,
    path: `/sell/fulfillment/v1/order/${encodeURIComponent(wanted.externalOrderId)}/shipping_fulfillment`,
    body: {
      lineItems: wanted.lines.map(line => ({ lineItemId: line.externalLineId, quantity: line.quantity })),
      shippedDate: new Date(tracking.shippedAt).toISOString(),
      shippingCarrierCode: CARRIERS[tracking.carrier.trim().toLowerCase()] ?? tracking.carrier.trim(),
      trackingNumber: trackingNumber(tracking.number),
    },
  }
}

/** eBay takes letters and digits only. */
function trackingNumber(number: string): string {
  return number.replace(/[^A-Za-z0-9]/g, '')
}
