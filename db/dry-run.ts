import type { JsonValue, Sql } from './connect.ts'

/** What a command would change in one field of one channel. */
export type DryField = {
  readonly channel: string
  readonly field: 'stock' | 'price'
  readonly listings: number
  /** The guard's window: how many listings moved within so many minutes, and how many may; null: as many as like. */
  readonly moved: number
  readonly allowed: number | null
  readonly windowMinutes: number
  readonly changed: number
  readonly goes: number
  readonly refused: number
  readonly off: number
  readonly quarantined: Readonly<Partial<Record<'changed' | 'dropped' | 'zeroed', number>>>
  readonly examples: readonly {
    readonly listingId: number
    readonly sku: string
    readonly before: Readonly<Record<string, unknown>>
    /** Null: it has no price that may be shown. */
    readonly after: Readonly<Record<string, unknown>> | null
    readonly verdict: 'goes' | 'refused' | 'off' | 'changed' | 'dropped' | 'zeroed'
    readonly words?: string
  }[]
  /** The listing after which the examples go on; null: these were the last. */
  readonly next: number | null
}

/** What a command would do. Without `fields`: it touches more than can be looked through. */
export type DryTold = {
  readonly touched: number
  readonly fields?: readonly DryField[]
  readonly accounts?: readonly DryLoad[]
  /** What would change when the change begins or ends, by instants (ISO 8601) in their order. */
  readonly turns?: readonly { readonly at: string; readonly fields: readonly DryField[]; readonly accounts: readonly DryLoad[] }[]
  /** What would change at an instant without the change, and will not with it. */
  readonly fallsAway?: readonly DryFall[]
  /** Instants of the change that were not looked at. */
  readonly later?: number
}

/** Prices of a channel that were to change at an instant (ISO 8601), and stay as they are: a raise to come that is taken back. */
export type DryFall = {
  readonly at: string
  readonly channel: string
  readonly listings: number
  readonly examples: readonly {
    readonly sku: string
    readonly planned: Readonly<Record<string, unknown>> | null
    readonly stays: Readonly<Record<string, unknown>> | null
  }[]
}

/** What pushes to an account would carry: SKUs, and how many of them each parent has, those without one together. `scale`: how much faster than the platform's own pace it goes. */
export type DryLoad = {
  readonly account: string
  readonly platform: string
  readonly scale: number
  readonly skus: number
  readonly families: readonly number[]
}

/** Which examples are told: so many, of one channel or field, after a listing. */
export type DryLook = {
  readonly limit: number
  readonly channel?: string | undefined
  readonly field?: 'stock' | 'price' | undefined
  readonly after?: number | undefined
}

/** `sql` of the same database that carries out no command. `told` is what the one command that was given would have done; null: none was given, or it was refused. */
export type DrySql = { readonly sql: Sql; readonly told: () => DryTold | null }

/**
 * A tag for use cases whose write is one call of a command function: the call is carried out by `dry_run_1`, of which nothing remains, and its answer
 * goes back to the use case, which refuses what it would really refuse. Everything else passes: the caller sees to it that this is reading.
 */
export function dryRun(sql: Sql, look: DryLook): DrySql {
  let told: DryTold | null = null
  const names = new WeakMap<object, string>()
  const run = async (name: string, cmd: unknown): Promise<readonly unknown[]> => {
    const [row] = await sql<{ done: { answer: unknown; told: DryTold | null } }[]>`
      select dry_run_1(${name}, ${sql.json(cmd as JsonValue)}, ${sql.json(look as unknown as JsonValue)}) as done`
    told = row?.done.told ?? null
    return [{ answer: row?.done.answer, token: null }]
  }
  const dry = new Proxy(sql, {
    apply(target, self, given: unknown[]) {
      const called = commandOf(given, names)
      if (called !== null) return run(called.name, called.cmd)
      refuseWriting(given, names)
      const made: unknown = Reflect.apply(target, self, given)
      // `sql('prices_set_2')`: a name that stands in a statement to come.
      if (typeof given[0] === 'string' && typeof made === 'object' && made !== null) names.set(made, given[0])
      return made
    },
  })
  dries.add(dry)
  return { sql: dry, told: () => told }
}

/** Whether commands through this `sql` are carried out by a dry run. */
export const isDry = (sql: Sql): boolean => dries.has(sql)

const dries = new WeakSet<Sql>()

const IS_COMMAND = /^[a-z_]+_\d$/

/** The function and argument of a statement that is one call of a command: `select prices_set_2(${json}) as answer …`. */
function commandOf(given: readonly unknown[], names: WeakMap<object, string>): { readonly name: string; readonly cmd: unknown } | null {
  const [strings, ...values] = given
  if (!Array.isArray(strings) || !('raw' in strings)) return null
  const words = strings.map(String)
  if (!/^\) as answer\b/.test(words.at(-1) ?? '')) return null
  const [first, second] = values
  if (values.length === 1) {
    const name = /^\s*select ([a-z_]+_\d)\($/.exec(words[0] ?? '')?.[1]
    return name === undefined ? null : { name, cmd: unwrapped(first) }
  }
  const name = typeof first === 'object' && first !== null ? names.get(first) : undefined
  const isCall = values.length === 2 && words[0]?.trim() === 'select' && words[1] === '('
  return isCall && name !== undefined && IS_COMMAND.test(name) ? { name, cmd: unwrapped(second) } : null
}

/** A statement that writes, and is not one call of a command, would take effect: it must not be reached. */
function refuseWriting([strings, ...values]: readonly unknown[], names: WeakMap<object, string>): void {
  if (!Array.isArray(strings) || !('raw' in strings)) return
  const text = strings.map(String).join('?')
  const called = values.flatMap(value => (typeof value === 'object' && value !== null ? [names.get(value) ?? ''] : []))
  if (
    /\b(insert into|delete from|update \w+( \w+)? set|truncate)\b|\bselect \w+_\d\(/i.test(text) ||
    called.some(name => IS_COMMAND.test(name))
  )
    throw new Error(`a dry run would have written: ${text.trim().slice(0, 100)}`)
}

/** What was wrapped by `sql.json`. */
function unwrapped(parameter: unknown): unknown {
  return typeof parameter === 'object' && parameter !== null && 'value' in parameter ? parameter.value : null
}
