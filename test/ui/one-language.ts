import { wordsOf } from '../../src/ui/words.ts'

const english = new Set(leaves(wordsOf('en')).filter(word => /[a-z]{3}/.test(word) && word !== 'Concord'))

/** English words of the console on a page; what is marked as somebody else's own word (`translate="no"`) is left out. */
export function englishLeft(html: string): string[] {
  const texts = [...html.replace(/<nav class="languages".*?<\/nav>|<[^>]*translate="no"[^>]*>[^<]*/gs, '').matchAll(/>([^<]+)</g)].map(
    found => found[1]?.trim() ?? '',
  )
  const named = [...html.matchAll(/(?:aria-label|placeholder|title)="([^"]+)"/g)].map(found => found[1] ?? '')
  return [...texts, ...named].filter(text => english.has(text))
}

function leaves(tree: object): string[] {
  return Object.values(tree).flatMap(value => (typeof value === 'string' ? [value] : typeof value === 'object' ? leaves(value) : []))
}
