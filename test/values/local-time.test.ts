import { describe, expect, test } from 'vitest'
import { instantOfLocal, isZone, parseMoment } from '../../src/values/local-time.ts'

function instant(text: string, zone: string): string | null {
  const moment = parseMoment(text)
  if (moment === null) return null
  return moment.kind === 'instant' ? moment.iso : instantOfLocal(moment, zone).toISOString()
}

describe('a local time becomes an instant', () => {
  test.each([
    ['midnight of a winter day', '2026-12-24', 'Europe/Berlin', '2026-12-23T23:00:00.000Z'],
    ['midnight of a summer day', '2026-07-01', 'Europe/Berlin', '2026-06-30T22:00:00.000Z'],
    ['midnight of the day on which clocks go back', '2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
    ['midnight of the day after', '2026-10-26T00:00', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
    ['an hour that comes twice: the first', '2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['the last second before it comes again', '2026-10-25T02:59:59', 'Europe/Berlin', '2026-10-25T00:59:59.000Z'],
    ['an hour that never comes: when it is over', '2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['the first instant that never comes', '2026-03-29 02:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['the instant at which the gap is over', '2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['a midnight that never comes', '2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
    ['a midnight that comes twice: the first', '2026-11-01', 'America/Havana', '2026-11-01T04:00:00.000Z'],
    ['clocks that move by half an hour', '2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
    ['an offset with minutes', '2026-11-22T00:00:30', 'Asia/Kathmandu', '2026-11-21T18:15:30.000Z'],
    ['west of Greenwich', '2026-11-22', 'America/Los_Angeles', '2026-11-22T08:00:00.000Z'],
    ['no zone changes UTC', '2026-11-22', 'UTC', '2026-11-22T00:00:00.000Z'],
    ['a day that was left out whole', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['an instant with its own zone stays what it is', '2026-10-25T02:30:00+01:00', 'America/Los_Angeles', '2026-10-25T01:30:00.000Z'],
  ])('%s', (_, text, zone, expected) => {
    expect(instant(text, zone)).toBe(expected)
  })

  test.each(['2026-02-30', '2026-13-01', '2026-11-22T25:00', 'tomorrow', '2026-11-22T08', '22.11.2026', ''])('"%s" is no time', text => {
    expect(parseMoment(text)).toBeNull()
  })

  test('the instant found is the first at which clocks show the time or are past it, in every hour of the days on which they are set', () => {
    const formats = new Map<string, Intl.DateTimeFormat>()
    const shown = (at: number, zone: string): string => {
      const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
      formats.set(zone, format)
      return format.format(at).replace(' ', 'T')
    }
    for (const [zone, day] of [
      ['Europe/Berlin', '2026-03-29'],
      ['Europe/Berlin', '2026-10-25'],
      ['Africa/Cairo', '2026-04-24'],
      ['America/Havana', '2026-11-01'],
    ] as const)
      for (let minute = 0; minute < 24 * 60; minute += 15) {
        const text = `${day}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00`
        const at = Date.parse(instant(text, zone) ?? '')
        expect(shown(at, zone) >= text, `${text} in ${zone}`).toBe(true)
        expect(shown(at - 1000, zone) < text, `${text} in ${zone}`).toBe(true)
      }
  })

  test('zones are those of the IANA table', () => {
    expect(['Europe/Berlin', 'UTC', 'Mars/Phobos', ''].map(isZone)).toEqual([true, true, false, false])
  })
})
