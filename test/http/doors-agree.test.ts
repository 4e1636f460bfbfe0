import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeDoors } from '../../src/app.ts'
import type { AppDeps } from '../../src/http/deps.ts'
import { makeLog } from '../../src/http/log.ts'
import type { QuickDoor } from '../../src/http/quick/door.ts'
import { type Listening, listen } from '../../src/main-listen.ts'
import { quietChannel } from '../support/goods.ts'
import { type Stage, setStage, stockUp } from './stage.ts'

type Sent = {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
}
type Came = { readonly status: number | undefined; readonly headers: Readonly<Record<string, unknown>>; readonly body: unknown }
type Server = {
  readonly port: number
  readonly ask: (sent: Sent) => Promise<Came>
  /** How many requests came to the quick door. */
  readonly came: () => number
  /** How many of them it kept to itself. */
  readonly kept: () => number
  readonly log: Record<string, unknown>[]
}

const TWICE = '00000000-0000-4000-8000-000000000000'
let stage: Stage
let key: string
let reader: string
let quick: Server
let app: Server
const listenings: Listening[] = []

beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write', 'metrics:read')
  reader = await stage.key('orders:read')
  await stockUp(stage.app, key, 'MUG', 1_000)
  await stockUp(stage.app, key, 'TASSE-Ü', 1_000)
  await stockUp(stage.app, key, 'PEN', 1)
  await quietChannel(stage.sql, 'shop')
  quick = await serve(true)
  app = await serve(false)
})
afterAll(() => Promise.all(listenings.map(listening => listening.close(100))))

/** A server of its own, with the quick door before its app or without. */
async function serve(hasQuick: boolean, more: Partial<AppDeps> = {}): Promise<Server> {
  const log: Record<string, unknown>[] = []
  const deps = { sql: stage.sql, keyring: stage.keyring, log: makeLog({ destination: { write: line => log.push(JSON.parse(line)) } }) }
  const doors = makeDoors({ ...deps, publicUrl: 'https://hub.example.org', ...more })
  let came = 0
  let kept = 0
  const counting: QuickDoor = onward => {
    const listener = doors.quick((incoming, outgoing) => {
      kept--
      onward(incoming, outgoing)
    })
    return (incoming, outgoing) => {
      came++
      kept++
      listener(incoming, outgoing)
    }
  }
  const listening = await listen({ fetch: doors.app.fetch, ...(hasQuick ? { quick: counting } : {}) }, '127.0.0.1', 0, false)
  listenings.push(listening)
  return { port: listening.port, ask: sent => send(listening.port, sent), came: () => came, kept: () => kept, log }
}

/** Sends it as it is, so that what no client library would send can be sent too. A header that is undefined is left out. */
function send(port: number, { method = 'POST', path = '/v1/reservations', headers = {}, body }: Sent): Promise<Came> {
  const bytes = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const all = {
    ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-request-id': 'one' },
    ...(bytes === undefined ? {} : { 'content-length': String(Buffer.byteLength(bytes)) }),
    ...headers,
  }
  const told = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, method, path, headers: told as Record<string, string>, agent: false }, answer => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: bodyOf(text) }))
    })
    asking.on('error', reject)
    asking.end(bytes)
  })
}

const bodyOf = (text: string): unknown => (text.startsWith('{') ? JSON.parse(text) : text)

/** Without what cannot be the same twice: the date, what was drawn or named for this once. */
function comparable({ status, headers, body }: Came): unknown {
  const { date: _, 'content-length': __, 'x-request-id': requestId, 'concord-token': token, ...rest } = headers
  const drawn = (value: unknown) => (typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value) ? TWICE : value)
  const own = typeof body === 'object' ? { ...body } : { text: body }
  const named = 'id' in own ? { ...own, id: 'the name' } : own
  const times = ['expiresAt', 'trueAsOf'].filter(name => name in named && Reflect.get(named, name) !== null)
  const timed = { ...named, ...Object.fromEntries(times.map(name => [name, 'a time'])) }
  return {
    status,
    headers: { ...rest, 'x-request-id': drawn(requestId), hasToken: token !== undefined },
    body: 'requestId' in timed ? { ...timed, requestId: drawn(timed.requestId) } : timed,
  }
}

/** Asks both, and has their answers equal. Answers the quick one's, and whether the quick door gave it. */
async function both(sent: (name: string) => Sent): Promise<Came & { readonly isQuick: boolean }> {
  const before = quick.kept()
  const a = await quick.ask(sent('quick'))
  const isQuick = quick.kept() > before
  const b = await app.ask(sent('app'))
  expect(comparable(a)).toEqual(comparable(b))
  return { ...a, isQuick }
}

const mug = (quantity = 1) => ({ lines: [{ sku: 'MUG', quantity }] })

describe('the quick door answers as the app does', () => {
  test.each<[string, (name: string) => Sent, number]>([
    ['a promise', () => ({ body: mug() }), 201],
    ['one with a key', name => ({ body: mug(), headers: { 'idempotency-key': `key-${name}` } }), 201],
    ['the same once more', name => ({ body: mug(), headers: { 'idempotency-key': `key-${name}` } }), 201],
    ['its key with another body', name => ({ body: mug(2), headers: { 'idempotency-key': `key-${name}` } }), 409],
    [
      'a basket that ends by itself',
      () => ({
        body: {
          lines: [
            { sku: 'MUG', quantity: 1 },
            { sku: 'TASSE-Ü', quantity: 2 },
          ],
          expiresInS: 60,
        },
      }),
      201,
    ],
    [
      'a part of what was asked',
      () => ({
        body: {
          lines: [
            { sku: 'MUG', quantity: 1 },
            { sku: 'PEN', quantity: 900 },
          ],
          partial: false,
        },
      }),
      409,
    ],
    ['what is not there', () => ({ body: { lines: [{ sku: 'PEN', quantity: 2 }] } }), 409],
    ['an unknown SKU', () => ({ body: { lines: [{ sku: 'NOPE', quantity: 2 }] } }), 422],
    ['an unknown location', () => ({ body: { lines: [{ sku: 'MUG', quantity: 2, location: 'Atlantis' }] } }), 422],
    ['an unknown channel', () => ({ body: { ...mug(), channel: 'nowhere' } }), 422],
    ['without an id of the caller', () => ({ body: mug(), headers: { 'x-request-id': undefined } }), 201],
    ['an id that is not sound', () => ({ body: mug(), headers: { 'x-request-id': 'a b' } }), 201],
    ['a key in small letters', () => ({ body: mug(), headers: { authorization: `bearer ${key}` } }), 201],
  ])('%s', async (_, sent, status) => {
    expect(await both(sent)).toMatchObject({ status, isQuick: true })
  })

  test.each<[string, string, number]>([
    ['one SKU in one channel', '/v1/availability/MUG?channel=shop', 200],
    ['one SKU at one location', '/v1/availability/MUG?location=berlin', 200],
    ['one SKU everywhere', '/v1/availability/MUG', 200],
    ['an unknown SKU', '/v1/availability/NOPE?channel=shop', 404],
    ['an unknown channel', '/v1/availability/MUG?channel=nowhere', 404],
    ['a token of no write', '/v1/availability/MUG?channel=shop&atLeast=none', 422],
    ['a date that has passed', '/v1/availability/MUG?on=2001-01-01', 422],
  ])('availability: %s', async (_, path, status) => {
    expect(await both(() => ({ method: 'GET', path, headers: { 'content-type': undefined } }))).toMatchObject({ status, isQuick: true })
  })

  test.each<[string, string, number]>([
    ['letters beyond ASCII', '/v1/availability/TASSE-%C3%9C?channel=shop', 200],
    ['a channel named twice', '/v1/availability/MUG?channel=shop&channel=shop', 422],
    ['a channel of no name', '/v1/availability/MUG?channel=', 422],
    ['a question that nobody knows', '/v1/availability/MUG?loud=1', 422],
    ['a question without an answer', '/v1/availability/MUG?channel', 422],
    ['no SKU', '/v1/availability/', 404],
    ['a way up', '/v1/availability/..', 404],
  ])('or leaves availability to the app: %s', async (_, path, status) => {
    expect(await both(() => ({ method: 'GET', path, headers: { 'content-type': undefined } }))).toMatchObject({ status, isQuick: false })
  })

  test.each<[string, () => Sent, number]>([
    ['no JSON', () => ({ body: '{"lines":' }), 400],
    ['an empty body', () => ({ body: '' }), 400],
    ['JSON behind a byte order mark', () => ({ body: `\uFEFF${JSON.stringify(mug())}` }), 201],
    ['no lines', () => ({ body: { lines: [] } }), 422],
    ['a quantity in words', () => ({ body: { lines: [{ sku: 'MUG', quantity: 'one' }] } }), 422],
    ['a field that nobody knows', () => ({ body: { ...mug(), colour: 'blue' } }), 422],
    ['an Idempotency-Key with a space', () => ({ body: mug(), headers: { 'idempotency-key': 'a b' } }), 422],
    ['text', () => ({ body: JSON.stringify(mug()), headers: { 'content-type': 'text/plain' } }), 415],
    ['JSON that names its letters', () => ({ body: mug(), headers: { 'content-type': 'application/json; charset=utf-8' } }), 201],
    ['no content type', () => ({ body: mug(), headers: { 'content-type': undefined } }), 415],
    ['more than 1 MB', () => ({ body: { ...mug(), colour: 'x'.repeat(1024 * 1024) } }), 413],
    ['a body in chunks', () => ({ body: mug(), headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' } }), 201],
    ['nobody', () => ({ body: mug(), headers: { authorization: undefined } }), 401],
    ['a key that does not exist', () => ({ body: mug(), headers: { authorization: `Bearer ck_nobodynobody.${'x'.repeat(40)}` } }), 401],
    ['a key that may not', () => ({ body: mug(), headers: { authorization: `Bearer ${reader}` } }), 403],
    ['another way to say who one is', () => ({ body: mug(), headers: { authorization: 'Basic YTpi' } }), 401],
    ['a session beside the key', () => ({ body: mug(), headers: { cookie: 'concord=whatever' } }), 201],
    ['a query', () => ({ path: '/v1/reservations?loud=1', body: mug() }), 201],
    ['a list', () => ({ method: 'GET' }), 200],
  ])('or leaves it to the app: %s', async (_, sent, status) => {
    expect(await both(sent)).toMatchObject({ status, isQuick: false })
  })

  test.each([
    ['a database that went away', Object.assign(new Error('gone'), { code: 'CONNECTION_CLOSED' }), 503],
    ['a defect of ours', new Error('secret words'), 500],
  ])('%s', async (_, error, status) => {
    const reserve = () => Promise.reject(error)
    const servers = [await serve(true, { reserve }), await serve(false, { reserve })] as const
    const [a, b] = [await servers[0].ask({ body: mug() }), await servers[1].ask({ body: mug() })]
    expect(a.status).toBe(status)
    expect(comparable(a)).toEqual(comparable(b))
    expect(JSON.stringify(a.body)).not.toContain('secret words')
    // The line is written a turn of the event loop after the answer.
    await expect.poll(() => servers.map(({ log }) => log.length)).toEqual([1, 1])
    const lines = servers.map(({ log }) =>
      log.map(({ level, msg, route, status, err }) => ({ level, msg, route, status, err: messageOf(err) })),
    )
    expect(lines[0]).toEqual([{ level: 50, msg: 'request failed', route: 'POST /v1/reservations', status, err: error.message }])
    expect(lines[0]).toEqual(lines[1])
  })
})

test('a caller who hangs up in the middle of a body leaves nothing but its line in the log', async () => {
  const server = await serve(true)
  const socket = connect(server.port, '127.0.0.1')
  const head = [
    'POST /v1/reservations HTTP/1.1',
    'host: x',
    `authorization: Bearer ${key}`,
    'content-type: application/json',
    'content-length: 500',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n{"lines"`)
  await expect.poll(server.came).toBe(1)
  socket.destroy()
  await expect.poll(() => server.log).toEqual([expect.objectContaining({ route: 'POST /v1/reservations', status: 400, msg: 'request' })])
  expect((await server.ask({ body: mug() })).status).toBe(201)
})

const messageOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'message' in error ? error.message : null)

test('both doors log a request in the same words, and count it as the same', async () => {
  const shown = (server: Server) => server.log.map(({ level, msg, route, status, actor }) => ({ level, msg, route, status, actor }))
  await expect.poll(() => shown(quick)).toEqual(shown(app))
  expect(shown(quick)[0]).toEqual({
    level: 30,
    msg: 'request',
    route: 'POST /v1/reservations',
    status: 201,
    actor: `key:${key.split('.')[0]}`,
  })
  const counts = async (server: Server) => {
    const page = await server.ask({ method: 'GET', path: '/metrics', headers: { 'content-type': undefined } })
    return String(page.body)
      .split('\n')
      .filter(line => /^concord_(http_request_seconds_count|reservations_total)/.test(line))
      .sort()
  }
  const [a, b] = [await counts(quick), await counts(app)]
  expect(a).toEqual(b)
  expect(a).toContainEqual(
    expect.stringMatching(/^concord_http_request_seconds_count\{route="POST \/v1\/reservations",status="201"\} \d+$/),
  )
})
