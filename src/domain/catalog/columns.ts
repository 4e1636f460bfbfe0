import { cellText } from './cells.ts'
import type { CellError, Cells } from './row.ts'

export type ColumnSpec = {
  /** Our name of the column -> the headings it may have in a file (compared without case). */
  readonly headings: Readonly<Record<string, readonly string[]>>
  readonly required: readonly string[]
  /** Headings of our own exports that an import has no use for. */
  readonly ignored: readonly string[]
  /** Whether headings that nobody knows are an error: where a mistyped one would change what a row means. */
  readonly isClosed: boolean
}

export type Columns = {
  /** Our name -> its position. */
  readonly at: Readonly<Record<string, number>>
  /** Our name -> the heading as the file writes it, for error messages. */
  readonly heading: Readonly<Record<string, string>>
  readonly count: number
  readonly unknown: readonly string[]
}

/** Finds our columns in a file's first record; or says which are missing, doubled or unknown. */
export function readColumns(header: readonly string[], spec: ColumnSpec): Columns | { readonly errors: readonly CellError[] } {
  const names = header.map(raw => cellText(raw))
  const errors: CellError[] = []
  const at: Record<string, number> = {}
  const heading: Record<string, string> = {}
  const unknown: string[] = []
  names.forEach((name, index) => {
    const ours = Object.keys(spec.headings).find(key => spec.headings[key]?.some(one => same(one, name)))
    if (ours === undefined) {
      if (name !== '' && !spec.ignored.some(one => same(one, name))) unknown.push(name)
    } else if (at[ours] !== undefined) {
      errors.push({ column: name, value: name, expected: `one column for ${ours}; ${heading[ours]} is there already` })
    } else {
      at[ours] = index
      heading[ours] = name
    }
  })
  for (const name of spec.required.filter(name => at[name] === undefined)) {
    errors.push({ column: spec.headings[name]?.[0] ?? name, value: names.join(','), expected: missing(name, names, spec) })
  }
  // Other columns are not wrong where the whole line was taken for one: said once, it is said enough.
  const [unsplit] = errors
  if (unsplit !== undefined && separatorOf(names) !== undefined) return { errors: [{ ...unsplit, column: 'file' }] }
  if (spec.isClosed) {
    const all = Object.values(spec.headings).map(one => one[0] ?? '')
    for (const name of unknown) errors.push({ column: name, value: name, expected: `one of ${all.join(', ')}, or --ignore-other-columns` })
  }
  return errors.length > 0 ? { errors } : { at, heading, count: names.length, unknown }
}

/** The cells of a record by our names. */
export function cellsOf(columns: Columns, record: readonly string[]): Cells {
  return name => {
    const index = columns.at[name]
    return index === undefined ? '' : cellText(record[index] ?? '')
  }
}

function missing(name: string, names: readonly string[], spec: ColumnSpec): string {
  const separator = separatorOf(names)
  if (separator !== undefined) {
    return `columns separated by commas; this file seems to use ${separator === '\t' ? 'tabs' : `"${separator}"`}: pass --delimiter ${separator === '\t' ? 'tab' : `"${separator}"`}`
  }
  return `a column ${spec.headings[name]?.[0] ?? name} in the first line; it is missing`
}

/** What separates the columns of a first line that was taken for one column. */
const separatorOf = (names: readonly string[]): string | undefined =>
  [';', '\t', '|'].find(one => names.length === 1 && names[0]?.includes(one))

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
