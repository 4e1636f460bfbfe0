import { expect, test } from 'vitest'
import { noteTogether } from '../../jobs/note-together.ts'

test('what comes while a statement is under way goes together in the next, and each waits for its own', async () => {
  const written: number[][] = []
  const ends: (() => void)[] = []
  const note = noteTogether<number>(results => {
    written.push([...results])
    return new Promise(resolve => ends.push(resolve))
  })
  const noted: string[] = []
  const first = note([1]).then(() => noted.push('first'))
  const others = [note([2]).then(() => noted.push('second')), note([3, 4]).then(() => noted.push('third'))]
  expect(written).toEqual([[1]])
  ends.shift()?.()
  await first
  expect(noted).toEqual(['first'])
  expect(written).toEqual([[1], [2, 3, 4]])
  ends.shift()?.()
  await Promise.all(others)
  expect(noted).toEqual(['first', 'second', 'third'])
})

test('an error reaches those whose results were in that statement, and nobody after them', async () => {
  let fails = true
  const note = noteTogether<number>(async () => {
    if (!fails) return
    fails = false
    throw new Error('the lease is over')
  })
  const outcomes = await Promise.allSettled([note([1]), note([2])])
  expect(outcomes.map(outcome => outcome.status)).toEqual(['rejected', 'fulfilled'])
  await note([3])
})
