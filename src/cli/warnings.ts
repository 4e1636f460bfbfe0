import type { ExpiredOnArrival } from '../../db/lots.ts'
import { shownAt } from './instants.ts'

/** What was booked and asks for an eye, a line each after the answer; nothing where there is nothing to say. */
export function warningsText(warnings: readonly ExpiredOnArrival[]): string {
  return warnings
    .map(
      one =>
        `\nWarning: lot ${one.lot} of ${one.sku} expired on ${shownAt(one.expiredAt)}: its units are on hand at ${one.location}, and are not sold.`,
    )
    .join('')
}
