import { fill, type NoticeValues, readTemplate, type TemplateFault } from './template.ts'

export type NoticeTemplate = { readonly subject: string; readonly body: string }
export type NoticeLetter = { readonly subject: string; readonly text: string; readonly html: string }
export type LetterFault = TemplateFault & { readonly part: 'subject' | 'body' }

// Characters of private use stand for values while the markup around them is read.
const OPEN = '\u{e000}'
const CLOSE = '\u{e001}'
const VALUE = /\u{e000}(\d+)\u{e001}/gu
const LINK = /\[([^\]\n]+)\]\(([^)\s]+)\)/g

/** What is wrong with a template; null: nothing. */
export function faultOf({ subject, body }: NoticeTemplate): LetterFault | null {
  for (const [part, source] of [
    ['subject', subject],
    ['body', body],
  ] as const) {
    const read = readTemplate(source)
    if ('problem' in read) return { ...read, part }
  }
  return null
}

/**
 * A letter from its template: as text, and as simple HTML of the same words. A line that begins with `# ` is a heading, lines with `- ` are a list, `[words](address)` is a
 * link, an empty line ends a paragraph. Values are values: whatever a name or a title holds, it is text.
 * @throws Error where the template has a fault; `faultOf` tells it before one is kept.
 */
export function writeLetter(template: NoticeTemplate, values: NoticeValues, language: string): NoticeLetter {
  const put: string[] = []
  const marked = (source: string): string => {
    const read = readTemplate(source.replaceAll(/[\u{e000}\u{e001}]/gu, ''))
    if ('problem' in read) throw new Error(`a template with a fault in line ${read.line}`)
    return fill(read, values, value => `${OPEN}${put.push(oneLine(value)) - 1}${CLOSE}`)
  }
  const plain = (text: string): string => text.replaceAll(VALUE, (_, at: string) => put[Number(at)] ?? '')
  const [subject, body] = [
    marked(template.subject),
    marked(template.body)
      .trim()
      .replaceAll(/\n{3,}/g, '\n\n'),
  ]
  const text = plain(body.replaceAll(/^# /gm, '').replaceAll(LINK, '$1: $2'))
  return {
    subject: oneLine(plain(subject)),
    text: `${text}\n`,
    html: asPage(
      body
        .split(/\n{2,}/)
        .map(block => asHtml(block, plain))
        .join('\n'),
      language,
    ),
  }
}

function asHtml(block: string, plain: (text: string) => string): string {
  const inline = (text: string): string => {
    let made = ''
    let from = 0
    for (const found of text.matchAll(LINK)) {
      const [whole, words = '', target = ''] = found
      const address = plain(target)
      made += escaped(plain(text.slice(from, found.index)))
      // Only web pages: an address comes from an order as well.
      made += /^https?:\/\//i.test(address) ? `<a href="${escaped(address)}">${escaped(plain(words))}</a>` : escaped(plain(words))
      from = found.index + whole.length
    }
    return made + escaped(plain(text.slice(from)))
  }
  const lines = block.split('\n')
  if (lines.length === 1 && block.startsWith('# ')) return `<h2>${inline(block.slice(2))}</h2>`
  const items = lines.filter(line => line.startsWith('- '))
  const words = lines.filter(line => !line.startsWith('- ')).map(inline)
  const list = items.length === 0 ? '' : `<ul>${items.map(line => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`
  return `${words.length === 0 ? '' : `<p>${words.join('<br>')}</p>`}${list}`
}

const asPage = (body: string, language: string): string =>
  `<!doctype html><html lang="${escaped(language)}"><head><meta charset="utf-8"></head>` +
  `<body style="font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:1.5em auto;padding:0 1em">\n${body}\n</body></html>\n`

const oneLine = (value: string): string => value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, char => ENTITIES[char] ?? char)
