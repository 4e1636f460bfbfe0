import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from '../../../db/connect.ts'
import { type Pulse, readPulse } from '../../../db/replay.ts'

const LOOK_MS = 100
/** No look takes as long on a server that is alive. */
const LOOK_MOST_MS = 60_000
/** Longer than a lease that a killed hub left, several times over. */
const STANDSTILL_MS = 180_000

/** Waits for what the hub does by itself, by looking at its books. */
export type Watch = {
  /**
   * Waits until the books are so and answers true. Answers false when nothing at all has moved for three minutes: then whoever asked goes on,
   * and the report tells what is missing. Rejects when the signal is aborted.
   */
  readonly until: (isSo: (pulse: Pulse) => boolean | Promise<boolean>) => Promise<boolean>
}

/** Many may wait at once: they share the looks. */
export function watchBooks(sql: Sql, signal: AbortSignal): Watch {
  let looking: Promise<Pulse> | null = null
  let last: { readonly pulse: Pulse; readonly at: number } | null = null
  let words = ''
  let movedAt = performance.now()

  const look = async (): Promise<Pulse> => {
    if (last !== null && performance.now() - last.at < LOOK_MS) return last.pulse
    looking ??= readPulse(sql).finally(() => {
      looking = null
    })
    const pulse = await atMost(looking)
    // The poll's cursor moves also when nothing else does.
    const now = JSON.stringify({ ...pulse, coveredUntil: null })
    if (now !== words) movedAt = performance.now()
    words = now
    last = { pulse, at: performance.now() }
    return pulse
  }

  return {
    until: async isSo => {
      const began = performance.now()
      for (;;) {
        signal.throwIfAborted()
        if (await isSo(await look())) return true
        if (performance.now() - Math.max(movedAt, began) > STANDSTILL_MS) return false
        await wait(LOOK_MS, undefined, { signal })
      }
    },
  }
}

/** The library goes on asking a server that is gone for good. */
async function atMost<T>(work: Promise<T>): Promise<T> {
  const isOver = new AbortController()
  const late = wait(LOOK_MOST_MS, null, { signal: isOver.signal }).then(() => {
    throw new Error(`the database did not answer within ${LOOK_MOST_MS / 1000} s`)
  })
  late.catch(() => {}) // Cut short below, as it should be.
  try {
    return await Promise.race([work, late])
  } finally {
    isOver.abort()
  }
}

/** Whether the hub has nothing left to do, and its polls have covered everything that the platforms did until the instant. */
export function isQuiet(pulse: Pulse, orders: number, since: Date): boolean {
  const { intake, waiting, unsettled, acts, unread, coveredUntil } = pulse
  return pulse.orders >= orders && intake + waiting + unsettled + acts + unread === 0 && coveredUntil !== null && coveredUntil > since
}
