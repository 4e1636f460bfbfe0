import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { msUntilDue, nextTurn } from '../../db/due.ts'
import { runDue } from '../../jobs/due.ts'
import { startTailer } from '../../jobs/tailer.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()

/** The instant so many ms from now by the database's clock, to the whole second above. */
async function secondIn(ms: number): Promise<Date> {
  const [row] = await sql<
    { at: Date }[]
  >`select date_trunc('second', clock_timestamp() + make_interval(secs => ${ms + 1_000}::float8 / 1000)) as at`
  if (!row) throw new Error('no clock')
  return row.at
}

/** So long before prices begin or end lanes are told, to reckon them. */
const AHEAD_MS = 3_000

test('what begins at an instant is told to the feed a moment ahead, though nobody asks and it was written down while the loop slept', async () => {
  const context = await testContext(sql)
  await layIn(sql, { CUP: { main: 3 }, POT: { main: 3 } })
  const ending = new AbortController()
  const log = pino({ level: 'silent' })
  const tailer = startTailer(sql, log, ending.signal)
  const due = runDue(sql, log, tailer, ending.signal)
  onTestFinished(async () => {
    ending.abort()
    await Promise.all([due, tailer.ended])
  })

  const later = await secondIn(AHEAD_MS + 4_500)
  const sooner = await secondIn(AHEAD_MS + 500)
  await setPrices(context, null, [{ sku: 'CUP', currency: 'EUR', amount: '5', from: later.toISOString() }])
  await setPrices(context, null, [{ sku: 'POT', currency: 'EUR', amount: '5', from: sooner.toISOString() }])
  const told = async (sku: string, since: Date): Promise<Date | null> => {
    const [row] = await sql<{ at: Date }[]>`
      select c.at from change c join variants v on v.id = c.variant_id where v.sku = ${sku} and c.kind = 'price' and c.at >= ${new Date(since.getTime() - AHEAD_MS)}`
    return row?.at ?? null
  }
  const at = await Promise.all([until('POT is told', () => told('POT', sooner)), until('CUP is told', () => told('CUP', later))])
  // Ahead of its own instant, and not only when the later one woke the loop.
  expect(at[0].getTime()).toBeLessThan(sooner.getTime())
  expect(at[1].getTime()).toBeLessThan(later.getTime())
  await until('both have come', async () => (await msUntilDue(sql)) === null)
})

test('a lane is told of the next turn of its own listings, with how many there are at most', async () => {
  const context = await testContext(sql)
  const { accountId, channelId } = await quietChannel(sql, 'shop')
  const other = await quietChannel(sql, 'empty')
  await sql`
    insert into listings (account_id, channel_id, external_id, external_sku, title, variant_id)
    select ${accountId}, ${channelId}, sku, sku, sku, id from variants where sku in ('CUP', 'POT')`
  const at = await secondIn(30_000)
  const further = new Date(at.getTime() + 60_000)
  const dated = (sku: string, from: Date) => ({ sku, currency: 'EUR', amount: '4', from: from.toISOString() })
  await setPrices(context, null, [dated('CUP', at), dated('POT', at), dated('POT', further)])

  const turn = await nextTurn(sql, accountId, 60_000, 100)
  expect(turn?.listings).toBe(2)
  expect((await nextTurn(sql, accountId, 60_000, 1))?.listings).toBe(1)
  expect(turn?.inMs).toBeGreaterThan(0)
  expect(turn?.inMs).toBeLessThanOrEqual(31_000)
  expect(await nextTurn(sql, other.accountId, 60_000, 100)).toBeNull()
  expect(await nextTurn(sql, accountId, 10, 100)).toBeNull()
})
