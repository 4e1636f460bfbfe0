import type { AccountTrouble } from '../connectors/contract.ts'
import { PATIENCE_MS } from '../connectors/pace.ts'
import { type AccountTroubleNote, noteAccountHealth } from '../db/accounts.ts'
import { backoffMs } from '../src/domain/sync/backoff.ts'
import { type HeldAccount, isAccountTrouble, LeaseLost } from './account.ts'
import { makeBell } from './bell.ts'
import type { JobDeps } from './deps.ts'

/** `called`: the platform answered, though there is nothing more to do now. */
export type Step = () => Promise<boolean | 'called'>

/** How long a step that fails waits, ms at the platform's own pace; refused credentials wait longer, because only a person can mend them. */
const FAILED = { firstMs: 1_000, maxMs: 25_000 }
const REFUSED = { firstMs: 30_000, maxMs: 300_000 }

/** A step that failed so often in a row is the account's trouble; before that it is bad luck. */
const TROUBLE_AFTER = 4

/** What a step has not tried for so long after its pause, ms at the platform's own pace, it has no need of any more: acts pause for ten minutes at the longest. */
const UNTRIED_MS = 15 * 60_000

type Waiting = { failures: number; until: number }

/**
 * Keeps the steps of an account's loops from calling a platform that does not answer. Which operations of the platform fail is the pace's to know, it lets one
 * call try; here each step that failed waits by itself, so that orders which cannot be fetched hold up no stock. Refused credentials stop all steps, and one of
 * them tries when their time is over. The account tells people what is wrong for as long as it is.
 */
export function makeHealth(
  deps: Pick<JobDeps, 'sql' | 'log' | 'random'>,
  account: Pick<HeldAccount, 'row' | 'leaseToken' | 'pace' | 'scale'>,
  signal: AbortSignal,
): (step: Step) => () => Promise<boolean> {
  const refused: Waiting & { trying: boolean } = { failures: 0, until: 0, trying: false }
  let words = ''
  const failing = new Map<Step, { readonly trouble: AccountTrouble; readonly waiting: Waiting }>()
  let told: AccountTroubleNote | null = account.row.state === 'failing' ? { reason: '', forMs: 0 } : null

  const isUntried = (waiting: Waiting): boolean => performance.now() - waiting.until > UNTRIED_MS / account.scale

  const wrong = (): AccountTroubleNote | null => {
    const now = performance.now()
    if (refused.failures > 0) return { reason: `auth: ${words}`, forMs: refused.until - now }
    const paced = account.pace.trouble()
    if (paced) return { reason: `${paced.kind}: ${paced.words}`, forMs: paced.forMs }
    for (const { trouble, waiting } of failing.values()) {
      const isAsked = trouble.afterMs > PATIENCE_MS && now - waiting.until < PATIENCE_MS
      if (isAsked || (waiting.failures >= TROUBLE_AFTER && !isUntried(waiting)))
        return { reason: `${trouble.kind}: ${trouble.message}`, forMs: waiting.until - now }
    }
    return null
  }

  /** `isWell`: a step has just got through, so what was told before this lane began may be over. */
  const tell = async (isWell: boolean): Promise<void> => {
    const note = wrong()
    if (note === null ? told === null || !isWell : note.reason === told?.reason && note.forMs <= told.forMs) return
    told = note
    if (note) deps.log.warn({ account: account.row.name, pauseMs: Math.round(note.forMs) }, note.reason)
    await noteAccountHealth(deps.sql, account.row.id, account.leaseToken, note)
  }

  const pauseMs = (failures: number, limits: typeof FAILED, floorMs: number): number =>
    backoffMs(failures, deps.random(), { firstMs: limits.firstMs / account.scale, maxMs: limits.maxMs / account.scale, floorMs })

  const failed = (step: Step, waiting: Waiting, trouble: AccountTrouble): void => {
    const own = trouble.kind === 'auth' ? refused : waiting
    // Steps that were under way when another was refused were refused for the same reason.
    if (own === refused && performance.now() < refused.until) return
    // Whoever was turned away has nothing of its own to wait for: it is there when the platform may be tried again, and proves with the others that it works.
    if (trouble.untried) own.until = performance.now() + Math.max(trouble.afterMs, FAILED.firstMs / account.scale)
    else {
      own.failures = (isUntried(own) ? 0 : own.failures) + 1
      own.until = performance.now() + pauseMs(own.failures, own === refused ? REFUSED : FAILED, trouble.afterMs)
    }
    if (own === refused) words = trouble.message
    else failing.set(step, { trouble, waiting })
  }

  return step => {
    const waiting: Waiting = { failures: 0, until: 0 }
    return async () => {
      const ms = Math.max(waiting.until, refused.until) - performance.now()
      if (ms > 0 || refused.trying) {
        await makeBell().wait(ms > 0 ? ms : 50, signal)
        return !signal.aborted
      }
      const isTrying = refused.failures > 0
      refused.trying = isTrying
      try {
        const found = await step()
        if (found !== false) {
          waiting.failures = 0
          failing.delete(step)
          if (isTrying) refused.failures = 0
        }
        await tell(found !== false)
        return found === true
      } catch (error) {
        if (error instanceof LeaseLost || signal.aborted) return false
        if (!isAccountTrouble(error)) throw error
        failed(step, waiting, error)
        await tell(false)
        return true
      } finally {
        if (isTrying) refused.trying = false
      }
    }
  }
}
