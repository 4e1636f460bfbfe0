import pino from 'pino'
import { afterAll, expect, test, vi } from 'vitest'
import { AccountTrouble } from '../../connectors/contract.ts'
import { makePace } from '../../connectors/pace.ts'
import { holdLease, readAccounts } from '../../db/accounts.ts'
import { makeHealth } from '../../jobs/health.ts'
import { freshDatabase } from '../support/database.ts'
import { quietChannel } from '../support/goods.ts'

const { sql } = await freshDatabase()
const SCALE = 20_000

/** Longer than any pause of a step at this scale. */
const PAUSE_MS = 2
// Time passes only as it is told to: however slow the machine is, what is asked next is asked at the same instant.
let nowMs = performance.now()
const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
afterAll(() => clock.mockRestore())
const passes = (ms: number): void => {
  nowMs += ms
}

/** An account with two steps: one does what it is told, the other always gets through. */
async function stage(code: string) {
  const { accountId } = await quietChannel(sql, code)
  const lease = await holdLease(sql, accountId, 'test', 60_000)
  const [row] = await readAccounts(sql, accountId)
  if (row === undefined) throw new Error('no account')
  const account = { row, leaseToken: lease?.token ?? 0, pace: makePace({}), scale: SCALE }
  const healthy = makeHealth({ sql, log: pino({ level: 'silent' }), random: () => 0 }, account, new AbortController().signal)
  let next: AccountTrouble | null = null
  let tries = 0
  const asked = healthy(async () => {
    tries += 1
    if (next !== null) throw next
    return false
  })
  const poll = healthy(async () => 'called')
  const fail = async (trouble: AccountTrouble): Promise<void> => {
    next = trouble
    passes(PAUSE_MS)
    await asked()
  }
  return {
    fail,
    /** It has nothing to do; answers whether it was there to find that, and did not wait. */
    rest: async (): Promise<boolean> => {
      next = null
      const before = tries
      await asked()
      return tries > before
    },
    poll,
    state: async () => (await readAccounts(sql, accountId))[0]?.state,
  }
}

test('a step that failed and is not needed any more leaves its account well', async () => {
  const { fail, rest, poll, state } = await stage('untried')
  for (let n = 0; n < 12; n++) await fail(new AccountTrouble('down', 'GET platform/orders/7: no answer in time'))
  await poll()
  expect(await state()).toBe('failing')
  passes(PAUSE_MS)
  expect(await rest()).toBe(true)
  passes((15 * 60_000) / SCALE + 10)
  await poll()
  expect(await state()).toBe('active')
  // Failures of another day do not add up to trouble of today.
  await fail(new AccountTrouble('down', 'GET platform/orders/8: no answer in time'))
  await poll()
  expect(await state()).toBe('active')
})

test('an account that was told to wait is well once the wait is over, whether or not anything asks again', async () => {
  const { fail, rest, poll, state } = await stage('told')
  await fail(new AccountTrouble('throttled', 'the platform asks to wait', { afterMs: 3_100 }))
  expect(await state()).toBe('failing')
  await poll()
  expect(await state()).toBe('failing')
  passes(3_100)
  expect(await rest()).toBe(true)
  passes(3_000)
  await poll()
  expect(await state()).toBe('active')
})

test('a step that was only turned away waits for nothing of its own, however often: it is there when the platform may be tried again', async () => {
  const { fail, rest, poll, state } = await stage('turned-away')
  for (let n = 0; n < 12; n++) {
    await fail(new AccountTrouble('down', 'GET platform/orders/9: no answer in time', { afterMs: 2_000, untried: true }))
    passes(2_000)
  }
  expect(await rest()).toBe(true)
  await poll()
  expect(await state()).toBe('active')
})
