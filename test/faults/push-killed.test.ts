import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { check } from '../../src/usecases/check.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { seeded } from '../connectors/stage.ts'
import { freshDatabase } from '../support/database.ts'
import { type DyingPoint, OWN_POINTS, PLATFORM_POINTS } from '../support/dying-sql.ts'
import { change, layIn } from '../support/goods.ts'
import { connectAmazon, connectWoo, GERMANY, onLoopback, playAmazon, playWoo, publishAll } from '../support/hub.ts'
import { type LaneProcess, startLaneProcess } from '../support/lane-process.ts'
import { inStages, isLong, repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

// A process is killed at each point of a push (F01), the platform sells meanwhile, and another process goes on: what is shown is what the books hold, every order
// is booked once, and no unit is given back.

const POINTS: readonly DyingPoint[] = [...OWN_POINTS, ...PLATFORM_POINTS]
const SKUS = Array.from({ length: 12 }, (_, n) => `SKU-${n}`)
const prices = { [GERMANY.id]: '1', shop: '1' }
/** And at any instant after its goods change. */
const POINTS_OR_ANY = [...POINTS, 'any'] as const
/** On both platforms together 270 at the points and 30 at any instant. */
const ROUNDS = repetitions('pushes killed at each of 9 points and at any instant', 1, 15)
/** In the short run each point is tried once: at Amazon, where what was taken is live only later, those where that differs, at the shop the others. */
const FEW: readonly string[] = ['marked', 'effective', 'answered']

for (const platform of ['woocommerce', 'amazon'] as const)
  test(`a process that is killed at any point of a push to ${platform} leaves nothing behind that its successor does not settle`, {
    timeout: 3_600_000,
  }, async () => {
    const points = isLong ? POINTS_OR_ANY : POINTS.filter(point => FEW.includes(point) === (platform === 'amazon'))
    const rounds = Array.from({ length: ROUNDS }, () => points).flat()
    await inStages(rounds.length, 3, async mine => {
      const stage = await startStage(platform, mine[0] ?? 0)
      for (const n of mine) await stage.killAt(rounds[n] ?? 'any')
      await stage.over()
    })
  })

async function startStage(platform: 'woocommerce' | 'amazon', seed: number) {
  const { sql, url } = await freshDatabase()
  const secret = `test:${randomBytes(32).toString('base64')}`
  const context = { sql, keyring: await readKeyring(secret), actor: 'user:test' }
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 1_000 }])))
  const played = await (platform === 'amazon' ? playAmazon({ scale: 100 }) : playWoo({ scale: 100 }))
  const { sandbox } = played
  const chance = seeded(seed)
  sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: 1_000, prices, parent: null })))
  // The platform's own two points: the call has arrived, or has had its effect.
  const victim: { process: LaneProcess | null; point: string } = { process: null, point: '' }
  const door = await onLoopback(async request => {
    const isPush = request.method !== 'GET' && /batch|listings\/2021/.test(request.url)
    if (isPush && victim.point === 'arrived') await victim.process?.kill()
    const answer = await sandbox.fetch(request)
    if (isPush && victim.point === 'effective') await victim.process?.kill()
    return answer
  })
  const account = await (platform === 'amazon' ? connectAmazon : connectWoo)(context, { ...played, address: door.address }, 100)
  const ref = platform === 'amazon' ? GERMANY.id : 'shop'
  let bought = 0
  let sold = 0
  let deaths = 0
  let holder = await startLaneProcess(url, secret)
  // The next one is there before it is needed; the lease keeps it out.
  let next = startLaneProcess(url, secret)
  await publishAll(context, account)
  const isSettled = async (): Promise<boolean> => {
    const [row] = await sql<{ open: number; units: number }[]>`
      select (select count(*)::int from publications where waiting_since is not null or state = 'sent' or withheld > 0) as open,
        (select coalesce(sum(ordered), 0)::int from order_lines) as units`
    if (row?.open !== 0 || row.units !== sold) return false
    const rows = await sql<{ sku: string; books: number }[]>`
      select v.sku, (b.on_hand - b.reserved)::int as books from balances b join variants v on v.id = b.variant_id`
    const shown = new Map(sandbox.shown().map(one => [one.sku, one.quantity]))
    return rows.every(each => shown.get(each.sku) === each.books)
  }
  await until('all are in step', isSettled, 60_000)

  const killAt = async (point: string): Promise<void> => {
    // Whoever started first need not have been the first to ask for the lease.
    const [lease] = await sql<{ owner: string }[]>`select lease_owner as owner from accounts where id = ${account}`
    let successor = await next
    if (lease?.owner === successor.owner) [holder, successor] = [successor, holder]
    deaths += 1
    const isPlatforms = (PLATFORM_POINTS as readonly string[]).includes(point)
    Object.assign(victim, { process: holder, point })
    if (!isPlatforms && point !== 'any') holder.dieAt(point)
    await change(
      sql,
      SKUS.map((sku, n) => ({ sku, location: 'main', quantity: n % 2 === deaths % 2 ? 40 : -40, kind: 'adjust' })),
    )
    if (point === 'any') {
      await wait(600 * chance())
      await holder.kill()
    }
    await holder.ended
    Object.assign(victim, { process: null, point: '' })
    for (const sku of SKUS.slice(0, 4)) {
      sandbox.buy({ ref: `r${bought++}`, channelRef: ref, lines: [{ sku, quantity: 3 }] })
      sold += 3
    }
    // The lease of the dead outlives its slowest call; that is waited for elsewhere.
    await sql`update accounts set lease_until = clock_timestamp() where id = ${account}`
    holder = successor
    next = startLaneProcess(url, secret)
    await until(`after a death at "${point}" all is settled`, isSettled, 60_000)
  }
  const over = async (): Promise<void> => {
    expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
  }
  return { killAt, over }
}
