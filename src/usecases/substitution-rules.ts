import type { JsonValue } from '../../db/connect.ts'
import { type Substitute, writeSubstitutionRules } from '../../db/substitutes.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'

/** The most SKUs that may stand in for one. */
export const SUBSTITUTES_MOST = 20

/**
 * States what may be handed over instead of a SKU, in order of preference, in a channel or (null) in all; none: nothing any more. It holds for what is short already, too.
 * Answers whether anything changed. Throws `not_found` for an unknown SKU, or `invalid` for an unknown channel or substitute, for the SKU itself, and for one that stands there twice.
 */
export async function setSubstitutionRules(
  context: Context,
  key: string | null,
  rule: { readonly sku: string; readonly channel: string | null; readonly substitutes: readonly Substitute[] },
): Promise<boolean> {
  const { sku, channel } = rule
  const body: Record<string, JsonValue> = { sku, channel, substitutes: rule.substitutes.map(one => ({ ...one })) }
  const answer = await carryOut(key, () =>
    writeSubstitutionRules(context.sql, { ...command(context, 'substitution.rules', key, body), ...body }),
  )
  switch (answer.outcome) {
    case 'changed':
      return true
    case 'unchanged':
      return false
    case 'unknown':
      if (answer.field === 'sku' && answer.at === undefined) throw new Fault('not_found', `There is no SKU ${answer.value}.`)
      throw new Fault('invalid', `There is no ${answer.field === 'sku' ? 'SKU' : 'channel'} ${answer.value}.`, {
        field: answer.at === undefined ? answer.field : `substitutes.${answer.at}.sku`,
        value: answer.value,
      })
    case 'same_sku':
      throw new Fault('invalid', `${sku} cannot stand in for itself.`, { field: `substitutes.${answer.at}.sku`, value: sku })
    case 'twice':
      throw new Fault('invalid', `${answer.sku} stands there twice.`, { field: 'substitutes', value: answer.sku })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
