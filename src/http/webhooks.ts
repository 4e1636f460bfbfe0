/** Where platforms call us. The same routes run in the Node program and in the Worker (`src/edge.ts`), so nothing here may need what the Worker has not. */
import { type Context, Hono } from 'hono'
import { type DoorCall, webhookDoors } from '../../connectors/webhooks.ts'
import type { Sql } from '../../db/connect.ts'
import { type Delivery, inboxPut, type WebhookAccount, webhookAccount } from '../../db/inbox.ts'
import { type Keyring, seal, unsealText } from '../values/sealed.ts'

export type WebhookDeps = {
  readonly sql: Sql
  readonly keyring: Keyring
  /** Rings the account's intake. Only a doorbell: the delivery is stored already, and found without it. Must not throw. */
  readonly ring: (accountId: number) => void
  /**
   * Finds the account behind a token, and stores a delivery; each by a statement of its own unless given. A Worker may not wait for what another of its requests
   * began, so there it stays so.
   */
  readonly find?: (token: string) => Promise<WebhookAccount | null>
  readonly put?: (delivery: Delivery) => Promise<number | null>
  /** Calls a platform, where a signature is checked with a key that the platform tells. Without it, such platforms are asked to send again. */
  readonly call?: DoorCall
  /** How platforms reach us, without the path. Where it is not told, as the request itself says. */
  readonly publicUrl?: string
  /** Told of every delivery that could not be stored. Standard error unless given. */
  readonly log?: (words: string, error: unknown) => void
}

/** The largest body taken, bytes. The largest orders of the platforms that call us are a few hundred kB. */
export const WEBHOOK_BODY_MAX = 1024 * 1024

// Platforms wait on their own schedule; those that read the header come back when a restart of the database is over.
const RETRY_AFTER_S = 30

/** How tokens look. Anything else is nobody's, and must not break the statement in which many are looked up. */
const TOKEN = /^[\w-]{1,100}$/

/**
 * `GET /webhooks/:token`: a platform asks whether the address is ours, and is answered with what only we can know (404 otherwise).
 *
 * `POST /webhooks/:token`. Verified: sealed, stored once by the platform's delivery id, answered 202 before anybody reads it, so what is in
 * it cannot hurt here. A ping is answered 200 and not stored. Refused: 404 unknown address, 413 too large, 401 unsigned or forged, 503 when
 * the database, or what a signature is checked with, does not answer (platforms try again on 5xx, and a second try is harmless).
 */
export function webhookRoutes(deps: WebhookDeps): Hono {
  const log = deps.log ?? ((words, error) => console.error(words, error))
  const routes = new Hono()
  routes.on(['GET', 'POST'], '/webhooks/:token', async c => {
    if (!TOKEN.test(c.req.param('token'))) return c.text('no such webhook address', 404)
    try {
      return c.req.method === 'GET' ? await answerChallenge(c, deps) : await receive(c, deps)
    } catch (error) {
      if (!isOfDatabase(error)) throw error
      log('a webhook could not be stored, its platform was asked to send it again', error)
      c.header('Retry-After', String(RETRY_AFTER_S))
      return c.text('the hub cannot store this now: send it again', 503)
    }
  })
  return routes
}

type Asked = Context<object, '/webhooks/:token'>

async function answerChallenge(c: Asked, { sql, keyring, publicUrl }: WebhookDeps): Promise<Response> {
  const token = c.req.param('token')
  const account = await webhookAccount(sql, token)
  const door = account === null ? undefined : webhookDoors[account.platform]
  if (!account?.sealedSecret || !door?.challenge) return c.text('no such webhook address', 404)
  const secret = await unsealText(keyring, 'webhook-secret', account.sealedSecret)
  const { origin, pathname, searchParams } = new URL(c.req.url)
  const address = publicUrl === undefined ? `${origin}${pathname}` : `${publicUrl}/webhooks/${token}`
  const answer = await door.challenge(secret, address, searchParams)
  return answer === null ? c.text('no such webhook address', 404) : c.body(answer, 200, { 'content-type': 'application/json' })
}

async function receive(c: Asked, deps: WebhookDeps): Promise<Response> {
  const { sql, keyring, ring } = deps
  const account = await (deps.find ?? (token => webhookAccount(sql, token)))(c.req.param('token'))
  const door = account === null ? undefined : webhookDoors[account.platform]
  if (account === null || door === undefined) return c.text('no such webhook address', 404)

  const body = await readBody(c.req.raw, WEBHOOK_BODY_MAX)
  if (body === null) return c.text(`a webhook holds at most ${WEBHOOK_BODY_MAX} bytes`, 413)

  const headers = c.req.raw.headers
  const identity = door.identify(headers, body)
  // A ping comes when a webhook is made, unsigned on some platforms, and carries nothing: answering it gives nothing away.
  if (identity === null) return c.text('pong', 200)

  if (account.sealedSecret === null) return c.text('this account has no webhook secret yet', 401)
  const secret = await unsealText(keyring, 'webhook-secret', account.sealedSecret)
  const isSigned = await door.verify(secret, headers, body, doorAccount(deps, account))
  if (isSigned === 'later') {
    c.header('Retry-After', String(RETRY_AFTER_S))
    return c.text('the signature cannot be checked now: send it again', 503)
  }
  if (!isSigned) return c.text('the signature does not match', 401)

  const sealedBody = await seal(keyring, 'inbox', body)
  const delivery: Delivery = { accountId: account.id, source: 'webhook', ...identity, sealedBody }
  const id = await (deps.put ?? (one => inboxPut(sql, one)))(delivery)
  if (id !== null) ring(account.id)
  return c.text(id === null ? 'known already' : 'stored', 202)
}

function doorAccount({ keyring, call }: WebhookDeps, { settings, sealedCredentials }: WebhookAccount) {
  const credentials = async () => JSON.parse(await unsealText(keyring, 'credentials', sealedCredentials)) as Record<string, unknown>
  return { settings, credentials, call: call ?? (() => Promise.reject(new Error('no platform can be called from here'))) }
}

/** The whole body, or null as soon as it is known to be larger than `max` bytes, whatever its Content-Length says. */
async function readBody(request: Request, max: number): Promise<Uint8Array | null> {
  const told = request.headers.get('content-length')
  if (Number(told ?? 0) > max) return null
  // Servers hold a body to the length that it states, so this one can be taken as a whole, which is quicker than as a stream.
  if (told !== null) {
    const body = new Uint8Array(await request.arrayBuffer())
    return body.byteLength > max ? null : body
  }
  if (request.body === null) return new Uint8Array()
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request.body) {
    size += part.byteLength
    if (size > max) return null
    parts.push(part)
  }
  const body = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    body.set(part, at)
    at += part.byteLength
  }
  return body
}

// Both PostgreSQL's errors and those of the connection to it carry a code; nothing else that is called here throws one.
function isOfDatabase(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
