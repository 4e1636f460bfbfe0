import { expect, test } from 'vitest'

type Run = {
  code: number | string
  report: string | null
  counts: string | null
  described?: string
  isLong: boolean
  isWhole?: boolean
  root: string
}
const place = new URL('./closing-lines.mjs', import.meta.url).href
const { closingLines } = (await import(place)) as { closingLines: (run: Run) => { text: string; exitCode: number } }

const passed = { ancestorTitles: ['', 'stock'], title: 'adds up', fullName: ' stock adds up', status: 'passed' }
const left = { ancestorTitles: ['', 'the queue on Redis [needs Redis]'], title: 'a', fullName: '', status: 'skipped' }
const failed = { ancestorTitles: ['', 'stock'], title: 'is never negative', fullName: ' stock is never negative', status: 'failed' }
const file = (tests: object[], more: object = {}) => ({
  name: '/p/test/a.test.ts',
  status: 'passed',
  message: '',
  assertionResults: tests,
  ...more,
})
const run = (files: object[], numbers: object, more: Partial<Run> = {}) =>
  closingLines({ code: 0, report: JSON.stringify({ ...numbers, testResults: files }), counts: null, isLong: false, root: '/p', ...more })

test('a good run ends with its numbers, names what was left out, and exits with 0', () => {
  expect(run([file([passed, left])], { numPassedTests: 1, numPendingTests: 1 })).toEqual({
    text: 'left out:\n  test/a.test.ts: the queue on Redis [needs Redis] (1)\n1 passed, 0 failed, 1 skipped',
    exitCode: 0,
  })
})

test('a failed test is named and fails the run', () => {
  expect(run([file([passed, failed], { status: 'failed' })], { numPassedTests: 1 }, { code: 1 })).toEqual({
    text: 'failed: test/a.test.ts: stock is never negative\n1 passed, 1 failed, 0 skipped',
    exitCode: 1,
  })
})

test.each<[string, Partial<Run>, object[], string]>([
  [
    'a file that could not be loaded',
    { code: 1 },
    [file([], { status: 'failed', message: 'Cannot find module x\nat y' })],
    'test/a.test.ts: Cannot find module x',
  ],
  ['an error outside of any test', { code: 1 }, [file([passed])], 'outside of any test (vitest ended with 1, see above)'],
  ['a run without a report, whatever its exit code', { report: null }, [], 'the run broke off (0)'],
  ['a run that was killed', { code: 'ended by SIGKILL', report: null }, [], 'the run broke off (ended by SIGKILL)'],
])('%s counts as a failure', (_, more, files, reason) => {
  const ended = run(files, { numPassedTests: 0 }, more)
  expect(ended.text).toBe(`failed: ${reason}\n0 passed, 1 failed, 0 skipped`)
  expect(ended.exitCode).toBe(1)
})

test('a long run prints its full counts', () => {
  const counts = '{"what":"two buyers, one unit","times":2000}\n{"what":"two buyers, one unit","times":2000}\n'
  expect(run([file([passed])], { numPassedTests: 1 }, { counts, isLong: true }).text).toBe(
    'full counts:\n  two buyers, one unit: 2000\n1 passed, 0 failed, 0 skipped',
  )
})

test('a run tells how much was held against official descriptions, and a whole one fails where that is too little', () => {
  const row = (platform: string, requests: number) => `${JSON.stringify({ platform, requests, replies: 500, wrong: 0 })}\n`
  const lines = "held against the platforms' official descriptions:\n  amazon: 400 requests, 1000 replies, 0 wrong\n"
  const part = { described: row('amazon', 150) + row('amazon', 250) }
  expect(run([file([passed])], { numPassedTests: 1 }, part)).toEqual({ text: `${lines}1 passed, 0 failed, 0 skipped`, exitCode: 0 })
  expect(run([file([passed])], { numPassedTests: 1 }, { ...part, isWhole: true })).toEqual({
    text: `${lines}failed: 1400 requests and replies were held against official descriptions, fewer than 2000\n1 passed, 1 failed, 0 skipped`,
    exitCode: 1,
  })
  const enough = { described: part.described + row('ebay', 500), isWhole: true }
  expect(run([file([passed])], { numPassedTests: 1 }, enough).exitCode).toBe(0)
})

test('a run tells how much of the contract each connector ran, and a whole one fails where one of the registry ran none', () => {
  const suite = ['', "Shopify keeps the connector's contract"]
  const cases = [
    { ancestorTitles: suite, title: 'tells an order', fullName: '', status: 'passed' },
    { ancestorTitles: suite, title: 'carries prices [not declared: feeds]', fullName: '', status: 'skipped' },
    { ancestorTitles: suite, title: 'takes a feed back [not declared: feeds]', fullName: '', status: 'skipped' },
  ]
  const registered = ['Shopify', 'eBay'].map(name => ({
    ancestorTitles: [''],
    title: `${name} is held to the contract`,
    fullName: '',
    status: 'passed',
  }))
  const lines = "cases of the connector's contract:\n  Shopify: 1 of 3, not declared: feeds (2)\n"
  const numbers = { numPassedTests: 3, numPendingTests: 2 }
  expect(run([file([...cases, ...registered])], numbers)).toEqual({ text: `${lines}3 passed, 0 failed, 2 skipped`, exitCode: 0 })
  const described = `${JSON.stringify({ platform: 'shopify', requests: 2000, replies: 0, wrong: 0 })}\n`
  const whole = run([file([...cases, ...registered])], numbers, { isWhole: true, described })
  expect(whole.text).toContain("failed: eBay is in the registry, and its connector's contract was not run")
  expect([whole.text.includes('failed: Shopify'), whole.exitCode]).toEqual([false, 1])
})
