/**
 * Local time as people state it, made an instant. `Temporal` would do it (`disambiguation: 'compatible'` is near to our rule), but Node 24 has it behind a
 * flag only, and its polyfills weigh more than the two rules below; the zones themselves come from `Intl`.
 */
export type LocalTime = { readonly kind: 'local'; readonly text: string; readonly asUtcMs: number }

export type Moment = { readonly kind: 'instant'; readonly iso: string } | LocalTime

const SHAPE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,6})?(Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * Reads an instant with its zone (`2026-11-27T08:00:00+01:00`), or a local time without one (`2026-11-27T08:00`, or a date alone, which means its
 * midnight). Null for anything else, and for days that do not exist.
 */
export function parseMoment(text: string): Moment | null {
  const [, day, time = '00:00', seconds = ':00', fraction = '', zone] = SHAPE.exec(text.trim()) ?? []
  if (day === undefined) return null
  const asUtcMs = Date.parse(`${day}T${time}${seconds}${fraction}Z`)
  const isDay = new Date(`${day}T00:00:00Z`)
  // Date rolls 30 February over into March.
  if (Number.isNaN(asUtcMs) || Number.isNaN(isDay.getTime()) || isDay.toISOString().slice(0, 10) !== day) return null
  if (zone === undefined) return { kind: 'local', text: text.trim(), asUtcMs }
  const at = new Date(`${day}T${time}${seconds}${fraction}${zone}`)
  return Number.isNaN(at.getTime()) ? null : { kind: 'instant', iso: at.toISOString() }
}

/**
 * The instant at which clocks of an IANA zone show this local time. Where clocks go back and show it twice, the first; where they go forward over it,
 * the first instant after the gap: a price that begins at local midnight begins as soon as the day does.
 */
export function instantOfLocal(local: LocalTime, zone: string): Date {
  const { asUtcMs } = local
  // No clock is ever set by more than a day: the offset is one of those a day before and a day after.
  const before = offsetMs(asUtcMs - DAY_MS, zone)
  const after = offsetMs(asUtcMs + DAY_MS, zone)
  const fitting = [before, after].map(offset => asUtcMs - offset).filter(at => at + offsetMs(at, zone) === asUtcMs)
  if (fitting.length > 0) return new Date(Math.min(...fitting))
  // In the gap: the instant at which the offset changes, between a time that is surely before it and one that is surely after.
  let low = asUtcMs - Math.max(before, after) - DAY_MS
  let high = asUtcMs - Math.min(before, after) + DAY_MS
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    // Local time runs on, so the gap ends where it is passed.
    if (middle + offsetMs(middle, zone) < asUtcMs) low = middle
    else high = middle
  }
  return new Date(high)
}

/** Whether `Intl` knows the zone. */
export function isZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** What clocks of a zone show at an instant: the day (`YYYY-MM-DD`) and the minute (`HH:MM`). */
export function localOf(at: Date, zone: string): { readonly day: string; readonly time: string } {
  const text = new Date(at.getTime() + offsetMs(at.getTime(), zone)).toISOString()
  return { day: text.slice(0, 10), time: text.slice(11, 16) }
}

/** The day (`YYYY-MM-DD`) so many days after another one. */
export function dayAfter(day: string, days: number): string {
  return days === 0 ? day : new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

const DAY_MS = 24 * 3_600_000

/** Made once for each zone: making one takes longer than a thousand uses of it. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', era: 'short', year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
    formats.set(zone, format)
  }
  return format
}

/** Offsets that were asked for lately, by zone and second: a decision about an order asks for the same few of each of hundreds of locations. */
const offsets = new Map<string, Map<number, number>>()
const MOST_OFFSETS = 2000

/** What the zone's clocks are ahead of UTC at an instant, ms. */
function offsetMs(at: number, zone: string): number {
  const wholeMs = Math.floor(at / 1000) * 1000
  const known = offsets.get(zone) ?? new Map<number, number>()
  const asked = known.get(wholeMs)
  if (asked !== undefined) return asked
  const parts = formatOf(zone).formatToParts(wholeMs)
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find(one => one.type === type)?.value)
  const offset = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) - wholeMs
  if (known.size >= MOST_OFFSETS) known.clear()
  offsets.set(zone, known.set(wholeMs, offset))
  return offset
}
