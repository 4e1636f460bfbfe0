import { readInstant } from '../domain/catalog/cells.ts'
import { parseMoment } from '../values/local-time.ts'
import { type Call, wrongUsage } from './command.ts'

/**
 * An instant as people read it here, in the zone of the machine unless another is named: `2026-11-22 13:00:05+01:00`. It always tells its zone, and
 * can be typed as it is where an instant is asked for (in quotation marks: it has a blank). `--json` answers ISO 8601 in UTC.
 * `at`: a Date, or ISO text with its zone. Null stays null.
 */
export function shownAt(at: Date | string, zone?: string): string
export function shownAt(at: Date | string | null, zone?: string): string | null
export function shownAt(at: Date | string | null, zone?: string): string | null {
  if (at === null) return null
  const parts = (zone === undefined ? HERE : formatIn(zone)).formatToParts(new Date(at))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find(one => one.type === type)?.value ?? ''
  const offset = part('timeZoneName').slice('GMT'.length)
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}${/[1-9]/.test(offset) ? offset : 'Z'}`
}

/** An option with an instant, as ISO text in UTC; undefined when it was not given. Throws wrong usage. */
export function instantOf(call: Call, name: string): string | undefined {
  const text = call.text(name)
  if (text === undefined) return undefined
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw wrongUsage(`--${name} ${text} is no instant, such as 2026-11-22T12:00:00Z`)
  return at.toISOString()
}

/** An option with a day (its first instant in UTC) or an instant with its zone, as ISO text in UTC; undefined when it was not given. Throws wrong usage. */
export function dayOf(call: Call, name: string): string | undefined {
  const text = call.text(name)
  if (text === undefined) return undefined
  const reading = readInstant(text)
  if ('expected' in reading) throw wrongUsage(`--${name} "${text}" is not ${reading.expected}`)
  return reading.value
}

/** An option with an instant, or with a local date or time whose zone is told elsewhere, as it was given; undefined when it was not. Throws wrong usage. */
export function momentOf(call: Call, name: string): string | undefined {
  const text = call.text(name)
  if (text !== undefined && parseMoment(text) === null)
    throw wrongUsage(
      `--${name} "${text}" is no day such as 2026-11-27, no local time such as 2026-11-27T08:00, and no instant such as 2026-11-27T08:00:00Z`,
    )
  return text
}

/** What `--expires` says: an instant as ISO text in UTC, null for never, undefined where it was not given. Throws wrong usage. */
export const expiryOf = (call: Call): string | null | undefined => (call.text('expires') === 'never' ? null : dayOf(call, 'expires'))

function formatIn(zone: string | undefined): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    ...{ hourCycle: 'h23', timeZoneName: 'longOffset', ...(zone === undefined ? {} : { timeZone: zone }) },
  })
}

// Made once: making one takes longer than a thousand uses of it.
const HERE = formatIn(undefined)
