import type { Context, Hono } from 'hono'
import type { AccountAccess, AccountCheck, Declaration } from '../../connectors/contract.ts'
import type { Sql } from '../../db/connect.ts'
import type { PlatformShape } from '../usecases/channels.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { AccountForm } from '../values/connecting.ts'
import type { Keyring } from '../values/sealed.ts'

/** What the pages are made of. */
export type UiDeps = {
  readonly sql: Sql
  readonly keyring: Keyring
  /** What each platform can do, by its name (`woocommerce`): a `Connector` fits as it is. */
  readonly platforms: Readonly<Record<string, PlatformFacts>>
  /** How fast each platform takes what is pushed; absent: no calls and no times are forecast. */
  readonly shapes?: readonly PlatformShape[]
  /** Tries settings and credentials at their platform before they are stored; absent: they are stored untried. */
  readonly tryAccount?: (platform: string, access: AccountAccess) => Promise<AccountCheck>
  /** Where the cause of a failure goes; a pino logger fits. */
  readonly log: { readonly error: (fields: object, message: string) => void }
  readonly now?: () => Date
  /** Where people reach us; cookies are `Secure` when it is https. Unset: judged by each request's own address. */
  readonly publicUrl?: string
  /** Pause between two looks at the database for open pages, ms; 1,000 unless told. */
  readonly liveEveryMs?: number
}

/** What people are told about a platform: its name, what its connector declares of it, and what an account of it asks for; without `form` none can be connected here. */
export type PlatformFacts = { readonly title: string; readonly declares: Declaration; readonly form?: AccountForm }

/**
 * The pages' routes and who may call each; `makeApp` takes it as `ui`. `trouble` answers a page for what was thrown where a person waits for
 * one, else null. `close` ends what runs behind open pages.
 */
export type UiSurface = {
  readonly routes: Hono<RequestEnv>
  readonly access: RouteTable
  readonly trouble: (c: Context<RequestEnv>, error: unknown) => Response | null
  /** The forms that bring a file, how many bytes it may have, and what answers a larger one. */
  readonly files: readonly { readonly route: string; readonly most: number; readonly tooLarge: (c: Context<RequestEnv>) => Response }[]
  readonly close: () => void
}
