import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomFillSync } from 'node:crypto'

/**
 * Encryption of credentials, raw messages and personal data: AES-256-GCM with a key id in front, so that keys can be rotated.
 * By Node's own crypto, which the Worker program has too: of such small texts Web Crypto takes most of its time to hand them to a thread and back.
 *
 * Layout: version (1) | length of key id (1) | key id | iv (12) | ciphertext and tag.
 */
export type Keyring = { readonly current: string; readonly keys: ReadonlyMap<string, KeyObject> }

const CIPHER = 'aes-256-gcm'
const VERSION = 1
const IV_BYTES = 12
const TAG_BYTES = 16
const encoder = new TextEncoder()

// To ask for twelve random bytes takes as long as to ask for thousands. Each is given out once.
const nonces = new Uint8Array(512 * IV_BYTES)
let noncesUsed = nonces.length

function nonce(): Uint8Array {
  if (noncesUsed === nonces.length) {
    randomFillSync(nonces)
    noncesUsed = 0
  }
  const from = noncesUsed
  noncesUsed += IV_BYTES
  return nonces.subarray(from, noncesUsed)
}

/** Reads `id:base64key[,id:base64key…]`; the first key seals, all of them open. Each key is 32 bytes. Throws when a key is malformed. */
export async function readKeyring(text: string): Promise<Keyring> {
  const keys = new Map<string, KeyObject>()
  let current: string | undefined
  for (const part of text.split(',')) {
    const [id, encoded] = part.trim().split(':')
    if (!id || !encoded || id.length > 32) throw new Error('CONCORD_KEYS: each key is written id:base64')
    const raw = Uint8Array.from(atob(encoded), char => char.charCodeAt(0))
    if (raw.length !== 32) throw new Error(`CONCORD_KEYS: key ${id} has ${raw.length} bytes, 32 are needed`)
    keys.set(id, createSecretKey(raw))
    current ??= id
  }
  if (!current) throw new Error('CONCORD_KEYS is empty')
  return { current, keys }
}

/** A ring of one key. */
export function ringOf(id: string, key: Uint8Array): Keyring {
  return { current: id, keys: new Map([[id, createSecretKey(key)]]) }
}

/** Seals bytes. `purpose` is bound in as associated data: what was sealed as credentials cannot be opened as a message. */
export async function seal(ring: Keyring, purpose: string, plain: Uint8Array | string): Promise<Uint8Array> {
  const key = ring.keys.get(ring.current)
  if (!key) throw new Error('the current key is not in the keyring')
  const bytes = typeof plain === 'string' ? encoder.encode(plain) : plain
  const id = encoder.encode(ring.current)
  const at = 2 + id.length + IV_BYTES
  const sealed = new Uint8Array(at + bytes.length + TAG_BYTES)
  sealed.set([VERSION, id.length])
  sealed.set(id, 2)
  const iv = nonce()
  sealed.set(iv, 2 + id.length)
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(encoder.encode(purpose))
  sealed.set(cipher.update(bytes), at)
  // In this mode nothing is left for the end but the tag.
  cipher.final()
  sealed.set(cipher.getAuthTag(), at + bytes.length)
  return sealed
}

/** Opens what `seal` made. Throws when the key is unknown, the purpose differs or a byte was changed. */
export async function unseal(ring: Keyring, purpose: string, sealed: Uint8Array): Promise<Uint8Array> {
  const length = sealed[1] ?? 0
  const at = 2 + length + IV_BYTES
  if (sealed[0] !== VERSION || sealed.length < at + TAG_BYTES) throw new Error('sealed data is malformed')
  const id = new TextDecoder().decode(sealed.subarray(2, 2 + length))
  const key = ring.keys.get(id)
  if (!key) throw new Error(`sealed with key ${id}, which is not in CONCORD_KEYS`)
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(2 + length, at), { authTagLength: TAG_BYTES })
  decipher.setAAD(encoder.encode(purpose))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const plain = new Uint8Array(decipher.update(sealed.subarray(at, sealed.length - TAG_BYTES)))
  decipher.final()
  return plain
}

/** Opens sealed UTF-8 text. */
export async function unsealText(ring: Keyring, purpose: string, sealed: Uint8Array): Promise<string> {
  return new TextDecoder().decode(await unseal(ring, purpose, sealed))
}
