import { seeded } from '../connectors/stage.ts'
import { byRisk, drawDays, fixed, live, type Outcome, oversoldPer10k, strandedShare } from '../support/oversell-simulation.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'

/** Ten draws of 1,500 SKU-days, so that the few units that are sold too much are enough to compare. */
const DRAWS = 10
const SKU_DAYS = 1_500
/** A cancellation costs 24 times the margin of a unit: in one lag of 25 the others may sell more than the buffer. */
const TERMS = { margin: 1, cancellation: 24 }

/** What the risk buffer sells too much and leaves lying, beside a fixed buffer of 2 for the same buyers. */
export async function oversellSimulation(): Promise<Measured> {
  const rules = { none: fixed(0), fixed: fixed(2), risk: byRisk(TERMS) }
  const draws = Array.from({ length: DRAWS }, (_, n) => drawDays(SKU_DAYS, seeded(n + 1)))
  const of = (rule: keyof typeof rules): Outcome => draws.map(days => live(days, rules[rule])).reduce(added)
  const [none, two, risk] = [of('none'), of('fixed'), of('risk')]
  const notes = Object.entries({ 'no buffer': none, 'fixed buffer of 2': two, 'risk buffer': risk }).map(
    ([name, outcome]) =>
      `${name}: ${oversoldPer10k(outcome).toFixed(1)} of 10,000 oversold, ${(strandedShare(outcome) * 100).toFixed(2)} % of the stock stranded; ` +
      `${outcome.realised} windows above the buffer, ${Math.round(outcome.predicted)} predicted`,
  )
  const calibration = risk.realised / risk.predicted
  const criteria = {
    oversold: atMost(oversoldPer10k(two), oversoldPer10k(risk)),
    stranded: atMost(strandedShare(two) * 10, strandedShare(risk) * 100),
    calibrationLow: atLeast(0.7, calibration),
    calibrationHigh: atMost(1.3, calibration),
    expectedEvents: atLeast(100, risk.predicted),
  }
  const [value, yardstick] = [oversoldPer10k(risk), oversoldPer10k(two)]
  return { line: lineOf({ name: 'oversell-simulation', value, unit: 'of 10,000', yardstick, ratio: yardstick / value, criteria }), notes }
}

function added(a: Outcome, b: Outcome): Outcome {
  return {
    accepted: a.accepted + b.accepted,
    oversold: a.oversold + b.oversold,
    stock: a.stock + b.stock,
    stranded: a.stranded + b.stranded,
    predicted: a.predicted + b.predicted,
    realised: a.realised + b.realised,
  }
}
