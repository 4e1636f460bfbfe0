import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { rememberSlow } from '../../src/ui/remember-slow.ts'

test('what is quick is asked each time, what is slow is remembered, those who ask meanwhile share one answer, and a failure is nobody’s', async () => {
  let asked = 0
  let ms = 0
  const find = rememberSlow(async (name: string) => {
    asked += 1
    if (name === 'broken') throw new Error('no answer')
    await wait(ms)
    return `${name} ${asked}`
  })
  expect([await find('a'), await find('a')]).toEqual(['a 1', 'a 2'])
  ms = 200
  expect(await Promise.all([find('b'), find('b')])).toEqual(['b 3', 'b 3'])
  expect([await find('b'), await find('c')]).toEqual(['b 3', 'c 4'])
  await expect(find('broken')).rejects.toThrow('no answer')
  await expect(find('broken')).rejects.toThrow('no answer')
  expect(asked).toBe(6)
})
