import type { ActOutcome } from '../contract.ts'
import type { Shop } from './listings.ts'
import type { Stocks } from './stock.ts'
import type { Outcome } from './wire.ts'

/** What acts need: the shop, and a turn among what writes stock. */
export type Acting = { readonly shop: Shop; readonly stocks: Stocks }

export function refused(code: string, words: string): ActOutcome {
  return { status: 'refused', code, words }
}

/** Vendure's error of a union in its own words; messages that it has no text for are keys, and tell nothing. */
export function wordsOf({ __typename, message, transitionError }: Outcome): string {
  const own = message === undefined || message.startsWith('errorResult.') ? null : message
  return [own, transitionError].filter(Boolean).join(': ') || __typename
}
