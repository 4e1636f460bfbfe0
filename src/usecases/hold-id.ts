import { Fault } from '../values/fault.ts'

// A basket's own name holds its caller's; outside it is written in a form that needs no escaping.

/** How a reservation is named outside. */
export const holdId = (basket: string): string => Buffer.from(basket).toString('base64url')

/** The basket that a reservation's name stands for. Throws `not_found` for what is none. */
export function basketOf(id: string): string {
  const basket = Buffer.from(id, 'base64url').toString('utf8')
  if (!/^(hold|order):[^\p{Cc}\p{Cs}]+$/u.test(basket)) throw new Fault('not_found', 'There is no such reservation.')
  return basket
}
