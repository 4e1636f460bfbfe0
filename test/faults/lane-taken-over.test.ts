import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { check } from '../../src/usecases/check.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn } from '../support/goods.ts'
import { connectAmazon, connectWoo, GERMANY, onLoopback, playAmazon, playWoo, publishAll, shownOf } from '../support/hub.ts'
import { type LaneProcess, startLaneProcess } from '../support/lane-process.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

// Two processes share an account. One dies or is stopped in the middle of pushes; the platform's own door says who called it, and when.

const SKUS = Array.from({ length: 40 }, (_, n) => `SKU-${n}`)
const prices = { [GERMANY.id]: '1', shop: '1' }
/** Longer than any lease, on both counts. */
const STOPPED_MS = isLong ? 60_000 : 11_000
/** The bar is measured in the long run, where one file has the machine; beside others each step may wait its turn. */
const TAKEN_WITHIN_MS = isLong ? 10_000 : 14_000

type Call = { readonly by: string; readonly atMs: number; readonly writes: boolean }

async function shared(platform: 'woocommerce' | 'amazon') {
  const { sql, url, drop } = await freshDatabase()
  const secret = `test:${randomBytes(32).toString('base64')}`
  const context = { sql, keyring: await readKeyring(secret), actor: 'user:test' }
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 500 }])))
  const played = await (platform === 'amazon' ? playAmazon() : playWoo())
  played.sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: 500, prices, parent: null })))
  const calls: Call[] = []
  const door = await onLoopback(request => {
    const by = request.headers.get('x-lane')
    if (by !== null)
      calls.push({ by, atMs: performance.now(), writes: /batch|listings\/2021/.test(request.url) && request.method !== 'GET' })
    return played.sandbox.fetch(request)
  })
  const connect = platform === 'amazon' ? connectAmazon : connectWoo
  const account = await connect(context, { ...played, address: door.address })
  const processes = await Promise.all([startLaneProcess(url, secret), startLaneProcess(url, secret)])
  await publishAll(context, account)
  const holder = async (): Promise<LaneProcess> => {
    const [row] = await sql<{ owner: string }[]>`select lease_owner as owner from accounts where lease_until > clock_timestamp()`
    return processes.find(one => one.owner === row?.owner) ?? Promise.reject(new Error('nobody holds the lease'))
  }
  const other = (than: LaneProcess): LaneProcess => processes.find(one => one !== than) ?? than
  const restart = (): Promise<LaneProcess> => startLaneProcess(url, secret)
  return { sql, context, calls, holder, other, processes, restart, close: drop, shown: (sku: string) => shownOf(played.sandbox, sku) }
}

type Shared = Awaited<ReturnType<typeof shared>>

/** Counts all SKUs anew, again and again, so that whoever holds the lease is always in the middle of pushes. */
function keepChanging(sql: Sql): { readonly stop: () => Promise<number> } {
  const ended = new AbortController()
  let quantity = 100
  const work = (async () => {
    while (!ended.signal.aborted) {
      quantity += 1
      await change(
        sql,
        SKUS.map(sku => ({ sku, location: 'main', quantity, kind: 'count' })),
      )
      await wait(150)
    }
    return quantity
  })()
  return {
    stop: () => {
      ended.abort()
      return work
    },
  }
}

async function converged({ sql, context, shown }: Shared, quantity: number): Promise<void> {
  await until('the platform shows what is intended', () => SKUS.every(sku => shown(sku) === quantity), 40_000)
  await until(
    'nothing waits',
    async () => (await sql`select 1 from publications where waiting_since is not null or state = 'sent'`).length === 0,
    40_000,
  )
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
}

// Amazon is stopped below; in the long run both platforms see both.
for (const platform of isLong ? (['woocommerce', 'amazon'] as const) : (['woocommerce'] as const))
  test(`what a killed process held at ${platform} is taken over within 10 s, by looking before anything is written`, {
    timeout: 3_600_000,
  }, async () => {
    const hub = await shared(platform)
    for (let round = 0; round < repetitions(`lanes killed at ${platform}`, 1, 30); round++) {
      const changing = keepChanging(hub.sql)
      const dead = await until('somebody holds it', () => hub.holder().catch(() => null))
      const begun = hub.calls.length
      await until(
        'it is in the middle of pushes',
        () => hub.calls.slice(begun).filter(call => call.by === dead.owner && call.writes).length > 3,
      )
      const killedAt = performance.now()
      await dead.kill()
      const successor = hub.other(dead)
      const first = await until('the other one calls', () => hub.calls.find(call => call.by === successor.owner && call.atMs > killedAt))
      expect(first.atMs - killedAt).toBeLessThan(TAKEN_WITHIN_MS)
      expect(first.writes).toBe(false)
      await converged(hub, await changing.stop())
      hub.processes[hub.processes.indexOf(dead)] = await hub.restart()
    }
  })

test('a process that was stopped for longer than its lease starts no call when it goes on, until it holds the lease again', {
  timeout: 3_600_000,
}, async () => {
  for (let round = 0; round < repetitions('lanes stopped and resumed', 1, 10); round++) {
    const hub = await shared(round % 2 === 0 ? 'amazon' : 'woocommerce')
    const changing = keepChanging(hub.sql)
    const stopped = await until('somebody holds it', () => hub.holder().catch(() => null))
    const begun = hub.calls.length
    await until(
      'it is in the middle of pushes',
      () => hub.calls.slice(begun).filter(call => call.by === stopped.owner && call.writes).length > 3,
    )
    const frozenAt = performance.now()
    stopped.freeze()
    const successor = hub.other(stopped)
    const first = await until('the other one calls', () => hub.calls.find(call => call.by === successor.owner && call.atMs > frozenAt))
    expect(first.atMs - frozenAt).toBeLessThan(TAKEN_WITHIN_MS)
    await wait(STOPPED_MS - (performance.now() - frozenAt))
    const resumedAt = performance.now()
    stopped.thaw()
    // Its timers, its sockets and what it had in hand all wake at once.
    await wait(4_000)
    expect(hub.calls.filter(call => call.by === stopped.owner && call.atMs > resumedAt)).toEqual([])
    await converged(hub, await changing.stop())
    // It is as good as any: it takes over in its turn.
    const killedAt = performance.now()
    await successor.kill()
    // That it waits for the lease of the dead is seen above.
    if (!isLong) await hub.sql`update accounts set lease_until = clock_timestamp()`
    const again = await until('it calls again', () => hub.calls.find(call => call.by === stopped.owner && call.atMs > killedAt))
    expect(again.atMs - killedAt).toBeLessThan(TAKEN_WITHIN_MS)
    await stopped.kill()
    await hub.close()
  }
})
