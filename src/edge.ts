/**
 * The Worker program: takes webhooks when the hub itself cannot be reached from outside, or must not miss them while it restarts. It
 * verifies and stores, through Hyperdrive; the hub's tailer finds the row in the change feed. It cannot ring the queue.
 */

import type { DoorCall } from '../connectors/webhooks.ts'
import { close, openPool } from '../db/connect-pool.ts'
import { webhookRoutes } from './http/webhooks.ts'
import { readKeyring } from './values/sealed.ts'

type Env = {
  /** Binding of wrangler.toml. Query caching must be off: an account that was just made has to be found. */
  readonly HYPERDRIVE: { readonly connectionString: string }
  /** Secret, the same text as the hub's CONCORD_KEYS. */
  readonly CONCORD_KEYS: string
}

type Execution = { readonly waitUntil: (work: Promise<unknown>) => void }

// A connection of a Worker must not outlive its request; Hyperdrive keeps the real ones.
const CLOSE_WITHIN_S = 1

const CALL_MS = 5_000

/** The Worker's own way out: it has no connections to keep, and must not carry the hub's. */
const call: DoorCall = async ({ url, ...init }) => {
  const answer = await globalThis.fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(CALL_MS) })
  return { status: answer.status, text: await answer.text() }
}

export default {
  async fetch(request: Request, env: Env, execution: Execution): Promise<Response> {
    const keyring = await readKeyring(env.CONCORD_KEYS)
    const sql = openPool(env.HYPERDRIVE.connectionString, { max: 1, name: 'edge', pooled: true })
    try {
      return await webhookRoutes({ sql, keyring, ring: () => {}, call }).fetch(request)
    } finally {
      execution.waitUntil(close(sql, CLOSE_WITHIN_S))
    }
  },
}
