import { Hono } from 'hono'
import { afterEach, expect, test, vi } from 'vitest'
import { ringAfterWrites } from '../../src/http/ring-after-writes.ts'
import type { RequestEnv } from '../../src/usecases/principal.ts'
import { ask, setStage } from './stage.ts'

let rings = 0
const stage = await setStage({ ring: () => void rings++ })

const app = new Hono<RequestEnv>()
app.use(ringAfterWrites(() => void rings++, 50))
app.get('/stock', c => c.text('10'))
app.post('/stock', c => c.text('done'))
app.post('/refused', c => c.text('no', 409))
app.post('/failing', () => {
  throw new Error('the database is away')
})
app.onError((_error, c) => c.text('trouble', 500))
const post = (path: string) => app.request(path, { method: 'POST' })

afterEach(() => {
  rings = 0
  vi.useRealTimers()
})

test('the change feed is looked at as soon as the API has written, and not for a read or what is refused', async () => {
  const key = await stage.key('catalog:write')
  await ask(stage.app, 'GET /v1/locations', { key })
  expect((await ask(stage.app, 'POST /v1/locations', { key, body: { code: 'berlin' } })).status).toBe(422)
  expect(rings).toBe(0)
  expect((await ask(stage.app, 'POST /v1/locations', { key, body: { code: 'berlin', name: 'Berlin', kind: 'warehouse' } })).status).toBe(
    201,
  )
  expect(rings).toBe(1)
})

test('reads, refusals and failures ring for nobody', async () => {
  await app.request('/stock')
  await post('/refused')
  await post('/failing')
  expect(rings).toBe(0)
})

test('many writes make few rings, and after the last one there is always one more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  vi.advanceTimersByTime(1_000)
  for (let n = 0; n < 30; n++) await post('/stock')
  expect(rings).toBe(1)
  vi.advanceTimersByTime(49)
  expect(rings).toBe(1)
  vi.advanceTimersByTime(1)
  expect(rings).toBe(2)
  vi.advanceTimersByTime(50)
  await post('/stock')
  expect(rings).toBe(3)
})
