import type { Context, Hono } from 'hono'
import type { Logger } from 'pino'
import type { Sql } from '../../db/connect.ts'
import type { PlatformShape } from '../usecases/channels.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { ReserveLane } from '../usecases/reserve.ts'
import type { ShownCache } from '../usecases/shown-cache.ts'
import type { Keyring } from '../values/sealed.ts'

/** What the app is made of. */
export type AppDeps = {
  readonly sql: Sql
  readonly keyring: Keyring
  readonly log: Logger
  /** The clock; the system's unless a test passes its own. */
  readonly now?: () => Date
  /** Where people reach us, as `https://hub.example.org`. Under https the session cookie is `__Host-`; unset: judged by each request's own address. */
  readonly publicUrl?: string
  /** True behind a reverse proxy of ours: the caller's address is the last one in `x-forwarded-for`. */
  readonly trustProxy?: boolean
  /** What can be connected, by the connectors' own shapes; none: accounts cannot be made here. */
  readonly platforms?: readonly PlatformShape[]
  /** One lane per process combines reservations; made here unless the program has one already. */
  readonly reserve?: ReserveLane
  /** One memory per process of what channels should show; made here unless the program has one already. */
  readonly shown?: ShownCache
  /** Wakes whoever reads the change feed in this process; called after writes. Without it they are found within 200 ms. */
  readonly ring?: () => void
  /** Webhook intake (`webhookRoutes(deps)`), mounted at `/`. It checks signatures itself. */
  readonly webhooks?: Hono
  /** Pages (`uiRoutes(deps)`), mounted at `/`. */
  readonly ui?: Surface
}

/** Routes that somebody else brings, and who may call each. */
export type Surface = {
  readonly routes: Hono<RequestEnv>
  readonly access: RouteTable
  /** Answers a page for what was thrown, where a person waits for one; null: the caller gets a problem. */
  readonly trouble?: (c: Context<RequestEnv>, error: unknown) => Response | null
  /** Forms that bring a file (`POST /…`), how many bytes it may have, and what answers a larger one. */
  readonly files?: readonly { readonly route: string; readonly most: number; readonly tooLarge: (c: Context<RequestEnv>) => Response }[]
}

/** The clock of these dependencies. */
export const clock = (deps: Pick<AppDeps, 'now'>): (() => Date) => deps.now ?? (() => new Date())
