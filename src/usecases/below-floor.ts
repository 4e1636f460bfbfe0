import { type BelowFloor, belowFloorWords, leastPrice } from '../domain/pricing/below-floor.ts'
import { Fault } from '../values/fault.ts'

/** The refusal of typed prices that are below a floor: the first in words with its arithmetic, all of them as `below`. `fieldOf` names the field of a line. */
export function belowFloor(below: readonly BelowFloor[], fieldOf: (line: number) => string): Fault {
  const [first] = below
  if (first === undefined) throw new Error('a price was refused as below its floor without saying which')
  const others = below.length - 1
  const more = others === 0 ? '' : others === 1 ? ' 1 more price is below a floor.' : ` ${others} more prices are below a floor.`
  const field =
    first.line === undefined ? {} : { field: fieldOf(first.line), value: first.amount, expected: `at least ${leastPrice(first)}` }
  return new Fault('below_floor', `${belowFloorWords(first)}.${more} Nothing was changed.`, { ...field, below })
}
