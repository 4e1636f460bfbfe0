/** A GraphQL document as far as the clients of our platforms write it: one operation, fields with arguments and directives, inline fragments. */
export type Field = {
  readonly name: string
  readonly key: string
  readonly args: Readonly<Record<string, Value>>
  readonly directives: Readonly<Record<string, Readonly<Record<string, Value>>>>
  readonly fields: readonly Selection[]
}
export type Selection = Field | { readonly on: string; readonly fields: readonly Selection[] }
export type Value = unknown
export type Document = { readonly isMutation: boolean; readonly fields: readonly Selection[] }

/** A variable's place, until it is known. */
class Variable {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

const TOKEN = /\s*(?:#[^\n]*\n\s*)*(\.\.\.|[{}()[\]:!@=$,]|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*)/y

function tokens(text: string): string[] {
  const found: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) if (match[1] !== ',') found.push(match[1] ?? '')
  return found
}

/** Reads a document. Throws a SyntaxError where it is none. */
export function readDocument(text: string): Document {
  const all = tokens(text)
  let at = 0
  const peek = (): string => all[at] ?? ''
  const next = (): string => {
    const token = all[at]
    if (token === undefined) throw new SyntaxError('the document ends too early')
    at += 1
    return token
  }
  const expect = (wanted: string): void => {
    const token = next()
    if (token !== wanted) throw new SyntaxError(`expected ${wanted}, found ${token}`)
  }
  const value = (): Value => {
    const token = next()
    if (token === '$') return new Variable(next())
    if (token === '[') {
      const list: Value[] = []
      while (peek() !== ']') list.push(value())
      expect(']')
      return list
    }
    if (token === '{') {
      const object: Record<string, Value> = {}
      while (peek() !== '}') {
        const name = next()
        expect(':')
        object[name] = value()
      }
      expect('}')
      return object
    }
    if (token.startsWith('"')) return JSON.parse(token)
    if (token === 'true' || token === 'false') return token === 'true'
    if (token === 'null') return null
    return /^-?\d/.test(token) ? Number(token) : token
  }
  const args = (): Record<string, Value> => {
    const found: Record<string, Value> = {}
    if (peek() !== '(') return found
    expect('(')
    while (peek() !== ')') {
      const name = next()
      expect(':')
      found[name] = value()
    }
    expect(')')
    return found
  }
  const selections = (): Selection[] => {
    const found: Selection[] = []
    expect('{')
    while (peek() !== '}') found.push(selection())
    expect('}')
    return found
  }
  const selection = (): Selection => {
    if (peek() === '...') {
      next()
      expect('on')
      return { on: next(), fields: selections() }
    }
    const first = next()
    const isAlias = peek() === ':'
    if (isAlias) next()
    const name = isAlias ? next() : first
    const given = args()
    const directives: Record<string, Record<string, Value>> = {}
    while (peek() === '@') {
      next()
      directives[next()] = args()
    }
    return { name, key: first, args: given, directives, fields: peek() === '{' ? selections() : [] }
  }
  const kind = next()
  if (kind !== 'query' && kind !== 'mutation') throw new SyntaxError(`expected query or mutation, found ${kind}`)
  while (peek() !== '{' && peek() !== '(') next()
  // The types of variables are looked at by whoever holds the document against the schema.
  if (peek() === '(') while (next() !== ')');
  return { isMutation: kind === 'mutation', fields: selections() }
}

/** The arguments with the variables' values; a variable that was not given leaves its argument out. */
export function filled(args: Readonly<Record<string, Value>>, variables: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]): [string, Value][] => {
      const known = resolved(value, variables)
      return known === undefined ? [] : [[name, known]]
    }),
  )
}

function resolved(value: Value, variables: Readonly<Record<string, Value>>): Value {
  if (value instanceof Variable) return variables[value.name]
  if (Array.isArray(value)) return value.map(one => resolved(one, variables))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolved(one, variables)]))
  return value
}
