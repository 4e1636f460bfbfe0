import { Hono } from 'hono'
import { beforeAll, describe, expect, test } from 'vitest'
import { apiAccess } from '../../src/http/route-table.ts'
import { webhookRoutes } from '../../src/http/webhooks.ts'
import { uiRoutes } from '../../src/ui/index.ts'
import type { RequestEnv } from '../../src/usecases/principal.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})

const routesOf = (app: Hono<RequestEnv>): string[] => [
  ...new Set(app.routes.filter(r => r.method !== 'ALL').map(r => `${r.method} ${r.path}`)),
]

describe('the route table', () => {
  test('has an entry for every route of the app', () => {
    const undeclared = routesOf(stage.app).filter(route => !(route in apiAccess))
    expect(undeclared).toEqual([])
    expect(routesOf(stage.app).length).toBeGreaterThan(60)
  })

  test('has no entry for a route that does not exist', () => {
    const there = new Set([...routesOf(stage.app), 'GET /webhooks/:token', 'POST /webhooks/:token'])
    expect(Object.keys(apiAccess).filter(route => !there.has(route))).toEqual([])
  })

  test('and that of the pages have an entry for every route of the whole app, pages and webhooks included', async () => {
    const ui = uiRoutes({ sql: stage.sql, keyring: stage.keyring, platforms: {}, log: { error: () => {} } })
    const app = stage.another({ ui, webhooks: webhookRoutes({ sql: stage.sql, keyring: stage.keyring, ring: () => {} }) })
    const declared = { ...apiAccess, ...ui.access }
    expect(routesOf(app).filter(route => !(route in declared))).toEqual([])
    expect(Object.keys(ui.access).filter(route => ui.access[route] === 'open')).toEqual([
      'GET /login',
      'GET /language/:code',
      'GET /ui/assets/:mark/:name',
      'GET /track/:token',
      'POST /track/:token/choice',
    ])
    ui.close()
  })

  test('leaves nothing open but health, the login and the intake of webhooks', () => {
    expect(Object.keys(apiAccess).filter(route => apiAccess[route] === 'open')).toEqual([
      'GET /healthz',
      'GET /readyz',
      'POST /login',
      'GET /webhooks/:token',
      'POST /webhooks/:token',
    ])
  })

  test('keeps a route dead that nobody declared', async () => {
    const routes = new Hono<RequestEnv>().get('/forgotten', c => c.text('secret'))
    const app = stage.another({ ui: { routes, access: {} } })
    const answer = await ask(app, 'GET /forgotten', { key: await stage.key('admin') })
    expect(answer.status).toBe(404)
    expect(answer.text).not.toContain('secret')
  })

  test('runs a declared page only for people, and sends a stranger who opens it to the login', async () => {
    const routes = new Hono<RequestEnv>().get('/board', c => c.text(`for ${c.var.principal.name}`))
    const app = stage.another({ ui: { routes, access: { 'GET /board': 'user' } } })
    const stranger = await ask(app, 'GET /board?tab=late', { headers: { accept: 'text/html' } })
    expect(stranger.status).toBe(303)
    expect(stranger.headers.get('location')).toBe('/login?next=%2Fboard%3Ftab%3Dlate')
    expect((await ask(app, 'GET /board', { key: await stage.key('admin') })).status).toBe(403)
  })
})

describe('every route of the API', () => {
  // Ids that match no row: it is the refusal that is looked at, not what the route would answer.
  const address = (route: string) =>
    route
      .replace(/:(listingId|id)/g, '1')
      .replace(':field', 'stock')
      .replace(':token', 'none')
      .replace(/:\w+/g, 'none')
  const guarded = Object.entries(apiAccess).filter(([, access]) => access !== 'open')

  test.each(guarded.map(([route]) => route))('refuses a stranger at %s', async route => {
    const answer = await ask(stage.app, address(route))
    expect(answer.status).toBe(401)
    expect(answer.body.code).toBe('unauthenticated')
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  test.each(guarded.filter(([, access]) => access !== 'login'))('refuses a key without the scope at %s', async (route, access) => {
    const key = await stage.key(access === 'catalog:read' || access === 'catalog:write' ? 'prices:read' : 'catalog:read')
    const answer = await ask(stage.app, address(route), { key })
    expect(answer.status).toBe(403)
    expect(answer.body).toMatchObject({ code: 'forbidden', needs: access })
  })
})
