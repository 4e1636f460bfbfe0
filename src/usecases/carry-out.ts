import { onceMore } from '../../db/once-more.ts'
import { Fault } from '../values/fault.ts'

/**
 * Runs the statement of a command. With a key it is asked once more after a lost connection, because the key makes that harmless; without
 * one the error is thrown: whether the command took effect is then not known.
 */
export function carryOut<T>(key: string | null, statement: () => Promise<T>): Promise<T> {
  return key === null ? statement() : onceMore(statement)
}

/** The refusal of a key that was used for something else. */
export function keyConflict(): Fault {
  return new Fault('conflict', 'This Idempotency-Key was used for another request already: send a new key with a new request.', {
    field: 'idempotency-key',
    expected: 'a key of its own for each request',
  })
}
