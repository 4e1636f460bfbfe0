import { expect, test } from 'vitest'
import { ringTogether } from '../../jobs/ring-together.ts'

test('of one key one act is under way, one more stands behind it for all that ask meanwhile, and other keys do not wait', async () => {
  const ring = ringTogether<number>()
  const begun: { key: string; end: (n: number) => void; fail: (error: Error) => void }[] = []
  const ask = (key: string) => ring(key, () => new Promise<number>((end, fail) => begun.push({ key, end, fail })))
  const first = ask('a')
  const shared = [ask('a'), ask('a'), ask('a')]
  const other = ask('b')
  expect(begun.map(one => one.key)).toEqual(['a', 'b'])

  begun[0]?.end(1)
  begun[1]?.end(2)
  expect([await first, await other]).toEqual([1, 2])
  // What was asked before the first ended is heard anew, once.
  expect(begun.map(one => one.key)).toEqual(['a', 'b', 'a'])
  const last = ask('a')
  begun[2]?.fail(new Error('not heard'))
  expect((await Promise.allSettled(shared)).map(one => one.status)).toEqual(['rejected', 'rejected', 'rejected'])
  begun[3]?.end(4)
  expect(await last).toBe(4)
  void ask('a')
  expect(begun).toHaveLength(5)
})
