import { describe, expect, test } from 'vitest'
import { type Limit, makePace, type Timer } from '../../connectors/pace.ts'

/** A clock that waiting moves, so that no test takes real time. */
function virtual(): Timer & { readonly waits: number[] } {
  let at = 0
  const waits: number[] = []
  return {
    waits,
    now: () => at,
    wait: async ms => {
      waits.push(ms)
      at += ms
    },
  }
}

const bucket: Record<string, Limit> = { get: { kind: 'bucket', ratePerS: 2, burst: 3 } }

/** The instants at which `count` calls may start, all asked for at once. */
async function starts(count: number, limits: Record<string, Limit>, options: Parameters<typeof makePace>[1] = {}): Promise<number[]> {
  const timer = options.timer ?? virtual()
  const pace = makePace(limits, { ...options, timer })
  const at: number[] = []
  await Promise.all(Array.from({ length: count }, () => pace.take('get').then(() => at.push(timer.now()))))
  return at
}

describe('the pace of calls', () => {
  test('a new holder starts with an empty bucket, because the last one may just have used it up', async () => {
    expect(await starts(3, bucket)).toEqual([500, 1000, 1500])
  })

  test('a full bucket lets its burst through at once, then the rate', async () => {
    expect(await starts(6, bucket, { full: true })).toEqual([0, 0, 0, 500, 1000, 1500])
  })

  test('how the bucket stands is told for forecasts: what is left, what comes back, for how long nothing starts, and what is on its way', async () => {
    const timer = virtual()
    const pace = makePace(bucket, { timer, full: true })
    await pace.take('get')
    expect(pace.stand('get')).toEqual({ left: 2, ratePerS: 2, burst: 3, closedMs: 0, going: 1 })
    pace.answered('get', 'well')
    pace.learn('get', 4)
    pace.pause('get', 5_000)
    expect(pace.stand('get')).toEqual({ left: 0, ratePerS: 3.6, burst: 3, closedMs: 5_000, going: 0 })
    await timer.wait(6_000)
    expect(pace.stand('get')).toEqual({ left: 3, ratePerS: 3.6, burst: 3, closedMs: 0, going: 0 })
  })

  test('calls that may come closer together on their way are fewer at once, so that the platform never counts more than it allows', async () => {
    expect(await starts(5, bucket, { full: true, jitterMs: 500 })).toEqual([0, 0, 500, 1000, 1500])
    expect(await starts(2, { get: { kind: 'spacing', everyMs: 200 } }, { full: true, jitterMs: 500 })).toEqual([0, 200])
  })

  test('spacing keeps the time between two starts', async () => {
    expect(await starts(4, { get: { kind: 'spacing', everyMs: 200 } }, { full: true })).toEqual([0, 200, 400, 600])
  })

  test('a scale multiplies rate and burst', async () => {
    expect(await starts(8, bucket, { full: true, scale: 2 })).toEqual([0, 0, 0, 0, 0, 0, 250, 500])
  })

  test('a burst scaled below one still lets one call through', async () => {
    expect(await starts(2, { get: { kind: 'bucket', ratePerS: 1, burst: 1 } }, { scale: 0.5 })).toEqual([2000, 4000])
  })

  test('an operation without a limit of its own takes the fallback', async () => {
    expect(await starts(3, {}, { full: true, fallback: { kind: 'spacing', everyMs: 50 } })).toEqual([0, 50, 100])
  })

  test('an idle bucket fills up to its burst and not beyond', async () => {
    const timer = virtual()
    const pace = makePace(bucket, { timer })
    await timer.wait(3_600_000)
    expect(pace.left('get')).toBe(0)
    await timer.wait(3_600_000)
    expect(pace.left('get')).toBe(3)
  })

  test('starts come in the order in which they were asked for', async () => {
    const pace = makePace(bucket, { timer: virtual() })
    const order: number[] = []
    await Promise.all([1, 2, 3, 4].map(n => pace.take('get').then(() => order.push(n))))
    expect(order).toEqual([1, 2, 3, 4])
  })

  test('operations do not wait for each other', async () => {
    const timer = virtual()
    const pace = makePace({ ...bucket, put: { kind: 'bucket', ratePerS: 1, burst: 1 } }, { timer, full: true })
    await Promise.all([pace.take('get'), pace.take('put')])
    expect(timer.now()).toBe(0)
    expect([pace.left('get'), pace.left('put')]).toEqual([2, 0])
  })

  test('told to wait, it starts nothing and owes nothing until then', async () => {
    const timer = virtual()
    const pace = makePace(bucket, { timer, full: true })
    pace.pause('get', 5000)
    expect(pace.left('get')).toBe(0)
    await pace.take('get')
    expect(timer.now()).toBe(5000)
  })

  test('a shorter pause does not end a longer one', async () => {
    const timer = virtual()
    const pace = makePace(bucket, { timer, full: true })
    pace.pause('get', 5000)
    pace.pause('get', 100)
    await pace.take('get')
    expect(timer.now()).toBe(5000)
  })

  test('learns the platform’s real rate from then on', async () => {
    const timer = virtual()
    const pace = makePace(bucket, { timer })
    await timer.wait(500)
    expect(pace.left('get')).toBe(0)
    pace.learn('get', 10)
    await pace.take('get')
    expect(timer.now()).toBe(600)
    pace.learn('get', 0)
    await pace.take('get')
    expect(timer.now()).toBe(700)
  })

  test('an abort ends even a long wait at once, with its own reason', async () => {
    const lost = new AbortController()
    const pace = makePace({ get: { kind: 'spacing', everyMs: 3_600_000 } }, { signal: lost.signal })
    const waiting = [pace.take('get'), pace.take('get')]
    const outcomes = Promise.allSettled(waiting)
    lost.abort(new Error('the lease was lost'))
    expect(await outcomes).toEqual(waiting.map(() => ({ status: 'rejected', reason: new Error('the lease was lost') })))
  })

  test('a turn that was aborted does not block those after it', async () => {
    const timer = virtual()
    let failsOnce = true
    const flaky: Timer = {
      now: timer.now,
      wait: async ms => {
        if (failsOnce) {
          failsOnce = false
          throw new Error('no timer')
        }
        await timer.wait(ms)
      },
    }
    const pace = makePace(bucket, { timer: flaky })
    const outcomes = await Promise.allSettled([pace.take('get'), pace.take('get')])
    expect(outcomes.map(outcome => outcome.status)).toEqual(['rejected', 'fulfilled'])
  })
})

describe('calls that are kept back for urgent ones', () => {
  const one: Record<string, Limit> = { get: { kind: 'bucket', ratePerS: 2, burst: 4 } }

  test('others leave them alone, urgent ones have them at once', async () => {
    const timer = virtual()
    const pace = makePace(one, { timer, full: true })
    pace.keep('get', 3, 60_000)
    await pace.take('get')
    await pace.take('get', { urgent: true })
    await pace.take('get', { urgent: true })
    await pace.take('get', { urgent: true })
    expect(timer.now()).toBe(0)
  })

  test('what the urgent ones have not used is free when its time is over, and not before', async () => {
    const timer = virtual()
    const pace = makePace(one, { timer, full: true })
    pace.keep('get', 4, 5_000)
    await pace.take('get')
    expect(timer.now()).toBe(5_000)
  })

  test('an urgent call overtakes those who wait, and the others keep their order behind it', async () => {
    const timer = virtual()
    const pace = makePace(one, { timer })
    const order: string[] = []
    const asked = ['a', 'b'].map(name => pace.take('get').then(() => order.push(name)))
    asked.push(pace.take('get', { urgent: true }).then(() => order.push('flip')))
    await Promise.all(asked)
    expect(order).toEqual(['flip', 'a', 'b'])
  })

  test('an urgent call wakes a line that waits for what is kept', async () => {
    const pace = makePace({ get: { kind: 'bucket', ratePerS: 0.001, burst: 1 } }, { full: true })
    pace.keep('get', 1, 3_600_000)
    const order: string[] = []
    void pace.take('get').then(() => order.push('other'))
    await new Promise(resolve => setImmediate(resolve))
    await pace.take('get', { urgent: true })
    expect(order).toEqual([])
  })

  test('kept anew, nothing is kept any more', async () => {
    const timer = virtual()
    const pace = makePace(one, { timer, full: true })
    pace.keep('get', 4, 5_000)
    pace.keep('get', 0, 0)
    await pace.take('get')
    expect(timer.now()).toBe(0)
  })

  test('beyond what was kept, one turn in four is left to the others, so that many urgent calls do not hold up stock', async () => {
    const pace = makePace(one, { timer: virtual() })
    const order: string[] = []
    const ask = (name: string, urgent: boolean) => pace.take('get', { urgent }).then(() => order.push(name))
    await Promise.all([...['a', 'b'].map(name => ask(name, false)), ...['1', '2', '3', '4', '5'].map(name => ask(name, true))])
    expect(order.join(' ')).toBe('1 2 3 a 4 5 b')
  })
})

describe('first calls', () => {
  const slow: Record<string, Limit> = { get: { kind: 'bucket', ratePerS: 2, burst: 4 } }

  test('go ahead of urgent ones and of those who wait, and may have what is kept back', async () => {
    const timer = virtual()
    const pace = makePace(slow, { timer })
    const order: string[] = []
    const asked = ['a', 'b'].map(name => pace.take('get').then(() => order.push(name)))
    asked.push(pace.take('get', { urgent: true }).then(() => order.push('flip')))
    asked.push(pace.take('get', { first: true }).then(() => order.push('sold out')))
    await Promise.all(asked)
    expect(order).toEqual(['sold out', 'flip', 'a', 'b'])
    pace.keep('get', 4, 60_000)
    const before = timer.now()
    await pace.take('get', { first: true })
    expect(timer.now() - before).toBe(500)
  })

  test('leave one turn in twenty to those behind, so that nothing starves, and none of it is kept for urgent ones that do not come', async () => {
    const pace = makePace(slow, { timer: virtual() })
    const order: string[] = []
    const ask = (name: string, first: boolean) => pace.take('get', { first }).then(() => order.push(name))
    await Promise.all([...['a', 'b'].map(name => ask(name, false)), ...Array.from({ length: 40 }, () => ask('!', true))])
    expect(order.flatMap((name, at) => (name === '!' ? [] : [`${name}${at}`]))).toEqual(['a19', 'b39'])
    const kept = makePace(slow, { timer: virtual() })
    kept.keep('get', 4, 3_600_000)
    const held: string[] = []
    void kept.take('get').then(() => held.push('a'))
    await Promise.all(Array.from({ length: 40 }, () => kept.take('get', { first: true })))
    expect(held).toEqual([])
  })
})

describe('spare calls', () => {
  const spacing: Record<string, Limit> = { get: { kind: 'spacing', everyMs: 100 } }

  test('have at most half of the rate while nobody else calls', async () => {
    const timer = virtual()
    const pace = makePace(spacing, { timer, full: true })
    const at: number[] = []
    for (let n = 0; n < 4; n++) await pace.take('get', { spare: true }).then(() => at.push(timer.now()))
    expect(at).toEqual([0, 200, 400, 600])
  })

  test('wait for everybody else, however long ago they asked', async () => {
    const timer = virtual()
    const pace = makePace(spacing, { timer, full: true })
    const order: string[] = []
    const take = (name: string, how = {}) => pace.take('get', how).then(() => order.push(`${name} at ${timer.now()}`))
    await Promise.all([take('spare', { spare: true }), take('one'), take('two'), take('urgent', { urgent: true })])
    expect(order).toEqual(['urgent at 0', 'one at 100', 'two at 200', 'spare at 300'])
  })

  test('leave half of a burst to a push that may come', async () => {
    const timer = virtual()
    const pace = makePace({ get: { kind: 'bucket', ratePerS: 2, burst: 4 } }, { timer, full: true })
    for (let n = 0; n < 6; n++) await pace.take('get', { spare: true })
    expect(pace.left('get')).toBeGreaterThanOrEqual(2)
  })

  test('end with the lease while they wait', async () => {
    const lease = new AbortController()
    const timer = {
      now: () => 0,
      wait: (_ms: number, signal?: AbortSignal) => new Promise<void>(resolve => signal?.addEventListener('abort', () => resolve())),
    }
    const pace = makePace(spacing, { timer, signal: lease.signal })
    const waiting = expect(pace.take('get', { spare: true })).rejects.toThrow('lease lost')
    await Promise.resolve()
    lease.abort(new Error('lease lost'))
    await waiting
  })
})
