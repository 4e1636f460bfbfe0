import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Context, Hono } from 'hono'
import type { Access, RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { Api } from './api.ts'
import { describeSurroundings } from './docs-surroundings.ts'
import { PROBLEMS, type ProblemCode } from './problem.ts'

type Document = ReturnType<Api['getOpenAPI31Document']>

/** The OpenAPI 3.1 document of the routes, with the scope that each needs, out of the same table that the guard reads. */
export function describeApi(api: Api, table: RouteTable, version: string): Document {
  api.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, `ck_<id>.<secret>`.',
  })
  api.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'concord',
    description: 'A login; writes send `x-csrf-token` too.',
  })
  describeSurroundings(api)
  const document = api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Concord',
      version,
      description:
        'One stock, one price, every channel.\n\nA write that may change what can be sold answers the header `Concord-Token`. A read of `/v1/availability/{sku}` that passes it on as `atLeast` is never older than that write, on any node.',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
  })
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods ?? {})) {
      const access = table[`${method.toUpperCase()} ${path.replaceAll(/\{(.+?)\}/g, ':$1')}`]
      if (access !== undefined) Object.assign(operation, { 'x-needs': needs(access) })
    }
  }
  mendPatterns(document)
  return document
}

/** The generator writes a pattern with its flags behind it, as in `^a$/u`; JSON Schema knows the expression alone. */
function mendPatterns(part: unknown): void {
  if (part === null || typeof part !== 'object') return
  for (const [key, value] of Object.entries(part)) {
    if (key === 'pattern' && typeof value === 'string') Object.assign(part, { pattern: value.replace(/\/[a-z]+$/, '') })
    else mendPatterns(value)
  }
}

const needs = (access: Access): string => (typeof access === 'string' ? access : access.join(' or '))

// Not through `import`: the package's entry looks for its own folder in a way that a bundler would break.
const SWAGGER = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const ASSETS: Readonly<Record<string, string>> = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' }

const PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Concord API</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script type="module" src="/docs/assets/start.js"></script></body></html>`

// A file of its own, because the page's policy allows no inline script. Writes by cookie need the session's token. So many routes are drawn only where they are
// looked at, and the browser's search finds no others: they are folded by subject, with a search for it.
const START = `const session = await (await window.fetch('/v1/session')).json()
window.SwaggerUIBundle({
  url: '/openapi.json', dom_id: '#api', deepLinking: true, docExpansion: 'none', filter: true, validatorUrl: null,
  requestInterceptor: request => {
    if (session.csrf) request.headers['x-csrf-token'] = session.csrf
    return request
  },
})
`

/** /openapi.json, the page that shows it, and a page for each problem code. `document` is made at the first request. */
export function docsRoutes(document: () => Document): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  let made: Document | null = null

  app.get('/openapi.json', c => {
    made ??= document()
    return c.json(made)
  })
  app.get('/docs', c => c.html(PAGE))
  app.get('/docs/assets/:name', async c => {
    const name = c.req.param('name')
    if (name === 'start.js') return asset(c, START, 'text/javascript')
    const type = ASSETS[name]
    if (type === undefined) throw new Fault('not_found', `There is no asset ${name}.`)
    return asset(c, await readFile(join(SWAGGER, name), 'utf8'), type)
  })
  app.get('/docs/problems/:code', c => {
    const code = c.req.param('code')
    if (!Object.hasOwn(PROBLEMS, code)) throw new Fault('not_found', `There is no problem code ${code}.`)
    const { status, title, mend } = PROBLEMS[code as ProblemCode]
    return c.text(`${code} (${status})\n\n${title}.\n\n${mend}\n`)
  })
  return app
}

function asset(c: Context<RequestEnv>, body: string, type: string): Response {
  return c.body(body, 200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'private, max-age=86400' })
}
