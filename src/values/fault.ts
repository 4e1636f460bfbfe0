/** The closed list of refusals that a caller can get. `src/http/problem.ts` maps each to one HTTP status. */
export type FaultCode =
  | 'not_found'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'conflict'
  | 'insufficient_stock'
  | 'below_floor'
  | 'late_flip'
  | 'stale'
  | 'too_many'
  | 'unavailable'

/** What a fault can carry: the offending field, the value, and what would be right. Never a secret or a person's data. */
export type FaultDetail = {
  readonly field?: string
  readonly value?: unknown
  readonly expected?: string
  readonly [key: string]: unknown
}

/** A refusal that is the caller's to mend. Anything else that is thrown is a defect and answers `internal`. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly detail: FaultDetail

  constructor(code: FaultCode, message: string, detail: FaultDetail = {}) {
    super(message)
    this.code = code
    this.detail = detail
  }
}

/** Stops the act when something that must hold does not. Never caught in order to carry on. */
export function invariant(holds: unknown, message: string, detail: FaultDetail = {}): asserts holds {
  if (!holds) throw new Error(`invariant broken: ${message} ${JSON.stringify(detail)}`)
}

/** Marks the end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
