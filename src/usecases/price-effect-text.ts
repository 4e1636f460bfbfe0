import type { Outranked, PriceEffect } from '../domain/pricing/effect.ts'
import { unitPrice } from '../values/money.ts'
import type { InstantText } from './explain-text.ts'
import { documentWords } from './price-standing-text.ts'

/** What a typed price comes to in a channel, in words with the next step; `text` words instants. */
export function effectWords(effect: PriceEffect, text: InstantText): string {
  const { channel, over, currency } = effect
  const outranked = over === undefined ? '' : `; ${overWords(over, currency, text)}`
  return `${channel}: ${outcomeWords(effect, text)}${outranked}`
}

/** Whether a person should hear of it: it does not simply go out. */
export const needsAnEye = ({ outcome, over }: PriceEffect): boolean =>
  over !== undefined || !['goes', 'same', 'not_listed'].includes(outcome)

function outcomeWords(effect: PriceEffect, text: InstantText): string {
  const { shows, now, incident, decision, currency, floor } = effect
  const still = now === null ? '' : `, buyers go on seeing ${documentWords(now, text)}`
  const price = shows === null ? 'no price' : documentWords(shows, text)
  switch (effect.outcome) {
    case 'goes':
      return `shown from now on: ${price}`
    case 'same':
      return `shown already: ${price}`
    case 'held': {
      if (decision === 'rejected')
        return `${price} was rejected (incident ${incident})${still}; set another price, or "concord guard approve ${incident}"`
      const why =
        effect.limit === 'dropped' ? 'it falls too far' : effect.limit === 'changed' ? 'too many have changed' : 'it waits for a decision'
      return `${price} is held by the guard (${why})${still}; decide: "concord guard list"${incident === undefined ? '' : `, incident ${incident}`}`
    }
    case 'limited':
      return `nothing goes out${still}; ${effect.words ?? 'no price lies between floor and ceiling'}`
    case 'no_price':
      return `no price is left and nothing goes out${still}; set another price, or end the listing at the platform`
    case 'off':
      return `not sent, its prices are not published${still}; turn them on: "concord channel publish ${effect.channel} --prices on"`
    case 'paused':
      return `not sent, it is paused${still}; "concord channel resume ${effect.channel}"`
    case 'not_listed':
      return `not listed there${floor === undefined ? '' : `; it would be below its floor of ${unitPrice(floor, currency)} ${currency}, to which it is lifted when it is listed`}`
  }
}

function overWords({ track, list, channel: of, amount, until }: Outranked, currency: string, text: InstantText): string {
  const what =
    list === undefined
      ? of === undefined
        ? 'the price that was typed for everyone'
        : `the price that was typed for ${of}`
      : `list ${list}`
  const paid = amount === undefined ? '' : ` with ${unitPrice(amount, currency)} ${currency}`
  return `${track === 'sale' ? 'a sale, ' : ''}${what}, goes before the typed price${paid}${until === undefined ? ', without an end' : ` until ${text(until)}`}`
}
