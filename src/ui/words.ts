import type { Language } from '../usecases/principal.ts'
import { en } from './words/en.ts'
import { zhCN } from './words/zh-CN.ts'

/** The shape of a language: every word of the English one, as text or as a sentence made of the same arguments. */
type Shape<Text> = Text extends string
  ? string
  : Text extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Key in keyof Text]: Shape<Text[Key]> }

export type Words = Shape<typeof en>

const languages: Readonly<Record<Language, Words>> = { en, 'zh-CN': zhCN }

/** Languages by the name that their own readers know. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', 'zh-CN': '简体中文' }

export const wordsOf = (language: Language): Words => languages[language]

/** Whether the text names a language of the console. */
export function isLanguage(text: string | undefined): text is Language {
  return text === 'en' || text === 'zh-CN'
}

/** The best language of an Accept-Language header: Chinese where it comes before English, else English. */
export function acceptedLanguage(header: string | undefined): Language {
  return namedLanguage(header) ?? 'en'
}

/** The language of ours that a list of languages (a browser's, or a single tag) prefers; null: it names none. */
export function namedLanguage(header: string | undefined): Language | null {
  const wanted = (header ?? '')
    .split(',')
    .map(part => {
      const [tag = '', ...rest] = part.trim().toLowerCase().split(';')
      const quality = rest.map(one => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find(q => q !== undefined)
      return { tag, quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(one => /^(en|zh)(-|$)/.test(one.tag) && one.quality > 0)
    .sort((a, b) => b.quality - a.quality)
  const [first] = wanted
  return first === undefined ? null : first.tag.startsWith('zh') ? 'zh-CN' : 'en'
}
