import { findKey } from '../../db/access.ts'
import type { Sql } from '../../db/connect.ts'
import type { Principal } from './principal.ts'
import { scopesOfKey } from './scopes.ts'
import { sameSecret, tokenHash } from './secrets.ts'

// A key that was revoked anywhere is dead here within this time, counted from before the database was asked.
const REMEMBERED_MS = 500
// Asked again from this age on, while what is known still counts: so a busy key never makes its requests wait for the database.
const RENEWED_MS = 250
const REMEMBERED_MOST = 1000

/** Who is behind an API key `ck_<id>.<secret>`; null when it is malformed, unknown, wrong, expired or revoked. */
export type KeyHolder = (key: string) => Promise<Principal | null>

type Known = { readonly holder: Promise<Principal | null>; readonly askedAt: number; isRenewing: boolean }

/**
 * Looks keys up, and remembers each for half a second: thousands of requests a second with one key cost four look-ups, and requests that
 * come at once share one. What is remembered goes by the hash of the whole key, never the key itself.
 */
export function makeKeyHolder(sql: Sql, now: () => Date, elapsedMs: () => number = () => performance.now()): KeyHolder {
  const remembered = new Map<string, Known>()

  function ask(hash: string, id: string, secret: string): Known {
    const known = { holder: lookUp(sql, id, secret, now()), askedAt: elapsedMs(), isRenewing: false }
    // What failed or found nobody must not be remembered: the next request asks again. The error itself reaches whoever awaits `holder`.
    const forget = (): void => {
      if (remembered.get(hash) === known) remembered.delete(hash)
    }
    known.holder.then(found => found === null && forget(), forget)
    return known
  }

  function renew(hash: string, id: string, secret: string, old: Known): void {
    old.isRenewing = true
    const known = ask(hash, id, secret)
    const replace = (): void => {
      if (remembered.get(hash) === old) remembered.set(hash, known)
    }
    known.holder.then(
      found => {
        if (found !== null) replace()
        else if (remembered.get(hash) === old) remembered.delete(hash)
      },
      // The database is away: what is known counts to its end, and the next request asks again.
      () => {
        old.isRenewing = false
      },
    )
  }

  return key => {
    const parts = /^(ck_[A-Za-z0-9_-]{8,40})\.([A-Za-z0-9_-]{20,100})$/.exec(key)
    const [, id, secret] = parts ?? []
    if (id === undefined || secret === undefined) return Promise.resolve(null)
    const hash = tokenHash(key)
    const known = remembered.get(hash)
    const age = known === undefined ? REMEMBERED_MS : elapsedMs() - known.askedAt
    if (known !== undefined && age < REMEMBERED_MS) {
      if (age >= RENEWED_MS && !known.isRenewing) renew(hash, id, secret, known)
      return known.holder
    }
    if (remembered.size >= REMEMBERED_MOST) remembered.clear()
    const asked = ask(hash, id, secret)
    remembered.set(hash, asked)
    return asked.holder
  }
}

async function lookUp(sql: Sql, id: string, secret: string, now: Date): Promise<Principal | null> {
  const row = await findKey(sql, id)
  // Compared also for an unknown id, so that the time tells nothing.
  const matches = sameSecret(tokenHash(secret), row?.secretHash ?? tokenHash(''))
  if (row === null || !matches || row.revokedAt !== null || (row.expiresAt !== null && row.expiresAt <= now)) return null
  return { kind: 'key', actor: `key:${row.id}`, name: row.name, role: null, scopes: scopesOfKey(row.scopes), csrf: null, language: 'en' }
}
