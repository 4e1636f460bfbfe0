import { type BelowFloor, belowFloorShort, belowFloorWords, leastPrice } from '../domain/pricing/below-floor.ts'
import { Fault } from '../values/fault.ts'

/** So many prices are named; the others are counted. */
const NAMED_MOST = 5

/**
 * The refusal of typed prices that are below a floor: the first in words with its arithmetic, some more in short, all of them as `below`, and the next step.
 * `fieldOf` names the field of a line.
 */
export function belowFloor(below: readonly BelowFloor[], fieldOf: (line: number) => string): Fault {
  const [first, ...others] = below
  if (first === undefined) throw new Error('a price was refused as below its floor without saying which')
  const field =
    first.line === undefined ? {} : { field: fieldOf(first.line), value: first.amount, expected: `at least ${leastPrice(first)}` }
  const next = others.length === 0 ? `At least ${leastPrice(first)} is possible there` : 'At least its floor is possible for each'
  const words = `${belowFloorWords(first)}.${othersWords(others)} Nothing was changed. ${next}; "concord price limits --sku ${first.sku}" tells the limits.`
  return new Fault('below_floor', words, { ...field, below })
}

function othersWords(others: readonly BelowFloor[]): string {
  if (others.length === 0) return ''
  const named = others.slice(0, NAMED_MOST - 1).map(belowFloorShort)
  const more = others.length - named.length
  return ` ${others.length} more ${others.length === 1 ? 'price is' : 'prices are'} below a floor: ${named.join('; ')}${more === 0 ? '' : `; and ${more} more`}.`
}
