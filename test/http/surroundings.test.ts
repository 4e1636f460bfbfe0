import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { close, connect as connectTo } from '../../db/connect.ts'
import { packageRoot } from '../../db/root.ts'
import { apiAccess } from '../../src/http/route-table.ts'
import { freshDatabase } from '../support/database.ts'
import { ask, logIn, type Stage, setStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})

// A server that is not there: nothing listens on the discard port.
const gone = () => connectTo('postgres://nobody@127.0.0.1:9/none', { max: 1 })

describe('health', () => {
  test('is told to anybody: the process runs, and it can serve', async () => {
    expect((await ask(stage.app, 'GET /healthz')).body).toEqual({ status: 'ok' })
    expect((await ask(stage.app, 'GET /readyz')).body).toEqual({ status: 'ready' })
  })

  test('without the database: alive, not ready within two seconds, and 503 for everything else', async () => {
    const sql = gone()
    const app = stage.another({ sql })
    const begun = performance.now()
    const ready = await ask(app, 'GET /readyz')
    expect(performance.now() - begun).toBeLessThan(3000)
    expect(ready.body).toMatchObject({ status: 503, code: 'unavailable' })
    expect(ready.headers.get('retry-after')).toBe('1')
    const anybody = { cookie: 'concord=whatever', authorization: 'Bearer ck_whatever.whatever-whatever-whatever' }
    expect((await ask(app, 'GET /healthz', { headers: anybody })).status).toBe(200)
    expect((await ask(app, 'GET /healthz', { headers: { cookie: anybody.cookie } })).status).toBe(200)
    const write = await ask(app, 'GET /v1/session', { key: await stage.key('stock:read') })
    expect(write.body).toMatchObject({ status: 503, code: 'unavailable' })
    await close(sql, 0)
  })

  test('is not ready on a database without the schema', async () => {
    const empty = await freshDatabase({ empty: true })
    const ready = await ask(stage.another({ sql: empty.sql }), 'GET /readyz')
    expect(ready.body).toMatchObject({ status: 503 })
    expect(ready.body.detail).toMatch(/^the database lacks 0001_foundation/)
  })
})

describe('metrics', () => {
  test('measure requests by route pattern and read the gauges of the database', async () => {
    const key = await stage.key('metrics:read')
    await ask(stage.app, 'GET /v1/stock/NOPE', { key: await stage.key('stock:read') })
    const page = await ask(stage.app, 'GET /metrics', { key })
    expect(page.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(page.text).toContain('concord_http_request_seconds_count{route="GET /v1/stock/:sku",status="404"} 1')
    expect(page.text).toContain('concord_inbox_messages{state="new"} 0')
    expect(page.text).not.toContain('NOPE')
  })
})

describe('every answer', () => {
  test('keeps a page to itself: own scripts only, no frame, no sniffing, no cache', async () => {
    const { headers } = await ask(stage.app, 'GET /healthz')
    const policy = Object.fromEntries(
      (headers.get('content-security-policy') ?? '').split('; ').map(part => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]),
    )
    expect(policy).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'self'",
    })
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('strict-transport-security')).toBeNull()
  })

  test("carries the request's id: the caller's when it is sound, else one of ours", async () => {
    const given = await ask(stage.app, 'GET /healthz', { headers: { 'x-request-id': 'trace-7' } })
    expect(given.headers.get('x-request-id')).toBe('trace-7')
    const made = await ask(stage.app, 'GET /nowhere', { headers: { 'x-request-id': 'a b' } })
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.body).toMatchObject({ status: 404, code: 'not_found', requestId: made.headers.get('x-request-id') })
  })
})

describe('the document of the API', () => {
  test('every pattern of the document is an expression that lets a plain word or number through', async () => {
    const key = await stage.key('stock:read')
    const { text } = await ask(stage.app, 'GET /openapi.json', { key })
    const patterns = new Set([...text.matchAll(/"pattern":("(?:[^"\\\\]|\\\\.)*")/g)].map(match => JSON.parse(match[1] ?? '""') as string))
    expect(patterns.size).toBeGreaterThan(3)
    const words = [
      'main',
      '12',
      '12.90',
      'EUR',
      '2026-01-01',
      'ck_abc.def',
      'a@example.org',
      'DE',
      'ck_12345678',
      'POST /v1/prices',
      '09:30',
    ]
    for (const pattern of patterns) expect([pattern, words.some(word => new RegExp(pattern, 'u').test(word))]).toEqual([pattern, true])
  })

  test('is OpenAPI 3.1 and holds every route under /v1, health, metrics and the login, with what each needs', async () => {
    const key = await stage.key('stock:read')
    const document = (await ask(stage.app, 'GET /openapi.json', { key })).body as {
      openapi: string
      paths: Record<string, Record<string, { 'x-needs'?: string }>>
    }
    expect(document.openapi).toBe('3.1.0')
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        `${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ':$1')}`,
        operation['x-needs'],
      ]),
    )
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(
        Object.entries(apiAccess)
          .filter(([route]) => / \/(v1\/|healthz|readyz|metrics|login|logout)/.test(route))
          .map(([route, access]) => [route, typeof access === 'string' ? access : access.join(' or ')]),
      ),
    )
  })

  test('says of every list that a request brings how long it may be', async () => {
    const key = await stage.key('stock:read')
    type Schema = { readonly [name: string]: unknown }
    const document = (await ask(stage.app, 'GET /openapi.json', { key })).body as {
      components: { schemas: Record<string, Schema> }
      paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>
    }
    const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null
    const unlimited = (schema: unknown, at: string, seen: readonly unknown[] = []): string[] => {
      if (!isSchema(schema) || seen.includes(schema)) return []
      const ref =
        typeof schema.$ref === 'string' ? document.components.schemas[schema.$ref.replace('#/components/schemas/', '')] : undefined
      if (ref !== undefined) return unlimited(ref, at, [...seen, schema])
      const isList = schema.type === 'array' || (Array.isArray(schema.type) && schema.type.includes('array'))
      const here = isList && schema.maxItems === undefined && schema.prefixItems === undefined ? [at] : []
      return [...here, ...Object.entries(schema).flatMap(([name, value]) => unlimited(value, `${at}.${name}`, [...seen, schema]))]
    }
    const found = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { requestBody }]) =>
        Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => unlimited(schema, `${method} ${path}`)),
      ),
    )
    expect(found).toEqual([])
  })

  test('is shown by assets of ours, without a line of inline script, to whoever is signed in', async () => {
    const { cookie } = await logIn(stage.app, await stage.user('operations'))
    const page = await ask(stage.app, 'GET /docs', { headers: { cookie } })
    const sources = [...page.text.matchAll(/<script[^>]*src="([^"]+)"[^>]*>([^<]*)</g)]
    expect(sources.map(match => match[2])).toEqual(['', ''])
    expect(page.text.match(/<script/g)).toHaveLength(sources.length)
    for (const [, source] of sources)
      expect((await ask(stage.app, `GET ${source}`, { headers: { cookie } })).headers.get('content-type')).toMatch(/^text\/javascript/)
    expect(page.text).not.toMatch(/https?:\/\//)
    const bundle = await ask(stage.app, 'GET /docs/assets/swagger-ui-bundle.js', { headers: { cookie } })
    expect(bundle.text).toBe(readFileSync(join(packageRoot(), 'node_modules/swagger-ui-dist/swagger-ui-bundle.js'), 'utf8'))
    expect((await ask(stage.app, 'GET /docs/assets/package.json', { headers: { cookie } })).status).toBe(404)
    expect((await ask(stage.app, 'GET /docs')).status).toBe(401)
  })

  test('explains every problem code', async () => {
    const key = await stage.key('stock:read')
    const refused = await ask(stage.app, 'GET /v1/orders', { key })
    const page = await ask(stage.app, `GET ${refused.body.type}`, { key })
    expect(page.text).toMatch(/^forbidden \(403\)/)
    expect((await ask(stage.app, 'GET /docs/problems/constructor', { key })).status).toBe(404)
  })
})
