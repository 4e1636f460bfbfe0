import { type AccessAnswer, type AccessCommand, accessCommand } from '../../db/access.ts'
import type { JsonValue } from '../../db/connect.ts'
import { Fault } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { hashPassword } from './passwords.ts'
import type { Language } from './principal.ts'
import { ROLES, type Role, SCOPES, type Scope } from './scopes.ts'
import { newToken, tokenHash } from './secrets.ts'

type Done = Extract<AccessAnswer, { readonly outcome: 'done' }>
export type UserDone = NonNullable<Done['user']>

export type NewUser = {
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly password: string
  readonly language?: Language | undefined
}

/** Makes a user. Throws `invalid` (e-mail, role, password), `conflict` when the e-mail is taken. */
export async function addUser(context: Context, key: string | null, user: NewUser): Promise<UserDone> {
  if (!/^[^\s@]+@[^\s@]+$/.test(user.email))
    throw new Fault('invalid', `${user.email} is no e-mail address.`, { field: 'email', expected: 'name@host' })
  refuseRole(user.role)
  const { password, ...stated } = user
  // The password is no part of what the key remembers: a quick hash of it would be kept beside the slow one.
  return userOf(await run(context, 'user_add_1', 'user.add', key, stated, { passwordHash: await hashPassword(password) }))
}

export type UserChange = {
  readonly name?: string | undefined
  readonly role?: Role | undefined
  readonly language?: Language | undefined
  readonly disabled?: boolean | undefined
  readonly password?: string | undefined
}

/** Changes a user; whoever may not log in any more is out at once. Throws `not_found`, or `conflict` when nobody could administer any more. */
export async function changeUser(context: Context, key: string | null, id: number, change: UserChange): Promise<UserDone> {
  if (change.role !== undefined) refuseRole(change.role)
  const { password, ...stated } = change
  const hidden = password === undefined ? {} : { passwordHash: await hashPassword(password) }
  return userOf(await run(context, 'user_change_1', 'user.change', key, { id, ...stated }, hidden))
}

export type NewKey = { readonly name: string; readonly scopes: readonly Scope[]; readonly expiresAt?: string | undefined }

/** The key is here and nowhere else: only a hash of it is stored. Null when this request was answered before, because it is shown once. */
export type KeyMade = { readonly id: string; readonly key: string | null }

/** Makes an API key `ck_<id>.<secret>` with 256 random bits. Throws `invalid` when a scope is unknown or none is named. */
export async function addKey(context: Context, key: string | null, wanted: NewKey): Promise<KeyMade> {
  const unknown = wanted.scopes.find(scope => !SCOPES.includes(scope))
  if (unknown !== undefined || wanted.scopes.length === 0) {
    throw new Fault('invalid', unknown === undefined ? 'A key needs at least one scope.' : `There is no scope ${unknown}.`, {
      field: 'scopes',
      expected: SCOPES.join(', '),
    })
  }
  const id = `ck_${newToken(9)}`
  const secret = newToken()
  const answer = await run(context, 'key_add_1', 'key.add', key, { ...wanted }, { id, secretHash: tokenHash(secret) })
  return answer.id === id ? { id, key: `${id}.${secret}` } : { id: answer.id ?? id, key: null }
}

/** Ends an API key for good; within a second it is dead on every node. */
export async function revokeKey(context: Context, key: string | null, id: string): Promise<void> {
  await run(context, 'key_revoke_1', 'key.revoke', key, { id }, {})
}

async function run(
  context: Context,
  name: AccessCommand,
  kind: string,
  key: string | null,
  stated: Readonly<Record<string, unknown>>,
  hidden: Readonly<Record<string, string>>,
): Promise<Done> {
  const cmd = { ...stated, ...hidden, ...command(context, kind, key, stated) } as unknown as JsonValue
  const answer = await carryOut(key, () => accessCommand(context.sql, name, cmd))
  switch (answer.outcome) {
    case 'done':
      return answer
    case 'exists':
      throw new Fault('conflict', 'There is a user with this e-mail already.', { field: answer.field, value: answer.value })
    case 'unknown':
      throw new Fault('not_found', `There is no such ${kind.startsWith('key') ? 'key' : 'user'}.`, {
        field: answer.field,
        value: answer.value,
      })
    case 'last_admin':
      throw new Fault('conflict', 'This is the last admin who can log in: make another one first.')
    case 'key_conflict':
      throw keyConflict()
  }
}

function userOf(answer: Done): UserDone {
  if (answer.user === undefined) throw new Error('a user command answered no user')
  return answer.user
}

function refuseRole(role: Role): void {
  if (!ROLES.includes(role)) throw new Fault('invalid', `There is no role ${String(role)}.`, { field: 'role', expected: ROLES.join(', ') })
}
