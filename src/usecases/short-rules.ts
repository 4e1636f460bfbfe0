import type { JsonValue } from '../../db/connect.ts'
import { type ShortRule, writeShortRule } from '../../db/short-rules.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'

/**
 * States what becomes of orders that stay short of stock, of a channel or (null) of all; a rule of null takes it back. It holds for what is short already, too. Throws `invalid`
 * for an unknown channel.
 */
export async function setShortRule(context: Context, key: string | null, channel: string | null, rule: ShortRule | null): Promise<void> {
  const body: Record<string, JsonValue> = {
    channel,
    rule: rule === null ? null : { becomes: rule.becomes, afterMinutes: rule.afterMinutes },
  }
  const answer = await carryOut(key, () => writeShortRule(context.sql, { ...command(context, 'short.rule', key, body), ...body }))
  switch (answer.outcome) {
    case 'changed':
      return
    case 'unknown':
      throw new Fault('invalid', `There is no ${answer.field} ${answer.value}.`, { field: answer.field, value: answer.value })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
