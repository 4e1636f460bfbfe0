import { describe, expect, test } from 'vitest'
import { lowestApplied, lowestOverTime, type ShownStep, type ShownSteps, shownPeriods } from '../../src/domain/pricing/history.ts'

const day = (n: number): Date => new Date(Date.UTC(2026, 0, n))
const step = (at: Date, regular: string, more: Partial<ShownStep> = {}): ShownStep => ({
  at,
  isConfirmed: true,
  regular,
  sale: null,
  ...more,
})
const of = (...steps: ShownStep[]) => ({ steps, until: null })
const NOW = day(90)

describe('the lowest price of the 30 days before a reduction', () => {
  const lowest = (before: Date, ...steps: ShownStep[]): string | null => lowestApplied([of(...steps)], before, NOW)?.toFixed() ?? null

  test('is that which showed when the 30 days began, where none since was lower', () => {
    expect(lowest(day(60), step(day(1), '8'), step(day(31), '10'))).toBe('8')
    // Replaced at the very instant at which the 30 days begin: it did not show in them.
    expect(lowest(day(60), step(day(1), '8'), step(day(30), '10'))).toBe('10')
  })

  test('counts an earlier sale for as long as it was on', () => {
    const sale = { amount: '7', from: day(10), to: day(20) }
    expect(lowest(day(60), step(day(1), '10', { sale }))).toBe('10')
    expect(lowest(day(49), step(day(1), '10', { sale }))).toBe('7')
    expect(lowest(day(10), step(day(1), '10', { sale }))).toBe('10')
  })

  test('does not count the regular price where a sale was on all the time', () => {
    expect(lowest(day(60), step(day(1), '5', { sale: { amount: '9', from: null, to: null } }))).toBe('9')
  })

  test('counts what was only accepted, and what it took the place of until another was seen to show', () => {
    const steps = [step(day(1), '8'), step(day(40), '10', { isConfirmed: false }), step(day(45), '10')]
    expect([lowest(day(74), ...steps), lowest(day(75), ...steps)]).toEqual(['8', '10'])
    expect(lowest(day(60), step(day(35), '10'), step(day(50), '6', { isConfirmed: false }))).toBe('6')
  })

  test('is of all listings of a channel, and of none where nothing was shown', () => {
    expect(lowestApplied([of(step(day(40), '9')), of(step(day(41), '8'))], day(60), NOW)?.toFixed()).toBe('8')
    expect(lowestApplied([{ steps: [step(day(1), '4')], until: day(20) }, of(step(day(40), '9'))], day(60), NOW)?.toFixed()).toBe('9')
    expect([lowest(day(60)), lowest(day(60), step(day(60), '3'))]).toEqual([null, null])
  })

  test('of a reduction to come is by what was shown up to now', () => {
    expect(lowest(day(110), step(day(1), '8'), step(day(85), '10'))).toBe('8')
    expect(lowest(day(125), step(day(1), '8'))).toBeNull()
  })
})

test('the lowest of 30 days over time follows what was shown: down as soon as a price falls, up again 30 days after it rose', () => {
  const points = (from: Date, ...listings: ShownSteps[]) =>
    lowestOverTime(listings, from, NOW).map(({ at, amount }) => [(at.getTime() - day(0).getTime()) / 86_400_000, amount] as const)
  const near = (given: readonly (readonly [number, string | null])[]) => given.map(([at, amount]) => [Math.round(at), amount])
  // 10, then 8 for ten days, then 12.
  const scene = of(step(day(1), '10'), step(day(20), '8'), step(day(30), '12'))
  expect(near(points(day(10), scene))).toEqual([
    [10, '10'],
    [20, '8'],
    [60, '12'],
  ])
  // A window that is narrower begins with what held then.
  expect(near(points(day(40), scene))).toEqual([
    [40, '8'],
    [60, '12'],
  ])
  const sale = of(step(day(1), '10', { sale: { amount: '7', from: day(5), to: day(6) } }))
  expect(near(points(day(0), sale))).toEqual([
    [0, null],
    [1, '10'],
    [5, '7'],
    [36, '10'],
  ])
})

describe('what was shown', () => {
  const shown = (...steps: ShownStep[]) =>
    shownPeriods(of(...steps), NOW).map(one => [one.from.getTime(), one.to?.getTime() ?? null, one.amount, one.isSale])
  const at = (n: number): number => day(n).getTime()

  test('is cut where a sale begins and ends, and what is to come is left out', () => {
    expect(shown(step(day(1), '10', { sale: { amount: '8', from: day(10), to: day(20) } }))).toEqual([
      [at(1), at(10), '10', false],
      [at(10), at(20), '8', true],
      [at(20), null, '10', false],
    ])
    expect(shown(step(day(80), '10', { sale: { amount: '8', from: day(85), to: day(95) } }))).toEqual([
      [at(80), at(85), '10', false],
      [at(85), null, '8', true],
    ])
  })

  test('without a change is one period: sent ahead, begun, seen again', () => {
    const sale = { amount: '8', from: day(10), to: day(20) }
    expect(
      shown(
        step(day(1), '10', { sale }),
        step(day(10), '10', { sale: { ...sale, from: null } }),
        step(day(12), '10', { sale: { ...sale, from: null } }),
      ),
    ).toEqual([
      [at(1), at(10), '10', false],
      [at(10), at(20), '8', true],
      [at(20), null, '10', false],
    ])
  })

  test('says since when it was seen to show', () => {
    const [first, second] = shownPeriods(
      of(step(day(1), '10', { isConfirmed: false }), step(day(2), '10'), step(day(3), '9', { isConfirmed: false })),
      NOW,
    )
    expect([first?.from, first?.confirmedAt, second?.confirmedAt]).toEqual([day(1), day(2), null])
  })
})
