import { atMost, lineOf, type Measured } from './line.ts'
import { runChangeToShown } from './shown-run.ts'
import { spread } from './spread.ts'
import type { Stage } from './stage.ts'

/** The platforms' mean time from an accepted value to its effect, as in the demo. */
const LAG_MS = 300
const ABOVE_BOUND_S = 2

/** How long a change takes until both sandboxes show it, above T* of what is queued, while shoppers buy. */
export async function changeToShown(stage: Stage): Promise<Measured> {
  const { context, log, folder } = stage
  const run = await runChangeToShown({
    ...{ context, log, folder, lagMs: LAG_MS },
    ...{ seconds: 25, skus: 64, shoppersPerS: 20, changesPerS: 5 },
  })
  const above = spread(run.aboveBoundS)
  const whole = spread(run.shownS)
  const criteria = {
    ...{ p95AboveBound: atMost(ABOVE_BOUND_S, above.p95), lost: atMost(0, run.lost.length), stepsBack: atMost(0, run.stepsBack) },
    violations: atMost(0, await stage.violations()),
  }
  const reading = {
    name: 'change-to-shown',
    value: above.p95,
    unit: 's',
    yardstick: ABOVE_BOUND_S,
    ratio: ABOVE_BOUND_S / above.p95,
    criteria,
  }
  const words = (name: string, of: typeof above): string =>
    `${name}: p50 ${of.p50.toFixed(2)} s, p95 ${of.p95.toFixed(2)} s, max ${of.max.toFixed(2)} s`
  return {
    line: lineOf(reading),
    notes: [
      `${run.changes} changes beside ${run.orders} orders`,
      words('whole', whole),
      words('above T*', above),
      ...run.lost.slice(0, 10),
    ],
  }
}
