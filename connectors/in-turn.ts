import { AccountTrouble } from './contract.ts'
import type { Pace, Rank } from './pace.ts'

/** Makes a call in its turn and tells the pace how it ended: what it throws as `down` is the platform's failure. */
export async function inTurn<T>(pace: Pace, operation: string, how: Rank, call: () => Promise<T>): Promise<T> {
  await pace.take(operation, how)
  try {
    const answer = await call()
    pace.answered(operation, 'well')
    return answer
  } catch (error) {
    pace.answered(operation, verdictOn(error))
    throw error
  }
}

function verdictOn(error: unknown): Parameters<Pace['answered']>[1] {
  if (!(error instanceof AccountTrouble)) return null
  // Who refuses credentials is at work.
  return error.kind === 'down' ? error : error.kind === 'auth' ? 'well' : null
}
