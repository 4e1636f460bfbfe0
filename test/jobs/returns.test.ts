import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { amazon } from '../../connectors/amazon/index.ts'
import type { Connector, Session } from '../../connectors/contract.ts'
import type { ReturnsRead } from '../../connectors/returns.ts'
import type { Sql } from '../../db/connect.ts'
import { replayInbox } from '../../db/intake.ts'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { check } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn } from '../support/goods.ts'
import { connectAmazon, GERMANY, jobDeps, lanes, type Platform, playAmazon, SWEDEN, testContext } from '../support/hub.ts'
import { startLaneProcess } from '../support/lane-process.ts'
import { isLong } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

const SCALE = 500
const soon = { kind: 'bucket', ratePerS: 1000, burst: 2000 } as const

/** Amazon whose reports of returns are read all the time. `returns`: what the files hold instead of what the sandbox writes. */
function eager(returns?: () => ReturnsRead): Connector {
  const { returnsReport } = amazon.declares
  if (returnsReport === undefined) throw new Error('Amazon tells returns in reports')
  const quick = ['createReport', 'getReports', 'getReport', 'getReportDocument']
  return {
    ...amazon,
    limits: { ...amazon.limits, ...Object.fromEntries(quick.map(name => [name, soon])) },
    declares: { ...amazon.declares, returnsReport: { everyMs: 50_000, lookEveryMs: 5_000, lateMs: 6_000_000 } },
    open: (account, tools) => {
      const session = amazon.open(account, tools)
      return returns === undefined || session.returns === undefined ? session : told(session, returns)
    },
  }
}

function withoutReturns(...from: Parameters<typeof amazon.open>): Session {
  const { returns: _, ...session } = amazon.open(...from)
  return session
}

const told = (session: Session, read: () => ReturnsRead): Session => ({
  ...session,
  returns: {
    ...{ request: async () => 'report', requestedSince: async () => null, look: async () => ({ status: 'done', file: 'file' }) as const },
    read: async () => read(),
  },
})

/** An order of three that has been shipped. */
async function shipped(sql: Sql, context: Context, platform: Platform) {
  platform.sandbox.seed([
    { sku: 'MUG', title: 'Mug', gtin: null, quantity: 10, prices: { [GERMANY.id]: '10', [SWEDEN.id]: '10' }, parent: null },
  ])
  const order = platform.sandbox.buy({ ref: 'b1', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 3 }] })
  if (order === null) throw new Error('nothing was sold')
  const booked = await until(
    'the order is booked',
    async () => (await sql<{ id: number }[]>`select id from orders where state in ('accepted', 'routed')`)[0],
  )
  await shipOrder(context, 'ship', booked.id, { tracking: { carrier: 'DHL', number: 'T1' } })
  await until('Amazon knows the shipment', async () => (await sql`select from acts where state = 'confirmed'`).length === 1)
  return { id: order.externalId, line: order.lines[0]?.externalLineId ?? '' }
}

const reports = (platform: Platform): number =>
  platform.sandbox.journal(0, 100_000).filter(one => one.kind === 'call' && one.data.operation === 'createReport').length
const returned = async (sql: Sql): Promise<number> =>
  (await sql<{ n: number }[]>`select coalesce(sum(on_hand), 0)::int as n from movements where kind = 'return'`)[0]?.n ?? 0

test('what a buyer sends back to Amazon is in stock again once, however many reports tell it', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 10 } })
  const platform = await playAmazon({ scale: SCALE })
  await connectAmazon(context, platform, SCALE)
  lanes({ ...jobDeps(context), connectorOf: () => eager() })
  const { id, line } = await shipped(sql, context, platform)
  expect(await balance(sql, 'MUG', 'main')).toEqual({ onHand: 7, reserved: 0 })
  platform.sandbox.refund(id, [{ externalLineId: line, quantity: 2 }])
  await until('it is back', async () => (await returned(sql)) > 0)
  const before = reports(platform)
  await until('others tell it again', async () => reports(platform) > before + 4)
  expect(await balance(sql, 'MUG', 'main')).toEqual({ onHand: 9, reserved: 0 })
  expect(await sql`select returned from order_lines`).toEqual([{ returned: 2 }])
  platform.sandbox.refund(id, [{ externalLineId: line, quantity: 1 }])
  await until('the last is back, too', async () => (await returned(sql)) === 3)
  expect(await sql`select from inbox where source = 'report'`).toHaveLength(0)
  expect((await check(context)).violations).toBe(0)
})

test('a return is taken in once by processes that are killed while they ask for its report and while they take it in', {
  timeout: 90_000,
}, async () => {
  const { sql, url } = await freshDatabase()
  const secret = `test:${randomBytes(32).toString('base64')}`
  const context = { sql, keyring: await readKeyring(secret), actor: 'user:test' }
  await layIn(sql, { MUG: { main: 10 } })
  const platform = await playAmazon({ scale: 1000, reportQueueMs: 1, reportWorkMs: 1 })
  const account = await connectAmazon(context, platform, 1000)
  // It reads no returns, so that no report is young enough to be read instead of a new one.
  const before = lanes({
    ...jobDeps(context),
    connectorOf: () => ({ ...amazon, declares: { ...amazon.declares, returns: 'none' }, open: withoutReturns }),
  })
  const { id, line } = await shipped(sql, context, platform)
  await before.stop()
  platform.sandbox.refund(id, [{ externalLineId: line, quantity: 2 }])
  for (const point of isLong ? ['report asked for', 'taking returns', 'took returns'] : ['taking returns']) {
    // The lease of the dead outlives its slowest call; that is waited for elsewhere.
    await sql`update accounts set lease_until = clock_timestamp() where id = ${account}`
    await (await startLaneProcess(url, secret, { CONCORD_TEST_DIE_AT: point })).ended
  }
  await sql`update accounts set lease_until = clock_timestamp() where id = ${account}`
  const asked = reports(platform)
  lanes({ ...jobDeps(context), connectorOf: () => eager() })
  await until('reports tell it again', async () => reports(platform) > asked + 3)
  expect(await returned(sql)).toBe(2)
  expect((await check(context)).violations).toBe(0)
})

test('a return of an unknown order, and a row that cannot be read, are kept aside with their reasons, told once, and hold up no orders', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 10 } })
  const platform = await playAmazon({ scale: SCALE })
  const account = await connectAmazon(context, platform, SCALE)
  let reads = 0
  const back = {
    key: 'X/R/1',
    externalOrderId: 'X',
    externalLineId: '1',
    sku: 'MUG',
    quantity: 1,
    arrivedOn: new Date().toISOString().slice(0, 10),
  }
  const unreadable = () => [{ row: 4 + reads, reason: `row ${4 + reads} of Amazon's returns: it names no order`, raw: '{"order":""}' }]
  let file: () => ReturnsRead = () => ({ returns: [back], unreadable: unreadable() })
  const connector = eager(() => {
    reads += 1
    return file()
  })
  lanes({ ...jobDeps(context), connectorOf: () => connector })
  await until('several reports are read', () => reads > 5)
  const kept = () => sql<{ id: number; topic: string; state: string; reason: string }[]>`
    select id, topic, state, reason from inbox where source = 'report' order by topic`
  expect(await kept()).toMatchObject([
    {
      topic: 'RETURN',
      state: 'refused',
      reason: `return: 1 of MUG came back on ${back.arrivedOn} from order X, which is not in the books; count them in by hand if they may be sold`,
    },
    {
      topic: 'RETURN_ROW',
      state: 'refused',
      reason: expect.stringMatching(/^unreadable: row \d+ of Amazon's returns: it names no order$/),
    },
  ])
  // A person takes them up again: there is nothing new to be said.
  for (const { id } of await kept()) expect(await replayInbox(sql, id, 'user:test')).toBe(true)
  await until('they are kept aside again', async () => (await kept()).every(one => one.state === 'refused'))
  const [before] = await sql<{ at: Date }[]>`select covered_until as at from accounts where id = ${account}`
  await until('all orders are known until later', async () => {
    const [now] = await sql<{ at: Date | null }[]>`select covered_until as at from accounts where id = ${account}`
    return (now?.at?.getTime() ?? 0) > (before?.at?.getTime() ?? 0)
  })
  // The order is booked after all, and has left.
  const { id, line } = await shipped(sql, context, platform)
  file = () => ({ returns: [{ ...back, externalOrderId: id, externalLineId: line }], unreadable: [] })
  await until('the return is booked', async () => (await returned(sql)) === 1)
  await until('nothing of it is kept aside', async () => (await kept())[0]?.state === 'done')
  file = () => ({ words: 'the file has no columns' })
  await until('that is said', async () => (await kept()).some(one => one.reason === 'unreadable: the file has no columns'))
})
