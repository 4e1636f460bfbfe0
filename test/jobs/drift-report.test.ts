import { expect, test } from 'vitest'
import { amazon } from '../../connectors/amazon/index.ts'
import type { Connector } from '../../connectors/contract.ts'
import type { Sql } from '../../db/connect.ts'
import { askCheck, noteLook, openCheck } from '../../db/drift.ts'
import { noteReport } from '../../db/drift-reports.ts'
import { freshDatabase } from '../support/database.ts'
import { driftingChannel } from '../support/drifting.ts'
import { GERMANY, type Platform, SWEDEN, testContext } from '../support/hub.ts'
import { checked, drifts, inStep } from '../support/in-step.ts'
import { until } from '../support/until.ts'

const SKUS = Array.from({ length: 120 }, (_, n) => `S${String(n).padStart(3, '0')}`)

/** Amazon whose reports come at once, so that a small account goes by them; it has no others. */
function quick(more: Partial<NonNullable<Connector['declares']['report']>> = {}): Connector {
  const { report, returnsReport: _, ...declares } = amazon.declares
  if (report === undefined) throw new Error('Amazon has reports')
  return {
    ...amazon,
    limits: { ...amazon.limits, ...Object.fromEntries(['createReport', 'getReports', 'getReportDocument'].map(name => [name, soon])) },
    declares: { ...declares, report: { ...report, bulkMax: 1, processingMs: 1, lookEveryMs: 1_000, ...more } },
  }
}

const soon = { kind: 'bucket', ratePerS: 1000, burst: 2000 } as const

async function stage(sql: Sql, connector: Connector) {
  const context = await testContext(sql)
  const place = await inStep(sql, context, SKUS, 'amazon', { connectorOf: () => connector })
  await until(
    'all is proven',
    async () => (await sql`select from publications where state <> 'applied' or check_at is not null`).length === 0,
  )
  return place
}

const callsOf = (platform: Platform, operation: string): number =>
  platform.sandbox.journal(0, 100_000).filter(one => one.kind === 'call' && one.data.operation === operation).length

test('a check by reports finds what was edited, what is gone and what is new, and looks at nothing else by name', async () => {
  const { sql } = await freshDatabase()
  const { platform, account } = await stage(sql, quick())
  platform.sandbox.edit({ sku: 'S003', quantity: 14 })
  platform.sandbox.edit({ sku: 'S077', prices: { [GERMANY.id]: '12.50' } })
  platform.sandbox.remove('S100')
  platform.sandbox.seed([
    { sku: 'STRANGE', title: 'Strange', gtin: null, quantity: 3, prices: { [GERMANY.id]: '5', [SWEDEN.id]: '5' }, parent: null },
  ])
  const before = callsOf(platform, 'searchListingsItems')
  expect(await checked(sql, account)).toMatchObject({ way: 'report', phase: 'missed' })
  const found = await drifts(sql)
  expect([...new Set(found.map(row => [row.sku, row.field, row.cause].join(' ')))]).toEqual([
    'S003 stock edited',
    'S077 price edited',
    'S100 listing gone',
    'STRANGE listing unmapped',
  ])
  expect(found.find(row => row.sku === 'S003')).toMatchObject({ units: 4, believed: { quantity: 10 }, shown: { quantity: 14 } })
  expect([callsOf(platform, 'createReport'), callsOf(platform, 'getReportDocument')]).toEqual([2, 2])
  // The strange one in each marketplace; the others in one look; what is repaired is read back once more.
  expect(callsOf(platform, 'searchListingsItems') - before).toBeLessThan(12)
  const [known] = await sql`select product_type from listings where external_sku = 'STRANGE'`
  expect(known?.product_type).toBe('HOME')
})

test('where a report is broken off or late, the account is searched instead', async () => {
  const { sql } = await freshDatabase()
  const { platform, account } = await stage(sql, quick({ lateMs: 30_000 }))
  for (const [sku, fault] of [
    ['S003', { kind: 'fatal', operation: 'createReport', times: 1 }],
    ['S004', { kind: 'late', operation: 'createReport' }],
  ] as const) {
    platform.sandbox.edit({ sku, quantity: 14 })
    platform.sandbox.misbehave(fault)
    expect(await checked(sql, account)).toMatchObject({ way: 'search', seen: 2 * SKUS.length })
    expect((await drifts(sql)).map(row => row.sku)).toContain(sku)
  }
  expect(callsOf(platform, 'createReport')).toBe(4)
})

test('a report confirms only what our books say, proven and without a sale; what it does not tell is left to be looked at', async () => {
  const { sql } = await freshDatabase()
  const skus = ['RIGHT', 'OTHER-QUANTITY', 'OTHER-PRICE', 'UNTOLD', 'ON-SALE', 'UNPROVEN', 'ASLEEP']
  const { accountId } = await driftingChannel(sql, 'shop', skus)
  const of = (sku: string) => sql`select id from listings where external_sku = ${sku}`
  await sql`update publications set accepted = accepted || '{"sale": {"amount": "8", "from": null, "to": null}}' where field = 'price' and listing_id in (${of('ON-SALE')})`
  await sql`update publications set state = 'accepted', accepted_at = clock_timestamp() where field = 'stock' and listing_id in (${of('UNPROVEN')})`
  await askCheck(sql, accountId, 'user:test')
  const check = await openCheck(sql, accountId)
  if (check === null) throw new Error('no check')
  const [channel] = await sql<{ ref: string }[]>`select external_ref as ref from channels where code = 'shop'`
  const rows = skus.map(sku => ({
    ...{ sku, state: sku === 'ASLEEP' ? ('inactive' as const) : ('active' as const) },
    quantity: sku === 'OTHER-QUANTITY' ? 9 : sku === 'UNTOLD' ? null : 10,
    regular: sku === 'OTHER-PRICE' ? '11' : '10.00',
  }))
  const at = new Date(check.beganAt.getTime() + 1)
  expect(await noteReport(sql, check, channel?.ref ?? '', at, rows, { phase: 'report', place: 'x', parent: null })).toBe(1)
  const seen = await sql`select external_sku as sku from listings where observed_at >= ${check.beganAt}`
  expect(seen.map(row => row.sku)).toEqual(['RIGHT'])
  // Whoever lost the check takes nothing in.
  await noteLook(sql, check, 0, [], { phase: 'report', place: 'y', parent: null }, 'channel:shop')
  expect(await noteReport(sql, check, channel?.ref ?? '', at, rows, { phase: 'missed', place: null, parent: null })).toBeNull()
})
