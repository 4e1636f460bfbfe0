import { describe, expect, test } from 'vitest'
import type { AccountAccess, RemoteListing, Session } from '../../connectors/contract.ts'
import type { HttpCall } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { type Books, intendRow, type LanePlatform, runVirtualLane } from '../support/lane-simulation.ts'
import { virtualTime } from '../support/virtual-time.ts'
import { stage as bazaar } from './bazaar-stage.ts'
import { everyStage, type PlatformLimit, type PlatformStage, type Refusal, type Steady } from './platform-stage.ts'
import { drain, STARTED_AT, seeded } from './stage.ts'

// Each sandbox enforces what its platform publishes, at its real size and in virtual time: a client that keeps no pace is refused just there, and ours,
// with more to do than any burst, is not. The same run without the pace is refused, so that it shows something.

/** Until a whole day has passed since goods were read for the first time, so that every bucket and every day is fresh again. */
const BEGINS_MS = 16 * 3_600_000
const EVERYTHING: Steady = { what: 'everything at once', listings: 120, changeEveryMs: 100, forMs: 15_000, unless: 'paced' }

const stages = [...(await everyStage()), bazaar]

describe.each(stages.map(stage => ({ platform: stage.connector.title, stage })))('$platform', ({ stage }) => {
  test.each(stage.limits)('lets the documented burst through and refuses the next call: $what', limit => refuses(stage, limit))

  test.each(stage.steady ?? [EVERYTHING])('never refuses our connector, however much there is to do: $what', async steady => {
    const { refused, calls, sent } = await worked(stage, steady, true)
    expect(refused.slice(0, 5)).toEqual([])
    expect(sent, `values that were taken in ${calls} calls`).toBeGreaterThan(0)
  })

  test.each(stage.steady ?? [EVERYTHING])('would refuse it otherwise: $what', async steady => {
    expect((await worked(stage, steady, false)).refused.length).toBeGreaterThan(0)
  })
})

/** Fires calls at one instant, and again when the platform says that some may go. */
async function refuses(stage: PlatformStage, { make = stage.live.make, calls, burst, refusal, again }: PlatformLimit): Promise<void> {
  let atMs = STARTED_AT.getTime()
  const now = () => new Date(atMs)
  const sandbox = make({ file: ':memory:', now, scale: 1, random: seeded(3), deliver: async () => 200, lagMs: 0 })
  const fire = async (next: () => Request, times: number): Promise<string> => {
    let told = ''
    for (let n = 0; n < times; n += 1) told += (await isRefused(await sandbox.fetch(next()), [refusal])) ? 'x' : '.'
    return told
  }
  try {
    expect(await fire(await calls(sandbox), burst + 3)).toBe(`${'.'.repeat(burst)}xxx`)
    atMs += again.afterMs
    // A token may be over by now.
    expect(await fire(await calls(sandbox), again.calls + 2)).toBe(`${'.'.repeat(again.calls)}xx`)
  } finally {
    sandbox.close()
  }
}

/** Steady work with the real session, pace, breaker and rules of retries; without what keeps it within the limits it ends at the first refusal. */
async function worked(stage: PlatformStage, steady: Steady, isWithin: boolean) {
  const { connector, limits, live } = stage
  const time = virtualTime()
  const now = () => new Date(STARTED_AT.getTime() + time.now())
  const random = seeded(11)
  const sandbox = (steady.make ?? live.make)({ file: ':memory:', now, scale: 1, random, deliver: async () => 200, lagMs: 0 })
  const refused: string[] = []
  let calls = 0
  const http: LanePlatform['http'] = async call => {
    await time.sleep(5 + 20 * random())
    const { answer, asked } = await asRequest(sandbox, call)
    calls += 1
    if (
      await isRefused(
        answer,
        limits.map(limit => limit.refusal),
      )
    )
      refused.push(
        `after ${Math.round((time.now() - BEGINS_MS) / 1000)} s: ${call.method} ${new URL(call.url).pathname} ${asked}`.slice(0, 120),
      )
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
  }
  const isPaced = isWithin || steady.unless !== 'paced'
  const account = live.account('http://platform.example', isWithin || steady.unless === 'paced' ? 1 : steady.unless.scale)
  const access: AccountAccess = {
    settings: connector.settings.parse(account.settings) as AccountAccess['settings'],
    credentials: connector.credentials.parse(account.credentials) as AccountAccess['credentials'],
    channels: account.channels.map(({ ref, currency, zone }) => ({ ref, currency, zone: zone ?? 'UTC' })),
  }
  const platform: LanePlatform = { connector, access, http, now }

  const prices = Object.fromEntries(access.channels.map(({ ref }) => [ref, '10.00']))
  sandbox.seed(
    Array.from({ length: steady.listings }, (_, n) => ({ sku: `S-${n}`, title: `S-${n}`, gtin: null, quantity: 0, prices, parent: null })),
  )
  const books = await booksOf(platform, time)
  await time.runTo(BEGINS_MS)
  calls = 0
  refused.splice(0)

  const ended = new AbortController()
  const idleMs = steady.idleMs ?? 50
  const repeat = async (everyMs: number, work: () => Promise<unknown>): Promise<void> => {
    // What fails is the lane's to bear: here it is asked for again.
    while (!ended.signal.aborted) await Promise.allSettled([work()]).then(() => time.sleep(everyMs))
  }
  let wanted = 0
  const beside = async (session: Session): Promise<void> => {
    let place: string | null = null
    await Promise.all([
      repeat(Math.max(connector.declares.pollEveryMs, idleMs), async () => {
        for await (const page of session.orders(now())) expect(page.unreadable).toEqual([])
      }),
      repeat(idleMs, () => session.order('order_none')),
      repeat(idleMs, async () => {
        place = (await session.bulk.page(place)).next
      }),
      repeat(Math.max(500, idleMs), () => sandbox.tick()),
      repeat(steady.changeEveryMs, async () => {
        wanted = (wanted % 900) + 1
        for (const row of books.rows) intendRow(row, wanted)
      }),
    ])
  }
  const lane = runVirtualLane(books, platform, time, random, ended.signal, { isPaced, beside, idleMs: steady.idleMs ?? 0 })
  await time.runTo(BEGINS_MS + steady.forMs, () => !isWithin && refused.length > 0)
  const told = { refused: [...refused], calls, sent: sentIn(sandbox) }
  ended.abort(new Error('over'))
  await time.runTo(time.now() + 3_600_000)
  await lane.catch(() => {})
  sandbox.close()
  return told
}

/** The rows of a lane for all listings, read in time for their buckets to fill again. */
async function booksOf({ connector, access, http, now }: LanePlatform, time: ReturnType<typeof virtualTime>): Promise<Books> {
  const session = connector.open(access, { http, now, pace: makePace(connector.limits, { timer: time.timer }) })
  let listings: readonly RemoteListing[] | null = null
  const reading = drain(session.listings()).then(all => {
    listings = all.filter(one => one.channelRef === access.channels[0]?.ref)
    return listings
  })
  await time.runTo(BEGINS_MS, () => listings !== null)
  return {
    lease: 0,
    rows: (await reading).map((key, listing) => ({
      ...{ sku: key.externalSku, listing, key, intended: 0, accepted: 0, sent: null, sentAt: -1, state: 'applied' as const },
      ...{ checkAt: null, unknown: false, retryAt: 0, attempts: 0 },
    })),
  }
}

async function asRequest(sandbox: Sandbox, { method, url, headers = {}, body }: HttpCall) {
  const request = new Request(url, { method, headers: { ...headers }, ...(body === undefined ? {} : { body }) })
  return { answer: await sandbox.fetch(request), asked: body ?? '' }
}

async function isRefused(answer: Response, refusals: readonly Refusal[]): Promise<boolean> {
  const text = await answer.clone().text()
  return refusals.some(
    ({ status, body, headers = {} }) =>
      answer.status === status && body.test(text) && Object.entries(headers).every(([name, value]) => answer.headers.get(name) === value),
  )
}

const sentIn = (sandbox: Sandbox): number =>
  sandbox.journal(0, 100_000).filter(entry => entry.kind === 'quantity' && ['push', 'pushed'].includes(String(entry.data.cause))).length
