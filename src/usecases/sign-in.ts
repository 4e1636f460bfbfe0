import { findUser } from '../../db/access.ts'
import type { Sql } from '../../db/connect.ts'
import { beginLogin, endSession, findSession, openSession } from '../../db/sessions.ts'
import { Fault } from '../values/fault.ts'
import { isPassword } from './passwords.ts'
import type { Language, Principal } from './principal.ts'
import { ROLES, scopesOfRole } from './scopes.ts'
import { newToken, tokenHash } from './secrets.ts'

export const IDLE_S = 8 * 3600
const LONGEST_S = 7 * 24 * 3600
const ATTEMPT_WINDOW_S = 15 * 60
const ATTEMPTS_PER_ACCOUNT = 5
// Higher than per account: a whole shop may sit behind one address.
const ATTEMPTS_PER_ADDRESS = 30

export type SignIn = {
  readonly email: string
  readonly password: string
  /** The caller's network address. */
  readonly address: string
  /** The session token that the browser sent, which ends: a token that somebody planted before the login is worth nothing after it. */
  readonly previousToken?: string
}

export type SignedIn = { readonly token: string; readonly csrf: string; readonly expiresAt: Date }

/**
 * Checks e-mail and password and opens a session. The token is for the cookie and is stored nowhere. Throws `unauthenticated` (the same
 * words for an unknown e-mail, a wrong password and a disabled user) or `too_many` with `retryAt`.
 */
export async function signIn(sql: Sql, now: Date, request: SignIn): Promise<SignedIn> {
  const account = `account:${request.email.trim().toLowerCase()}`
  const address = `address:${request.address}`
  const wait = await beginLogin(
    sql,
    [
      { subject: account, most: ATTEMPTS_PER_ACCOUNT },
      { subject: address, most: ATTEMPTS_PER_ADDRESS },
    ],
    ATTEMPT_WINDOW_S,
    now,
  )
  if (wait !== null) {
    const seconds = Math.max(1, Math.ceil((wait.getTime() - now.getTime()) / 1000))
    throw new Fault('too_many', `Too many attempts to log in. Try again at ${wait.toISOString()} (in ${Math.ceil(seconds / 60)} min).`, {
      retryAt: wait.toISOString(),
      retryAfterS: seconds,
    })
  }
  const user = await findUser(sql, request.email.trim())
  const matches = await isPassword(user?.passwordHash ?? null, request.password)
  if (user === null || !matches || user.disabled) throw new Fault('unauthenticated', 'E-mail or password is wrong.')
  const token = newToken()
  const session = { token, csrf: newToken(24), expiresAt: new Date(now.getTime() + LONGEST_S * 1000) }
  await openSession(sql, {
    tokenHash: tokenHash(token),
    csrf: session.csrf,
    userId: user.id,
    now,
    expiresAt: session.expiresAt,
    replaces: request.previousToken === undefined ? null : tokenHash(request.previousToken),
    // The address keeps its count but for this one: else one known account would give a guesser at others endless tries.
    forget: { all: account, latest: address },
    actor: `user:${user.email}`,
  })
  return session
}

/** Ends the session behind a cookie. */
export const signOut = (sql: Sql, token: string): Promise<void> => endSession(sql, tokenHash(token))

/** Who is behind a session cookie; null when nobody (any more). Always asks the database, so that a disabled user is out at once. */
export async function principalOfSession(sql: Sql, now: Date, token: string): Promise<Principal | null> {
  const row = await findSession(sql, tokenHash(token), now, IDLE_S)
  if (row === null) return null
  const role = ROLES.find(known => known === row.role)
  if (role === undefined) throw new Error(`user ${row.userId} has the unknown role ${row.role}`)
  const language: Language = row.language === 'zh-CN' ? 'zh-CN' : 'en'
  return {
    kind: 'user',
    actor: `user:${row.email}`,
    name: row.name,
    role,
    scopes: scopesOfRole(role),
    csrf: row.csrf,
    language,
    ...(row.locationId === null ? {} : { locationId: row.locationId }),
  }
}
