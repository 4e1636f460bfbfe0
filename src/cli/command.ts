import type { ParseArgsOptionsConfig } from 'node:util'
import type { PlatformPrices } from '../../db/platforms.ts'
import type { PlatformShape } from '../usecases/channels.ts'
import type { Context } from '../usecases/context.ts'
import type { Keyring } from '../values/sealed.ts'
import type { Terminal } from './terminal.ts'

/** One command of the CLI. The table of them is in `src/cli.ts`; help and parsing follow from it. */
export type Command = {
  /** One to three words: `import stock`, `market rule set`. */
  readonly name: string
  /** What follows the name: `FILE [--dry-run]`. */
  readonly usage: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What a person should know before; lines of at most 100 characters. */
  readonly details?: string
  /** What follows `concord `. */
  readonly examples: readonly string[]
  readonly options?: ParseArgsOptionsConfig
  /** Fewest and most arguments besides options. */
  readonly takes: readonly [number, number]
  /** `migrated`: a database of this release. `any`: one that may still be migrated. */
  readonly database: 'migrated' | 'any'
  /** Takes as long as it takes: its statements have no time-out. */
  readonly isLong?: boolean
  readonly run: (call: Call) => Promise<ExitCode>
}

/** 0: done. 1: refused, or something was found. 2 (wrong usage) is thrown as a `UsageError`. */
export type ExitCode = 0 | 1

export type Call = {
  readonly args: readonly string[]
  /** An option's text; undefined when it was not given. */
  readonly text: (name: string) => string | undefined
  readonly texts: (name: string) => readonly string[]
  readonly flag: (name: string) => boolean
  readonly context: Context
  /** The database's address. */
  readonly databaseUrl: string
  readonly terminal: Terminal
  /** Prints the answer: as JSON with `--json`, else as text. */
  readonly answer: (data: unknown, text: string) => void
  readonly isJson: boolean
  readonly wiring: Wiring
}

/** What the program gives to the commands: what they may not reach themselves. */
export type Wiring = {
  readonly settings: () => Promise<CliSettings>
  readonly platforms: readonly PlatformShape[]
  /** What a database is told of the platforms when it is brought to this release. */
  readonly declared: readonly PlatformPrices[]
  /** The release, such as 0.1.0. */
  readonly release: string
  /** Who asks, for the ledger: `cli:ana`. */
  readonly actor: string
  readonly now: () => Date
}

export type CliSettings = {
  readonly databaseUrl: string | null
  readonly home: string
  readonly keyring: Keyring
  /** Where people reach the hub, without a slash at the end. */
  readonly publicUrl?: string | null
  /** By whom e-mail goes out; null: by nobody. */
  readonly smtp?: { readonly url: string } | null
}

/** The person asked for something that the command does not understand. */
export type UsageError = { readonly usage: string }

export function wrongUsage(words: string): UsageError {
  return { usage: words }
}

export function isUsageError(error: unknown): error is UsageError {
  return typeof error === 'object' && error !== null && !(error instanceof Error) && 'usage' in error
}
