import { expect, test } from 'vitest'
import { makePace } from '../../connectors/pace.ts'
import { virtualTime } from '../support/virtual-time.ts'

const limits = { points: { kind: 'bucket', ratePerS: 10, burst: 20 } } as const

/** When each call of so many tokens started, s. */
async function started(tokens: readonly number[], told?: { readonly back: number; readonly left: number }): Promise<number[]> {
  const time = virtualTime()
  const pace = makePace(limits, { timer: time.timer, full: true })
  const at: number[] = []
  const all = Promise.all(
    tokens.map(async many => {
      await pace.take('points', { tokens: many })
      at.push(time.now() / 1000)
      if (told) pace.settle('points', told)
      pace.answered('points', 'well')
    }),
  )
  await time.runTo(60_000, () => at.length === tokens.length)
  await all
  return at.map(seconds => Math.round(seconds * 10) / 10)
}

test('a call waits for as many tokens as it takes, in its turn', async () => {
  expect(await started([20, 5, 1, 15])).toEqual([0, 0.5, 0.6, 2.1])
})

test('a call that takes more than the whole bucket goes when it is full, and is paid for by those behind it', async () => {
  expect(await started([20, 30, 1])).toEqual([0, 2, 3.1])
})

test('what a call did not need is there for the next one, and what another program took is not', async () => {
  expect(await started([20, 10, 10], { back: 20, left: 100 })).toEqual([0, 0, 0])
  expect(await started([10, 10], { back: 0, left: 2 })).toEqual([0, 0.8])
})
