import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { makeOutside } from '../../connectors/outside.ts'
import { type DeliveryRow, listDeliveries, listEndpoints, readTries } from '../../db/alert-deliveries.ts'
import { packageRoot } from '../../db/root.ts'
import { type TellDeps, tellDue } from '../../jobs/tell.ts'
import { WAITS_S } from '../../src/domain/sync/redeliver.ts'
import { makeLog } from '../../src/http/log.ts'
import {
  addEndpoint,
  removeEndpoint,
  replayDelivery,
  replaySince,
  rotateSecret,
  testEndpoint,
  WEBHOOK_SECRET,
} from '../../src/usecases/alert-endpoints.ts'
import { readKeyring, seal } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'

const { sql, url } = await freshDatabase()
const KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`
const keyring = await readKeyring(KEYS)
const context = { sql, keyring, actor: 'test' }
const lines: string[] = []
const log = makeLog({ destination: { write: line => lines.push(line) } })

type Got = { readonly headers: IncomingHttpHeaders; readonly body: string }
const got: Got[] = []
let status = 200
let onGot: () => void = () => {}
const server = createServer((request, response) => {
  let body = ''
  request.on('data', chunk => {
    body += chunk
  })
  request.on('end', () => {
    got.push({ headers: request.headers, body })
    onGot()
    response.writeHead(status, status === 302 ? { location: '/' } : {}).end('what a receiver says is its own business')
  })
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const outside = makeOutside({ allowPrivate: true })
const signal = new AbortController().signal
afterAll(async () => {
  await outside.close()
  await new Promise(resolve => server.close(resolve))
})

const deps = (more: Partial<TellDeps> = {}): TellDeps => ({
  ...{ sql, keyring, log, owner: 'one', random: () => 0, post: outside.post, mail: null, publicUrl: null },
  ...more,
})
const tell = (more: Partial<TellDeps> = {}) => tellDue(deps(more), signal)
const deliveryOf = async (id: number): Promise<DeliveryRow> => {
  const [row] = await listDeliveries(sql, { id }, null, 1)
  if (row === undefined) throw new Error(`no delivery ${id}`)
  return row
}
const statesOf = async (id: number) => (await readTries(sql, id))?.tries.map(({ status: code, trouble }) => trouble ?? code)
const hook = async (path = '/', terms = {}) => {
  const { endpoint, secret } = await addEndpoint(context, null, 'webhook', `${receiver}${path}`, terms)
  if (secret === null) throw new Error('no secret was shown')
  return { id: endpoint.id, secret }
}
const headersOf = (one: Got | undefined) =>
  Object.fromEntries(Object.entries(one?.headers ?? {}).map(([name, value]) => [name, String(value)]))

beforeEach(async () => {
  for (const via of ['webhook', 'email'] as const)
    for (const { id } of await listEndpoints(sql, via)) await removeEndpoint(context, null, via, id)
  await sql`delete from alert_deliveries`
  got.length = 0
  status = 200
  onGot = () => {}
})

describe('a webhook', () => {
  test('is signed so that the library of the specification takes it, and noted as told', async () => {
    const { id, secret } = await hook()
    const delivery = await testEndpoint(context, null, 'webhook', id)
    expect(await tell()).toBe(1)
    expect(got).toHaveLength(1)
    expect(new Webhook(secret).verify(got[0]?.body ?? '', headersOf(got[0]))).toMatchObject({
      type: 'webhook.test',
      data: { endpoint: id },
    })
    expect(got[0]?.headers['content-type']).toBe('application/json')
    expect(await deliveryOf(delivery)).toMatchObject({ state: 'done', attempts: 1, lastStatus: 200, dueAt: null })
    expect(await tell()).toBe(0)
  })

  test('is signed with the old secret too until the overlap is over', async () => {
    const { id, secret } = await hook()
    const next = (await rotateSecret(context, null, id, 3_600)).secret ?? ''
    await testEndpoint(context, null, 'webhook', id)
    await tell()
    for (const each of [secret, next])
      expect(new Webhook(each).verify(got[0]?.body ?? '', headersOf(got[0]))).toMatchObject({ type: 'webhook.test' })
    await sql`update alert_secrets set ends_at = clock_timestamp() where ends_at is not null`
    await testEndpoint(context, null, 'webhook', id)
    await tell()
    expect(got[1]?.headers['webhook-signature']?.toString().split(' ')).toHaveLength(1)
    expect(() => new Webhook(secret).verify(got[1]?.body ?? '', headersOf(got[1]))).toThrow('No matching signature found')
    expect(new Webhook(next).verify(got[1]?.body ?? '', headersOf(got[1]))).toMatchObject({ type: 'webhook.test' })
  })

  test('is tried at its instants for three days and under one id, then no more', async () => {
    status = 500
    const { id } = await hook()
    const delivery = await testEndpoint(context, null, 'webhook', id)
    let now = Date.now() + 1_000
    for (const waitS of [0, ...WAITS_S]) {
      now += waitS * 1_000
      if (waitS > 0) expect(await tell({ now: () => new Date(now - 1_000) })).toBe(0)
      expect(await tell({ now: () => new Date(now) })).toBe(1)
    }
    expect(await deliveryOf(delivery)).toMatchObject({ state: 'failed', attempts: 10, lastStatus: 500, dueAt: null })
    expect(await tell({ now: () => new Date(now + 999_999_999) })).toBe(0)
    expect(new Set(got.map(one => one.headers['webhook-id'])).size).toBe(1)
    expect(new Set(got.map(one => one.headers['webhook-timestamp'])).size).toBe(10)
    expect(lines.join('')).toContain('could not be told')
    expect(lines.join('')).not.toContain(receiver)
  })

  test('reaches an endpoint that was down and is back, and comes again where a redirect was answered', async () => {
    const { id } = await hook()
    const delivery = await testEndpoint(context, null, 'webhook', id)
    let now = Date.now() + 1_000
    for (const [code, waitMs] of [
      [503, 0],
      [302, 5_000],
      [200, 300_000],
    ] as const) {
      status = code
      now += waitMs
      expect(await tell({ now: () => new Date(now) })).toBe(1)
    }
    expect(await deliveryOf(delivery)).toMatchObject({ state: 'done', attempts: 3 })
    expect(await statesOf(delivery)).toEqual(['refused', 'redirect', 200])
  })

  test('ends its endpoint by 410: what waited there is dropped, and nothing more is sent', async () => {
    const { id } = await hook()
    const [first] = [await testEndpoint(context, null, 'webhook', id), await testEndpoint(context, null, 'webhook', id)]
    await sql`update alert_deliveries set due_at = due_at + interval '1 hour' where id <> ${first}`
    status = 410
    await tell()
    expect((await listEndpoints(sql, 'webhook', id))[0]?.state).toBe('gone')
    expect((await listDeliveries(sql, {}, null, 9)).map(row => row.state)).toEqual(['dropped', 'dropped'])
    await expect(testEndpoint(context, null, 'webhook', id)).rejects.toMatchObject({ code: 'conflict', detail: { value: 'gone' } })
    await expect(replayDelivery(context, null, first)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('is sent again by replay under the same id: one, or all since an instant', async () => {
    const { id } = await hook()
    const one = await testEndpoint(context, null, 'webhook', id)
    await tell()
    const between = new Date((await deliveryOf(one)).createdAt.getTime() + 1)
    await testEndpoint(context, null, 'webhook', id)
    await tell()
    expect(await replayDelivery(context, null, one)).toBe(1)
    await tell()
    expect(await replaySince(context, null, 'webhook', id, between)).toBe(1)
    await tell()
    const [a, b] = got.map(each => each.headers['webhook-id'])
    expect(got.map(each => each.headers['webhook-id'])).toEqual([a, b, a, b])
    expect(await statesOf(one)).toEqual([200, 200])
    await expect(replayDelivery(context, null, 999_999)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('goes to no place at home unless the installation says so', async () => {
    const closed = makeOutside()
    await addEndpoint(context, null, 'webhook', 'https://127.0.0.1/hook', {})
    const [{ id = 0 } = {}] = await listEndpoints(sql, 'webhook')
    const delivery = await testEndpoint(context, null, 'webhook', id)
    await tell({ post: closed.post })
    await closed.close()
    expect(await statesOf(delivery)).toEqual(['address_not_public'])
    expect(got).toEqual([])
  })

  test('is told by exactly one of several workers', async () => {
    const { id } = await hook()
    for (let n = 0; n < 30; n++) await testEndpoint(context, null, 'webhook', id)
    const tries = await Promise.all(['a', 'b', 'c', 'd'].map(owner => tell({ owner })))
    expect(tries.reduce((sum, n) => sum + n)).toBe(30)
    expect(new Set(got.map(one => one.headers['webhook-id'])).size).toBe(30)
    expect(got).toHaveLength(30)
  })

  test('whose worker is killed between sending and noting comes again under the same id, when its lease is over', async () => {
    const { id } = await hook()
    const delivery = await testEndpoint(context, null, 'webhook', id)
    const child = spawn(process.execPath, [join(packageRoot(), 'test/jobs/tell-child.ts'), url, KEYS], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    onGot = () => child.kill('SIGKILL')
    await once(child, 'exit')
    onGot = () => {}
    expect(got).toHaveLength(1)
    expect(await deliveryOf(delivery)).toMatchObject({ state: 'waiting', attempts: 0 })
    expect(await tell()).toBe(0)
    expect(await tell({ now: () => new Date(Date.now() + 46_000) })).toBe(1)
    expect(got[1]?.headers['webhook-id']).toBe(got[0]?.headers['webhook-id'])
    expect(await deliveryOf(delivery)).toMatchObject({ state: 'done', attempts: 1 })
  })

  test('whose secret no key opens is tried again at its time, and holds up no other', async () => {
    const { id } = await hook('/a')
    const other = await readKeyring(`other:${Buffer.alloc(32, 8).toString('base64')}`)
    const bad = await testEndpoint(context, null, 'webhook', id)
    const good = await testEndpoint(context, null, 'webhook', (await hook('/b')).id)
    await sql`update alert_secrets set secret = ${await seal(other, WEBHOOK_SECRET, 'whsec_')} where endpoint_id = ${id}`
    expect(await tell()).toBe(2)
    expect(await deliveryOf(bad)).toMatchObject({ state: 'waiting', attempts: 1, lastTrouble: 'failed' })
    expect(await deliveryOf(good)).toMatchObject({ state: 'done' })
  })

  test('that is under way when the worker stops is given back at once', async () => {
    const { id } = await hook()
    const delivery = await testEndpoint(context, null, 'webhook', id)
    const stop = new AbortController()
    const post: TellDeps['post'] = call => {
      stop.abort()
      return outside.post(call)
    }
    await tellDue(deps({ post }), stop.signal)
    expect(await deliveryOf(delivery)).toMatchObject({ state: 'waiting', attempts: 0 })
    expect(await tell({ owner: 'two' })).toBe(1)
  })
})

test('a secret is kept sealed only, and no try that was noted can be changed', async () => {
  const { id, secret } = await hook('/sealed')
  await testEndpoint(context, null, 'webhook', id)
  await tell()
  const rows = await sql<{ text: string }[]>`select encode(secret, 'escape') as text from alert_secrets`
  expect(rows.some(row => row.text.includes(secret.slice('whsec_'.length)))).toBe(false)
  const audit = await sql<
    { text: string }[]
  >`select detail::text as text from audit union all select coalesce(answer::text, '') from commands`
  expect(audit.some(row => row.text.includes(secret.slice('whsec_'.length)))).toBe(false)
  await expect(sql`update alert_attempts set status = 500`).rejects.toThrow(/append-only/)
})
