import { expect, test } from 'vitest'
import { dayOf, momentAt } from '../../src/domain/notices/moments.ts'

const at = new Date('2026-12-31T23:30:00Z')

test('a moment names its year where that is not the year of now, as the place reckons both', () => {
  const now = new Date('2026-12-30T12:00:00Z')
  // In Berlin it is next year by then.
  expect(momentAt(at, 'Europe/Berlin', 'en', now)).toBe('Fri, 1 January 2027 at 00:30')
  expect(momentAt(at, 'Europe/Berlin', 'zh-CN', now)).toBe('2027年1月1日周五 00:30')
  expect(momentAt(at, 'Europe/London', 'en', now)).toBe('Thu 31 December at 23:30')
  expect(momentAt(at, 'Europe/Berlin', 'en', new Date('2026-12-31T23:10:00Z'))).toBe('Fri 1 January at 00:30')
  expect(momentAt(at, 'Europe/London', 'zh-CN', new Date('2027-01-02T12:00:00Z'))).toBe('2026年12月31日周四 23:30')
})

test('a day names its year where that is another one', () => {
  expect(dayOf('2027-01-01', 'en', at)).toBe('Fri, 1 January 2027')
  expect(dayOf('2026-12-25', 'en', at)).toBe('Fri 25 December')
  expect(dayOf('2027-01-01', 'zh-CN', at)).toBe('2027年1月1日周五')
})
