import { accessCommand } from '../../db/access.ts'
import type { JsonValue } from '../../db/connect.ts'
import { clerkWithPin } from '../../db/pages-desk.ts'
import { beginLogin, findSession, openSession } from '../../db/sessions.ts'
import { Fault } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import type { UserDone } from './manage-access.ts'
import { hashSecret, isPassword } from './passwords.ts'
import { newToken, tokenHash } from './secrets.ts'
import { IDLE_S, type SignedIn } from './sign-in.ts'

const WINDOW_S = 15 * 60
const PER_CLERK = 5
/** A tablet at which everybody guesses at everybody. */
const PER_DEVICE = 15

/**
 * Binds a user to a store, with a PIN for its desk. `location` null: to none; `pin` null: none, undefined: as it was. Throws `invalid` for a PIN that is not 4 to 8
 * digits or all the same, `not_found` for a user or a location that is not there.
 */
export async function bindClerk(
  context: Context,
  key: string | null,
  email: string,
  desk: { readonly location: string | null; readonly pin?: string | null | undefined },
): Promise<UserDone> {
  const { pin, location } = desk
  if (typeof pin === 'string' && (!/^\d{4,8}$/.test(pin) || /^(\d)\1*$/.test(pin))) {
    throw new Fault('invalid', 'A PIN has 4 to 8 digits, not all the same.', { field: 'pin', expected: '4 to 8 digits' })
  }
  // A quick hash of the PIN in the command would be guessed at once: only that there is one is remembered.
  const stated = { email, location, pin: pin === undefined ? 'kept' : pin === null ? 'none' : 'set' }
  const hidden = pin === undefined ? {} : { pinHash: pin === null ? null : await hashSecret(pin) }
  const cmd = { email, location, ...hidden, ...command(context, 'user.desk', key, stated) } as unknown as JsonValue
  const answer = await carryOut(key, () => accessCommand(context.sql, 'user_desk_1', cmd))
  if (answer.outcome === 'key_conflict') throw keyConflict()
  if (answer.outcome === 'unknown')
    throw new Fault('not_found', `There is no ${answer.field} ${String(answer.value)}.`, { field: answer.field, value: answer.value })
  if (answer.outcome !== 'done' || answer.user === undefined) throw new Error(`user_desk_1 answered ${answer.outcome}`)
  return answer.user
}

/**
 * Switches the session of a desk to another clerk of the same store by PIN. The session of a PIN ends when that of the password would have: a PIN alone
 * never keeps a device open. Throws `unauthenticated` for a wrong PIN or no such clerk, `too_many` with `retryAt`.
 */
export async function switchClerk(
  context: Context,
  now: Date,
  request: { readonly token: string; readonly locationId: number; readonly userId: number; readonly pin: string },
): Promise<SignedIn> {
  const held = tokenHash(request.token)
  const session = await findSession(context.sql, held, now, IDLE_S)
  if (session === null) throw new Fault('unauthenticated', 'The session has ended: log in again.')
  const subject = `pin:${request.userId}`
  // By place: each switch makes a new session, so that of the device would count from nothing.
  const device = `pin-desk:${request.locationId}`
  const wait = await beginLogin(
    context.sql,
    [
      { subject, most: PER_CLERK },
      { subject: device, most: PER_DEVICE },
    ],
    WINDOW_S,
    now,
  )
  if (wait !== null) {
    const minutes = Math.max(1, Math.ceil((wait.getTime() - now.getTime()) / 60_000))
    throw new Fault('too_many', `Too many wrong PINs. Try again in ${minutes} min.`, {
      retryAt: wait.toISOString(),
      retryAfterS: minutes * 60,
    })
  }
  const clerk = await clerkWithPin(context.sql, request.locationId, request.userId)
  const matches = await isPassword(clerk?.pinHash ?? null, request.pin)
  if (clerk === null || !matches) throw new Fault('unauthenticated', 'The PIN is wrong.')
  const signed = { token: newToken(), csrf: newToken(24), expiresAt: session.expiresAt }
  await openSession(context.sql, {
    ...{ tokenHash: tokenHash(signed.token), csrf: signed.csrf, userId: clerk.id, now, expiresAt: signed.expiresAt, replaces: held },
    ...{ forget: { all: subject, latest: device }, actor: `user:${clerk.email}` },
  })
  return signed
}
