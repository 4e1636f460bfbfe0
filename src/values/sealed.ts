import type { webcrypto } from 'node:crypto'

/**
 * Encryption of credentials, raw messages and personal data: AES-256-GCM with a key id in front, so that keys can be rotated.
 * Web Crypto only, because the Worker program uses it too.
 *
 * Layout: version (1) | length of key id (1) | key id | iv (12) | ciphertext and tag.
 */
export type Keyring = { readonly current: string; readonly keys: ReadonlyMap<string, webcrypto.CryptoKey> }

const VERSION = 1
const encoder = new TextEncoder()

/** Reads `id:base64key[,id:base64key…]`; the first key seals, all of them open. Each key is 32 bytes. Throws when a key is malformed. */
export async function readKeyring(text: string): Promise<Keyring> {
  const keys = new Map<string, webcrypto.CryptoKey>()
  let current: string | undefined
  for (const part of text.split(',')) {
    const [id, encoded] = part.trim().split(':')
    if (!id || !encoded || id.length > 32) throw new Error('CONCORD_KEYS: each key is written id:base64')
    const raw = Uint8Array.from(atob(encoded), char => char.charCodeAt(0))
    if (raw.length !== 32) throw new Error(`CONCORD_KEYS: key ${id} has ${raw.length} bytes, 32 are needed`)
    keys.set(id, await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']))
    current ??= id
  }
  if (!current) throw new Error('CONCORD_KEYS is empty')
  return { current, keys }
}

/** Seals bytes. `purpose` is bound in as associated data: what was sealed as credentials cannot be opened as a message. */
export async function seal(ring: Keyring, purpose: string, plain: Uint8Array | string): Promise<Uint8Array> {
  const key = ring.keys.get(ring.current)
  if (!key) throw new Error('the current key is not in the keyring')
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const bytes = typeof plain === 'string' ? encoder.encode(plain) : plain
  const body = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: encoder.encode(purpose) }, key, bytes as Uint8Array<ArrayBuffer>),
  )
  const id = encoder.encode(ring.current)
  const sealed = new Uint8Array(2 + id.length + 12 + body.length)
  sealed.set([VERSION, id.length])
  sealed.set(id, 2)
  sealed.set(iv, 2 + id.length)
  sealed.set(body, 14 + id.length)
  return sealed
}

/** Opens what `seal` made. Throws when the key is unknown, the purpose differs or a byte was changed. */
export async function unseal(ring: Keyring, purpose: string, sealed: Uint8Array): Promise<Uint8Array> {
  const length = sealed[1] ?? 0
  if (sealed[0] !== VERSION || sealed.length < 30 + length) throw new Error('sealed data is malformed')
  const id = new TextDecoder().decode(sealed.subarray(2, 2 + length))
  const key = ring.keys.get(id)
  if (!key) throw new Error(`sealed with key ${id}, which is not in CONCORD_KEYS`)
  const iv = sealed.slice(2 + length, 14 + length)
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv, additionalData: encoder.encode(purpose) },
    key,
    sealed.slice(14 + length),
  )
  return new Uint8Array(plain)
}

/** Opens sealed UTF-8 text. */
export async function unsealText(ring: Keyring, purpose: string, sealed: Uint8Array): Promise<string> {
  return new TextDecoder().decode(await unseal(ring, purpose, sealed))
}
