/**
 * An instant as ISO 8601 text in UTC, with the fraction of a second as it was given (the ledger tells microseconds apart, a Date would not). Takes
 * a date alone as its first instant in UTC, and minutes without seconds. Null for anything else.
 */
export function parseInstant(text: string): string | null {
  const [, day, time, seconds = ':00', fraction = '', zone] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,6})?(Z|[+-]\d{2}:\d{2}))?$/.exec(text.trim()) ?? []
  if (day === undefined) return null
  const at = new Date(time === undefined ? `${day}T00:00:00Z` : `${day}T${time}${seconds}${zone}`)
  // Date rolls 30 February over into March.
  const isDay = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(at.getTime()) || Number.isNaN(isDay.getTime()) || isDay.toISOString().slice(0, 10) !== day) return null
  return `${at.toISOString().slice(0, 19)}${fraction}Z`
}
