import type { View } from '../../view.ts'
import { wordsOf } from '../../words.ts'

type Right = View['t']['imports']['right']

/** What the reading of files says of numbers and names: the sentence, and how it is said in other words. */
const SENTENCES: readonly (readonly [RegExp, (right: Right, ...found: string[]) => string])[] = [
  // (The console has no options: where the reading names one, the page says what to choose.)
  [/^one of (.+?)(?:, or --ignore-other-columns)?$/, (right, names = '') => right.oneOf(names)],
  [/^each SKU and location once; row (\d+) has it already$/, (right, row = '') => right.once(row)],
  [/^each SKU, channel, currency and beginning once; row (\d+) has it already$/, (right, row = '') => right.onceChannel(row)],
  [/^each SKU, list and min_quantity once; row (\d+) has it already$/, (right, row = '') => right.onceList(row)],
  [/^([A-Z]{3}), the currency of channel (.+)$/, (right, currency = '', channel = '') => right.currencyOf(currency, channel)],
  [/^([A-Z]{3}), the currency of price list (.+)$/, (right, currency = '', list = '') => right.currencyOfList(currency, list)],
  [
    /^at least (\S+ [A-Z]{3}), the floor in channel (.+?): (.+)$/,
    (right, least = '', channel = '', why = '') => right.floor(least, channel, floorText(right, why)),
  ],
  [/^at most 6 digits after the point: (\S+)$/, (right, as = '') => right.digits(as)],
  [/^an end after (.+)$/, (right, from = '') => right.endAfter(from)],
  [/^at most (\d+) characters, this has (\d+)$/, (right, most = '', has = '') => right.long(most, has)],
  [/^a column (.+) in the first line; it is missing$/, (right, name = '') => right.heading(name)],
  [/^columns separated by commas; this file seems to use (.+): pass --delimiter .+$/, (right, found = '') => right.separator(found)],
  [/^(.+) \(capital and small letters differ\)$/, (right, sku = '') => right.spelt(sku)],
]

/** Why a floor is what it is: a price that somebody set, or the arithmetic, which is signs and numbers but for two words. */
function floorText({ floorBases, floorSigns }: Right, why: string): string {
  const english = wordsOf('en').imports.right
  const swapped = (Object.keys(floorBases) as (keyof typeof floorBases)[]).reduce(
    (text, basis) => text.replace(english.floorBases[basis], floorBases[basis]),
    why,
  )
  return swapped
    .replace(/^cost /, `${floorSigns.cost} `)
    .replace(/ % tax/, ` % ${floorSigns.tax}`)
    .replace(', exchanged to ', `, ${floorSigns.exchanged} `)
}

/**
 * What a cell should have held, in the reader's language. The reading of files says it in English; what it says often is translated, the rest stays
 * as it was said.
 */
export function rightText(view: View, said: string): string {
  const { right } = view.t.imports
  for (const [sentence, words] of SENTENCES) {
    const found = sentence.exec(said)
    if (found !== null) return words(right, ...found.slice(1))
  }
  const known = Object.entries(wordsOf('en').imports.right).find(([, words]) => words === said)?.[0]
  const translated = known === undefined ? undefined : right[known as keyof typeof right]
  return typeof translated === 'string' ? translated : said
}
