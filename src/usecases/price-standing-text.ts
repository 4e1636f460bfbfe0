import type { ListingStanding, Stands, StatedPrice } from '../domain/pricing/standing.ts'
import { unitPrice } from '../values/money.ts'
import type { InstantText } from './explain-text.ts'

const WORDS: Readonly<Record<Stands, string>> = {
  shown: 'as it should be',
  sent: 'the new price was sent, and is not read back yet',
  under_way: 'the new price is under way',
  held: 'the new price is held by the guard',
  rejected: 'the new price was rejected',
  limited: 'no price may go out',
  refused: 'the platform refused the new price',
  off: 'publishing of prices is off: nothing is sent',
  paused: 'paused: nothing is sent',
}

/** How a price stands, in a few words for a table. */
export const standsWord = ({ stands, incident }: ListingStanding): string =>
  incident === null ? WORDS[stands] : `${WORDS[stands]} (${incident})`

/** What buyers see of a listing and why it is not what the lists and rules say, as lines of text; `text` words instants. */
export function standingLines(one: ListingStanding, text: InstantText): string[] {
  const { stands, since, by, incident, reason, next, wanted } = one
  const held = incident === null ? '' : ` (incident ${incident}${by === null ? '' : ` by ${by}`})`
  const which = stands === 'shown' || stands === 'limited' || wanted === null ? '' : `: ${documentWords(wanted, text)}`
  return [
    one.shows === null
      ? 'what buyers see was not read yet'
      : `buyers see ${documentWords(one.shows, text)}${one.readAt === null ? '' : `, as read at ${text(one.readAt)}`}`,
    `${WORDS[stands]}${held}${since === null || stands === 'shown' ? '' : ` since ${text(since)}`}${which}`,
    ...(reason === null ? [] : [`because: ${reason}`]),
    ...(next === null ? [] : [`next: ${next}`]),
  ]
}

/** A price document in words: `24.00 EUR`, `24.00 EUR, sale 19.00 until …`. */
export function documentWords({ regular, currency, sale }: StatedPrice, text: InstantText): string {
  if (sale === null) return `${unitPrice(regular, currency)} ${currency}`
  const period = [...(sale.from === null ? [] : [`from ${text(sale.from)}`]), ...(sale.to === null ? [] : [`until ${text(sale.to)}`])]
  return `${unitPrice(regular, currency)} ${currency}, sale ${[unitPrice(sale.amount, currency), ...period].join(' ')}`
}
