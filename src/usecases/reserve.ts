import type { Sql } from '../../db/connect.ts'
import { onceMore } from '../../db/once-more.ts'
import type { ReserveAnswer } from '../../db/reservations.ts'
import { type ReserveCommand, reserveMany } from '../../db/reserve.ts'
import { ownKey } from '../values/own-key.ts'
import { type Context, commandOfText } from './context.ts'
import { gathered } from './gathered.ts'

/** What is asked for together: all of it or none, unless `partial`. */
export type ReserveRequest = {
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly location?: string | undefined }[]
  /** Only from locations that serve this channel, in its order of preference. */
  readonly channel?: string | undefined
  readonly partial?: boolean | undefined
  /** Which location goes first: the channel's order (the default), where most is free, or these, in their order, before all others. */
  readonly prefer?: 'channel' | 'most' | readonly string[] | undefined
  /** The hold ends by itself after so many seconds; unset: it stays until released or settled. */
  readonly expiresInS?: number | undefined
}

/**
 * Reserves. `key` is the caller's Idempotency-Key; without one the request gets a key of its own, so that it can be asked again after a lost
 * connection. A decision is answered, also "insufficient"; what is thrown means that the outcome is unknown.
 */
export type ReserveLane = (context: Context, key: string | null, request: ReserveRequest) => Promise<ReserveAnswer>

const KIND = 'stock.reserve'

// Measured with 64 clients: the second is at the database when the first one ends, which goes on at once while we read what it answered (a sixth more than
// one at a time; two on two connections wait for each other's locks); a third only makes batches smaller, and a batch of few
// costs nearly as much as one of 16.
const BATCHES = { most: 256, underWayMost: 2, furtherLeast: 8 }

export type LaneOptions = {
  /** Sends a batch and answers once the disk has it; the database's unless a test stands in between. */
  readonly send?: (requests: readonly ReserveCommand[]) => Promise<readonly ReserveAnswer[]>
  readonly pauseMs?: number
}

/**
 * The one lane through which a process reserves. While batches are under way, further requests gather; then they go together, in their order.
 * Each has its own answer; only trouble of the system fails a batch, and after a lost connection it is asked once more: each request by its
 * key, so that what was decided the first time is only told again.
 */
export function makeReserveLane(sql: Sql, options: LaneOptions = {}): ReserveLane {
  const send = options.send ?? (requests => reserveMany(sql, requests))
  const ask = gathered((requests: readonly ReserveCommand[]) => onceMore(() => send(requests), options.pauseMs), BATCHES)
  return (context, key, request) => ask(requestOf(context, key, request))
}

function requestOf(context: Context, key: string | null, request: ReserveRequest): ReserveCommand {
  const { lines, channel, partial, prefer, expiresInS } = request
  return {
    ...(key === null
      ? { scope: context.actor, key: ownKey(), kind: KIND, hash: '', actor: context.actor }
      : commandOfText(context, KIND, key, textOf(request))),
    lines: lines.map(({ sku, quantity, location }) => ({ sku, quantity, location: location ?? null })),
    channel: channel ?? null,
    partial: partial ?? false,
    prefer: prefer === undefined || typeof prefer === 'string' ? (prefer ?? null) : [...prefer],
    // Seconds, not an instant: the clock that ends a hold is the database's.
    expiresInS: expiresInS ?? null,
  }
}

/** What is hashed, so that the same key with another body is told; under our own keys nobody asks for anything else. */
function textOf({ lines, channel, partial, prefer, expiresInS }: ReserveRequest): string {
  // Fields by their names in order, as `command` would sort them: thousands of requests a second pass here.
  return JSON.stringify({
    channel,
    expiresInS,
    lines: lines.map(({ location, quantity, sku }) => ({ location, quantity, sku })),
    partial,
    prefer,
  })
}
