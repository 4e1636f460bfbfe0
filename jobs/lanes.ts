import { type AccountRow, dropLease, holdLease, readAccounts } from '../db/accounts.ts'
import type { Sql } from '../db/connect.ts'
import { isConnectionLost } from '../db/once-more.ts'
import { onOneConnection } from '../db/own-connection.ts'
import { LEASE_MS } from './account.ts'
import { makeBell } from './bell.ts'
import type { JobDeps } from './deps.ts'
import { runLane } from './lane.ts'
import { loop } from './loop.ts'
import type { Tailer } from './tailer.ts'

type Held = { readonly stop: AbortController; renewedAt: number; readonly ended: Promise<void>; readonly reached: string }

/** How often leases are renewed and free ones looked for. */
const RENEW_MS = 500

/**
 * Takes the lease of every account that is free, runs its lane, and stops the lane the moment the lease cannot be renewed in time. Several
 * processes share the accounts this way; what a dead one held is taken over when its lease ends.
 */
export async function runLanes(deps: JobDeps, tailer: Tailer, signal: AbortSignal): Promise<void> {
  const held = new Map<number, Held>()

  const keep = async (sql: Sql, row: AccountRow): Promise<void> => {
    const accountId = row.id
    const began = performance.now()
    const lease = await holdLease(sql, accountId, deps.owner, LEASE_MS)
    const lane = held.get(accountId)
    if (lane && (!lease || lease.isNew)) {
      // Somebody else had it meanwhile (or it ran out): this lane's work is not certain any more.
      lane.stop.abort(new Error('lease lost'))
      return
    }
    if (!lease) return
    if (lane) {
      // The lease stays ours: once this lane has ended, the next one begins with what is stored now.
      if (lane.reached !== reachedBy(row)) lane.stop.abort(new Error('settings or credentials were changed'))
      lane.renewedAt = began
      return
    }
    held.set(accountId, start(row, lease.token, began))
  }

  const start = (row: AccountRow, token: number, renewedAt: number): Held => {
    const accountId = row.id
    const stop = new AbortController()
    const clock = { renewedAt: () => entry.renewedAt, signal: stop.signal }
    const ended = runLane(deps, tailer, accountId, { token, clock })
      .catch((error: unknown) => deps.log.error({ account: accountId, err: error }, 'a lane ended; it is started again'))
      .finally(() => held.delete(accountId))
    const entry: Held = { stop, renewedAt, ended, reached: reachedBy(row) }
    return entry
  }

  const step = async (): Promise<boolean> => {
    for (const [accountId, lane] of held)
      if (performance.now() - lane.renewedAt > LEASE_MS) {
        deps.log.warn({ account: accountId }, 'the lease could not be renewed in time')
        lane.stop.abort(new Error('lease not renewed'))
      }
    // Not over the pool: behind a slow statement there, every lease would run out.
    const accounts = await onOneConnection(deps.sql, async own => {
      const all = await readAccounts(own)
      await Promise.all(all.filter(account => account.state !== 'paused').map(account => keep(own, account)))
      return all
    })
    for (const account of accounts) if (account.state === 'paused') held.get(account.id)?.stop.abort(new Error('paused'))
    return false
  }

  await loop('lanes', step, { bell: makeBell(), idleMs: RENEW_MS, signal, log: deps.log })
  const ending = [...held].map(async ([accountId, lane]) => {
    lane.stop.abort(new Error('shutting down'))
    await lane.ended
    await dropLease(deps.sql, accountId, deps.owner)
  })
  await Promise.all(ending).catch((error: unknown) => {
    if (!isConnectionLost(error)) throw error
    deps.log.warn('a lease was not given back; it ends by itself')
  })
}

/** How an account is reached, to see that it was changed. */
function reachedBy({ settings, credentials, webhookSecret }: AccountRow): string {
  return JSON.stringify([
    settings,
    ...[credentials, webhookSecret].map(sealed => (sealed === null ? null : Buffer.from(sealed).toString('base64'))),
  ])
}
