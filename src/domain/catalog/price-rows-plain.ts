import { type Columns, cellsOf } from './columns.ts'
import { type PriceReading, type PriceRow, type RowZones, readPriceRow } from './price-rows.ts'

/** Cells that say the same in many rows are judged once; more different ones than this are no such cells. */
const KNOWN_MOST = 1_000
const PLAIN_SKU = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/
const PLAIN_AMOUNT = /^(?=.*[1-9])\d{1,12}(?:\.\d{1,6})?$/

type Rest = Omit<PriceRow, 'sku' | 'amount'>

/**
 * Reads records of a price file as `readPriceRow` does, and most of them quicker: where SKU and amount are written plainly, and a row before had the
 * same currency, channel, list and period.
 */
export function priceReader(columns: Columns, zones: RowZones): (cells: readonly string[]) => PriceReading {
  const [skuAt, amountAt] = [columns.at.sku ?? 0, columns.at.amount ?? 0]
  const others = Object.entries(columns.at).flatMap(([name, at]) => (name === 'sku' || name === 'amount' ? [] : [at]))
  const known = new Map<string, Rest>()
  const heading = (column: string) => columns.heading[column] ?? column
  return cells => {
    const [sku = '', amount = ''] = [cells[skuAt], cells[amountAt]]
    let key = ''
    for (const at of others) key += `${cells[at] ?? ''}\u0000`
    const rest = known.get(key)
    if (rest !== undefined && PLAIN_SKU.test(sku) && PLAIN_AMOUNT.test(amount)) {
      return { row: { ...rest, sku, amount } }
    }
    const reading = readPriceRow(heading, cellsOf(columns, cells), zones)
    if ('row' in reading && known.size < KNOWN_MOST) {
      const { sku: _sku, amount: _amount, ...said } = reading.row
      known.set(key, said)
    }
    return reading
  }
}
