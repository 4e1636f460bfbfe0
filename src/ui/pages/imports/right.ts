import type { View } from '../../view.ts'
import { wordsOf } from '../../words.ts'

/**
 * What a cell should have held, in the reader's language. The reading of files says it in English; what it says often is translated, the rest stays
 * as it was said.
 */
export function rightText(view: View, said: string): string {
  const { right } = view.t.imports
  const places = /^one of (.+)$/.exec(said)?.[1]
  if (places !== undefined) return right.oneOf(places)
  const row = /^each SKU and location once; row (\d+) has it already$/.exec(said)?.[1]
  if (row !== undefined) return right.once(row)
  const known = Object.entries(wordsOf('en').imports.right).find(([, words]) => words === said)?.[0]
  const translated = known === undefined ? undefined : right[known as keyof typeof right]
  return typeof translated === 'string' ? translated : said
}
