import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { askCheck } from '../../db/drift.ts'
import { check } from '../../src/usecases/check.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import type { LookPoint } from '../support/dying-sql.ts'
import { layIn } from '../support/goods.ts'
import { connectAmazon, connectWoo, GERMANY, playAmazon, playWoo, publishAll, SWEDEN } from '../support/hub.ts'
import { startLaneProcess } from '../support/lane-process.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

const SKUS = Array.from({ length: 340 }, (_, n) => `S${String(n).padStart(3, '0')}`)
const EDITED = [0, 99, 100, 199, 250, 339]

test('a check whose process is killed goes on at the page where it was: each listing is taken in once, each difference found once', {
  timeout: isLong ? 600_000 : 120_000,
}, async () => {
  for (let round = 0; round < repetitions('drift check killed', 1, 10); round++) await killOnce(1 + (round % 3))
})

async function killOnce(afterCalls: number): Promise<void> {
  const { sql, url, drop } = await freshDatabase()
  const secret = `test:${randomBytes(32).toString('base64')}`
  const context = { sql, keyring: await readKeyring(secret), actor: 'user:test' }
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 10 }])))
  const platform = await playWoo()
  platform.sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: 10, prices: { shop: '10' }, parent: null })))
  const account = await connectWoo(context, platform)
  const first = await startLaneProcess(url, secret)
  await publishAll(context, account)
  await until('all are in step', async () => {
    const [row] = await sql`select count(*) as n from publications where waiting_since is null`
    return row?.n === 2 * SKUS.length
  })
  for (const at of EDITED) platform.sandbox.edit({ sku: SKUS[at] ?? '', prices: { shop: '11' } })
  first.dieAt(`looked ${afterCalls}` satisfies LookPoint)
  const id = await askCheck(sql, account, 'user:test')
  await first.ended
  const [half] = await sql<{ calls: number; ended_at: Date | null }[]>`select calls, ended_at from drift_checks where id = ${id}`
  expect(half).toEqual({ calls: afterCalls, ended_at: null })
  // The lease of the dead outlives its slowest call; that is waited for elsewhere.
  await sql`update accounts set lease_until = clock_timestamp() where id = ${account}`
  const second = await startLaneProcess(url, secret)
  const [done] = await until('the check is done', async () => {
    const rows = await sql<
      { seen: number; calls: number; differs: number }[]
    >`select * from drift_checks where id = ${id} and ended_at is not null`
    return rows.length === 1 ? rows : null
  })
  expect(done).toMatchObject({ seen: SKUS.length, calls: Math.ceil(SKUS.length / 100), differs: EDITED.length })
  const found = await sql`select l.external_sku as sku from drifts d join listings l on l.id = d.listing_id order by 1`
  expect(found.map(row => row.sku)).toEqual(EDITED.map(at => SKUS[at]))
  await until('all are repaired', async () => (await sql`select 1 from drifts where state <> 'repaired'`).length === 0)
  expect((await check(context)).violations).toBe(0)
  await second.kill()
  await drop()
}

test('a check by reports whose process is killed after it asked for one goes on with that report: none is asked for twice', {
  timeout: 120_000,
}, async () => {
  const { sql, url, drop } = await freshDatabase()
  const secret = `test:${randomBytes(32).toString('base64')}`
  const context = { sql, keyring: await readKeyring(secret), actor: 'user:test' }
  const skus = SKUS.slice(0, 30)
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: 10 }])))
  const platform = await playAmazon({ scale: 1000 })
  const prices = { [GERMANY.id]: '10', [SWEDEN.id]: '10' }
  platform.sandbox.seed(skus.map(sku => ({ sku, title: sku, gtin: null, quantity: 10, prices, parent: null })))
  // So that the only reports are those of the check.
  const account = await connectAmazon(context, platform, 1000, 'amazon', { returns: false })
  const first = await startLaneProcess(url, secret, { CONCORD_TEST_DIE_AT: 'report asked for' })
  await publishAll(context, account)
  await until('all are proven', async () => {
    const [row] = await sql`select count(*) as n from publications where waiting_since is null and state = 'applied' and check_at is null`
    return row?.n === 2 * skus.length
  })
  platform.sandbox.edit({ sku: 'S007', quantity: 14 })
  const reports = [GERMANY, SWEDEN].map(({ id }) => ({ channel: id, at: null, id: null }))
  const [row] = await sql<{ id: number }[]>`
    insert into drift_checks (account_id, actor, phase, way, calls, place)
    values (${account}, 'user:test', 'report', 'report', 1, ${JSON.stringify({ reports, reading: 0, row: 0 })}) returning id`
  await first.ended
  const asked = (): number => platform.sandbox.journal(0, 100_000).filter(one => one.data.operation === 'createReport').length
  expect(asked()).toBe(1)
  await sql`update accounts set lease_until = clock_timestamp() where id = ${account}`
  const second = await startLaneProcess(url, secret)
  await until(
    'the check is done',
    async () => (await sql`select 1 from drift_checks where id = ${row?.id ?? 0} and ended_at is not null`).length === 1,
  )
  expect(asked()).toBe(2)
  const found = await sql`select l.external_sku as sku, d.cause from drifts d join listings l on l.id = d.listing_id`
  expect(found.map(one => [one.sku, one.cause])).toEqual([['S007', 'edited']])
  expect((await check(context)).violations).toBe(0)
  await second.kill()
  await drop()
})
