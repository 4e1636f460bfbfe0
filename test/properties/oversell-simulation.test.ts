import { expect, test } from 'vitest'
import { seeded } from '../connectors/stage.ts'
import { byRisk, drawDays, fixed, live, oversoldPer10k, strandedShare } from '../support/oversell-simulation.ts'

test('buffers by risk sell no more too much than two units kept back everywhere, and leave a tenth of what that leaves', () => {
  const days = drawDays(15_000, seeded(1))
  const [none, two, risk] = [live(days, fixed(0)), live(days, fixed(2)), live(days, byRisk({ margin: 1, cancellation: 24 }))]
  expect(oversoldPer10k(none)).toBeGreaterThan(100)
  expect(oversoldPer10k(risk)).toBeLessThanOrEqual(oversoldPer10k(two))
  expect(strandedShare(risk)).toBeLessThanOrEqual(strandedShare(two) / 10)
  expect(risk.predicted).toBeGreaterThan(100)
  expect(risk.realised / risk.predicted).toBeGreaterThan(0.7)
  expect(risk.realised / risk.predicted).toBeLessThan(1.3)
})
