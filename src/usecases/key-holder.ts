import { findKey } from '../../db/access.ts'
import type { Sql } from '../../db/connect.ts'
import type { Principal } from './principal.ts'
import { scopesOfKey } from './scopes.ts'
import { sameSecret, tokenHash } from './secrets.ts'

// A key that was revoked anywhere is dead here within this time, counted from before the database was asked.
const REMEMBERED_MS = 500
const REMEMBERED_MOST = 1000

/** Who is behind an API key `ck_<id>.<secret>`; null when it is malformed, unknown, wrong, expired or revoked. */
export type KeyHolder = (key: string) => Promise<Principal | null>

/**
 * Looks keys up, and remembers each for half a second: hundreds of requests a second with one key cost two look-ups, and requests that
 * come at once share one. What is remembered goes by the hash of the whole key, never the key itself.
 */
export function makeKeyHolder(sql: Sql, now: () => Date, elapsedMs: () => number = () => performance.now()): KeyHolder {
  const remembered = new Map<string, { readonly holder: Promise<Principal | null>; readonly askedAt: number }>()
  return key => {
    const parts = /^(ck_[A-Za-z0-9_-]{8,40})\.([A-Za-z0-9_-]{20,100})$/.exec(key)
    const [, id, secret] = parts ?? []
    if (id === undefined || secret === undefined) return Promise.resolve(null)
    const hash = tokenHash(key)
    const known = remembered.get(hash)
    if (known !== undefined && elapsedMs() - known.askedAt < REMEMBERED_MS) return known.holder
    if (remembered.size >= REMEMBERED_MOST) remembered.clear()
    const holder = lookUp(sql, id, secret, now())
    remembered.set(hash, { holder, askedAt: elapsedMs() })
    // A failed look-up must not be remembered: the next request asks again. The error itself reaches whoever awaits `holder`.
    holder.then(
      found => found === null && remembered.delete(hash),
      () => remembered.delete(hash),
    )
    return holder
  }
}

async function lookUp(sql: Sql, id: string, secret: string, now: Date): Promise<Principal | null> {
  const row = await findKey(sql, id)
  // Compared also for an unknown id, so that the time tells nothing.
  const matches = sameSecret(tokenHash(secret), row?.secretHash ?? tokenHash(''))
  if (row === null || !matches || row.revokedAt !== null || (row.expiresAt !== null && row.expiresAt <= now)) return null
  return { kind: 'key', actor: `key:${row.id}`, name: row.name, role: null, scopes: scopesOfKey(row.scopes), csrf: null, language: 'en' }
}
