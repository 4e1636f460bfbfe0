import { describe, expect, test } from 'vitest'
import { acceptedLanguage, wordsOf } from '../../src/ui/words.ts'

type Tree = { readonly [key: string]: string | ((...given: never[]) => string) | Tree }

/** Every word by its path; sentences with holes are filled with texts that no sentence has of its own. */
function wordsByPath(tree: Tree, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const here = path === '' ? key : `${path}.${key}`
    if (typeof value === 'string') found.set(here, value)
    else if (typeof value === 'function') found.set(here, value(...(sentinels.slice(0, value.length) as never[])))
    else for (const [inner, text] of wordsByPath(value, here)) found.set(inner, text)
  }
  return found
}

const sentinels = ['711', '722', '733', '744']
const english = wordsByPath(wordsOf('en') as unknown as Tree)
const chinese = wordsByPath(wordsOf('zh-CN') as unknown as Tree)

// Names and signs that are the same in every language.
const SAME = new Set([
  'brand',
  'actor.system',
  'sku.gtin',
  'sku.price.channel',
  'stock.move.is',
  'stock.move.went',
  'prices.audienceOf',
  'prices.period',
  'prices.dry.arrow',
])

describe('the words', () => {
  test('exist in both languages, none of them empty', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
    expect([...english, ...chinese].filter(([, text]) => text.trim() === '')).toEqual([])
    expect(english.size).toBeGreaterThan(300)
  })

  test('are translated: Chinese ones are written in Chinese', () => {
    const untranslated = [...chinese].filter(([path, text]) => !SAME.has(path) && !/\p{Script=Han}/u.test(text))
    expect(untranslated).toEqual([])
    expect([...english].filter(([, text]) => /\p{Script=Han}/u.test(text))).toEqual([])
  })

  test('say the same names and numbers in both languages', () => {
    const mentioned = (text: string): string[] => sentinels.filter(sentinel => text.includes(sentinel))
    const differing = [...english].filter(([path, text]) => `${mentioned(text)}` !== `${mentioned(chinese.get(path) ?? '')}`)
    expect(differing.map(([path]) => path)).toEqual([])
  })
})

describe('the language of a stranger', () => {
  test.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['zh-TW', 'zh-CN'],
    ['en-GB,zh;q=0.5', 'en'],
    ['de-DE,zh;q=0.4,en;q=0.6', 'en'],
    ['fr', 'en'],
    ['zh;q=0, en;q=0.1', 'en'],
    [undefined, 'en'],
  ])('is taken from what the browser asks for: %s', (header, language) => {
    expect(acceptedLanguage(header)).toBe(language)
  })
})
