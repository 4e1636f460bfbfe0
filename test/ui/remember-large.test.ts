import { expect, test } from 'vitest'
import { rememberLarge } from '../../src/ui/remember-large.ts'

test('what is small is asked each time, what is large is remembered for a while, those who ask meanwhile share an answer, and a failure is nobody’s', async () => {
  let asked = 0
  let clock = 0
  const find = rememberLarge(
    async (name: string) => {
      asked += 1
      if (name === 'broken') throw new Error('no answer')
      return { name, asked }
    },
    found => found.name === 'large',
    5_000,
    () => clock,
  )
  const of = async (name: string) => (await find(name)).asked
  expect([await of('small'), await of('small')]).toEqual([1, 2])
  expect(await Promise.all([of('large'), of('large')])).toEqual([3, 3])
  clock = 4_999
  expect(await of('large')).toBe(3)
  clock = 5_000
  expect(await of('large')).toBe(4)
  await expect(find('broken')).rejects.toThrow('no answer')
  await expect(find('broken')).rejects.toThrow('no answer')
  expect(asked).toBe(6)
})
