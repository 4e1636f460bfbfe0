import type { Logger } from 'pino'
import type { Connector } from '../connectors/contract.ts'
import type { Sql } from '../db/connect.ts'
import type { Keyring } from '../src/values/sealed.ts'

/** What every job of a process shares. */
export type JobDeps = {
  readonly sql: Sql
  readonly keyring: Keyring
  readonly connectorOf: (platform: string) => Connector | undefined
  readonly log: Logger
  /** Names this process among the holders of leases; unique per start. */
  readonly owner: string
  /** Chance in [0, 1) for jitter. */
  readonly random: () => number
  /** Where the platforms reach this hub's webhooks, without a slash at the end; null: webhooks are not registered. */
  readonly publicUrl: string | null
  /** How alerts leave the house; absent: by webhooks to public addresses only. */
  readonly telling?: Telling
}

/** `toPrivate`: webhooks may also go to addresses that are not public. `smtp` null: no e-mail is sent. */
export type Telling = { readonly toPrivate: boolean; readonly smtp: { readonly url: string; readonly from: string } | null }
