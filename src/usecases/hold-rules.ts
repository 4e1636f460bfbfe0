import { type HoldRuleKind, writeHoldRule } from '../../db/hold-rules.ts'
import { Fault } from '../values/fault.ts'
import { isCurrency, parseDecimal } from '../values/money.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'

export type HoldRuleStated = {
  readonly rule: HoldRuleKind
  /** Null: every channel. */
  readonly channel: string | null
  /** Of `amount`: the total above which an order is held, in its currency. */
  readonly above?: string | undefined
  readonly currency?: string | undefined
}

export type HoldRuleChanged = { readonly id: number; readonly changed: boolean }

/** From now on orders are held by this rule; one of the same kind, channel and currency is replaced. Throws `invalid`, `not_found`. */
export function setHoldRule(context: Context, key: string | null, stated: HoldRuleStated): Promise<HoldRuleChanged> {
  const { rule, channel, above, currency } = stated
  const wrong = (field: string, expected: string): Fault => new Fault('invalid', `${field} must be ${expected}.`, { field, expected })
  if (rule !== 'amount' && (above !== undefined || currency !== undefined))
    throw wrong(above === undefined ? 'currency' : 'above', `absent: a rule on ${rule} has no amount`)
  const limit = parseDecimal(above ?? '')
  if (rule === 'amount' && (limit === null || limit.isNegative())) throw wrong('above', 'an amount from 0 on')
  if (rule === 'amount' && (currency === undefined || !isCurrency(currency))) throw wrong('currency', 'a currency code such as EUR')
  return write(context, key, { rule, channel, ...(rule === 'amount' ? { above: above ?? '', currency: currency ?? '' } : {}) })
}

/** Ends a rule; what it held stays held until somebody lets it go. Throws `not_found`. */
export function endHoldRule(context: Context, key: string | null, id: number): Promise<HoldRuleChanged> {
  return write(context, key, { end: id })
}

async function write(context: Context, key: string | null, body: Record<string, string | number | null>): Promise<HoldRuleChanged> {
  const answer = await carryOut(key, () => writeHoldRule(context.sql, { ...command(context, 'hold.rule', key, body), ...body }))
  switch (answer.outcome) {
    case 'changed':
    case 'same':
      return { id: answer.id, changed: answer.outcome === 'changed' }
    case 'unknown':
      throw new Fault('not_found', `There is no ${answer.field} ${answer.value}.`, { field: answer.field, value: answer.value })
    case 'key_conflict':
      throw keyConflict()
  }
}
