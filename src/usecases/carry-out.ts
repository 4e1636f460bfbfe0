import { isOutOfRange, onceMore, untilTaken } from '../../db/once-more.ts'
import { Fault } from '../values/fault.ts'
import { UNITS_HELD_MOST } from '../values/units.ts'

/**
 * Runs the statement of a command. With a key it is asked once more after a lost connection, because the key makes that harmless; without
 * one the error is thrown: whether the command took effect is then not known. What gave way to another command took no effect: it is run again
 * either way. Fault: invalid, when a number grows beyond what can be held.
 */
export async function carryOut<T>(key: string | null, statement: () => Promise<T>): Promise<T> {
  try {
    return await (key === null ? untilTaken(statement) : onceMore(statement))
  } catch (error) {
    if (isOutOfRange(error))
      throw new Fault(
        'invalid',
        `A number of this request, or a sum that it leads to, is too large: a location holds at most ${UNITS_HELD_MOST} units of a SKU. Nothing was changed.`,
      )
    throw error
  }
}

/** The refusal of a key that was used for something else. */
export function keyConflict(): Fault {
  return new Fault('conflict', 'This Idempotency-Key was used for another request already: send a new key with a new request.', {
    field: 'idempotency-key',
    expected: 'a key of its own for each request',
  })
}
