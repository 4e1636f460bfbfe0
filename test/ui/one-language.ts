import { wordsOf } from '../../src/ui/words.ts'

const english = new Set(leaves(wordsOf('en')).filter(word => /[a-z]{3}/.test(word) && word !== 'Concord'))

/** Three words and more in a row: a reason that came from below in English, whoever wrote it. */
const SENTENCE = /(?:^|[\s(“])[A-Za-z]?[a-z]+(?: [a-z]+){2,}(?=$|[\s,.;:)”])/

/** English words of the console on a page, and English sentences; what is marked as somebody else's own word (`translate="no"`) is left out, and `theirs`: what people typed. */
export function englishLeft(html: string, theirs: readonly string[] = []): string[] {
  const texts = [...html.replace(/<nav class="languages".*?<\/nav>|<[^>]*translate="no"[^>]*>[^<]*/gs, '').matchAll(/>([^<]+)</g)].map(
    found => found[1]?.trim() ?? '',
  )
  const named = [...html.matchAll(/(?:aria-label|placeholder|title)="([^"]+)"/g)].map(found => found[1] ?? '')
  return [...texts, ...named].filter(text => english.has(text) || (SENTENCE.test(text) && !theirs.some(words => text.includes(words))))
}

function leaves(tree: object): string[] {
  return Object.values(tree).flatMap(value => (typeof value === 'string' ? [value] : typeof value === 'object' ? leaves(value) : []))
}
