/** Texts and lists that a template may name. A list's fields can be named between `{{#list}}` and `{{/list}}`. */
export const TEXTS = ['order', 'shop', 'name', 'link', 'place', 'address', 'hours', 'collectBy', 'code', 'amount'] as const
export const LISTS = { lines: ['units', 'title', 'instead'], parcels: ['carrier', 'number', 'url'] } as const

type Text = (typeof TEXTS)[number]
type List = keyof typeof LISTS

/** What a template is filled in with; what is not known is empty. */
export type NoticeValues = { readonly [Name in Text]: string } & {
  readonly [Name in List]: readonly { readonly [Field in (typeof LISTS)[Name][number]]: string }[]
}

/** Why a template cannot be used, and in which line. */
export type TemplateFault = {
  readonly line: number
  readonly problem: 'not_closed' | 'not_opened' | 'unknown' | 'nested' | 'unfinished'
  readonly name: string
}

type Node = string | { readonly name: string } | { readonly section: string; readonly nodes: readonly Node[] }

export type Template = { readonly nodes: readonly Node[] }

const isList = (name: string): name is List => Object.hasOwn(LISTS, name)
const isText = (name: string): name is Text => TEXTS.some(one => one === name)

/** Reads a template: `{{order}}` is a text; what stands between `{{#lines}}` and `{{/lines}}` comes once for each, or not at all where a text is empty. */
export function readTemplate(source: string): Template | TemplateFault {
  // A tag of a section that has a line for itself takes the line with it.
  const text = source.replaceAll('\r\n', '\n')
  const parts = text.split(/(^[ \t]*\{\{[#/][^{}\n]*\}\}[ \t]*(?:\n|$)|\{\{[^{}\n]*\}\})/m)
  const top: Node[] = []
  let open: { readonly name: string; readonly line: number; readonly nodes: Node[] } | null = null
  let line = 1
  for (const part of parts) {
    const tag = /^[ \t]*\{\{([#/]?)\s*([^{}\n]*?)\s*\}\}[ \t]*\n?$/.exec(part)
    const into: Node[] = open?.nodes ?? top
    if (tag === null) {
      const wrong = part.search(/\{\{|\}\}/)
      if (wrong >= 0) return { line: line + lines(part.slice(0, wrong)), problem: 'unfinished', name: part.slice(wrong, wrong + 20).trim() }
      if (part !== '') into.push(part)
    } else {
      const [, sign, name = ''] = tag
      const wrong = (problem: TemplateFault['problem']): TemplateFault => ({ line, problem, name })
      if (sign === '#') {
        if (open !== null) return wrong('nested')
        if (!isList(name) && !isText(name)) return wrong('unknown')
        open = { name, line, nodes: [] }
      } else if (sign === '/') {
        if (open === null || open.name !== name) return wrong('not_opened')
        top.push({ section: name, nodes: open.nodes })
        open = null
      } else {
        const fields: readonly string[] = open !== null && isList(open.name) ? LISTS[open.name] : []
        if (!isText(name) && !fields.includes(name)) return wrong('unknown')
        into.push({ name })
      }
    }
    line += lines(part)
  }
  return open === null ? { nodes: top } : { line: open.line, problem: 'not_closed', name: open.name }
}

const lines = (text: string): number => text.split('\n').length - 1

/** Fills a template in. `put` makes what stands for a value, so that no value is ever read as markup. */
export function fill(template: Template, values: NoticeValues, put: (value: string) => string): string {
  const write = (nodes: readonly Node[], own: Readonly<Record<string, string>>): string =>
    nodes
      .map(node => (typeof node === 'string' ? node : 'name' in node ? put(own[node.name] ?? textOf(values, node.name)) : section(node)))
      .join('')
  const section = ({ section: name, nodes }: Extract<Node, { section: string }>): string => {
    if (isList(name)) return values[name].map(one => write(nodes, one)).join('')
    return textOf(values, name) === '' ? '' : write(nodes, {})
  }
  return write(template.nodes, {})
}

const textOf = (values: NoticeValues, name: string): string => (isText(name) ? values[name] : '')
