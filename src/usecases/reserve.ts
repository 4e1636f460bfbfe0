import { randomUUID } from 'node:crypto'
import type { Sql } from '../../db/connect.ts'
import { onceMore } from '../../db/once-more.ts'
import type { ReserveAnswer } from '../../db/reservations.ts'
import { type ReserveCommand, reserveMany } from '../../db/reserve.ts'
import { type Context, commandOfText } from './context.ts'

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

type Waiting = {
  readonly request: ReserveCommand
  readonly resolve: (answer: ReserveAnswer) => void
  readonly reject: (error: unknown) => void
}

const BATCH_MOST = 256
/** Batches under way: those that are decided, and those on their way to the disk. */
const UNDER_WAY_MOST = 6
// Measured with 64 clients: the second keeps the database at work while we read what the first one answered, and a third only makes batches
// smaller; a batch of few costs nearly as much as one of 16.
const DECIDED_MOST = 2
const SECOND_LEAST = 16

export type LaneOptions = {
  /** Sends a batch, tells when the next one may go, and answers once the disk has it; the database's unless a test stands in between. */
  readonly send?: (requests: readonly ReserveCommand[], onDecided: () => void) => Promise<readonly ReserveAnswer[]>
  readonly pauseMs?: number
}

/**
 * The one lane through which a process reserves. While batches are being decided, further requests gather; then they go together, in their
 * order, without waiting for the disk to have those before. Each has its own answer; only trouble of the system fails a batch, and after a
 * lost connection it is asked once more: each request by its key, so that what was decided the first time is only told again.
 */
export function makeReserveLane(sql: Sql, options: LaneOptions = {}): ReserveLane {
  const send = options.send ?? ((requests, onDecided) => reserveMany(sql, requests, onDecided))
  const waiting: Waiting[] = []
  let deciding = 0
  let underWay = 0
  let isLooking = false

  function next(): void {
    if (waiting.length < (deciding === 0 ? 1 : SECOND_LEAST) || deciding >= DECIDED_MOST || underWay >= UNDER_WAY_MOST) return
    deciding += 1
    underWay += 1
    let isDecided = false
    const decided = (): void => {
      if (isDecided) return
      isDecided = true
      deciding -= 1
      next()
    }
    void carryOut(waiting.splice(0, BATCH_MOST), decided).finally(() => {
      underWay -= 1
      decided()
      next()
    })
  }

  /** Once all that came in this turn of the event loop is waiting. */
  function lookAfterThisTurn(): void {
    if (isLooking) return
    isLooking = true
    setImmediate(() => {
      isLooking = false
      next()
    })
  }

  async function carryOut(batch: readonly Waiting[], onDecided: () => void): Promise<void> {
    const requests = batch.map(one => one.request)
    try {
      const answers = await onceMore(() => send(requests, onDecided), options.pauseMs)
      for (const [at, one] of batch.entries()) settle(one, answers[at])
    } catch (error) {
      for (const one of batch) one.reject(error)
    }
  }

  return (context, key, request) =>
    new Promise((resolve, reject) => {
      waiting.push({ request: requestOf(context, key, request), resolve, reject })
      if (deciding === 0) next()
      else lookAfterThisTurn()
    })
}

function settle(one: Waiting, answer: ReserveAnswer | undefined): void {
  if (answer === undefined) one.reject(new Error('a reservation got no answer'))
  else one.resolve(answer)
}

function requestOf(context: Context, key: string | null, request: ReserveRequest): ReserveCommand {
  const { lines, channel, partial, prefer, expiresInS } = request
  // Fields by their names in order, as `command` would sort them: thousands of requests a second pass here.
  const text = JSON.stringify({
    channel,
    expiresInS,
    lines: lines.map(({ location, quantity, sku }) => ({ location, quantity, sku })),
    partial,
    prefer,
  })
  const head = commandOfText(context, 'stock.reserve', key ?? `once:${randomUUID()}`, text)
  return {
    ...head,
    lines: lines.map(({ sku, quantity, location }) => ({ sku, quantity, location: location ?? null })),
    channel: channel ?? null,
    partial: partial ?? false,
    prefer: prefer === undefined || typeof prefer === 'string' ? (prefer ?? null) : [...prefer],
    // Seconds, not an instant: the clock that ends a hold is the database's.
    expiresInS: expiresInS ?? null,
  }
}
