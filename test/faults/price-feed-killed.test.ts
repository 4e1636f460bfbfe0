import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { check } from '../../src/usecases/check.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { callsOf, feedScene, inStep, priceOf, reprice } from '../support/price-feeds.ts'
import { isLong, repetitions } from '../support/repetitions.ts'

const COUNT = 160

/** Where the process dies, and whether the platform has the feed then. */
const POINTS: readonly (readonly [string, boolean])[] = [
  ['feed:start!', true],
  ['sql:feed_verdicts_1', true],
  ['feed:start', false],
  ['sql:feed_fill_1:2', true],
  ['sql:feed_starting_1', true],
  ['feed:upload', false],
  ['feed:upload!', false],
  ['feed:look', true],
  ['feed:verdicts!', true],
  ['sql:feed_end_1', true],
]

test.each(POINTS.slice(0, repetitions('price feed killed', 1, POINTS.length)))(
  'a feed of prices whose sender is killed at %s is started once at the most, found again, and all prices show',
  { timeout: isLong ? 600_000 : 120_000 },
  async (point, hasFeed) => {
    const { sql, url } = await freshDatabase()
    const secret = `test:${randomBytes(32).toString('base64')}`
    const context = { sql, keyring: await readKeyring(secret), actor: 'user:test' }
    let first: { readonly ended: Promise<unknown> } = { ended: Promise.resolve() }
    const { platform, account, skus } = await feedScene(context, COUNT, { feedQueueMs: 400, feedWorkMs: 300 }, () => {
      first = startLaneProcess(url, secret, point)
    })
    await reprice(context, skus, '12.5')
    await first.ended
    const [open] = await sql<{ n: number }[]>`select count(*)::int as n from publications where feed_id is not null`
    if (!point.startsWith('sql:feed_end')) expect(open?.n).toBeGreaterThan(0)
    // The lease of the dead outlives its slowest call; that is waited for elsewhere.
    await sql`update accounts set lease_until = clock_timestamp() where id = ${account}`
    // So does the time in which the platform may list a feed; in the long run that passes by itself.
    if (!isLong) await sql`update publication_feeds set starting_at = starting_at - interval '9 seconds' where ended_at is null`
    startLaneProcess(url, secret, '')
    await inStep(sql, 2 * COUNT, 60_000)
    expect(skus.filter(sku => priceOf(platform.sandbox, sku) !== 12.5)).toEqual([])
    expect(callsOf(platform.sandbox, 'createFeed')).toBe(hasFeed ? 1 : 0)
    expect(await sql`select 1 from publication_feeds where ended_at is null`).toEqual([])
    expect(await sql`select outcome from publication_feeds`).toEqual([{ outcome: hasFeed ? 'done' : 'refused' }])
    expect((await check(context)).violations).toBe(0)
  },
)

function startLaneProcess(url: string, secret: string, point: string): { readonly ended: Promise<unknown> } {
  const path = fileURLToPath(new URL('../support/feed-lane-child.ts', import.meta.url))
  const child = fork(path, [url, secret, `lane-${randomBytes(4).toString('hex')}`, point], { execArgv: [], stdio: 'ignore' })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { ended }
}
