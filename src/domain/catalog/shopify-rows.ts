import { optional, readAmount, readCount, readGtinCell, readSkuCell } from './cells.ts'
import type { ColumnSpec, Columns } from './columns.ts'
import { deriveSku } from './derived-sku.ts'
import type { CatalogBody, CellError, Cells, RowReading } from './row.ts'

/** Headings of Shopify's product CSV: the classic ones, then those of its newer template. */
export const shopifyColumns: ColumnSpec = {
  headings: {
    handle: ['Handle', 'URL handle'],
    title: ['Title'],
    vendor: ['Vendor'],
    category: ['Type'],
    ...numbered(number => [`Option${number} Name`], 'name'),
    ...numbered(number => [`Option${number} Value`], 'value'),
    sku: ['Variant SKU', 'SKU'],
    grams: ['Variant Grams', 'Weight value (grams)'],
    quantity: ['Variant Inventory Qty', 'Inventory quantity'],
    price: ['Variant Price', 'Price'],
    compareAt: ['Variant Compare At Price', 'Compare-at price'],
    gtin: ['Variant Barcode', 'Barcode'],
    cost: ['Cost per item'],
    status: ['Status'],
  },
  required: ['handle', 'title', 'price'],
  ignored: [],
  isClosed: false,
}

export type ShopifyChoices = {
  /** The format names no currency. */
  readonly currency: string
  /** Where the file's quantities are counted; null: they are not taken. */
  readonly location: string | null
  /** `ignore`: the price is the regular price. `sale`: compare-at is the regular price and the price is a sale without end. */
  readonly compareAt: 'ignore' | 'sale'
}

/** What later rows of a product take over from its first one. */
export type ProductSoFar = { readonly handle: string; readonly title: string; readonly optionNames: readonly string[] }

/** A sale that a file states without dates has begun at this fixed instant, so that the same file twice states the same sale. */
export const SALE_FROM = '2000-01-01T00:00:00.000Z'

/**
 * Reads one record of a Shopify product file. Rows of a product follow each other; the first carries its title and the names of its
 * options. A record with neither title, options, SKU nor price is one more image.
 */
export function readShopifyRow(
  columns: Columns,
  choices: ShopifyChoices,
  before: ProductSoFar | null,
  cell: Cells,
): { readonly product: ProductSoFar | null; readonly reading: RowReading<CatalogBody> } {
  const handle = cell('handle')
  const title = cell('title')
  const isImage = ['title', 'value1', 'sku', 'price', 'gtin'].every(name => cell(name) === '')
  if (isImage && handle !== '') return { product: before, reading: { kind: 'ignored', why: 'image' } }

  const errors: CellError[] = []
  const heading = (name: string) => columns.heading[name] ?? name
  if (handle === '') errors.push({ column: heading('handle'), value: '', expected: 'the handle of the product; the cell is empty' })
  const isLater = before !== null && before.handle === handle && title === ''
  if (!isLater && title === '') {
    errors.push({
      column: heading('title'),
      value: '',
      expected: `a title: rows of one product follow each other, the first of ${handle} carries it`,
    })
  }
  const product: ProductSoFar = isLater ? before : { handle, title, optionNames: [1, 2, 3].map(number => cell(`name${number}`)) }
  const options = readOptions(product, cell, heading, errors)
  const body = readVariant(product, isLater, options, choices, cell, heading, errors)
  const notes = notesOf(body, choices, cell)
  return { product, reading: errors.length > 0 ? { kind: 'wrong', body, errors } : { kind: 'row', body, notes } }
}

function readOptions(product: ProductSoFar, cell: Cells, heading: (name: string) => string, errors: CellError[]): Record<string, string> {
  const options: Record<string, string> = {}
  product.optionNames.forEach((name, index) => {
    const value = cell(`value${index + 1}`)
    // How the format says that a product has no options.
    if (value === '' || (name === 'Title' && value === 'Default Title')) return
    if (name === '') {
      const column = heading(`name${index + 1}`)
      errors.push({
        column,
        value: '',
        expected: `the name of the option that has the value ${value}, in the first row of ${product.handle}`,
      })
    } else options[name] = value
  })
  return options
}

function readVariant(
  product: ProductSoFar,
  isLater: boolean,
  options: Record<string, string>,
  choices: ShopifyChoices,
  cell: Cells,
  heading: (name: string) => string,
  errors: CellError[],
): CatalogBody {
  const at = <Value>(name: string, read: Parameters<typeof optional<Value>>[2]) => optional(heading(name), cell(name), read, errors)
  const given = cell('sku') === '' ? null : at('sku', readSkuCell)
  const price = at('price', readAmount)
  const compareAt = at('compareAt', text => readAmount(text, true))
  const isSale = choices.compareAt === 'sale' && price !== undefined && compareAt !== undefined && Number(compareAt) > Number(price)
  const gtin = at('gtin', readGtinCell)
  const cost = at('cost', text => readAmount(text, true))
  const grams = at('grams', text => readCount(text.replace(/\.0+$/, '')))
  const quantity = choices.location === null ? undefined : at('quantity', readCount)
  const status = cell('status').toLowerCase()
  const { currency } = choices
  return {
    sku: given ?? null,
    ...(cell('sku') === '' ? { derive: deriveSku(product.handle, options) } : {}),
    handle: product.handle,
    ...(isLater ? {} : { title: product.title, ...text('vendor', cell('vendor')), ...text('category', cell('category')) }),
    variantTitle: Object.values(options).join(' / ') || product.title,
    ...(gtin === undefined ? {} : { gtin, gtinGiven: cell('gtin') }),
    options,
    ...(cost === undefined ? {} : { cost, costCurrency: currency }),
    ...(grams === undefined ? {} : { weightGrams: grams }),
    ...(status === '' ? {} : { status: status === 'archived' ? 'archived' : 'active' }),
    ...(price === undefined
      ? {}
      : {
          prices: isSale
            ? [
                { currency, amount: compareAt, from: null },
                { currency, amount: price, from: SALE_FROM },
              ]
            : [{ currency, amount: price, from: null }],
        }),
    ...(quantity === undefined || choices.location === null ? {} : { stock: { location: choices.location, quantity } }),
  }
}

function notesOf(body: CatalogBody, choices: ShopifyChoices, cell: Cells): string[] {
  return [
    ...(body.derive === undefined ? [] : ['skuDerived']),
    ...(body.prices === undefined ? ['withoutPrice'] : []),
    ...(choices.compareAt === 'ignore' && cell('compareAt') !== '' ? ['compareAtIgnored'] : []),
    ...(choices.location === null && cell('quantity') !== '' ? ['quantityNotTaken'] : []),
  ]
}

function numbered(headings: (number: number) => readonly string[], key: string): Record<string, readonly string[]> {
  return Object.fromEntries([1, 2, 3].map(number => [`${key}${number}`, headings(number)]))
}

const text = <Key extends string>(key: Key, value: string): Partial<Record<Key, string>> =>
  (value === '' ? {} : { [key]: value }) as Partial<Record<Key, string>>
