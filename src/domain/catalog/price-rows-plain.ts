import type { DecimalMark } from './cells.ts'
import { type Columns, cellsOf } from './columns.ts'
import { type PriceReading, type PriceRow, type RowZones, readPriceRow } from './price-rows.ts'

/** Cells that say the same in many rows are judged once; more different ones than this are no such cells. */
const KNOWN_MOST = 1_000
const PLAIN_SKU = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/
const PLAIN_AMOUNT = { '.': /^(?=.*[1-9])\d{1,12}(?:\.\d{1,6})?$/, ',': /^(?=.*[1-9])\d{1,12}(?:,\d{1,6})?$/ } as const

const PLAIN_CODE = /^[A-Za-z0-9_-]*$/
/** What may be said beside SKU and amount in lines that are taken as they are; more different ones go the other way. */
const SAID_MOST = 100

type Rest = Omit<PriceRow, 'sku' | 'amount'>

export type PriceReader = {
  readonly read: (cells: readonly string[]) => PriceReading
  /**
   * Whether an unquoted line says exactly what is written there: SKU and amount plainly, and beside them what a row read before had said in the same words, which is
   * a currency and perhaps a channel. Its cells are in the order of `columns`, and an empty one is no channel.
   */
  readonly isPlain: (line: string) => boolean
  /** The columns of such lines; empty where the file has others, and no line is plain. */
  readonly columns: readonly string[]
}

/**
 * Reads records of a price file as `readPriceRow` does, and most of them quicker: where SKU and amount are written plainly, and a row before had the
 * same currency, channel, list and period.
 */
export function priceReader(columns: Columns, zones: RowZones, delimiter: string, mark: DecimalMark): PriceReader {
  const names = Object.keys(columns.at).sort((a, b) => (columns.at[a] ?? 0) - (columns.at[b] ?? 0))
  const isNarrow =
    // Lines that are taken as they are go to the database, which knows points only.
    mark === '.' &&
    [',', ';', '\t'].includes(delimiter) &&
    names.length === columns.count &&
    names.every(name => ['sku', 'currency', 'amount', 'channel'].includes(name))
  const between = `\\u${delimiter.charCodeAt(0).toString(16).padStart(4, '0')}`
  const said = new Set<string>()
  let plain = /(?!)/
  const learn = (cells: readonly string[], rest: Rest) => {
    const cell = (name: string) => cells[columns.at[name] ?? -1] ?? ''
    const isSaid = cell('currency') === rest.currency && cell('channel') === (rest.channel ?? '') && PLAIN_CODE.test(cell('channel'))
    if (!isNarrow || !isSaid || rest.list !== null || said.size === SAID_MOST) return
    const patterns: Record<string, string> = {
      sku: '[A-Za-z0-9][A-Za-z0-9._/-]{0,63}',
      amount: '(?=[0-9.]*[1-9])[0-9]{1,12}(?:[.][0-9]{1,6})?',
    }
    said.add(names.map(name => patterns[name] ?? cell(name)).join(between))
    plain = new RegExp(`^(?:${[...said].join('|')})$`)
  }
  const [skuAt, amountAt] = [columns.at.sku ?? 0, columns.at.amount ?? 0]
  const others = Object.entries(columns.at).flatMap(([name, at]) => (name === 'sku' || name === 'amount' ? [] : [at]))
  const known = new Map<string, Rest>()
  const heading = (column: string) => columns.heading[column] ?? column
  const read = (cells: readonly string[]): PriceReading => {
    const [sku = '', amount = ''] = [cells[skuAt], cells[amountAt]]
    let key = ''
    for (const at of others) key += `${cells[at] ?? ''}\u0000`
    const rest = known.get(key)
    if (rest !== undefined && PLAIN_SKU.test(sku) && PLAIN_AMOUNT[mark].test(amount)) {
      return { row: { ...rest, sku, amount: mark === '.' ? amount : amount.replace(',', '.') } }
    }
    const reading = readPriceRow(heading, cellsOf(columns, cells), zones, mark)
    if ('row' in reading && known.size < KNOWN_MOST) {
      const { sku: _sku, amount: _amount, ...others } = reading.row
      known.set(key, others)
      learn(cells, others)
    }
    return reading
  }
  return { read, isPlain: line => plain.test(line), columns: isNarrow ? names : [] }
}
