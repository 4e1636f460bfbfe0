import { beforeAll, describe, expect, test } from 'vitest'
import { listMarketSteps, listMarketStops } from '../../db/market-steps.ts'
import { listPriceEntries } from '../../db/price-entries.ts'
import { bringMarketOffers, type OfferStated } from '../../src/usecases/market-offers.ts'
import { resumeMarket, setMarketRule, tryMarketRule } from '../../src/usecases/market-rules.ts'
import { setPriceLimits } from '../../src/usecases/price-limits.ts'
import { type Repriced, repriceNext } from '../../src/usecases/reprice.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'

const { sql } = await freshDatabase()
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
// The books keep their own time; what follows the market is judged by this clock, which begins later.
let clock = Date.now() + 3_600_000
const minutes = (n: number): void => {
  clock += n * 60_000
}
const context = { sql, keyring, actor: 'user:ana', now: () => new Date(clock) }

beforeAll(async () => {
  await layIn(sql, { MUG: { a: 1 }, LID: { a: 1 }, CUP: { a: 1 }, BOWL: { a: 1 }, JUG: { a: 1 }, PAN: { a: 1 } }, '10')
  await quietChannel(sql, 'shop')
  await quietChannel(sql, 'fair')
  await priceList(sql, { code: 'web', audience: 'channel', of: 'shop', entries: [] })
  await priceList(sql, { code: 'checked', audience: 'channel', of: 'shop', entries: [] })
  await sql`update price_list_terms set four_eyes = true where list_id = (select id from price_lists where code = 'checked')`
  await sql`update products set category = 'Tools' where handle in ('JUG', 'PAN')`
})

const at = (): string => new Date(clock).toISOString()
/** Offers seen now; the instants in our books are those of the tests' clock. */
async function bring(...offers: (Omit<OfferStated, 'currency' | 'competitor'> & Partial<OfferStated>)[]) {
  const done = await bringMarketOffers(
    context,
    null,
    offers.map(offer => ({ competitor: 'acme', currency: 'EUR', seenAt: at(), ...offer })),
  )
  await sql`update market_offers set valid_from = ${at()} where valid_from < clock_timestamp() and id > ${mark}`
  await sql`update market_offers set valid_to = ${at()} where valid_to <= valid_from`
  const [row] = await sql<{ id: number }[]>`select coalesce(max(id), 0) as id from market_offers`
  mark = row?.id ?? 0
  return done
}
let mark = 0
const reprice = (): Promise<Repriced> => repriceNext(context, 100)
const asked = async (sku: string, list = 'web'): Promise<string | null> => {
  const [entry] = await listPriceEntries(sql, list, { of: sku, waiting: false }, 0, 1)
  return entry?.value ?? null
}
const steps = async (sku: string) =>
  (await listMarketSteps(sql, { sku }, null, 20))
    .map(({ from, to, competitor, clamp, isAnswer }) => [from, to, competitor, clamp, isAnswer])
    .reverse()

describe('a rule', () => {
  test('steps as a fixed entry of the repricer with the why, and holds the floor', async () => {
    await setPriceLimits(context, null, [{ kind: 'floor', basis: 'map', sku: 'MUG', amount: '9.20', currency: 'EUR' }])
    const set = await setMarketRule(
      context,
      'r1',
      'mugs',
      { list: 'web', sku: 'MUG', mode: 'amount', value: '0.05', warSteps: 2 },
      'the fair',
    )
    expect(set).toMatchObject({
      made: true,
      changed: true,
      rule: { code: 'mugs', scope: 'variant', sku: 'MUG', maxAgeMinutes: 1440, stepsPerDay: 4, state: 'active' },
    })
    expect(
      await setMarketRule(context, null, 'mugs', { list: 'web', sku: 'MUG', mode: 'amount', value: '0.050', warSteps: 2 }),
    ).toMatchObject({ made: false, changed: false })
    minutes(1)
    await bring({ sku: 'MUG', amount: '9.60' }, { sku: 'MUG', amount: '5', channel: 'fair', competitor: 'elsewhere' })
    expect(await reprice()).toMatchObject({ steps: 1, waiting: 0, wars: 0, stale: 0, refused: [] })
    const [entry] = await listPriceEntries(sql, 'web', { of: 'MUG' }, 0, 1)
    expect(entry).toMatchObject({
      ...{ value: '9.55', actor: 'repricer' },
      why: `acme asks 9.6 EUR (seen ${at()}); 0.05 EUR below it is 9.55 EUR`,
    })
    expect(await reprice()).toMatchObject({ taken: 0 })
    minutes(10)
    await bring({ sku: 'MUG', amount: '9.10' })
    await reprice()
    // Five cents under its offer would be under the floor.
    expect(await steps('MUG')).toEqual([
      ['10', '9.55', 'acme', null, false],
      ['9.55', '9.2', 'acme', 'floor', true],
    ])
    const [shown] = await sql<{ regular: string }[]>`
      select price->>'regular' as regular from channel_price_2((select array_agg(id) from channels where code = 'shop'),
        (select array_agg(id) from variants where sku = 'MUG'), clock_timestamp())`
    expect(shown?.regular).toBe('9.2')
  })

  test('that speaks more closely goes first, and a dry run says so and writes nothing', async () => {
    minutes(1)
    await setMarketRule(context, null, 'all', { list: 'web', mode: 'percent', value: '10', competitors: ['bits'] })
    await bring({ sku: 'LID', amount: '8', competitor: 'bits' })
    const tried = await tryMarketRule(context, 'all', null, 0, 10)
    expect(tried.map(({ sku, act, to, price, words }) => [sku, act, to, price, words])).toEqual([
      ['MUG', 'other_rule', null, '9.2', 'the rule mugs of the same list decides about it'],
      ['LID', 'step', '7.2', '10', `bits asks 8 EUR (seen ${at()}); 10 % below it is 7.2 EUR`],
    ])
    const stated = await tryMarketRule(context, 'all', { list: 'web', mode: 'match', competitors: ['bits'] }, 0, 10)
    expect(stated.map(({ sku, to }) => [sku, to])).toEqual([
      ['MUG', null],
      ['LID', '8'],
    ])
    expect([await asked('LID'), await steps('LID')]).toEqual([null, []])
    await reprice()
    expect(await asked('LID')).toBe('7.2')
    await setMarketRule(context, null, 'all', { list: 'web', mode: 'percent', value: '10', competitors: ['bits'], state: 'ended' })
    await reprice()
  })

  test('refuses what it cannot be', async () => {
    const refused = (input: Parameters<typeof setMarketRule>[3]) => setMarketRule(context, null, 'wrong', input)
    await expect(refused({ list: 'wbe', mode: 'match' })).rejects.toMatchObject({
      code: 'invalid',
      detail: { field: 'list', value: 'wbe' },
    })
    await expect(refused({ list: 'web', mode: 'percent', value: '100' })).rejects.toMatchObject({ detail: { field: 'value' } })
    await expect(refused({ list: 'web', mode: 'match', value: '1' })).rejects.toMatchObject({ detail: { field: 'value' } })
    await expect(refused({ list: 'web', mode: 'match', stepsPerDay: 0 })).rejects.toMatchObject({ detail: { field: 'stepsPerDay' } })
    await expect(refused({ list: 'web', mode: 'match', sku: 'MUG', category: 'Tools' })).rejects.toMatchObject({ detail: { field: 'sku' } })
    await expect(tryMarketRule(context, 'nobody', null, 0, 1)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('a price war', () => {
  test('stops the rule for that SKU, keeps the price, is told, and goes on when a person says so', async () => {
    minutes(2_000)
    await setMarketRule(context, null, 'war', { list: 'web', sku: 'CUP', mode: 'amount', value: '0.1', warSteps: 2, stepsPerDay: 50 })
    for (const amount of ['9', '8.8', '8.6', '8.4']) {
      minutes(10)
      await bring({ sku: 'CUP', amount })
      await reprice()
    }
    expect(await steps('CUP')).toEqual([
      ['10', '8.9', 'acme', null, false],
      ['8.9', '8.7', 'acme', null, true],
      ['8.7', '8.5', 'acme', null, true],
    ])
    expect(await asked('CUP')).toBe('8.5')
    const [stop] = await listMarketStops(sql, { sku: 'CUP' }, null, 10)
    expect(stop).toMatchObject({
      ...{ rule: 'war', list: 'web', sku: 'CUP', competitor: 'acme', resumedAt: null },
      why: { steps: 2, windowMinutes: 1440, price: '8.5', offer: '8.4', target: '8.3', currency: 'EUR' },
    })
    const alerts = () =>
      sql<{ act: string; actor: string }[]>`select act, actor from audit where act like 'market.%' and subject = 'CUP' order by id`
    expect(await alerts()).toEqual([{ act: 'market.war', actor: 'repricer' }])
    minutes(10)
    await bring({ sku: 'CUP', amount: '8' })
    expect(await reprice()).toMatchObject({ steps: 0, wars: 0 })
    expect((await tryMarketRule(context, 'war', null, 0, 1))[0]).toMatchObject({ act: 'stopped', to: null })

    await resumeMarket(context, 'go', 'war', 'CUP', 'they said sorry')
    expect(await resumeMarket(context, 'go', 'war', 'CUP', 'they said sorry')).toEqual({ replayed: true })
    expect(await reprice()).toMatchObject({ steps: 1 })
    expect(await asked('CUP')).toBe('7.9')
    expect(await alerts()).toEqual([
      { act: 'market.war', actor: 'repricer' },
      { act: 'market.resumed', actor: 'user:ana' },
    ])
    expect(await listMarketStops(sql, { sku: 'CUP' }, null, 10)).toEqual([])
    expect((await listMarketStops(sql, { sku: 'CUP', resumed: true }, null, 10))[0]).toMatchObject({
      resumedBy: 'user:ana',
      note: 'they said sorry',
    })
    await expect(resumeMarket(context, null, 'war', 'CUP')).rejects.toMatchObject({ code: 'conflict' })
    await expect(resumeMarket(context, null, 'war', 'CPU')).rejects.toMatchObject({ code: 'not_found', detail: { field: 'sku' } })
  })
})

describe('steps of a day', () => {
  test('wait for the instant that frees one, which is due', async () => {
    minutes(2_000)
    await setMarketRule(context, null, 'slow', { list: 'web', sku: 'BOWL', mode: 'match', stepsPerDay: 1, maxAgeMinutes: 100_000 })
    await bring({ sku: 'BOWL', amount: '9.9' })
    await reprice()
    const first = clock
    minutes(60)
    await bring({ sku: 'BOWL', amount: '9.8' })
    expect(await reprice()).toMatchObject({ taken: 1, steps: 0 })
    const dueAt = async () =>
      (await sql<{ at: Date }[]>`select at from due where what = 'market' and ref_id = (select id from variants where sku = 'BOWL')`).map(
        row => row.at.getTime(),
      )
    expect(await dueAt()).toEqual([first + 86_400_000])
    expect((await tryMarketRule(context, 'slow', null, 0, 1))[0]).toMatchObject({
      act: 'later',
      at: new Date(first + 86_400_000),
      stepsLeft: 0,
    })
    minutes(23 * 60)
    await sql`select due_sweep_1(${at()}, 100)`
    await reprice()
    expect((await steps('BOWL')).map(step => step[1])).toEqual(['9.9', '9.8'])
  })
})

describe('a list marked four eyes', () => {
  test('has the step wait for approval, asked for once', async () => {
    await setMarketRule(context, null, 'careful', { list: 'checked', sku: 'JUG', mode: 'match' })
    await bring({ sku: 'JUG', amount: '9.4' })
    expect(await reprice()).toMatchObject({ steps: 1, waiting: 1 })
    minutes(1)
    await bring({ sku: 'JUG', amount: '9.4' })
    expect(await reprice()).toMatchObject({ taken: 1, steps: 0 })
    expect(await listPriceEntries(sql, 'checked', { waiting: true }, 0, 10)).toMatchObject([
      { of: 'JUG', value: '9.4', since: null, actor: 'repricer' },
    ])
    expect(await asked('JUG', 'checked')).toBeNull()
  })
})

test('processes at once take each step once', async () => {
  await setMarketRule(context, null, 'tools', { list: 'web', category: 'Tools', mode: 'amount', value: '1', stepsPerDay: 9 })
  for (let round = 0; round < 5; round++) {
    minutes(10)
    await bring(
      { sku: 'PAN', amount: `${9 - round / 2}`, competitor: `c${round}` },
      { sku: 'JUG', amount: `${9 - round / 2}`, competitor: `c${round}` },
    )
    // Both judge the same work: the second finds that it was done, or judges anew.
    const judging = async () => {
      await sql`update market_work set taken_until = null`
      return reprice()
    }
    await Promise.all([judging(), judging(), judging()])
    await reprice()
  }
  expect((await steps('PAN')).map(step => step[1])).toEqual(['8', '7.5', '7', '6.5', '6'])
  expect((await listMarketSteps(sql, { sku: 'JUG', list: 'web' }, null, 9)).map(step => step.to)).toEqual(['6', '6.5', '7', '7.5', '8'])
})
