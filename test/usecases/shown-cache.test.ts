import { beforeEach, describe, expect, test } from 'vitest'
import type { ShownNow } from '../../db/availability.ts'
import type { Sql } from '../../db/connect.ts'
import { readSnapshot, sees } from '../../db/snapshot.ts'
import { makeShownCache, type ShownCacheOptions } from '../../src/usecases/shown-cache.ts'

/** A database that counts: each read of a SKU shows one unit more, under a snapshot that has seen one transaction more. */
function database() {
  const asked: { channel: string; skus: readonly string[]; answer: (xmax?: number) => void }[] = []
  const read = (channel: string, skus: readonly string[]): Promise<ShownNow> => {
    const atp = asked.length + 1
    const known = skus.filter(sku => !sku.startsWith('NO'))
    return new Promise(resolve =>
      asked.push({
        ...{ channel, skus },
        answer: (xmax = 100) =>
          resolve({
            snapshot: readSnapshot(`90:${xmax}:95`),
            rows: known.map(sku => ({ sku, channel, atp, ahead: 0, buffer: 0, cap: null, stopSellingAt: 0, listed: true, shown: atp })),
          }),
      }),
    )
  }
  return { asked, read }
}

// Every read of these tests stands in for the database.
const nobody = null as unknown as Sql
let elapsed: number
beforeEach(() => {
  elapsed = 0
})

function stage(options: ShownCacheOptions = {}) {
  const { asked, read } = database()
  const now = () => new Date(Date.UTC(2026, 10, 22) + elapsed)
  const cache = makeShownCache(nobody, { read, now, elapsedMs: () => elapsed, ...options })
  return { asked, cache }
}

const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('what channels show is remembered', () => {
  test('for a second from before it was read, and told with the instant as of which it was true', async () => {
    const { asked, cache } = stage()
    const first = cache('MUG', 'shop', null)
    elapsed = 400
    asked[0]?.answer()
    expect(await first).toMatchObject({ trueAsOf: '2026-11-22T00:00:00.000Z', numbers: { channel: 'shop', listed: true, shown: 1 } })
    elapsed = 1_000
    expect((await cache('MUG', 'shop', null))?.numbers.shown).toBe(1)
    elapsed = 1_001
    const again = cache('MUG', 'shop', null)
    asked[1]?.answer()
    expect(await again).toMatchObject({ trueAsOf: '2026-11-22T00:00:01.001Z', numbers: { listed: true, shown: 2 } })
  })

  test('but not told to whoever wrote what it does not hold', async () => {
    const { asked, cache } = stage()
    const first = cache('MUG', 'shop', null)
    asked[0]?.answer()
    await first
    // 94 had ended, 95 was still open, 100 had not begun.
    expect((await cache('MUG', 'shop', 94n))?.numbers.shown).toBe(1)
    const afterOpen = cache('MUG', 'shop', 100n)
    asked[1]?.answer(101)
    expect((await afterOpen)?.numbers.shown).toBe(2)
    const stillOpen = cache('MUG', 'shop', 95n)
    asked[2]?.answer(102)
    await expect(stillOpen).rejects.toMatchObject({ code: 'invalid', detail: { field: 'atLeast', value: '95' } })
    expect(asked).toHaveLength(3)
  })

  test('for each channel by itself; what does not exist is not remembered', async () => {
    const { asked, cache } = stage()
    const both = Promise.all([cache('MUG', 'shop', null), cache('MUG', 'market', null)])
    for (const one of asked) one.answer()
    expect((await both).map(one => one?.numbers.channel)).toEqual(['shop', 'market'])
    const none = cache('NOPE', 'shop', null)
    asked[2]?.answer()
    expect(await none).toBeNull()
    const still = cache('NOPE', 'shop', null)
    asked[3]?.answer()
    expect(await still).toBeNull()
  })

  test('for so many SKUs: those that were asked for longest ago are forgotten', async () => {
    const { asked, cache } = stage({ most: 2 })
    const ask = async (sku: string) => {
      const before = asked.length
      const answer = cache(sku, 'shop', null)
      await settled()
      asked[before]?.answer()
      await answer
      return asked.length > before ? 'read' : 'remembered'
    }
    expect([await ask('A'), await ask('B'), await ask('A'), await ask('C'), await ask('A'), await ask('B')]).toEqual([
      ...['read', 'read', 'remembered', 'read', 'remembered', 'read'],
    ])
  })

  test('and an older read that ends late does not take the place of a newer one', async () => {
    const { asked, cache } = stage()
    const older = cache('MUG', 'shop', null)
    elapsed = 10
    const newer = cache('MUG', 'shop', null)
    asked[1]?.answer()
    await newer
    asked[0]?.answer()
    await older
    expect((await cache('MUG', 'shop', null))?.numbers.shown).toBe(2)
  })
})

test('what is asked while reads are under way goes together, one channel in one statement, at most 256 SKUs', async () => {
  const { asked, cache } = stage()
  const skus = Array.from({ length: 600 }, (_, n) => `S${n}`)
  const all = [
    ...skus.map(sku => cache(sku, 'shop', null)),
    cache('S1', 'market', null),
    cache('S700', 'shop', null),
    cache('S700', 'shop', null),
  ]
  for (let answered = 0; answered < asked.length; ) {
    asked[answered++]?.answer()
    await settled()
  }
  expect((await Promise.all(all)).every(one => one !== null)).toBe(true)
  expect(asked.map(one => [one.channel, one.skus.length])).toEqual([
    ...[
      ['shop', 1],
      ['shop', 1],
      ['shop', 256],
      ['shop', 256],
    ],
    // Asked for twice, read once.
    ...[
      ['shop', 87],
      ['market', 1],
    ],
  ])
})

test('a read that fails fails those who asked, and the next ones are asked anew', async () => {
  let fails = true
  const { asked, read } = database()
  const cache = makeShownCache(nobody, { read: (...of) => (fails ? Promise.reject(new Error('the server is gone')) : read(...of)) })
  await expect(cache('MUG', 'shop', null)).rejects.toThrow('the server is gone')
  fails = false
  const again = cache('MUG', 'shop', null)
  asked[0]?.answer()
  expect((await again)?.numbers.shown).toBe(1)
})

test.each([
  ['780:785:780,783', 779n, true],
  ['780:785:780,783', 780n, false],
  ['780:785:780,783', 781n, true],
  ['780:785:780,783', 783n, false],
  ['780:785:780,783', 785n, false],
  ['780:780:', 779n, true],
  ['780:780:', 780n, false],
])('a statement under %s saw transaction %i: %s', (text, transaction, seen) => {
  expect(sees(readSnapshot(text), transaction)).toBe(seen)
})
