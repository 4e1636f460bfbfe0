import type { JsonValue, Sql } from './connect.ts'

export type UserRow = {
  readonly id: number
  readonly email: string
  readonly name: string
  readonly role: string
  readonly language: string
  readonly passwordHash: string
  readonly disabled: boolean
}

/** The user with this e-mail, whatever its case; disabled ones too. */
export async function findUser(sql: Sql, email: string): Promise<UserRow | null> {
  const [row] = await sql<UserRow[]>`
    select id, email, name, role, language, password_hash as "passwordHash", disabled_at is not null as disabled
    from users where lower(email) = lower(${email})`
  return row ?? null
}

export type UserShown = Omit<UserRow, 'passwordHash'> & { readonly createdAt: Date }

/** Users after the id, in order of their id. */
export function listUsers(sql: Sql, after: number, limit: number): Promise<UserShown[]> {
  return sql<UserShown[]>`
    select id, email, name, role, language, disabled_at is not null as disabled, created_at as "createdAt"
    from users where id > ${after} order by id limit ${limit}`
}

/** Whether anybody can log in at all; false on the first start. */
export async function hasUsers(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ some: boolean }[]>`select exists (select from users) as some`
  return row?.some ?? false
}

export type KeyRow = {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly secretHash: string
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
}

/** The key with this id, and a note of its use at most once a minute. */
export async function findKey(sql: Sql, id: string): Promise<KeyRow | null> {
  const [row] = await sql<KeyRow[]>`
    with used as (
      update api_keys set used_at = clock_timestamp()
      where id = ${id} and revoked_at is null and (used_at is null or used_at < clock_timestamp() - interval '1 minute')
    )
    select id, name, scopes, secret_hash as "secretHash", expires_at as "expiresAt", revoked_at as "revokedAt" from api_keys where id = ${id}`
  return row ?? null
}

export type KeyShown = {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly usedAt: Date | null
  readonly revokedAt: Date | null
}

/** Keys after the id, in order of their id; never a hash. */
export function listKeys(sql: Sql, after: string, limit: number): Promise<KeyShown[]> {
  return sql<KeyShown[]>`
    select id, name, scopes, created_by as "createdBy", created_at as "createdAt", expires_at as "expiresAt", used_at as "usedAt",
      revoked_at as "revokedAt"
    from api_keys where id > ${after} order by id limit ${limit}`
}

export type AccessAnswer =
  | {
      readonly outcome: 'done'
      readonly id?: string
      readonly user?: Omit<UserShown, 'createdAt'> & { readonly createdAt: string }
      readonly replayed?: true
    }
  | { readonly outcome: 'exists' | 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'last_admin' | 'key_conflict' }

export type AccessCommand = 'user_add_1' | 'user_change_1' | 'user_desk_1' | 'key_add_1' | 'key_revoke_1'

/** Runs one of the commands of functions/80_access.sql. */
export async function accessCommand(sql: Sql, name: AccessCommand, cmd: JsonValue): Promise<AccessAnswer> {
  const [row] = await sql<{ answer: AccessAnswer }[]>`select ${sql(name)}(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}
