/**
 * Signatures of outgoing webhooks by the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body`, with a secret that is written
 * `whsec_` and base64. Web Crypto only.
 */
export const SECRET_PREFIX = 'whsec_'

const encoder = new TextEncoder()
/** Within the 24 to 64 bytes that the specification allows. */
const SECRET_BYTES = 32

/** A new secret, as its receiver is shown it once. */
export function newWebhookSecret(): string {
  return SECRET_PREFIX + btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(SECRET_BYTES))))
}

export type SignedHeaders = {
  readonly 'webhook-id': string
  /** Of this try, Unix seconds. */
  readonly 'webhook-timestamp': string
  /** One signature for each secret, separated by spaces: a receiver takes whichever it knows. */
  readonly 'webhook-signature': string
}

/** The headers of a try. @throws Error when a secret is malformed; it is not in the message. */
export async function signWebhook(secrets: readonly string[], id: string, at: Date, body: string): Promise<SignedHeaders> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signed = encoder.encode(`${id}.${timestamp}.${body}`)
  const signatures = await Promise.all(secrets.map(async secret => `v1,${await hmac(secret, signed)}`))
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

async function hmac(secret: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!secret.startsWith(SECRET_PREFIX)) throw new Error(`a webhook secret begins with ${SECRET_PREFIX}`)
  const raw = Uint8Array.from(atob(secret.slice(SECRET_PREFIX.length)), char => char.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes))))
}
