import { createHash } from 'node:crypto'
import type { ChannelOrder } from '../../values/channel-order.ts'

/**
 * A hash of what an order asks of stock. Two messages of the same instant that differ here contradict each other and are read again;
 * prices and names may differ between a platform's messages without that.
 */
export function contentHash(order: ChannelOrder): string {
  const lines = order.lines
    .map(line => [line.externalLineId, line.sku, line.ordered, line.cancelled, line.shipped, line.returned])
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([order.effect, lines]))
    .digest('base64url')
}
