/** How postgres.js is told of a type: PostgreSQL's number for it, and the way to and from text. */
type ArrayType<Element> = {
  readonly to: number
  readonly from: number[]
  readonly serialize: (elements: readonly (Element | null)[]) => string
  readonly parse: (text: string) => readonly (Element | null)[]
}

/**
 * The array types that we use. With `fetch_types: false` postgres.js knows none, and sends `{a,b}` as `a,b` (22P02).
 * Elements that are `null` stay `null`; arrays may be nested.
 */
export function arrayTypes(scalars: { readonly int8: (text: string) => number; readonly timestamptz: (text: string) => Date }) {
  const text = (value: string) => value
  const number = (value: string) => Number(value)
  return {
    boolArray: arrayType<boolean>(1000, value => value === 't'),
    int4Array: arrayType<number>(1007, number),
    textArray: arrayType<string>(1009, text),
    int8Array: arrayType<number>(1016, scalars.int8),
    float8Array: arrayType<number>(1022, number),
    timestamptzArray: arrayType<Date>(1185, scalars.timestamptz),
    numericArray: arrayType<string>(1231, text),
    uuidArray: arrayType<string>(2951, text),
    // Serialised by JSON.stringify, so any JSON value may be an element, as long as it is not itself an array.
    jsonbArray: arrayType<unknown>(3807, value => JSON.parse(value), JSON.stringify),
  }
}

function arrayType<Element>(
  oid: number,
  parse: (text: string) => unknown,
  write: (element: Element) => string = elementText,
): ArrayType<Element> {
  return {
    to: oid,
    from: [oid],
    serialize: elements => writeArray(elements, write),
    // A one-dimensional array, as all of ours are; a nested one reads as arrays of arrays.
    parse: text => readArray(text, parse) as readonly (Element | null)[],
  }
}

function elementText(element: unknown): string {
  return element instanceof Date ? element.toISOString() : String(element)
}

function writeArray<Element>(elements: readonly (Element | null)[], write: (element: Element) => string): string {
  const parts = elements.map(element => {
    if (element === null) return 'null'
    if (Array.isArray(element)) return writeArray(element, write)
    if (element === undefined) throw new Error('an array for PostgreSQL holds undefined; null is meant, or the value is missing')
    return `"${write(element).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  })
  return `{${parts.join(',')}}`
}

/** Reads `{1,NULL,"a \"b\"",{…}}`. The library's own reader gives the text 'NULL' for a null. */
function readArray(text: string, parse: (element: string) => unknown): unknown[] {
  let at = text.indexOf('{')
  const read = (): unknown[] => {
    const elements: unknown[] = []
    at++
    while (text[at] !== '}') {
      if (at >= text.length) throw new Error(`array without its end: ${text.slice(0, 40)}`)
      if (text[at] === '{') elements.push(read())
      else if (text[at] === '"') elements.push(parse(quoted()))
      else if (text[at] === ',') at++
      else elements.push(bare())
    }
    at++
    return elements
  }
  const quoted = (): string => {
    let value = ''
    for (at++; text[at] !== '"'; at++) {
      if (at >= text.length) throw new Error(`array without its end: ${text.slice(0, 40)}`)
      if (text[at] === '\\') at++
      value += text[at] ?? ''
    }
    at++
    return value
  }
  const bare = (): unknown => {
    const from = at
    while (at < text.length && text[at] !== ',' && text[at] !== '}') at++
    const value = text.slice(from, at)
    return value === 'NULL' ? null : parse(value)
  }
  return read()
}
