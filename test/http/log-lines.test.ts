import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeLog } from '../../src/http/log.ts'
import { gatherLines } from '../../src/main-log-lines.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function stage() {
  const written: string[][] = []
  const lines = gatherLines(text =>
    written.push(
      text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line).msg),
    ),
  )
  return { written, lines, log: makeLog({ destination: lines }) }
}

test('lines of the log are written together, a tenth of a second late at most', () => {
  const { log, written } = stage()
  log.info('one')
  log.info('two')
  vi.advanceTimersByTime(99)
  expect(written).toEqual([])
  vi.advanceTimersByTime(1)
  log.info('three')
  vi.advanceTimersByTime(100)
  expect(written).toEqual([['one', 'two'], ['three']])
})

test('a warning is written at once, behind all that came before it', () => {
  const { log, written } = stage()
  log.info('one')
  log.warn('two')
  expect(written).toEqual([['one', 'two']])
  log.child({}).error('three')
  expect(written).toEqual([['one', 'two'], ['three']])
})

test('many lines do not wait, and whoever ends the process has the rest written', () => {
  const { log, lines, written } = stage()
  for (let n = 0; n < 1_000; n++) log.info(`line ${n}`)
  const early = written.flat().length
  expect(early).toBeGreaterThan(800)
  lines.flush()
  lines.flush()
  expect(written.flat()).toEqual(Array.from({ length: 1_000 }, (_, n) => `line ${n}`))
})
