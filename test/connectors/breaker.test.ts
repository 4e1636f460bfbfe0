import { describe, expect, test } from 'vitest'
import { AccountTrouble } from '../../connectors/contract.ts'
import { inTurn } from '../../connectors/in-turn.ts'
import { type Limit, makePace } from '../../connectors/pace.ts'
import { clock } from './hand-clock.ts'

const LIMITS: Record<string, Limit> = {
  put: { kind: 'bucket', ratePerS: 100, burst: 100 },
  get: { kind: 'bucket', ratePerS: 100, burst: 100 },
}

const down = (afterMs = 0) => new AccountTrouble('down', 'HTTP 500', { afterMs })

function stage({ chance = 1, scale = 1, patienceMs = 3_000 } = {}) {
  const time = clock()
  const pace = makePace(LIMITS, { timer: time.timer, full: true, random: () => chance, scale, patienceMs })
  const calls: { operation: string; at: number; end: (how: 'well' | AccountTrouble) => void }[] = []
  /** Asks for a call; what became of it is told as it ends. */
  const ask = async (operation: string, isWrite = false): Promise<string> => {
    try {
      return await inTurn(
        pace,
        operation,
        { isWrite },
        () =>
          new Promise<string>((resolve, reject) =>
            calls.push({ operation, at: time.timer.now(), end: how => (how === 'well' ? resolve('well') : reject(how)) }),
          ),
      )
    } catch (error) {
      return error instanceof AccountTrouble ? `${error.kind} ${error.afterMs}` : 'other'
    }
  }
  const fail = async (operation: string, times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      const asked = ask(operation)
      await time.settle()
      calls.at(-1)?.end(down())
      await asked
    }
  }
  return { ...time, pace, calls, ask, fail }
}

describe('the breaker of an account', () => {
  test('opens after four failures in a row, and not for failures between which something gets through', async () => {
    const { pace, calls, ask, fail, settle } = stage()
    await fail('put', 3)
    const good = ask('put')
    await settle()
    calls.at(-1)?.end('well')
    await good
    await fail('put', 3)
    expect(pace.ready('put')).toEqual({ inMs: 0, calls: Number.POSITIVE_INFINITY })
    await fail('put', 1)
    expect(pace.ready('put')).toEqual({ inMs: 1_000, calls: 1 })
    expect(pace.trouble()).toEqual({ kind: 'down', words: 'HTTP 500', forMs: 1_000 })
  })

  test('is not closed by reads that succeed where eight writes of the same operation failed and none succeeded, until no write has failed for a minute', async () => {
    const { pace, calls, ask, settle, pass } = stage()
    const ends = async (isWrite: boolean, how: 'well' | AccountTrouble): Promise<void> => {
      const asked = ask('put', isWrite)
      await settle()
      calls.at(-1)?.end(how)
      await asked
    }
    for (let n = 0; n < 7; n++) {
      await ends(true, down())
      await ends(false, 'well')
    }
    expect(pace.ready('put')).toEqual({ inMs: 0, calls: Number.POSITIVE_INFINITY })
    for (let n = 0; n < 4; n++) await ends(true, down())
    expect(pace.ready('put')).toEqual({ inMs: 1_000, calls: 1 })
    await pass(1_000)
    await ends(false, 'well')
    expect(pace.ready('put')).toEqual({ inMs: 0, calls: 1 })
    await ends(true, down())
    expect(pace.ready('put')).toEqual({ inMs: 2_000, calls: 1 })
    await pass(62_001)
    await ends(false, 'well')
    expect(pace.ready('put')).toEqual({ inMs: 0, calls: Number.POSITIVE_INFINITY })
  })

  test('keeps whoever asks while one call tries in line for what becomes of it, rather than away until it would be given up', async () => {
    const { pace, calls, ask, fail, pass, settle } = stage()
    await fail('put', 4)
    await pass(1_000)
    const trying = ask('put')
    await settle()
    expect(pace.ready('put')).toEqual({ inMs: 1_000, calls: 1 })
    const behind = ask('put')
    await settle()
    calls.at(-1)?.end('well')
    expect(await trying).toBe('well')
    await pass(100)
    calls.at(-1)?.end('well')
    expect(await behind).toBe('well')
  })

  test('lets one call try when the pause is over, while the others wait for what becomes of it', async () => {
    const { pace, calls, ask, fail, pass } = stage()
    await fail('put', 4)
    const five = [1, 2, 3, 4, 5].map(() => ask('put'))
    await pass(999)
    expect(calls).toHaveLength(4)
    await pass(1_000)
    expect(calls).toHaveLength(5)
    calls.at(-1)?.end('well')
    await pass(100)
    expect(calls).toHaveLength(9)
    for (const call of calls) call.end('well')
    expect(await Promise.all(five)).toEqual(Array.from({ length: 5 }, () => 'well'))
    expect(pace.trouble()).toBeNull()
  })

  test('opens for twice as long with each try that fails, up to 25 s, and half as long by chance', async () => {
    const longest = stage()
    await longest.fail('put', 4)
    const waits: number[] = []
    for (let n = 0; n < 7; n++) {
      waits.push(longest.pace.ready('put').inMs)
      await longest.pass(longest.pace.ready('put').inMs)
      await longest.fail('put', 1)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 25_000, 25_000])
    const shortest = stage({ chance: 0 })
    await shortest.fail('put', 4)
    expect(shortest.pace.ready('put').inMs).toBe(500)
    const scaled = stage({ scale: 20 })
    await scaled.fail('put', 4)
    expect(scaled.pace.ready('put').inMs).toBe(50)
  })

  test('is not made longer by calls that were under way when it opened', async () => {
    const { pace, calls, ask, settle } = stage()
    const ten = Array.from({ length: 10 }, () => ask('put'))
    await settle()
    for (const call of calls) call.end(down())
    await Promise.all(ten)
    expect(pace.ready('put').inMs).toBe(1_000)
  })

  test('stops the operation that fails, and the others once nothing of the account gets through', async () => {
    const { pace, calls, ask, fail, settle } = stage()
    await fail('put', 4)
    expect(pace.ready('get').inMs).toBe(0)
    const good = ask('get')
    await settle()
    calls.at(-1)?.end('well')
    expect(await good).toBe('well')
    await fail('get', 1)
    expect(pace.ready('get').inMs).toBe(0)
    await fail('get', 3)
    expect(pace.ready('get').inMs).toBe(1_000)
    const all = stage()
    await all.fail('put', 4)
    await all.fail('get', 1)
    expect(all.pace.ready('get').inMs).toBe(1_000)
  })

  test('turns away who would wait for long, so that nothing old is sent when the platform is back', async () => {
    const { pace, ask, fail, pass } = stage()
    await fail('put', 4)
    for (let n = 0; n < 2; n++) {
      await pass(pace.ready('put').inMs)
      await fail('put', 1)
    }
    expect(await ask('put')).toBe('down 4000')
    const waiting = [ask('get'), ask('get')]
    await pass(0)
    pace.pause('get', 60_000)
    const late = ask('get')
    expect(await late).toBe('throttled 60000')
    expect(pace.trouble()).toEqual({ kind: 'throttled', words: 'the platform asks to wait', forMs: 60_000 })
    expect(waiting).toHaveLength(2)
  })

  test('waits at least as long as the failure asks for', async () => {
    const { pace, calls, ask, fail, settle } = stage()
    await fail('put', 3)
    const asked = ask('put')
    await settle()
    calls.at(-1)?.end(down(20_000))
    await asked
    expect(pace.ready('put').inMs).toBe(20_000)
  })

  test('a refusal of credentials says that the platform works; what was never sent says nothing', async () => {
    const { pace, calls, ask, fail, pass, settle } = stage()
    await fail('put', 4)
    await pass(1_000)
    const lost = ask('put')
    await settle()
    calls.at(-1)?.end(new Error('the lease is not certain') as AccountTrouble)
    await lost
    expect(pace.ready('put')).toEqual({ inMs: 0, calls: 1 })
    const refused = ask('put')
    await settle()
    calls.at(-1)?.end(new AccountTrouble('auth', '401'))
    await refused
    expect(pace.ready('put')).toEqual({ inMs: 0, calls: Number.POSITIVE_INFINITY })
  })
})

describe('a quota of which somebody else eats', () => {
  /** Calls at full speed against a platform that grants so many in a second; answers how many it granted and how often it said "too many". */
  async function run(grantedPerS: number, seconds: number, from = 0): Promise<{ granted: number; refused: number }> {
    let at = 0
    const pace = makePace(LIMITS, {
      timer: {
        now: () => at,
        wait: async ms => {
          at += ms
        },
      },
    })
    let tokens = 1
    let filledAt = 0
    let granted = 0
    let refused = 0
    while (at < seconds * 1_000) {
      await pace.take('put')
      tokens = Math.min(5, tokens + ((at - filledAt) / 1_000) * grantedPerS)
      filledAt = at
      if (tokens >= 1) {
        tokens -= 1
        if (at >= from) granted += 1
      } else {
        if (at >= from) refused += 1
        pace.pause('put', 10)
      }
    }
    return { granted, refused }
  }

  test('what is left of it is used to nine tenths and more, with few calls that are turned away', async () => {
    const { granted, refused } = await run(70, 60, 10_000)
    expect(granted).toBeGreaterThan(0.92 * 70 * 50)
    expect(refused).toBeLessThan(0.03 * 70 * 50)
  })

  test('once it is ours again all of it is used, and never more', async () => {
    let at = 0
    const pace = makePace(LIMITS, {
      timer: {
        now: () => at,
        wait: async ms => {
          at += ms
        },
      },
    })
    for (let n = 0; n < 200; n++) {
      await pace.take('put')
      if (n % 20 === 0) pace.pause('put', 10)
    }
    const begun = at
    for (let n = 0; n < 1_000; n++) await pace.take('put')
    const slowMs = at - begun
    expect(slowMs).toBeGreaterThan(11_000)
    const again = at
    for (let n = 0; n < 1_000; n++) await pace.take('put')
    expect(at - again).toBeGreaterThanOrEqual(10_000)
    expect(at - again).toBeLessThan(10_500)
  })

  test('calls that were under way when the first was turned away cut it once', async () => {
    let at = 0
    const pace = makePace(LIMITS, {
      timer: {
        now: () => at,
        wait: async ms => {
          at += ms
        },
      },
    })
    await pace.take('put')
    for (let n = 0; n < 5; n++) pace.pause('put', 10)
    const begun = at
    for (let n = 0; n < 100; n++) await pace.take('put')
    // A tenth less of 100 a second, growing back by a thousandth with each call.
    expect(at - begun).toBeGreaterThan(1_040)
    expect(at - begun).toBeLessThan(1_100)
  })
})
