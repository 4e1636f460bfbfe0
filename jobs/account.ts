import type { AccountTrouble, Connector, Session } from '../connectors/contract.ts'
import { DEADLINE_MAX_MS, type Http, makeHttp } from '../connectors/http.ts'
import { makePace, PATIENCE_MS, type Pace } from '../connectors/pace.ts'
import type { AccountRow } from '../db/accounts.ts'
import { unsealText } from '../src/values/sealed.ts'
import type { JobDeps } from './deps.ts'

/** An account that this process holds the lease of: the only way to call its platform. */
export type HeldAccount = {
  readonly row: AccountRow
  readonly connector: Connector
  readonly session: Session
  /** The account's rate limits; whoever holds it may keep calls back. */
  readonly pace: Pace
  readonly leaseToken: number
  /** How many times faster than the platform's own pace polls may go (sandboxes); 1 for a real account. */
  readonly scale: number
  readonly close: () => Promise<void>
}

/**
 * How long a lease lasts without being renewed. It outlives any call's deadline, so that two holders never call at once; with the time until somebody looks for free
 * leases it stays below the 10 s within which a dead process is taken over from.
 */
export const LEASE_MS = DEADLINE_MAX_MS + 1_500

/** Says whether a call may start: the lease was renewed so recently that even the slowest call ends within it. */
export type LeaseClock = { readonly renewedAt: () => number; readonly signal: AbortSignal }

/** Thrown before a call that must not start because the lease may be somebody else's. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/** Calls to one account that are under way at once, at the most. */
export const CONNECTIONS = 32

/** By how much calls may come closer together on their way than they started, ms: a busy process, a busy network. */
const JITTER_MS = 50

/** Opens the session of an account under its lease. */
export async function openAccount(deps: JobDeps, row: AccountRow, leaseToken: number, clock: LeaseClock): Promise<HeldAccount> {
  const connector = deps.connectorOf(row.platform)
  if (!connector) throw new Error(`account ${row.name}: no connector for platform ${row.platform}`)
  const scale = Number(row.settings.scale ?? 1)
  const refusal = (): LeaseLost | null =>
    clock.signal.aborted || performance.now() - clock.renewedAt() > LEASE_MS - DEADLINE_MAX_MS
      ? new LeaseLost(`lease of ${row.name} is not certain any more`)
      : null
  const { http, close } = makeHttp({ connections: CONNECTIONS, refusal })
  const guarded: Http = call => {
    const refused = refusal()
    return refused ? Promise.reject(refused) : http(call)
  }
  const pace = makePace(connector.limits, {
    scale,
    signal: clock.signal,
    patienceMs: PATIENCE_MS,
    jitterMs: JITTER_MS,
    random: deps.random,
  })
  // Whoever had the account before was told to wait: that holds for us, too, where it was told of all calls. Elsewhere it is one operation's, and short.
  const waitMs = row.state === 'failing' && row.stateReason?.startsWith('throttled:') ? (row.retryAt?.getTime() ?? 0) - Date.now() : 0
  const [operation, ...others] = Object.keys(connector.limits)
  if (waitMs > PATIENCE_MS && operation !== undefined && others.length === 0) pace.pause(operation, waitMs)
  const session = connector.open(
    { settings: row.settings, credentials: await credentialsOf(deps, row), channels: row.channels },
    { http: guarded, pace, now: () => new Date() },
  )
  return { row, connector, session, pace, leaseToken, scale, close }
}

/** Opens a session only to read stored messages: it makes no calls, so it needs no lease. */
export async function openReader(deps: JobDeps, row: AccountRow): Promise<Session> {
  const connector = deps.connectorOf(row.platform)
  if (!connector) throw new Error(`account ${row.name}: no connector for platform ${row.platform}`)
  const refuse: Http = () => Promise.reject(new Error('reading a message makes no calls'))
  return connector.open(
    { settings: row.settings, credentials: await credentialsOf(deps, row), channels: row.channels },
    { http: refuse, pace: makePace(connector.limits), now: () => new Date() },
  )
}

async function credentialsOf(deps: JobDeps, row: AccountRow): Promise<Record<string, unknown>> {
  return JSON.parse(await unsealText(deps.keyring, 'credentials', row.credentials)) as Record<string, unknown>
}

export const isAccountTrouble = (error: unknown): error is AccountTrouble => error instanceof Error && error.name === 'AccountTrouble'
