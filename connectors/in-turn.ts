import { AccountTrouble } from './contract.ts'
import type { Pace, Rank } from './pace.ts'

/**
 * Makes a call in its turn and tells the pace how it ended: what it throws as `down` is the platform's failure. `isWrite` where reads and writes are one operation:
 * then reads that succeed do not hide writes that fail.
 */
export async function inTurn<T>(
  pace: Pace,
  operation: string,
  how: Rank & { readonly isWrite?: boolean },
  call: () => Promise<T>,
): Promise<T> {
  await pace.take(operation, how)
  try {
    const answer = await call()
    pace.answered(operation, 'well', how.isWrite)
    return answer
  } catch (error) {
    pace.answered(operation, verdictOn(error), how.isWrite)
    throw error
  }
}

function verdictOn(error: unknown): Parameters<Pace['answered']>[1] {
  if (!(error instanceof AccountTrouble)) return null
  // Who refuses credentials is at work.
  return error.kind === 'down' ? error : error.kind === 'auth' ? 'well' : null
}
