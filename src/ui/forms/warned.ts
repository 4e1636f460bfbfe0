import type { ExpiredOnArrival } from '../../../db/lots.ts'
import { second } from '../format.ts'
import type { View } from '../view.ts'

/** What a form says, and after it what asks for an eye: then it is a warning. */
export function withWarnings(
  { t }: Pick<View, 't'>,
  said: string | { readonly warning: string },
  warnings: readonly ExpiredOnArrival[],
): string | { readonly warning: string } {
  if (warnings.length === 0) return said
  const words = warnings.map(one => t.stock.cameExpired(one.sku, one.lot, `${second(new Date(one.expiredAt))} UTC`, one.location))
  return { warning: [typeof said === 'string' ? said : said.warning, ...words].join(' ') }
}
