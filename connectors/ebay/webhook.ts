import type { webcrypto } from 'node:crypto'
import type { DoorAccount, WebhookDoor } from '../webhooks.ts'

const encoder = new TextEncoder()

/** How long a public key of eBay's is believed, and how long one that eBay does not know stays unknown. */
const KEY_MS = 3_600_000
const UNKNOWN_MS = 60_000
/** Keys asked for in a minute at most: eBay has few, so more are somebody's inventions, and each would cost a call of the day's quota. */
const ASKED_MAX = 10
const MINUTE_MS = 60_000

type Key = webcrypto.CryptoKey | null | 'later'
type Known = { readonly until: number; readonly key: Promise<Key> }
type Application = { token: { readonly text: string; readonly until: number } | null; readonly keys: Map<string, Known>; asked: number[] }

/** Keys are public and the same for everybody, but to read them takes a token of the application: so they are kept by it. */
const applications = new Map<string, Application>()

/**
 * eBay's notifications: signed with ECDSA by a key of eBay's that the header names. The key is read from eBay once an hour. Before eBay sends anything it asks
 * the address for a hash that only the owner of the verification token can make.
 */
export const ebayWebhook: WebhookDoor = {
  verify: async (_secret, headers, body, account) => {
    const signed = signatureIn(headers)
    if (signed === null || account === undefined) return false
    const key = await keyOf(account, signed.kid)
    if (key === 'later') return 'later'
    return key !== null && isSigned(signed.signature, body, key)
  },
  identify: (headers, body) => {
    // The address is also called without a body: by people, and by what looks whether it is up.
    if (body.length === 0) return null
    const { metadata, notification } = record(parsed(new TextDecoder().decode(body)))
    const topic = record(metadata).topic
    const id = record(notification).notificationId
    if (typeof topic === 'string' && typeof id === 'string') return { deliveryId: id, topic }
    // Signed garbage is kept apart for a person; its signature is all that tells it from other garbage.
    return { deliveryId: headers.get('x-ebay-signature') ?? 'unsigned', topic: 'unreadable' }
  },
  challenge: async (secret, address, query) => {
    const code = query.get('challenge_code')
    if (code === null) return null
    return JSON.stringify({ challengeResponse: await sha256(`${code}${await verificationToken(secret)}${address}`) })
  },
}

/** The token that eBay is told with the address: eBay wants 32 to 80 letters and digits, so it is made from the account's webhook secret. */
export function verificationToken(secret: string): Promise<string> {
  return sha256(`ebay verification token ${secret}`)
}

/**
 * Whether eBay signed the body. eBay's own SDK signs the message as JSON without spaces: where a proxy on the way has written it anew, that form is looked at as
 * well. What stands around the message was not sent by eBay.
 */
export async function isSigned(signature: Uint8Array<ArrayBuffer>, body: Uint8Array, key: webcrypto.CryptoKey): Promise<boolean> {
  const raw = rawSignature(signature)
  if (raw === null) return false
  const holds = (bytes: Uint8Array<ArrayBuffer>): Promise<boolean> =>
    crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-1' }, key, raw, bytes)
  if (await holds(new Uint8Array(body))) return true
  const text = new TextDecoder().decode(body)
  const message = parsed(text)
  return message !== undefined && text.trim() === text && holds(encoder.encode(JSON.stringify(message)))
}

/** A key as eBay tells it: PEM, also where its line breaks are lost. */
export async function publicKey(pem: string): Promise<webcrypto.CryptoKey | null> {
  const bytes = decoded(pem.replace(/-----[^-]+-----|\s/g, ''))
  if (bytes === null) return null
  return crypto.subtle.importKey('spki', bytes, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']).catch(() => null)
}

/** What the header `X-EBAY-SIGNATURE` says: base64 of JSON with the key's name and the signature, itself in base64. */
export function signatureIn(headers: Headers): { readonly kid: string; readonly signature: Uint8Array<ArrayBuffer> } | null {
  const text = decoded(headers.get('x-ebay-signature') ?? '')
  const { kid, signature, alg } = record(text === null ? null : parsed(new TextDecoder().decode(text)))
  if (typeof kid !== 'string' || !/^[\w-]{1,80}$/.test(kid) || typeof signature !== 'string') return null
  if (typeof alg !== 'string' || alg.toLowerCase() !== 'ecdsa') return null
  const bytes = decoded(signature)
  return bytes === null ? null : { kid, signature: bytes }
}

async function keyOf(account: DoorAccount, kid: string): Promise<Key> {
  const { clientId, clientSecret } = await account.credentials()
  const endpoint = String(account.settings.endpoint)
  const basic = btoa(`${String(clientId)}:${String(clientSecret)}`)
  const name = await sha256(`${endpoint} ${basic}`)
  const application = applications.get(name) ?? { token: null, keys: new Map<string, Known>(), asked: [] }
  applications.set(name, application)
  const now = Date.now()
  const known = application.keys.get(kid)
  if (known && known.until > now) return known.key
  application.asked = application.asked.filter(at => at > now - MINUTE_MS)
  if (application.asked.length >= ASKED_MAX) return 'later'
  application.asked.push(now)
  for (const [old, { until }] of application.keys) if (until <= now) application.keys.delete(old)
  const key = readKey(account, application, { endpoint, basic, kid }).catch((): Key => 'later')
  application.keys.set(kid, { until: now + KEY_MS, key })
  const read = await key
  if (read === 'later') application.keys.delete(kid)
  else if (read === null) application.keys.set(kid, { until: now + UNKNOWN_MS, key })
  return read
}

/** Null: eBay knows no such key, or does not know us. `later`: eBay cannot say now. */
async function readKey(
  { call }: DoorAccount,
  application: Application,
  { endpoint, basic, kid }: { readonly endpoint: string; readonly basic: string; readonly kid: string },
): Promise<Key> {
  const failed = (status: number): Key => (status === 429 || status >= 500 ? 'later' : null)
  if (application.token === null || application.token.until <= Date.now()) {
    const answer = await call({
      method: 'POST',
      url: new URL('/identity/v1/oauth2/token', endpoint).href,
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'https://api.ebay.com/oauth/api_scope' }).toString(),
    })
    const { access_token: text, expires_in: lifeS } = record(parsed(answer.text))
    if (answer.status !== 200 || typeof text !== 'string') return failed(answer.status)
    application.token = { text, until: Date.now() + Math.max(0, Number(lifeS ?? 0) - 120) * 1000 }
  }
  const answer = await call({
    method: 'GET',
    url: new URL(`/commerce/notification/v1/public_key/${kid}`, endpoint).href,
    headers: { authorization: `Bearer ${application.token.text}`, accept: 'application/json' },
  })
  if (answer.status === 401) application.token = null
  const pem = record(parsed(answer.text)).key
  return answer.status === 200 && typeof pem === 'string' ? publicKey(pem) : answer.status === 401 ? 'later' : failed(answer.status)
}

/** ECDSA signatures come as DER: two numbers, each without leading zeros or with one. Web Crypto wants them side by side, 32 bytes each. */
function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null
  const raw = new Uint8Array(64)
  let at = 2
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0
    if (der[at] !== 0x02 || length === 0 || at + 2 + length > der.length) return null
    const number = der.subarray(at + 2, at + 2 + length)
    const bare = number[0] === 0 ? number.subarray(1) : number
    if (bare.length > 32) return null
    raw.set(bare, end - bare.length)
    at += 2 + length
  }
  return at === der.length ? raw : null
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))
  return [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

function decoded(base64: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null
  try {
    return Uint8Array.from(atob(base64), char => char.charCodeAt(0))
  } catch {
    return null
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
