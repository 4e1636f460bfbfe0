import { setTimeout as wait } from 'node:timers/promises'
import { isConnectionLost } from '../db/once-more.ts'
import type { Lane } from './lane.ts'

const PAUSE_MS = 200

/**
 * Notes what a platform answered, again and again while the database is away, because nobody else knows it. Noting it twice does no harm: only
 * what still waits for this answer takes it. Given up when the lane ends; then the next holder reads what was left.
 */
export async function untilNoted(lane: Pick<Lane, 'signal'>, note: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await note()
    } catch (error) {
      if (!isConnectionLost(error) || lane.signal.aborted) throw error
      await wait(PAUSE_MS)
    }
  }
}
