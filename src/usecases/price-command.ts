import { type PriceCommandAnswer, pricePolicyCommand } from '../../db/price-policies.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { parseDecimal } from '../values/money.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'

type CommandName = Parameters<typeof pricePolicyCommand>[1]

export type PriceChanged = { readonly changed: number; readonly replayed: boolean }

/** What is not known is called so. */
const WORDS: Readonly<Record<string, string>> = {
  sku: 'SKU',
  product: 'product with the handle',
  category: 'product in the category',
}

/**
 * Carries out a command on policies, rates or limits of prices; `list` is the field of the body that holds its lines. Faults: not_found (one thing that nobody
 * knows), invalid (the same in a line), conflict of keys.
 */
export async function priceCommand(
  context: Context,
  name: CommandName,
  kind: string,
  key: string | null,
  body: Readonly<Record<string, unknown>>,
  list?: string,
): Promise<PriceChanged> {
  const payload = stated(body)
  const answer = await carryOut(key, () =>
    pricePolicyCommand(context.sql, name, { ...command(context, kind, key, payload), ...payload } as Parameters<
      typeof pricePolicyCommand
    >[2]),
  )
  switch (answer.outcome) {
    case 'done':
      return { changed: Number(answer.changed), replayed: answer.replayed === true }
    case 'unknown':
      throw unknown(answer, list)
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

function unknown({ line, field, value }: Extract<PriceCommandAnswer, { outcome: 'unknown' }>, list: string | undefined): Fault {
  const words = `There is no ${WORDS[field] ?? field} ${String(value)}.`
  return line === undefined
    ? new Fault('not_found', words, { field, value })
    : new Fault('invalid', words, { field: `${list}.${line}.${field}`, value })
}

/** What a number may be: more than `above` or at least `from`, less than `below`, with at most so many decimals. */
export type NumberBounds = { readonly above?: number; readonly from?: number; readonly below?: number; readonly decimals: number }

/** Refuses text that is no decimal number within bounds. `field` is its place in the request, `what` the words for it. Fault: invalid. */
export function refuseNumber(text: string, { above, from, below, decimals }: NumberBounds, field: string, what: string): void {
  const number = parseDecimal(text)
  const fits =
    number !== null &&
    number.decimalPlaces() <= decimals &&
    (above === undefined || number.greaterThan(above)) &&
    (from === undefined || number.greaterThanOrEqualTo(from)) &&
    (below === undefined || number.lessThan(below))
  if (fits) return
  const range = [
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
    `with at most ${decimals} decimals`,
  ]
  throw new Fault('invalid', `${what} ${text} cannot be.`, { field, value: text, expected: `decimal text, ${range.join(', ')}` })
}
