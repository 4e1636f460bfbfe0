import type { DryLook } from '../../db/dry-run.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { beginDryRun, type DryOutcome } from './dry-run.ts'
import { type MarketRuleInput, tryMarketRule } from './market-rules.ts'
import { ENTRIES_MOST, setPriceEntries } from './price-entries.ts'

/** SKUs that are judged at once. */
const PART = 1_000

/**
 * What a rule that follows the market would change in every channel, were it set as it is stated: its steps of now, within its steps per day, floors and
 * ceilings, as entries of its list. A rule that is ended takes no step, and what it set stays. Nothing is written. Faults: as setMarketRule; `invalid` for more
 * steps than can be looked through.
 */
export async function dryRunMarketRule(context: Context, code: string, input: MarketRuleInput, look: DryLook): Promise<DryOutcome> {
  const steps: { sku: string; rule: 'fixed'; value: string }[] = []
  let touched = 0
  for (let after: number | undefined = 0; after !== undefined; ) {
    const part = await tryMarketRule(context, code, input, after, PART)
    touched += part.length
    if (input.state !== 'ended')
      steps.push(...part.flatMap(({ sku, to }) => (to === null ? [] : [{ sku, rule: 'fixed' as const, value: to }])))
    after = part.length < PART ? undefined : part.at(-1)?.variantId
  }
  if (steps.length > ENTRIES_MOST)
    throw new Fault(
      'invalid',
      `The rule ${code} would move ${steps.length} SKUs at once: a dry run looks through at most ${ENTRIES_MOST}. Try it for a category or a product.`,
      { expected: `a rule that moves at most ${ENTRIES_MOST} SKUs` },
    )
  const dry = beginDryRun(context, look)
  if (steps.length > 0) await setPriceEntries(dry.context, null, input.list, steps)
  return { ...dry.outcome(), touched }
}
