import { readChannels } from '../../db/channels.ts'
import { Fault } from '../values/fault.ts'
import { instantOfLocal, isZone, parseMoment } from '../values/local-time.ts'
import type { Context } from './context.ts'

/**
 * A moment that a person states, as ISO text in UTC: an instant with its zone, or a local time (a date alone is its midnight) of `zone`, also on days
 * on which clocks are set. `zoneWords` says how a zone could have been given. Throws `invalid`.
 */
export function momentStated(text: string, zone: string | null, field: string, zoneWords = 'give `zone`'): string {
  const moment = parseMoment(text)
  if (moment === null)
    throw new Fault('invalid', `${field} ${text} is no time.`, {
      field,
      value: text,
      expected: 'an instant such as 2026-11-27T08:00:00Z, or a local date or time such as 2026-11-27 or 2026-11-27T08:00',
    })
  if (moment.kind === 'instant') return moment.iso
  if (zone === null)
    throw new Fault('invalid', `${field} ${text} is a local time, and it is not said of which zone: ${zoneWords}.`, {
      field,
      value: text,
      expected: 'an instant with its zone, such as 2026-11-27T00:00:00+01:00, or a zone such as Europe/Berlin beside it',
    })
  if (!isZone(zone))
    throw new Fault('invalid', `${zone} is no time zone.`, { field, value: zone, expected: 'an IANA name such as Europe/Berlin' })
  return instantOfLocal(moment, zone).toISOString()
}

/** Whether any of these is a local time, so that a zone is needed. */
export function hasLocal(texts: readonly (string | null | undefined)[]): boolean {
  return texts.some(text => text != null && parseMoment(text)?.kind === 'local')
}

/** The zones of all channels, by their codes. */
export async function channelZones(context: Context): Promise<ReadonlyMap<string, string>> {
  return new Map((await readChannels(context.sql)).map(channel => [channel.code, channel.zone]))
}
