import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gathered } from '../../src/usecases/gathered.ts'

const OPTIONS = { most: 256, underWayMost: 2, furtherLeast: 8 }

/** Carries out one batch after the other, each when told to. */
function carrier() {
  const sizes: number[] = []
  const held: (() => void)[] = []
  return {
    sizes,
    carryOut: (asks: readonly number[]) => {
      sizes.push(asks.length)
      return new Promise<readonly number[]>(resolve => held.push(() => resolve(asks)))
    },
    /** Answers the oldest batch, and lets everybody ask again who wants to. */
    answer: async () => {
      held.shift()?.()
      await nextTurn()
      await nextTurn()
    },
  }
}

test('a crowd that asks again and again is carried out in batches of a size, however it began', async () => {
  for (const first of [1, 20, 63, 64]) {
    const { sizes, carryOut, answer } = carrier()
    const ask = gathered(carryOut, OPTIONS)
    const again = (n: number): Promise<unknown> => ask(n).then(() => again(n))
    for (let n = 0; n < first; n++) void again(n)
    await nextTurn()
    for (let n = first; n < 64; n++) void again(n)
    await nextTurn()
    for (let turn = 0; turn < 40; turn++) await answer()
    expect(sizes.slice(-20).every(size => size >= 28 && size <= 32)).toBe(true)
  }
})

test('a crowd of an odd number is at the carrier all the time, too', async () => {
  const { sizes, carryOut, answer } = carrier()
  const ask = gathered(carryOut, OPTIONS)
  const again = (n: number): Promise<unknown> => ask(n).then(() => again(n))
  for (let n = 0; n < 63; n++) void again(n)
  await nextTurn()
  expect(sizes).toEqual([32, 31])
  for (let turn = 1; turn <= 40; turn++) {
    await answer()
    // One more than were answered: the next one is there before the one under way ends.
    expect(sizes.length).toBe(turn + 2)
  }
})

test('a burst leaves nobody behind: few go together, many in halves', async () => {
  for (const [burst, expected] of [
    [15, [15]],
    [16, [8, 8]],
    [65, [33, 32]],
  ] as const) {
    const { sizes, carryOut, answer } = carrier()
    const ask = gathered(carryOut, OPTIONS)
    const all = Array.from({ length: burst }, (_, n) => ask(n))
    await nextTurn()
    expect(sizes).toEqual(expected)
    for (const _ of expected) await answer()
    expect(await Promise.all(all)).toHaveLength(burst)
  }
})

test('what is left of a crowd goes together', async () => {
  const { sizes, carryOut, answer } = carrier()
  const ask = gathered(carryOut, OPTIONS)
  const all = Array.from({ length: 64 }, (_, n) => ask(n))
  await nextTurn()
  expect(sizes).toEqual([32, 32])
  await answer()
  await answer()
  expect(await Promise.all(all)).toEqual(Array.from({ length: 64 }, (_, n) => n))
  const rest = Array.from({ length: 24 }, (_, n) => ask(n))
  await nextTurn()
  expect(sizes).toEqual([32, 32, 24])
  await answer()
  expect(await Promise.all(rest)).toHaveLength(24)
})
