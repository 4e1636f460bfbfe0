import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { packageRoot } from '../../db/root.ts'
import type { ReplayReport } from '../../src/demo/replay/report.ts'
import { builtPrograms } from '../support/built.ts'
import { suiteWith } from '../support/needs.ts'
import { retailDays, workFolder } from '../support/replaying.ts'

const INVOICES = 60

suiteWith('../shared/data/online-retail', retailDays(), 'the replay of a retailer’s first invoices', folder => {
  test('ends with every order booked once and no difference between journals, ledger and shop windows', { timeout: 240_000 }, async () => {
    const dist = await builtPrograms()
    const environment = {
      DATABASE_URL: inject('provided').postgresUrl,
      CONCORD_HOME: workFolder(),
      PATH: process.env.PATH,
      NODE_NO_WARNINGS: '1',
    }
    const line = [join(dist, 'src/cli.js'), 'replay', folder, '--invoices', String(INVOICES), '--json']
    const { stdout } = await promisify(execFile)(process.execPath, line, { cwd: packageRoot(), env: environment }).catch(
      (error: { stdout: string; stderr: string }) => {
        if (error.stdout === '') throw error
        return error
      },
    )
    const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as ReplayReport
    expect(report.list).toEqual([])
    expect(report.differences).toBe(0)
    expect(report.check.violations).toBe(0)
    const { woocommerce, amazon } = report.orders
    expect(woocommerce.booked).toBe(woocommerce.sold)
    expect(amazon.booked).toBe(amazon.sold)
    // Some orders may find everything sold out; all others were sold.
    expect(woocommerce.sold + amazon.sold + report.ordersSoldOut).toBe(report.data.orders)
    expect(report.data).toMatchObject({ invoices: INVOICES, cancellations: 3, orders: 56 })
    // Less was there than was wanted, so that the scarce codes were sold out.
    expect(report.units.lostDemand + report.shorts.unitsStillShort).toBeGreaterThan(0)
    expect(report.units.sold - report.units.shipped).toBe(report.shorts.unitsStillShort)
  })
})
