import type { Hono } from 'hono'
import type { Sql } from '../../db/connect.ts'
import { type AppDeps, makeApp } from '../../src/app.ts'
import { makeLog } from '../../src/http/log.ts'
import type { Context } from '../../src/usecases/context.ts'
import { addKey, addUser } from '../../src/usecases/manage-access.ts'
import type { RequestEnv } from '../../src/usecases/principal.ts'
import type { Role, Scope } from '../../src/usecases/scopes.ts'
import { type Keyring, readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'

export const PASSWORD = 'correct horse battery'

/** An app on a database of its own, and what tests do with it. */
export type Stage = {
  readonly sql: Sql
  readonly url: string
  readonly keyring: Keyring
  readonly app: Hono<RequestEnv>
  readonly context: Context
  /** Everything that was logged, as text. */
  readonly logged: () => string
  /** Another app on the same database, as a second node would be. */
  readonly another: (more?: Partial<AppDeps>) => Hono<RequestEnv>
  readonly key: (...scopes: Scope[]) => Promise<string>
  readonly user: (role: Role, email?: string) => Promise<string>
}

/** Sets the stage. `more` replaces or adds dependencies. */
export async function setStage(more: Partial<AppDeps> = {}): Promise<Stage> {
  const { sql, url } = await freshDatabase()
  const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
  const context = { sql, keyring, actor: 'test' }
  const lines: string[] = []
  const log = makeLog({ destination: { write: line => lines.push(line) } })
  const another = (own: Partial<AppDeps> = {}) => makeApp({ sql, keyring, log, ...more, ...own })
  return {
    sql,
    url,
    keyring,
    context,
    app: another(),
    another,
    logged: () => lines.join(''),
    key: async (...scopes) => {
      const made = await addKey(context, null, { name: scopes.join(' '), scopes })
      if (made.key === null) throw new Error('a new key was not shown')
      return made.key
    },
    user: async (role, email = `${role}@example.org`) => {
      await addUser(context, null, { email, name: role, role, password: PASSWORD })
      return email
    },
  }
}

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown>; readonly text: string }

export type Ask = {
  readonly key?: string
  readonly body?: unknown
  readonly idempotencyKey?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a request and reads the answer. `body` goes as JSON unless it is text already. */
export async function ask(app: Hono<RequestEnv>, route: string, { key, body, idempotencyKey, headers }: Ask = {}): Promise<Answer> {
  const [method = 'GET', path = '/'] = route.split(' ')
  const response = await app.request(path, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} }
}

/** Logs in and answers the cookie and the CSRF token. */
export async function logIn(app: Hono<RequestEnv>, email: string, password = PASSWORD): Promise<{ cookie: string; csrf: string }> {
  const answer = await ask(app, 'POST /login', { body: { email, password } })
  const cookie = answer.headers.get('set-cookie')?.split(';')[0]
  if (answer.status !== 200 || cookie === undefined) throw new Error(`the login was refused: ${answer.text}`)
  return { cookie, csrf: String(answer.body.csrf) }
}

/** A location and a SKU with units there, made through the use cases' own commands. */
export async function stockUp(app: Hono<RequestEnv>, key: string, sku: string, units: number, location = 'berlin'): Promise<void> {
  const made = await ask(app, 'POST /v1/locations', { key, body: { code: location, name: location, kind: 'warehouse' } })
  if (made.status !== 201 && made.status !== 409) throw new Error(made.text)
  const product = await ask(app, 'POST /v1/products', { key, body: { handle: sku.toLowerCase(), title: sku, variants: [{ sku }] } })
  if (product.status !== 201) throw new Error(product.text)
  if (units === 0) return
  const received = await ask(app, 'POST /v1/stock/receive', { key, body: { lines: [{ sku, location, quantity: units }] } })
  if (received.status !== 200) throw new Error(received.text)
}
