import { hash } from 'node:crypto'
import type { Sql } from '../../db/connect.ts'
import type { PushPace } from '../domain/sync/forecast.ts'
import type { Keyring } from '../values/sealed.ts'

/** What every use case gets: the database, the keyring, and who asks. */
export type Context = {
  readonly sql: Sql
  readonly keyring: Keyring
  readonly actor: Actor
  /** The clock that instants which people state are judged by; the system's when absent. */
  readonly now?: (() => Date) | undefined
  /** How fast a platform takes pushes, by its name; absent: nothing is forecast. */
  readonly pushPaceOf?: ((platform: string) => PushPace | undefined) | undefined
}

/** Who does it: `user:ana@example.org`, `key:ck_…`, `channel:woo-eu`, `system`, `cli`. Written to every movement and act. */
export type Actor = string

/** The head of a command for the functions in db/functions: who asks, under which key, and a hash of what was asked. */
export type Command = {
  readonly scope: string
  readonly key: string | null
  readonly kind: string
  readonly hash: string
  readonly actor: Actor
  /** Judged at this instant instead of the database's clock; only tests pass it. */
  readonly now?: string
}

/**
 * A command's head. `key` is the caller's Idempotency-Key, or null when none was given (then nothing is remembered). The same key with
 * another `body` is refused by the database as `key_conflict`. Scope is the actor, so that one caller's keys never meet another's.
 */
export function command(context: Context, kind: string, key: string | null, body: unknown): Command {
  return commandOfText(context, kind, key, stable(body))
}

/** The same for a body that is there as JSON with sorted keys already. */
export function commandOfText({ actor }: Context, kind: string, key: string | null, text: string): Command {
  return { scope: actor, key, kind, hash: hash('sha256', text, 'hex'), actor }
}

/** JSON with sorted keys: equal bodies hash equally, however they were written. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
