import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { progressOn } from '../../src/cli/terminal.ts'

test('long work that no terminal watches writes one line for each tenth, with its own percentage', () => {
  const err = new PassThrough()
  const progress = progressOn({ in: new PassThrough(), out: new PassThrough(), err })
  for (const done of [0, 50, 55, 100, 295]) progress.at('decided', done, 295)
  progress.end()
  expect(String(err.read())).toBe(
    'decided 0 of 295 (0 %)\ndecided 50 of 295 (16 %)\ndecided 100 of 295 (33 %)\ndecided 295 of 295 (100 %)\n',
  )
})
