import type { SandboxAmendment } from '../sandbox.ts'
import type { WireOrder } from './wire.ts'

/** The order as staff edited it: what is taken off is cancelled, what comes to it was ordered. `listingOf` names the goods of a SKU. */
export function amended(
  order: WireOrder,
  { quantities = {}, added = [] }: SandboxAmendment,
  listingOf: (sku: string) => { readonly externalId: string; readonly title: string } | undefined,
): WireOrder {
  const known = order.lines.map(line => {
    const wanted = quantities[line.externalLineId]
    if (wanted === undefined) return line
    const ordered = Math.max(line.ordered, wanted + line.cancelled)
    return { ...line, ordered, cancelled: ordered - wanted }
  })
  const more = added.map(({ sku, quantity, unitPrice }, n): WireOrder['lines'][number] => ({
    ...{ externalLineId: `${order.externalId}-${known.length + n + 1}`, listingRef: listingOf(sku)?.externalId ?? null, sku },
    ...{ title: listingOf(sku)?.title ?? sku, ordered: quantity, cancelled: 0, shipped: 0, returned: 0, unitPrice },
  }))
  return { ...order, lines: [...known, ...more] }
}
