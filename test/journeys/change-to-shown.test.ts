import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { check } from '../../src/usecases/check.ts'
import { runChangeToShown } from '../bench/shown-run.ts'
import { spread } from '../bench/spread.ts'
import { freshDatabase } from '../support/database.ts'
import { testContext } from '../support/hub.ts'
import { isLong, repetitions } from '../support/repetitions.ts'

const { sql } = await freshDatabase()

/** The platforms' mean time from an accepted value to its effect, as in the demo. */
const LAG_MS = 300
const ABOVE_BOUND_S = 2

test('whatever people change while shoppers buy comes to show in both channels, in its order and none lost', {
  timeout: 300_000,
}, async () => {
  const seconds = repetitions('seconds of shopping while people change stock and prices', 15, 120)
  const folder = mkdtempSync(join(tmpdir(), 'concord-shown-'))
  chmodSync(folder, 0o700)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const context = await testContext(sql)
  const log = pino({ level: process.env.CONCORD_TEST_LOG ?? 'silent' })

  const run = await runChangeToShown({ ...{ context, log, folder, lagMs: LAG_MS, seconds }, skus: 64, shoppersPerS: 20, changesPerS: 5 })

  expect(run).toMatchObject({ changes: seconds * 5, lost: [], stepsBack: 0 })
  expect(run.orders).toBeGreaterThan(seconds * 10)
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
  const above = spread(run.aboveBoundS)
  console.log(
    `${run.changes} changes beside ${run.orders} orders, shown by both above T* after p50 ${above.p50.toFixed(2)} s, ` +
      `p95 ${above.p95.toFixed(2)} s, max ${above.max.toFixed(2)} s`,
  )
  // The bar itself is for a run that has the machine to itself; the bench asserts it too.
  if (isLong) expect(above.p95).toBeLessThanOrEqual(ABOVE_BOUND_S)
})
