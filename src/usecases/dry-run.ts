import { type DryFall, type DryField, type DryLoad, type DryLook, dryRun } from '../../db/dry-run.ts'
import { syncLowerBoundS } from '../domain/sync/bound.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'

/** Our own part of a push, seconds. */
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

/** What would change at an instant at which the change begins or ends, ISO 8601, that does not change now. */
export type DryTurn = { readonly at: string; readonly fields: readonly DryField[]; readonly accounts: readonly DryAccount[] }

/**
 * What a change would do everywhere. `touched`: SKUs that it speaks of. `fallsAway`: what would have changed at an instant to come, and will not. `later`: instants of it that
 * were not looked at.
 */
export type DryOutcome = {
  readonly touched: number
  readonly fields: readonly DryField[]
  readonly accounts: readonly DryAccount[]
  readonly turns: readonly DryTurn[]
  readonly fallsAway: readonly DryFall[]
  readonly later: number
}

/**
 * Begins a dry run: with this context, a use case whose write is one command carries nothing out, though it reads, judges and refuses as always. `outcome` tells
 * what it would have done. It throws `invalid` where that is more than can be looked through.
 */
export function beginDryRun(context: Context, look: DryLook): { readonly context: Context; readonly outcome: () => DryOutcome } {
  const dry = dryRun(context.sql, look)
  const outcome = (): DryOutcome => {
    const told = dry.told()
    if (told === null) return { touched: 0, fields: [], accounts: [], turns: [], fallsAway: [], later: 0 }
    const { touched, fields, accounts, turns = [], fallsAway = [], later = 0 } = told
    if (fields === undefined || accounts === undefined)
      throw new Fault('invalid', `This touches ${touched} SKUs: a dry run looks through at most 100,000. Try it on a part of them.`, {
        expected: 'a change of at most 100,000 SKUs',
      })
    const needs = (loads: readonly DryLoad[]) => loads.map(load => forecast(load, context.pushPaceOf))
    const then = turns.map(one => ({ ...one, accounts: needs(one.accounts) }))
    return { touched, fields, accounts: needs(accounts), turns: then, fallsAway, later }
  }
  return { context: { ...context, sql: dry.sql }, outcome }
}

function forecast({ account, platform, scale, skus, families }: DryLoad, pushPaceOf: Context['pushPaceOf']): DryAccount {
  const pace = pushPaceOf?.(platform)
  if (pace === undefined) return { account, platform, skus, calls: null, seconds: null }
  const calls = families.reduce((sum, size) => sum + Math.ceil(size / pace.perCall), 0)
  const seconds = syncLowerBoundS({
    calls,
    bucket: { ratePerS: pace.bucket.ratePerS * scale, burst: Math.max(1, Math.floor(pace.bucket.burst * scale)) },
    latencyS: pace.latencyS / scale,
    inFlight: pace.inFlight,
    processingS: PROCESSING_S,
  })
  return { account, platform, skus, calls, seconds: Math.round(seconds * 10) / 10 }
}
