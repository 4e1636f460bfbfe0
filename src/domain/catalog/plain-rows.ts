import { HAZARDS, isHazard } from '../../values/hazard.ts'
import { type CellReading, optional, readAmount, readCount, readCurrency, readGtinCell, readSkuCell, required } from './cells.ts'
import type { ColumnSpec, Columns } from './columns.ts'
import type { CatalogBody, CellError, Cells, RowReading } from './row.ts'

/** Our own catalog format, which the export writes too. */
export const catalogColumns = spec(
  [
    'sku',
    'handle',
    'title',
    'variant_title',
    'vendor',
    'category',
    'gtin',
    'options',
    'price',
    'currency',
    'cost',
    'cost_currency',
    'weight_grams',
    'status',
    'hazard',
    'quantity',
  ],
  ['sku'],
)

/** Reads one record of our own catalog format. `location`: where the column quantity is counted; null: it is not taken. */
export function readCatalogRow(
  columns: Columns,
  choices: { readonly currency: string; readonly location: string | null },
  cell: Cells,
): RowReading<CatalogBody> {
  const errors: CellError[] = []
  const may = <Value>(name: string, read: (text: string) => CellReading<Value>) =>
    optional(columns.heading[name] ?? name, cell(name), read, errors)
  const gtin = may('gtin', readGtinCell)
  const price = may('price', readAmount)
  const cost = may('cost', text => readAmount(text, true))
  const quantity = choices.location === null ? undefined : may('quantity', readCount)
  const currency = may('currency', readCurrency) ?? choices.currency
  const body: CatalogBody = {
    sku: required(columns.heading.sku ?? 'sku', cell('sku'), readSkuCell, errors) ?? null,
    handle: cell('handle') || null,
    ...present({
      title: cell('title') || undefined,
      variantTitle: cell('variant_title') || undefined,
      vendor: cell('vendor') || undefined,
      category: cell('category') || undefined,
      gtin,
      gtinGiven: gtin === undefined ? undefined : cell('gtin'),
      options: may('options', readOptionsCell),
      prices: price === undefined ? undefined : [{ currency, amount: price, from: null }],
      cost,
      costCurrency: cost === undefined ? undefined : (may('cost_currency', readCurrency) ?? currency),
      weightGrams: may('weight_grams', readCount),
      status: may('status', readStatus),
      hazard: may('hazard', readHazard),
      stock: quantity === undefined || choices.location === null ? undefined : { location: choices.location, quantity },
    }),
  }
  const notes = choices.location === null && cell('quantity') !== '' ? ['quantityNotTaken'] : []
  return errors.length > 0 ? { kind: 'wrong', body, errors } : { kind: 'row', body, notes }
}

function readOptionsCell(text: string): CellReading<Record<string, string>> {
  const expected = 'options as JSON, such as {"Size":"Large","Colour":"Blue"}'
  try {
    const value: unknown = JSON.parse(text)
    const isRecord = value !== null && typeof value === 'object' && !Array.isArray(value)
    return isRecord && Object.values(value).every(one => typeof one === 'string')
      ? { value: value as Record<string, string> }
      : { expected }
  } catch {
    return { expected }
  }
}

function readStatus(text: string): CellReading<'active' | 'archived'> {
  return text === 'active' || text === 'archived' ? { value: text } : { expected: 'active or archived' }
}

function readHazard(text: string): CellReading<string> {
  return isHazard(text) ? { value: text } : { expected: `a class of dangerous goods: ${HAZARDS.join(', ')}` }
}

function spec(names: readonly string[], needed: readonly string[]): ColumnSpec {
  return { headings: Object.fromEntries(names.map(name => [name, [name]])), required: needed, ignored: [], isClosed: true }
}

/** Leaves out what is undefined: absent means "as it is". */
function present<Fields extends Record<string, unknown>>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>
  }
}
