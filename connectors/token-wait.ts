import { AccountTrouble, type Tools } from './contract.ts'
import { type HttpAnswer, retryAfterMs } from './http.ts'

/**
 * The platform says that tokens are asked for too often: nobody asks before the time that it names (`otherwiseMs` where it names none), and what needs one waits for
 * no longer than that.
 */
export function tooManyTokens(answer: HttpAnswer, { pace, now }: Tools, words: string, otherwiseMs: number): AccountTrouble {
  const told = answer.headers['retry-after']
  const afterMs = told === undefined ? otherwiseMs : retryAfterMs(told, now(), otherwiseMs)
  pace.pause('token', afterMs)
  return new AccountTrouble('throttled', words, { afterMs })
}
