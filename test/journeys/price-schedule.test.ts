import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { JournalEntry } from '../../connectors/sandbox.ts'
import { pricesSeen, type SeenPrice } from '../../connectors/sandbox-prices.ts'
import { GERMANY, SWEDEN } from '../../src/demo/listings.ts'
import { syncLowerBoundS } from '../../src/domain/sync/bound.ts'
import { platformShapes } from '../../src/main-platforms.ts'
import { pushPaces } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { forecastTurns } from '../../src/usecases/forecast-schedule.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { setPriceEntries } from '../../src/usecases/price-entries.ts'
import { approvePriceList, setPriceList } from '../../src/usecases/price-lists.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { type LiveHub, listingOf, publish, startLiveHub } from '../bench/live-hub.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

/** Each channel by its code, with its name at the platform and its currency. */
const CHANNELS = [
  { code: 'woo', ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' },
  { code: 'amazon-de', ref: GERMANY.id, currency: 'EUR', zone: 'Europe/Berlin' },
  { code: 'amazon-se', ref: SWEDEN.id, currency: 'SEK', zone: 'Europe/Stockholm' },
] as const
const PLATFORMS = ['woocommerce', 'amazon'] as const
const CURRENCIES = ['EUR', 'SEK'] as const
const SECOND = 1_000
/** How late a price may show. The bar of a second is for a run that has the machine to itself; too early is wrong on any. */
const LATE_MS = isLong ? SECOND : 5 * SECOND
const PART = 500

type Market = { readonly context: Context; readonly hub: LiveHub; readonly seen: (untilMs?: number) => Promise<SeenPrice[]> }

/**
 * Three channels on two platforms, each in a process of its own, that show these SKUs at the hub's prices and stock; nothing waits. The platforms go
 * `scale` times faster than real ones.
 */
async function openMarket(skus: readonly string[], scale: number, price: string): Promise<Market> {
  const { sql } = await freshDatabase()
  const context = { ...(await testContext(sql)), pushPaceOf: pushPaces(platformShapes) }
  for (let at = 0; at < skus.length; at += 2_000)
    await layIn(sql, Object.fromEntries(skus.slice(at, at + 2_000).map(sku => [sku, { main: 9 }])), price)
  for (let at = 0; at < skus.length; at += PART)
    await setPrices(
      context,
      null,
      skus.slice(at, at + PART).map(sku => ({ sku, currency: 'SEK', amount: price })),
    )
  const folder = mkdtempSync(join(tmpdir(), 'concord-turns-'))
  chmodSync(folder, 0o700)
  const goods = skus.map(sku => listingOf(sku, 9, price))
  const log = pino({ level: process.env.CONCORD_TEST_LOG ?? 'silent' })
  const hub = await startLiveHub({ ...{ context, log, folder, lagMs: 20, scale }, listings: { woocommerce: goods, amazon: goods } })
  onTestFinished(async () => {
    await hub.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await publish(
    context,
    CHANNELS.map(channel => channel.code),
  )
  // Whoever schedules all prices of a channel has looked at them: the guard is not what is tried here.
  for (const { code } of CHANNELS) await setGuardLimits(context, null, code, { changedPercent: null, dropPercent: null })
  await settled(context, skus.length)
  const seen = async (untilMs = Date.now()): Promise<SeenPrice[]> =>
    (await Promise.all(PLATFORMS.map(name => journalOf(hub, name)))).flatMap(journal => pricesSeen(journal, untilMs))
  return { context, hub, seen }
}

async function journalOf({ sandboxes }: LiveHub, name: (typeof PLATFORMS)[number]): Promise<JournalEntry[]> {
  const all: JournalEntry[] = []
  for (;;) {
    const page = await sandboxes.remote.platform(name).journal(all.at(-1)?.seq ?? 0, 10_000)
    if (page.length === 0) return all
    all.push(...page)
  }
}

const actLate = async ({ sandboxes }: LiveHub): Promise<void> => {
  for (const name of PLATFORMS) await sandboxes.remote.platform(name).misbehave({ kind: 'schedule-late' })
}

function settled({ sql }: Context, skus: number): Promise<boolean> {
  return until(
    'nothing waits to be sent',
    async () => {
      const [row] = await sql<{ open: number; all: number }[]>`
        select count(*) filter (where waiting_since is not null or state = 'sent')::int as open, count(*)::int as all from publications`
      return row !== undefined && row.all >= skus * 4 && row.open === 0
    },
    120_000,
  )
}

/** The price that a buyer saw of a SKU in a channel at an instant; null: what was shown before the journal tells of it. */
function sightsOf(seen: readonly SeenPrice[]): (sku: string, ref: string, atMs: number) => string | null {
  const bySku = Map.groupBy(seen, one => `${one.sku}\n${one.channelRef}`)
  return (sku, ref, atMs) => {
    const last = bySku.get(`${sku}\n${ref}`)?.findLast(one => one.atMs <= atMs)
    return last === undefined ? null : String(Number(last.amount))
  }
}

/** An instant as people state it: local time of a zone, to the second, without an offset. */
const localTime = (atMs: number, zone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(atMs).replace(' ', 'T')

test('prices begin and end within a second in three channels whose platforms act on dates a day late, and end at the price that is right then', {
  timeout: 180_000,
}, async () => {
  const count = repetitions('SKUs whose prices begin and end at one instant', 100, 500)
  const skus = Array.from({ length: count }, (_, n) => `TURN-${String(n).padStart(3, '0')}`)
  const { context, hub, seen } = await openMarket(skus, 100, '20')
  await actLate(hub)

  // Half of them on sale by dated prices, each channel's in its own local time; the other half by a list of another regular price.
  const [sold, listed] = [skus.slice(0, count / 2), skus.slice(count / 2)]
  const leadMs = isLong ? 20 * SECOND : 10 * SECOND
  const startMs = Math.ceil((Date.now() + leadMs) / SECOND) * SECOND
  const endMs = startMs + LATE_MS + 5 * SECOND
  for (const { code, currency, zone } of CHANNELS)
    await setPrices(
      context,
      null,
      sold.map(sku => ({ sku, channel: code, currency, amount: '15', from: localTime(startMs, zone), to: localTime(endMs, zone) })),
    )
  for (const currency of CURRENCIES) {
    const list = `turn-${currency.toLowerCase()}`
    const terms = { currency, kind: 'price', from: localTime(startMs, 'Europe/Berlin'), to: localTime(endMs, 'Europe/Berlin') } as const
    await setPriceList(context, null, list, terms, { zone: 'Europe/Berlin' })
    const { version } = await setPriceEntries(
      context,
      null,
      list,
      listed.map(sku => ({ sku, rule: 'fixed', value: '18' })),
    )
    const { forecast } = await approvePriceList(context, null, list, version)
    expect(forecast.map(one => one.isOnTime)).not.toContain(false)
  }
  expect(Date.now(), 'all is scheduled before it begins').toBeLessThan(startMs - SECOND)

  await until('they are on', () => Date.now() > startMs + LATE_MS, 60_000)
  // The base changes meanwhile: the end must find it.
  for (const currency of CURRENCIES)
    await setPrices(
      context,
      null,
      skus.map(sku => ({ sku, currency, amount: '21' })),
    )
  await until('they are over', () => Date.now() > endMs + LATE_MS, 60_000)
  await settled(context, count)

  const priceAt = sightsOf(await seen())
  const wrong = CHANNELS.flatMap(({ ref }) =>
    skus.flatMap(sku => {
      const promo = sold.includes(sku) ? '15' : '18'
      const told = { before: priceAt(sku, ref, startMs - SECOND), begun: priceAt(sku, ref, startMs + LATE_MS) }
      const ended = { last: priceAt(sku, ref, endMs - SECOND), over: priceAt(sku, ref, endMs + LATE_MS) }
      const isRight = (told.before ?? '20') === '20' && told.begun === promo && ended.last === promo && ended.over === '21'
      return isRight ? [] : [{ sku, ref, ...told, ...ended }]
    }),
  )
  for (const [what, atMs, amounts] of [
    ['began', startMs, [15, 18]],
    ['ended', endMs, [21]],
  ] as const) {
    const turned = (await seen()).filter(
      one => amounts.some(amount => amount === Number(one.amount)) && Math.abs(one.atMs - atMs) <= LATE_MS,
    )
    const late = turned.map(one => one.atMs - atMs)
    console.log(`${late.length} prices ${what} ${Math.min(...late)} to ${Math.max(...late)} ms after their instant`)
  }
  expect(wrong).toEqual([])
  // Between the instants nothing else was seen, and what is shown for good is read back.
  const inside = (await seen()).filter(one => one.atMs >= startMs + LATE_MS && one.atMs <= endMs - SECOND)
  expect(inside).toEqual([])
  await until('every price is applied', async () => {
    const [row] =
      await context.sql`select count(*)::int as open from publications where field = 'price' and (state <> 'applied' or check_at is not null)`
    return row?.open === 0
  })
})

test('across the day on which clocks are set, a platform that keeps its own schedule begins and ends at local midnight', {
  timeout: 60_000,
}, async () => {
  const skus = ['NIGHT-1', 'NIGHT-2']
  const { context, seen } = await openMarket(skus, 20, '20')
  // Of next year: the last Sunday of March has 23 hours in Berlin, that of October 25.
  const year = new Date().getUTCFullYear() + 1
  const sunday = (month: number): number => new Date(Date.UTC(year, month, -new Date(Date.UTC(year, month, 0)).getUTCDay())).getTime()
  const at = (dayMs: number, hours: number): string => new Date(dayMs + hours * 3_600_000).toISOString()
  const [spring, autumn] = [sunday(3), sunday(10)]
  const days = [
    [at(spring, 0).slice(0, 10), at(spring, 24).slice(0, 10), at(spring, -1), at(spring, 22)],
    [at(autumn, 0).slice(0, 10), at(autumn, 24).slice(0, 10), at(autumn, -2), at(autumn, 23)],
  ] as const
  for (const [n, [from, to]] of days.entries())
    await setPrices(
      context,
      null,
      CHANNELS.map(({ code, currency }) => ({ sku: skus[n] ?? '', channel: code, currency, amount: '15', from, to })),
    )
  await settled(context, skus.length)
  const over = Date.UTC(year + 1)
  await until('the dates have arrived', async () => (await seen(over)).filter(one => Number(one.amount) === 15).length === 6)
  const turns = (await seen(over)).filter(one => one.atMs > Date.UTC(year))
  for (const [n, [, , begins, ends]] of days.entries())
    for (const { ref } of CHANNELS)
      expect(
        turns.flatMap(one =>
          one.sku === skus[n] && one.channelRef === ref ? [[new Date(one.atMs).toISOString(), Number(one.amount)]] : [],
        ),
      ).toEqual([
        [begins, 15],
        [ends, 20],
      ])
})

/** T* of so many calls, if they had the platform's whole rate and we took no time of our own, seconds. */
function leastCallsS(platform: string, calls: number, scale: number): number {
  const pace = pushPaces(platformShapes)(platform)
  if (pace === undefined) throw new Error(`nothing is known of the pace of ${platform}`)
  const bucket = { ratePerS: pace.bucket.ratePerS * scale, burst: pace.bucket.burst * scale }
  return syncLowerBoundS({ calls, bucket, latencyS: pace.latencyS / scale, inFlight: pace.inFlight, processingS: 0 })
}

test.runIf(isLong)('twenty thousand prices turn within T* of the window that was forecast', { timeout: 1_800_000 }, async () => {
  const skus = Array.from({ length: 20_000 }, (_, n) => `MANY-${String(n).padStart(5, '0')}`)
  const scale = 20
  const { context, hub, seen } = await openMarket(skus, scale, '20')
  await actLate(hub)
  const startMs = Math.ceil((Date.now() + 60 * SECOND) / SECOND) * SECOND
  const from = new Date(startMs).toISOString()
  await setPriceList(context, null, 'many', { currency: 'EUR', kind: 'price', from })
  for (let at = 0; at < skus.length; at += 5_000)
    await setPriceEntries(
      context,
      null,
      'many',
      skus.slice(at, at + 5_000).map(sku => ({ sku, rule: 'fixed', value: '18' })),
    )
  const forecast = await forecastTurns(context, [{ at: from, list: 'many' }])
  const { version } = (await setPriceList(context, null, 'many', { title: 'Many' })).list
  await expect(approvePriceList(context, null, 'many', version)).rejects.toMatchObject({ code: 'late_flip' })
  await approvePriceList(context, null, 'many', version, { acceptWindow: true })
  expect(Date.now()).toBeLessThan(startMs)
  await until('it has begun', () => Date.now() > startMs, 180_000)
  await until(
    'all are sent',
    async () => {
      // To look through all of them again and again would take the machine's time from those who send.
      const [some] = await context.sql`select from publications where waiting_since is not null and field = 'price' limit 1`
      if (some !== undefined) return false
      const [row] = await context.sql`
        select count(*)::int as open from publications where field = 'price' and (state = 'sent' or intended->>'regular' = '20' and channel_id <> (select id from channels where code = 'amazon-se'))`
      return row?.open === 0
    },
    1_200_000,
  )
  const sights = await seen()
  for (const [{ code, ref }, platform] of [[CHANNELS[0], 'woocommerce'] as const, [CHANNELS[1], 'amazon'] as const]) {
    const window = forecast.find(one => one.channel === code)
    const turned = sights.filter(one => one.channelRef === ref && Number(one.amount) === 18)
    const lastMs = Math.max(...turned.map(one => one.atMs)) - startMs
    const forecastMs = Date.parse(window?.lastAt ?? '') - startMs
    const leastMs = leastCallsS(platform, window?.calls ?? 0, scale) * SECOND
    console.log(
      `${code}: ${turned.length} turned within ${lastMs} ms; forecast ${forecastMs} ms, T* of the calls ${Math.round(leastMs)} ms`,
    )
    expect(turned).toHaveLength(skus.length)
    expect(Math.min(...turned.map(one => one.atMs))).toBeGreaterThanOrEqual(startMs - SECOND)
    expect(lastMs).toBeLessThanOrEqual(forecastMs + leastMs)
  }
})
