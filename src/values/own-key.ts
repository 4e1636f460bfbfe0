import { randomBytes } from 'node:crypto'

const process = randomBytes(16).toString('base64url')
let given = 0

/**
 * A key for a command that its sender gave none: one that nobody else gives. Those of one process grow, so that an index takes each beside the one before it; keys
 * without any order cost the database a tenth of its work for a reservation, and more the larger its tables are.
 */
export function ownKey(): string {
  given += 1
  return `once:${process}:${given.toString(36).padStart(8, '0')}`
}
