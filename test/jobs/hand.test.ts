import { expect, test } from 'vitest'
import type { WorkRow } from '../../db/publications.ts'
import { takeFromHand } from '../../jobs/hand.ts'

const waits = (externalSku: string, listing: number): WorkRow => ({
  ...{ listing, field: 'price', channelRef: 'shop', externalId: externalSku, externalParentId: null, externalSku, productType: null },
  ...{ target: null, expected: null, readAgeMs: null, doubtful: false, attempts: 0, urgency: 4, loss: 0, at: new Date(0) },
})

/** SKUs with two listings each that wait, what is under way, and a hand over them with the time that passes. */
function table(skus: number, lookMs = 0) {
  const waiting = Array.from({ length: skus }, (_, n) => String(n).padStart(5, '0')).flatMap((sku, n) => [
    waits(sku, 2 * n),
    waits(sku, 2 * n + 1),
  ])
  const busy = new Set<string>()
  const told = { looks: 0, now: 0 }
  const take = takeFromHand(
    async max => {
      told.looks += 1
      told.now += lookMs
      return waiting.slice(0, max)
    },
    () => busy,
    () => told.now,
  )
  return { waiting, busy, told, take }
}

test('ten thousand prices that turn are looked up a few times, not for each chunk', async () => {
  const { waiting, told, take } = table(5_000)
  const taken: number[] = []
  while (waiting.length > 0) {
    const rows = await take(100)
    taken.push(...rows.map(row => row.listing))
    waiting.splice(0, rows.length)
  }
  expect(taken).toEqual(Array.from({ length: 10_000 }, (_, n) => n))
  expect(told.looks).toBe(5)
})

test('the prices of one SKU stay together, and a SKU that is under way is left out', async () => {
  const { busy, take } = table(4)
  busy.add('00000')
  expect((await take(1)).map(row => row.externalSku)).toEqual(['00001', '00001'])
  busy.add('00002')
  expect((await take(10)).map(row => row.externalSku)).toEqual(['00003', '00003'])
})

test('what was looked up a second ago is looked up anew, and a slow look less often', async () => {
  const quick = table(10)
  await quick.take(1)
  quick.told.now = 999
  await quick.take(1)
  expect(quick.told.looks).toBe(1)
  quick.told.now = 1_000
  await quick.take(1)
  expect(quick.told.looks).toBe(2)

  const slow = table(10, 500)
  await slow.take(1)
  slow.told.now += 4_999
  await slow.take(1)
  expect(slow.told.looks).toBe(1)
  slow.told.now += 1
  await slow.take(1)
  expect(slow.told.looks).toBe(2)
})

test('where all that was looked up is under way by now, it is looked up anew at once', async () => {
  const { busy, told, take } = table(3)
  await take(1)
  busy.add('00001').add('00002')
  expect((await take(10)).map(row => row.externalSku)).toEqual(['00000', '00000'])
  expect(told.looks).toBe(2)
})
