import type { ChannelOrder } from '../../values/channel-order.ts'

/**
 * The order as the books can take it: text without what PostgreSQL cannot hold (NUL, halves of characters), and without lines of no units,
 * which ask for nothing.
 */
export function bookable(order: ChannelOrder): ChannelOrder {
  const clean = cleaned(order) as ChannelOrder
  return { ...clean, lines: clean.lines.filter(line => line.ordered !== 0) }
}

/** Why the order contradicts itself; null when it does not. */
export function contradiction(order: ChannelOrder): string | null {
  const seen = new Set<string>()
  for (const { externalLineId } of order.lines) {
    if (seen.has(externalLineId)) return `it states line ${externalLineId} twice`
    seen.add(externalLineId)
  }
  return null
}

function cleaned(value: unknown): unknown {
  if (isClean(value)) return value
  if (typeof value === 'string') return value.replaceAll('\u0000', '').toWellFormed()
  if (Array.isArray(value)) return value.map(cleaned)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleaned(key), cleaned(inner)]))
}

/** Nearly all are: looking is a fraction of building them anew. */
function isClean(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\u0000') && value.isWellFormed()
  if (value === null || typeof value !== 'object') return true
  if (Array.isArray(value)) return value.every(isClean)
  for (const key in value) if (!isClean(key) || !isClean((value as Readonly<Record<string, unknown>>)[key])) return false
  return true
}
