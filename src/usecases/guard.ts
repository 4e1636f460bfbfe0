import {
  type GuardAnswer,
  type GuardLimits,
  guardCommand,
  type IncidentWindow,
  listQuarantines,
  type QuarantineRow,
  readGuardLimits,
  readIncidentWindow,
  releaseQuarantine,
} from '../../db/guard.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { refuseNumber } from './price-command.ts'
import type { Scope } from './scopes.ts'
import { stated } from './stated.ts'

/** Values that are let go by one statement: it holds its locks for some 50 ms. */
const AT_ONCE = 500

/** What of a channel's limits changes; null turns that one off. Percentages are decimal text. */
export type GuardChange = {
  readonly changedPercent?: string | null | undefined
  readonly changedLeast?: number | undefined
  readonly windowMinutes?: number | undefined
  readonly dropPercent?: string | null | undefined
  readonly zeroListings?: number | null | undefined
  readonly zeroPercent?: string | undefined
  readonly releaseMinutes?: number | undefined
}

/** Sets a channel's limits; what is not stated stays. Answers all of them. Faults: not_found, invalid, conflict of keys. */
export async function setGuardLimits(context: Context, key: string | null, channel: string, change: GuardChange): Promise<GuardLimits> {
  const percents = { changedPercent: 1_000, dropPercent: 100, zeroPercent: 1_000 } as const
  for (const [name, below] of Object.entries(percents)) {
    const text = change[name as keyof typeof percents]
    if (typeof text !== 'string') continue
    const least = name === 'dropPercent' ? { above: 0 } : { from: 0 }
    refuseNumber(text, { ...least, below, decimals: 4 }, name, `${channel}: a limit of`)
  }
  const body = stated({ channel, ...change })
  const answer = await carryOut(key, () =>
    guardCommand(context.sql, 'guard_limits_set_1', { ...command(context, 'guard.set', key, body), ...body }),
  )
  if (answer.outcome === 'key_conflict') throw keyConflict()
  return showGuardLimits(context, channel)
}

/** A channel's limits. Fault: not_found. */
export async function showGuardLimits(context: Context, channel: string): Promise<GuardLimits> {
  const [row] = await readGuardLimits(context.sql, channel)
  if (row === undefined) throw new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
  return row
}

/** An incident with the window of its channel, as it counts now. */
export type QuarantineShown = QuarantineRow & { readonly window: IncidentWindow }

/** One incident. Fault: not_found. */
export async function showQuarantine(context: Context, id: number): Promise<QuarantineShown> {
  const [[row], window] = await Promise.all([listQuarantines(context.sql, { id }, null, 1), readIncidentWindow(context.sql, id)])
  if (row === undefined || window === null)
    throw new Fault('not_found', `There is no incident ${id} of the guard.`, { field: 'id', value: id })
  return { ...row, window }
}

/** Who decides on an incident of this field needs this scope. */
export const scopeToDecide = (field: 'stock' | 'price'): Scope => (field === 'price' ? 'prices:approve' : 'stock:approve')

export type GuardDecision = {
  readonly decision: 'approve' | 'reject'
  /** The revision that was looked at; when something joined since, the decision is refused. */
  readonly revision?: number | undefined
  readonly note?: string | undefined
}

/**
 * Decides on an incident. Approved, exactly the values that it holds go out, some hundreds in each statement; when that breaks off, the hub goes on with it by
 * itself. Rejected, they stay until the books say something else. `may` tells whether the caller has a scope. Faults: not_found, forbidden, conflict (something
 * joined since the revision, or it is decided already; a rejected one may still be approved).
 */
export async function decideQuarantine(
  context: Context,
  key: string | null,
  id: number,
  decision: GuardDecision,
  may: (scope: Scope) => boolean,
): Promise<QuarantineShown> {
  const { field } = await showQuarantine(context, id)
  const needs = scopeToDecide(field)
  if (!may(needs)) throw new Fault('forbidden', `To decide on incident ${id} (${field}) needs ${needs}.`, { needs })
  const body = stated({ quarantine: id, ...decision })
  const cmd = { ...command(context, 'quarantine.decide', key, body), ...body }
  const answer = await carryOut(key, () => guardCommand(context.sql, 'quarantine_decide_1', cmd))
  refuse(answer, id)
  if (decision.decision === 'approve') while ((await carryOut(null, () => releaseQuarantine(context.sql, id, AT_ONCE))) > 0);
  return showQuarantine(context, id)
}

function refuse(answer: GuardAnswer, id: number): void {
  switch (answer.outcome) {
    case 'done':
      return
    case 'unknown':
      throw new Fault('not_found', `There is no incident ${id} of the guard.`, { field: 'id', value: id })
    case 'moved':
      throw new Fault(
        'conflict',
        `More has joined incident ${id} since it was looked at: look again and decide on revision ${answer.revision}.`,
        {
          field: 'revision',
          value: answer.revision,
        },
      )
    case 'decided':
      throw new Fault('conflict', `Incident ${id} was ${answer.decision} already, by ${answer.by}.`, { field: 'id', value: id })
    case 'key_conflict':
      throw keyConflict()
    default:
      unreachable(answer)
  }
}
