import type { ChannelOrderLine, OrderPerson } from '../src/values/channel-order.ts'

/** What alone leads no carrier to a door. */
const COARSE: ReadonlySet<string> = new Set([
  ...['country', 'countryCode', 'state', 'stateOrRegion', 'stateOrProvince', 'company', 'companyName', 'latitude', 'longitude', 'phone'],
])

/** Whether something of an order is still to be sent, and nothing is known of where to. Only for what tells the buyer's data where there are any. */
export function lacksAddress(lines: readonly ChannelOrderLine[], person: OrderPerson | null): boolean {
  const isSent = lines.some(line => line.collectAt === undefined && line.ordered > line.cancelled + line.shipped)
  return isSent && !Object.entries(person?.address ?? {}).some(([part, text]) => !COARSE.has(part) && text.trim() !== '')
}
