import { parse } from 'csv-parse/sync'
import { type DecimalMark, plainNumber } from '../domain/catalog/cells.ts'
import type { EntryStated } from '../usecases/price-entries.ts'
import { Fault } from '../values/fault.ts'
import { wrongUsage } from './command.ts'
import { counted } from './counted.ts'

const COLUMNS = ['sku', 'product', 'category', 'all', 'from_quantity', 'price', 'percent', 'amount', 'margin', 'rule', 'over'] as const
type Column = (typeof COLUMNS)[number]

const NUMBER = { '.': /^-?\d{1,12}(\.\d{1,6})?$/, ',': /^-?\d{1,12}(,\d{1,6})?$/ } as const

/** Who has more wrong rows than this has one cause for most of them. */
const TOLD_MOST = 50

/** Entries of a price list out of CSV with a heading, whose numbers have this decimal mark. Fault: invalid, which names each row that is wrong, with its column. */
export function entriesOfFile(csv: string, mark: DecimalMark = '.'): EntryStated[] {
  const [heading, ...rows] = rowsOf(csv)
  if (heading === undefined) throw new Fault('invalid', 'The file is empty.', { field: 'file' })
  const names = heading.cells.map(name => name.trim().toLowerCase())
  const odd = names.find(name => !COLUMNS.some(column => column === name))
  if (odd !== undefined)
    throw new Fault('invalid', `The column "${odd}" is not known.`, {
      field: 'file',
      value: odd,
      expected: `some of ${COLUMNS.join(', ')}`,
    })
  const read = rows.map(({ cells, row }) => {
    if (cells.length > names.length)
      return new Fault('invalid', `Row ${row} has ${cells.length} cells, the heading ${names.length}.`, { field: 'file' })
    const cell = (column: Column): string | undefined => {
      const text = cells[names.indexOf(column)]?.trim()
      return text === undefined || text === '' ? undefined : text
    }
    return entryOf(cell, row, mark)
  })
  const wrong = read.filter(one => one instanceof Fault)
  const [first] = wrong
  if (first !== undefined) throw wrong.length === 1 ? first : new Fault('invalid', wrongRows(wrong), { field: 'file' })
  return read.flatMap(one => (one instanceof Fault ? [] : [one]))
}

function wrongRows(wrong: readonly Fault[]): string {
  const more = wrong.length > TOLD_MOST ? [`and ${wrong.length - TOLD_MOST} more`] : []
  return [
    ...wrong.slice(0, TOLD_MOST).map(one => one.message),
    ...more,
    `${counted(wrong.length, 'row is', 'rows are')} wrong. Nothing was changed.`,
  ].join('\n')
}

/** Rows as a spreadsheet numbers them; empty ones are left out. */
function rowsOf(csv: string): { readonly cells: readonly string[]; readonly row: number }[] {
  const delimiter = csv.split(/\r?\n/, 1)[0]?.includes(';') ? ';' : ','
  try {
    return parse(csv, { bom: true, delimiter, relax_column_count: true })
      .map((cells, at) => ({ cells, row: at + 1 }))
      .filter(({ cells }) => cells.some(cell => cell.trim() !== ''))
  } catch (cause) {
    throw new Fault('invalid', `The file is no CSV: ${cause instanceof Error ? cause.message : String(cause)}`, { field: 'file' })
  }
}

function entryOf(cell: (column: Column) => string | undefined, row: number, mark: DecimalMark): EntryStated | Fault {
  const wrong = (column: Column, expected: string) =>
    new Fault('invalid', `Row ${row}, ${column} ${cell(column) === undefined ? 'is empty' : `"${cell(column)}" cannot be`}: ${expected}.`, {
      field: column,
      expected,
    })
  const goods = (['sku', 'product', 'category'] as const).flatMap(column => {
    const value = cell(column)
    return value === undefined ? [] : [{ [column]: value }]
  })
  const all = cell('all')
  if (all !== undefined && all !== 'yes') return wrong('all', 'yes, or nothing')
  if (goods.length + (all === undefined ? 0 : 1) !== 1) return wrong('sku', 'a row names exactly one of sku, product, category, and all')
  const units = cell('from_quantity')
  if (units !== undefined && quantityOf(units) === null) return wrong('from_quantity', 'a whole number of units from 1')
  const rules = (['price', 'percent', 'amount', 'margin', 'rule'] as const).filter(column => cell(column) !== undefined)
  const [rule] = rules
  if (rule === undefined || rules.length > 1)
    return wrong(rule ?? 'price', 'a row has exactly one of price, percent, amount, margin and rule')
  const word = cell('rule')
  if (word !== undefined && word !== 'none' && word !== 'remove') return wrong('rule', 'none or remove')
  const typed = cell(rule) ?? ''
  if (rule !== 'rule' && !NUMBER[mark].test(typed))
    return wrong(
      rule,
      mark === ','
        ? 'a number such as 12,50, with no separators of thousands and at most 6 decimals'
        : `${plainNumber(typed) ?? 'a number such as 12.50'}, with at most 6 decimals`,
    )
  const value = mark === ',' ? typed.replace(',', '.') : typed
  const over = cell('over')
  if (over !== undefined && !/^(plain|cost|list:.+)$/.test(over)) return wrong('over', 'plain, cost or list:CODE')
  return {
    ...(all === undefined ? {} : { all: true as const }),
    ...goods[0],
    ...(units === undefined ? {} : { minQuantity: quantityOf(units) ?? 1 }),
    ...(word !== undefined
      ? { rule: word }
      : rule === 'price'
        ? { rule: 'fixed' as const, value }
        : rule === 'rule'
          ? { rule: 'none' as const }
          : leaning(rule, value, over)),
  }
}

/** Whole units from 1; null for anything else. */
export const quantityOf = (text: string): number | null => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : null)

/** A rule over something: `plain`, `cost` or `list:CODE`; a margin goes over cost, the others over plain prices unless told. Throws wrong usage. */
export function leaning(
  rule: 'percent' | 'amount' | 'margin',
  value: string,
  over: string | undefined,
): Pick<EntryStated, 'rule' | 'over' | 'baseList' | 'value'> {
  const word = over ?? (rule === 'margin' ? 'cost' : 'plain')
  const [, baseList] = /^list:(.+)$/.exec(word) ?? []
  if (baseList !== undefined) return { rule, value, over: 'list', baseList }
  if (word !== 'plain' && word !== 'cost') throw wrongUsage(`over "${word}" is not plain, cost or list:CODE`)
  return { rule, value, over: word }
}
