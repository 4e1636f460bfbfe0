import type { JsonValue } from '../../db/connect.ts'
import { type PickUpRule, type StoreFigures, storeFigures, writePickUpRule } from '../../db/pick-up-rules.ts'
import { NO_SHOW_DAYS, noShowRate } from '../domain/fulfilment/no-show.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'

/** Whose rule it is: of a location, of a channel, or of all where neither is named. */
export type RuleOf = { readonly location?: string | undefined; readonly channel?: string | undefined }

export type RuleStated = { readonly [Field in keyof PickUpRule]?: PickUpRule[Field] | undefined }

/**
 * States how long goods wait for whoever collects them, and what becomes of them: what is absent is as it was, null takes the rule back. What lies ready keeps the time that
 * its buyer was told. Throws `invalid` for an unknown location or channel, or both.
 */
export async function setPickUpRule(context: Context, key: string | null, of: RuleOf, rule: RuleStated | null): Promise<void> {
  if (of.location !== undefined && of.channel !== undefined)
    throw new Fault('invalid', 'A rule is of a location or of a channel, not of both.', { field: 'channel', value: of.channel })
  const body = stated({ ...of, rule }) as Record<string, JsonValue>
  const answer = await carryOut(key, () => writePickUpRule(context.sql, { ...command(context, 'pick-up.rule', key, body), ...body }))
  switch (answer.outcome) {
    case 'changed':
      return
    case 'unknown':
      throw new Fault('invalid', `There is no ${answer.field} ${answer.value} of yours.`, { field: answer.field, value: answer.value })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

export type StoreStanding = StoreFigures & {
  /** The share of buyers who do not come, learnt from its own groups. */
  readonly noShowRate: number
}

/** What waits in each store, who came in the last 90 days, how often it failed, and its rule; `location`: of this one only. */
export async function storeStandings(context: Pick<Context, 'sql' | 'now'>, location: string | null = null): Promise<StoreStanding[]> {
  const figures = await storeFigures(context.sql, context.now?.() ?? new Date(), NO_SHOW_DAYS, location)
  return figures.map(one => ({ ...one, noShowRate: Math.round(noShowRate(one) * 10_000) / 10_000 }))
}
