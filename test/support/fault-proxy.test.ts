import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeHttp } from '../../connectors/http.ts'
import { type FaultProxy, faultProxy } from './fault-proxy.ts'

// The wire between the hub and a platform breaks in the ways that wires do. Each is seen through the only door by which the hub calls out.

const BODY = 'x'.repeat(20_000)
const arrived: string[] = []
const server = createServer((request, response) => {
  arrived.push(request.method ?? '')
  request.resume().on('end', () => response.end(BODY))
})
let proxy: FaultProxy
const { http, close } = makeHttp({ connections: 2 })

beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  proxy = await faultProxy({ port: (server.address() as AddressInfo).port }, () => 0.5)
})
beforeEach(() => {
  proxy.spoil(null)
  proxy.refuse(false)
  proxy.resetAll()
  arrived.length = 0
})
afterAll(async () => {
  await close()
  await proxy.close()
  await new Promise(resolve => server.close(resolve))
})

const call = (more: { writes?: boolean; deadlineMs?: number } = {}) =>
  http({
    method: more.writes ? 'POST' : 'GET',
    url: `http://127.0.0.1:${proxy.port}/`,
    deadlineMs: 5_000,
    ...(more.writes ? { body: 'b' } : {}),
    ...more,
  })
const timed = async (work: Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work
  return performance.now() - began
}

describe('a wire', () => {
  test('without a fault carries what is said', async () => {
    expect(await call()).toMatchObject({ status: 200, text: BODY })
  })

  test('with latency answers late, and right', async () => {
    proxy.spoil({ latencyMs: 100, jitterMs: 100 }, 'up')
    // Half of the jitter is drawn.
    expect(await timed(expect(call()).resolves.toMatchObject({ text: BODY }))).toBeGreaterThanOrEqual(149)
  })

  test('that is narrow takes its time, in pieces', async () => {
    proxy.spoil({ bytesPerSecond: 100_000, sliceBytes: 5_000 }, 'down')
    expect(await timed(expect(call()).resolves.toMatchObject({ text: BODY }))).toBeGreaterThanOrEqual(190)
  })

  test('that leads nowhere ends at the deadline; a write through it may have arrived', async () => {
    proxy.spoil({ isBlackHole: true }, 'down')
    const ended = expect(call({ writes: true, deadlineMs: 1_000 })).rejects.toMatchObject({ kind: 'down', maybeTookEffect: true })
    await expect.poll(() => arrived).toEqual(['POST'])
    await ended
  })

  test('cut in the middle of an answer ends at the deadline, not with half of it', async () => {
    proxy.spoil({ holdAfterBytes: 1_000 }, 'down')
    await expect(call({ deadlineMs: 300 })).rejects.toMatchObject({ kind: 'down', maybeTookEffect: false })
  })

  test('that is reset before anything arrived, or in the answer, is told at once, and a write may have arrived', async () => {
    proxy.spoil({ resetAfterBytes: 0 }, 'up')
    await expect(call({ writes: true })).rejects.toMatchObject({ kind: 'down', maybeTookEffect: true })
    expect(arrived).toEqual([])
    proxy.spoil(null)
    proxy.spoil({ resetAfterBytes: 500 }, 'down')
    await expect(call({ writes: true })).rejects.toMatchObject({ kind: 'down', maybeTookEffect: true })
    expect(arrived).toEqual(['POST'])
  })

  test('half closed in the middle of an answer gives no short answer', async () => {
    proxy.spoil({ endAfterBytes: 1_000 }, 'down')
    await expect(call()).rejects.toMatchObject({ kind: 'down' })
  })

  test('that is refused took no effect for certain where nothing could be sent', async () => {
    const port = proxy.port
    await proxy.close()
    await expect(call({ writes: true })).rejects.toMatchObject({ kind: 'down', maybeTookEffect: false })
    proxy = await faultProxy({ port: (server.address() as AddressInfo).port }, () => 0.5)
    expect(proxy.port).not.toBe(port)
  })

  test('is mended while connections are open, and what is open can be reset', async () => {
    proxy.spoil({ isBlackHole: true })
    const waiting = call()
    await expect.poll(() => proxy.open()).toBe(1)
    proxy.spoil(null)
    expect(await waiting).toMatchObject({ status: 200, text: BODY })
    expect(proxy.resetAll()).toBe(1)
    expect(await call()).toMatchObject({ status: 200 })
    proxy.resetAll()
    proxy.refuse(true)
    await expect(call()).rejects.toMatchObject({ kind: 'down' })
  })
})
