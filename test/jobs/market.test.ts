import { afterAll, expect, test } from 'vitest'
import type { JsonValue } from '../../db/connect.ts'
import { listMarketSteps, type MarketFactsRow, readMarketFacts, writeMarketTurns } from '../../db/market-steps.ts'
import { listPriceEntries } from '../../db/price-entries.ts'
import { repriceAll, runMarket } from '../../jobs/market.ts'
import { startTailer } from '../../jobs/tailer.ts'
import { makeLog } from '../../src/http/log.ts'
import { bringMarketOffers } from '../../src/usecases/market-offers.ts'
import { setMarketRule } from '../../src/usecases/market-rules.ts'
import { setPriceLimits } from '../../src/usecases/price-limits.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()
const context = { sql, keyring: await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`), actor: 'test' }
const lines: string[] = []
const log = makeLog({ destination: { write: line => lines.push(line) } })
const ending = new AbortController()
afterAll(() => ending.abort())

await layIn(sql, { MUG: { a: 1 }, LID: { a: 1 }, CUP: { a: 1 } })
await quietChannel(sql, 'shop')
await priceList(sql, { code: 'web', audience: 'channel', of: 'shop', entries: [] })
await setMarketRule(context, null, 'all', { list: 'web', mode: 'amount', value: '0.5', warSteps: 1 })
const bring = (sku: string, amount: string, currency = 'EUR') =>
  bringMarketOffers(context, null, [{ sku, competitor: 'acme', currency, amount }])
const asked = async (sku: string): Promise<string | null> => (await listPriceEntries(sql, 'web', { of: sku }, 0, 1))[0]?.value ?? null
const idOf = async (sku: string): Promise<number> => (await sql<{ id: number }[]>`select id from variants where sku = ${sku}`)[0]?.id ?? 0

/** A step to a price as the repricer would have it written. */
const turn = (facts: MarketFactsRow, to: string) => ({
  ...{ variantId: facts.variantId, listId: facts.listId, list: facts.list, ruleId: facts.ruleId, termsId: facts.termsId, sku: facts.sku },
  ...{
    lastId: facts.lastId,
    entryId: facts.entryId,
    waitingId: facts.waitingId,
    asked: null,
    again: null,
    act: 'step',
    from: facts.ours,
    to,
  },
  ...{ target: to, clamp: null, offerId: facts.offers[0]?.id, competitor: 'acme', isAnswer: false, words: 'as it was seen' },
})
const write = (key: string, ...turns: ReturnType<typeof turn>[]) =>
  writeMarketTurns(sql, {
    scope: 'test',
    key,
    kind: 'market.steps',
    hash: key,
    at: new Date().toISOString(),
    turns,
  } as unknown as JsonValue)

test('a decision is written once, by its key and by the step that it comes after, and never below a floor that came meanwhile', async () => {
  await bring('CUP', '9')
  await bring('LID', '9')
  const [cup] = await readMarketFacts(sql, [await idOf('CUP')], new Date())
  const [lid] = await readMarketFacts(sql, [await idOf('LID')], new Date())
  if (cup === undefined || lid === undefined) throw new Error('no rule speaks of the goods')
  expect(await write('one', turn(cup, '8.5'))).toMatchObject({ steps: 1, stale: 0 })
  expect(await write('one', turn(cup, '8.5'))).toMatchObject({ steps: 1, replayed: true })
  expect(await write('two', turn(cup, '8.4'))).toMatchObject({ steps: 0, stale: 1 })
  expect([await asked('CUP'), (await listMarketSteps(sql, { sku: 'CUP' }, null, 9)).length]).toEqual(['8.5', 1])

  // Seen before the floor; what is refused of one keeps back no other of the list.
  await setPriceLimits(context, null, [{ kind: 'floor', basis: 'manual', sku: 'LID', amount: '9', currency: 'EUR' }])
  const [again] = await readMarketFacts(sql, [await idOf('CUP')], new Date())
  if (again === undefined) throw new Error('no rule speaks of the cup')
  expect(await write('three', turn(lid, '8.5'), turn(again, '8.3'))).toMatchObject({
    ...{ steps: 1, stale: 0, refused: [{ sku: 'LID', list: 'web', outcome: 'below_floor' }] },
  })
  expect([await asked('LID'), await asked('CUP'), await listMarketSteps(sql, { sku: 'LID' }, null, 9)]).toEqual([null, '8.3', []])
  await repriceAll(sql, log)
  expect(await asked('LID')).toBe('9')
})

test('a decision on terms that were changed meanwhile is judged anew', async () => {
  await bring('MUG', '9')
  const [mug] = await readMarketFacts(sql, [await idOf('MUG')], new Date())
  if (mug === undefined) throw new Error('no rule speaks of the mug')
  await setMarketRule(context, null, 'all', { list: 'web', mode: 'amount', value: '0.25', warSteps: 1 })
  expect(await write('four', turn(mug, '8.5'))).toMatchObject({ steps: 0, stale: 1 })
  await repriceAll(sql, log)
  expect(await asked('MUG')).toBe('8.75')
})

test('an offer in another currency is converted, and does not count where no rate is known', async () => {
  await bring('MUG', '8', 'CHF')
  await repriceAll(sql, log)
  expect(await asked('MUG')).toBe('8.75')
  await sql`insert into exchange_rates (from_currency, to_currency, rate, starts_at, actor) values ('CHF', 'EUR', 1.05, '2026-01-01', 'test')`
  await bring('MUG', '7.99', 'CHF')
  await repriceAll(sql, log)
  // 7.99 CHF is 8.3895 EUR, 8.1395 after the rule.
  expect(await asked('MUG')).toBe('8.13')
  const [step] = await listMarketSteps(sql, { sku: 'MUG' }, null, 1)
  expect(step?.why).toMatch(/^acme asks 7.99 CHF, that is 8.3895 EUR \(seen .*\); 0.25 EUR below it is 8.13 EUR$/)
})

test('the loop follows what comes in, tells of a war, and ends with its signal', async () => {
  const tailer = startTailer(sql, log, ending.signal)
  const running = runMarket(sql, log, tailer, ending.signal)
  await bring('MUG', '7', 'EUR')
  await until('the step to 6.75', async () => (await asked('MUG')) === '6.75')
  await bring('MUG', '6', 'EUR')
  await until('the word of the war', () => lines.some(line => line.includes('chasing each other')))
  expect(await asked('MUG')).toBe('6.75')
  ending.abort()
  await Promise.all([running, tailer.ended])
})
