import { bringOffers, type WrongOffer } from '../../db/market-offers.ts'
import { Fault } from '../values/fault.ts'
import { isCurrency, parseDecimal } from '../values/money.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'

/** What a competitor asks for goods of ours, as somebody saw it. */
export type OfferStated = {
  readonly sku: string
  readonly competitor: string
  /** The channel of ours where it is met; absent: anywhere. */
  readonly channel?: string | undefined
  readonly currency: string
  /** Decimal text, with tax as buyers see it; null: offered no more. */
  readonly amount: string | null
  /** Comes on top of the amount. */
  readonly shipping?: string | undefined
  /** ISO 8601; absent: now. */
  readonly seenAt?: string | undefined
}

export type OffersDone = {
  readonly new: number
  readonly changed: number
  readonly unchanged: number
  readonly older: number
  readonly wrong: readonly WrongOffer[]
  readonly replayed: boolean
}

/** The most offers of one command. */
export const OFFERS_MOST = 5_000

/** Clocks go apart by so much, ms; what was seen later than that is a mistake, and would keep what is true away. */
const AHEAD_MOST_MS = 5 * 60_000

/**
 * Takes in what competitors ask, and has the rules that follow them judged anew. What was seen earlier than what stands never replaces it. Lines of goods or
 * channels that nobody knows are told in `wrong` (counted from 0) and left out; the others come in. Throws `invalid` with the line for what cannot be; `conflict` of keys.
 */
export async function bringMarketOffers(context: Context, key: string | null, offers: readonly OfferStated[]): Promise<OffersDone> {
  if (offers.length > OFFERS_MOST)
    throw new Fault('invalid', `At most ${OFFERS_MOST} offers go at once.`, { field: 'offers', value: offers.length })
  const now = context.now?.() ?? new Date()
  for (const [line, offer] of offers.entries()) {
    const wrong = wrongOffer(offer, now)
    if (wrong !== null)
      throw new Fault(
        'invalid',
        `Offer ${line} (${offer.sku}, ${offer.competitor}): ${wrong.field} ${wrong.value} cannot be; ${wrong.expected}.`,
        {
          ...wrong,
          field: `offers.${line}.${wrong.field}`,
        },
      )
  }
  const said = stated({ offers })
  const cmd = { ...command(context, 'market.offers', key, said), offers: offers.map(offer => lineOf(offer, now)) }
  const answer = await carryOut(key, () => bringOffers(context.sql, cmd))
  if (answer.outcome === 'key_conflict') throw keyConflict()
  const { outcome: _, replayed, ...done } = answer
  return { ...done, replayed: replayed === true }
}

export type WrongField = { readonly field: keyof OfferStated; readonly value: string; readonly expected: string }

/** What cannot be of an offer; null: nothing. */
export function wrongOffer(offer: OfferStated, now: Date): WrongField | null {
  const { amount, shipping, currency, competitor, seenAt } = offer
  const number = (field: 'amount' | 'shipping', text: string, isFit: (value: number) => boolean, expected: string): WrongField | null => {
    const value = parseDecimal(text)
    return value !== null && value.decimalPlaces() <= 6 && value.lt(1e12) && isFit(value.toNumber())
      ? null
      : { field, value: text, expected }
  }
  if (competitor.trim() === '' || competitor.length > 80)
    return { field: 'competitor', value: competitor, expected: 'a name of at most 80 characters' }
  if (!isCurrency(currency)) return { field: 'currency', value: currency, expected: 'a currency code of ISO 4217' }
  if (amount !== null) {
    const wrong = number(
      'amount',
      amount,
      value => value > 0,
      'an amount above 0, decimal text with at most 6 decimals, or null: offered no more',
    )
    if (wrong !== null) return wrong
  }
  if (shipping !== undefined) {
    const wrong = number('shipping', shipping, value => value >= 0, 'an amount from 0, decimal text with at most 6 decimals')
    if (wrong !== null) return wrong
    if (amount === null) return { field: 'shipping', value: shipping, expected: 'none, where nothing is offered any more' }
  }
  if (seenAt !== undefined) {
    const at = Date.parse(seenAt)
    if (Number.isNaN(at)) return { field: 'seenAt', value: seenAt, expected: 'an instant like 2026-11-22T12:00:00Z' }
    if (at > now.getTime() + AHEAD_MOST_MS) return { field: 'seenAt', value: seenAt, expected: 'an instant that is past' }
  }
  return null
}

function lineOf(offer: OfferStated, now: Date) {
  const { sku, competitor, channel, currency, amount, shipping } = offer
  const whole =
    amount === null
      ? null
      : (parseDecimal(amount)
          ?.plus(shipping ?? '0')
          .toFixed() ?? null)
  const seenAt = offer.seenAt === undefined ? now : new Date(offer.seenAt)
  return stated({ sku, competitor, channel, currency, amount: whole, shipping, seenAt: seenAt.toISOString() })
}
