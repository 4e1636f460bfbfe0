import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { listMarketOffers } from '../../db/market-offers.ts'
import { importMarketOffers, type MarketFile } from '../../src/usecases/import-market.ts'
import { bringMarketOffers, type OfferStated } from '../../src/usecases/market-offers.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { a: 1 }, BOWL: { a: 1 }, PAN: { a: 1 } })
await quietChannel(sql, 'shop')
let clock = Date.parse('2026-11-22T12:00:00Z')
const minutes = (n: number): void => {
  clock += n * 60_000
}
const at = (): string => new Date(clock).toISOString()
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
const context = { sql, keyring, actor: 'user:ana', now: () => new Date(clock) }
const bring = (...offers: (Omit<OfferStated, 'currency' | 'competitor'> & Partial<OfferStated>)[]) =>
  bringMarketOffers(
    context,
    null,
    offers.map(offer => ({ competitor: 'acme', currency: 'EUR', seenAt: at(), ...offer })),
  )

describe('offers', () => {
  test('are kept by what was seen last, with shipping, and unknown goods keep nobody out', async () => {
    const early = at()
    minutes(1)
    expect(
      await bring(
        { sku: 'BOWL', amount: '9', shipping: '0.90' },
        { sku: 'BWOL', amount: '9' },
        { sku: 'BOWL', amount: '8', seenAt: early },
        { sku: 'BOWL', amount: '7', channel: 'nowhere' },
      ),
    ).toEqual({
      ...{ new: 1, changed: 0, unchanged: 0, older: 1, replayed: false },
      wrong: [
        { line: 1, field: 'sku', value: 'BWOL' },
        { line: 3, field: 'channel', value: 'nowhere' },
      ],
    })
    const first = at()
    expect(await bring({ sku: 'BOWL', amount: '8', seenAt: early })).toMatchObject({ new: 0, changed: 0, older: 1 })
    minutes(5)
    expect(await bring({ sku: 'BOWL', amount: '9', shipping: '0.90' })).toMatchObject({ unchanged: 1, changed: 0 })
    minutes(5)
    const third = at()
    expect(await bring({ sku: 'BOWL', amount: '9.50' })).toMatchObject({ changed: 1 })
    minutes(5)
    expect(await bring({ sku: 'BOWL', amount: null })).toMatchObject({ changed: 1 })
    const rows = await listMarketOffers(sql, { sku: 'BOWL', past: true }, 0, 10)
    expect(rows.map(row => [row.amount, row.shipping, row.firstSeenAt.toISOString(), row.seenAt.toISOString()])).toEqual([
      ['9.9', '0.9', first, new Date(Date.parse(first) + 300_000).toISOString()],
      ['9.5', null, third, third],
      [null, null, at(), at()],
    ])
    expect((await listMarketOffers(sql, { sku: 'BOWL' }, 0, 10)).map(row => row.amount)).toEqual([null])
  })

  test('that cannot be are refused by line, and a key answers once', async () => {
    const offer = { sku: 'MUG', competitor: 'acme', currency: 'EUR', amount: '9' }
    await expect(bringMarketOffers(context, null, [offer, { ...offer, amount: '-1' }])).rejects.toMatchObject({
      code: 'invalid',
      detail: { field: 'offers.1.amount' },
    })
    await expect(bringMarketOffers(context, null, [{ ...offer, seenAt: new Date(clock + 600_000).toISOString() }])).rejects.toMatchObject({
      detail: { field: 'offers.0.seenAt' },
    })
    await expect(
      bringMarketOffers(
        context,
        null,
        Array.from({ length: 5_001 }, () => offer),
      ),
    ).rejects.toMatchObject({ detail: { field: 'offers', value: 5_001 } })
    const seen = { ...offer, sku: 'PAN', competitor: 'key', seenAt: at() }
    expect(await bringMarketOffers(context, 'k1', [seen])).toMatchObject({ new: 1, replayed: false })
    expect(await bringMarketOffers(context, 'k1', [seen])).toMatchObject({ new: 1, replayed: true })
    await expect(bringMarketOffers(context, 'k1', [offer])).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('a file of offers', () => {
  const file = (text: string, more: Partial<MarketFile> = {}): MarketFile => ({
    source: async function* () {
      // In pieces that cut through rows.
      for (let from = 0; from < text.length; from += 1_000) yield Buffer.from(text.slice(from, from + 1_000))
    },
    ...{ encoding: 'utf-8', delimiter: ',', currency: 'EUR', competitor: null, seenAt: null, dryRun: false },
    ...more,
  })
  const TEXT = [
    'sku,Competitor,price,shipping,seen_at,channel',
    'MUG,cord,9.90,,2026-11-22T10:00:00Z,',
    'MGU,cord,9.90,,,',
    '',
    'MUG,cord,"9,90",,,',
    'PAN,,5,,,',
    'PAN,cord,5,1.5,2026-11-22,shop',
    'PAN,cord,5,,yesterday,',
    'BOWL,cord,none,,,',
    'MUG,cord,9.80,,2026-11-22T09:00:00Z,',
    'MUG,cord,8,,,shpo',
  ].join('\n')

  test('comes in as a stream; what is wrong is told by row and column and keeps nothing else out', async () => {
    expect(await importMarketOffers(context, file(TEXT, { dryRun: true }))).toMatchObject({ rows: 9, new: 0, wrong: 3 })
    expect(await listMarketOffers(sql, { competitor: 'cord' }, 0, 9)).toEqual([])
    expect(await importMarketOffers(context, file(TEXT))).toEqual({
      ...{ rows: 9, new: 2, changed: 0, unchanged: 1, older: 1, wrong: 5 },
      errors: [
        { row: 3, column: 'sku', value: 'MGU', expected: 'a SKU that is known' },
        { row: 5, column: 'price', value: '9,90', expected: expect.stringContaining('decimal text') },
        { row: 6, column: 'Competitor', value: '', expected: 'a name of at most 80 characters' },
        { row: 8, column: 'seen_at', value: 'yesterday', expected: expect.stringContaining('with its zone') },
        { row: 11, column: 'channel', value: 'shpo', expected: 'the code of a channel' },
      ],
    })
    const rows = await listMarketOffers(sql, { competitor: 'cord' }, 0, 9)
    expect(rows.map(row => [row.sku, row.amount, row.shipping, row.channel, row.seenAt.toISOString()])).toEqual([
      ['MUG', '9.9', null, null, '2026-11-22T10:00:00.000Z'],
      ['PAN', '6.5', '1.5', 'shop', '2026-11-22T00:00:00.000Z'],
    ])
    expect(await importMarketOffers(context, file(TEXT))).toMatchObject({ new: 0, changed: 0, unchanged: 3 })
  })

  test('of many rows is taken in part by part', async () => {
    const many = ['sku,amount', ...Array.from({ length: 2_500 }, (_, n) => `MUG,${n + 1}`)].join('\n')
    const steps: number[] = []
    const done = await importMarketOffers(context, file(many, { competitor: 'bits', seenAt: new Date('2026-11-22T11:00:00Z') }), rows =>
      steps.push(rows),
    )
    expect([done.rows, done.new, done.wrong, steps]).toEqual([2_500, 1, 0, [1_000, 2_000, 2_500]])
    expect((await listMarketOffers(sql, { competitor: 'bits' }, 0, 9)).map(row => row.amount)).toEqual(['2500'])
  })

  test('that has not the columns, or is broken, says so', async () => {
    expect((await importMarketOffers(context, file('sku,cost\nMUG,1'))).errors.map(({ row, column }) => [row, column])).toEqual([
      [1, 'amount'],
      [1, 'cost'],
    ])
    const broken = await importMarketOffers(context, file('sku,amount,competitor\nMUG,1,dora\nMUG,"2,dora'))
    expect(broken.errors.map(({ column, expected }) => [column, expected])).toEqual([['file', expect.stringContaining('a closing quote')]])
  })
})
