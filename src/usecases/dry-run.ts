import { type DryField, type DryLook, dryRun } from '../../db/dry-run.ts'
import { syncLowerBoundS } from '../domain/sync/bound.ts'
import { Fault } from '../values/fault.ts'
import type { PlatformShape } from './channels.ts'
import type { Context } from './context.ts'

/** A usual answer of a platform and our own part of a push, seconds: the forecast is no promise. */
const LATENCY_S = 0.3
const PROCESSING_S = 0.2

/** What the pushes to an account would need. `calls` and `seconds` are null where nobody knows the platform. */
export type DryAccount = {
  readonly account: string
  readonly platform: string
  readonly skus: number
  readonly calls: number | null
  /** The shortest time in which the platform's limits let them through. */
  readonly seconds: number | null
}

/** What a change would do everywhere. `touched`: SKUs that it speaks of. */
export type DryOutcome = { readonly touched: number; readonly fields: readonly DryField[]; readonly accounts: readonly DryAccount[] }

/**
 * Begins a dry run: with this context, a use case whose write is one command carries nothing out, though it reads, judges and refuses as always. `outcome` tells
 * what it would have done. It throws `invalid` where that is more than can be looked through.
 */
export function beginDryRun(
  context: Context,
  look: DryLook,
  platforms: readonly PlatformShape[],
): { readonly context: Context; readonly outcome: () => DryOutcome } {
  const dry = dryRun(context.sql, look)
  const outcome = (): DryOutcome => {
    const told = dry.told()
    if (told === null) return { touched: 0, fields: [], accounts: [] }
    const { touched, fields, accounts } = told
    if (fields === undefined || accounts === undefined)
      throw new Fault('invalid', `This touches ${touched} SKUs: a dry run looks through at most 100,000. Try it on a part of them.`, {
        expected: 'a change of at most 100,000 SKUs',
      })
    return { touched, fields, accounts: accounts.map(account => forecast(account, platforms)) }
  }
  return { context: { ...context, sql: dry.sql }, outcome }
}

function forecast(
  account: { readonly account: string; readonly platform: string; readonly skus: number },
  platforms: readonly PlatformShape[],
): DryAccount {
  const push = platforms.find(({ platform }) => platform === account.platform)?.push
  if (push === undefined) return { ...account, calls: null, seconds: null }
  const calls = Math.ceil(account.skus / push.max)
  const seconds = syncLowerBoundS({
    calls,
    bucket: push.bucket,
    latencyS: LATENCY_S,
    inFlight: push.concurrency,
    processingS: PROCESSING_S,
  })
  return { ...account, calls, seconds: Math.round(seconds * 10) / 10 }
}
