import type { AccountAccess, AccountCheck, Connector } from '../connectors/contract.ts'
import { makeHttp } from '../connectors/http.ts'
import { makePace, PATIENCE_MS } from '../connectors/pace.ts'
import { isAccountTrouble } from './account.ts'

/** A person waits for the answer, and a browser no longer than 15 s. */
const WITHIN_MS = 12_000
const CONNECTIONS = 4

/** Tries settings and credentials that are not stored yet, as `channel test` does with those that are. Answers what is missing; throws for defects only. */
export type TryAccount = (platform: string, access: AccountAccess) => Promise<AccountCheck>

/**
 * Without a lease: an account that is not stored has no holder, and the few reads of a check that stands beside a holder's calls are answered
 * or refused as any others. Nothing is written at the platform.
 */
export function makeTryAccount(connectorOf: (platform: string) => Connector | undefined, withinMs = WITHIN_MS): TryAccount {
  return async (platform, access) => {
    const connector = connectorOf(platform)
    if (!connector) throw new Error(`no connector for platform ${platform}`)
    const late = AbortSignal.timeout(withinMs)
    const tooLate = (): Error | null => (late.aborted ? new Error('the check took too long') : null)
    const { http, close } = makeHttp({ connections: CONNECTIONS, refusal: tooLate })
    const pace = makePace(connector.limits, { scale: Number(access.settings.scale ?? 1), signal: late, patienceMs: PATIENCE_MS })
    const ended = Promise.withResolvers<AccountCheck>()
    late.addEventListener('abort', () => ended.resolve(failed('address', `no answer within ${withinMs / 1000} s`)))
    const check = async (): Promise<AccountCheck> => {
      try {
        return await connector.open(access, { http, pace, now: () => new Date() }).test()
      } catch (error) {
        if (late.aborted) return ended.promise
        if (!isAccountTrouble(error)) throw error
        return failed(error.kind === 'auth' ? 'key' : 'address', error.message)
      }
    }
    try {
      return await Promise.race([check(), ended.promise])
    } finally {
      // Waits for calls under way, which nobody else has to.
      void close()
    }
  }
}

const failed = (what: string, words: string): AccountCheck => ({ ok: false, findings: [{ what, ok: false, words }] })
