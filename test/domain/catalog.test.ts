import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellText, guarded, readAmount, readCount, readCurrency, readGtinCell, readInstant } from '../../src/domain/catalog/cells.ts'
import { type Columns, cellsOf, readColumns } from '../../src/domain/catalog/columns.ts'
import { deriveSku } from '../../src/domain/catalog/derived-sku.ts'
import { priceColumns, readPriceRow } from '../../src/domain/catalog/price-rows.ts'
import { priceReader } from '../../src/domain/catalog/price-rows-plain.ts'
import { type ProductSoFar, readShopifyRow, type ShopifyChoices, shopifyColumns } from '../../src/domain/catalog/shopify-rows.ts'

describe('a number in a cell', () => {
  test.each([
    ['1,5', '1.5'],
    ['1.234,56', '1234.56'],
    ['1,234.56', '1234.56'],
    ['1,000', '1000'],
    ['€ 12,90', '12.90'],
    ['12.50 EUR', '12.50'],
    ['0', 'a price above 0; leave it empty for none'],
    ['-3', 'a price above 0'],
    ['1.1234567', 'at most 6 digits after the point: 1.123457'],
    ['cheap', 'a number such as 12.50'],
  ])('an amount written %s is told %s', (text, expected) => {
    expect(readAmount(text)).toEqual({ expected })
  })

  test.each([
    ['3.0', '3'],
    ['1,000', '1000'],
    ['-1', 'a count of 0 or more'],
    ['2.5', 'a whole number of units'],
    ['9999999999', 'at most 10000000'],
    ['many', 'a whole number, such as 12'],
  ])('a count written %s is told %s', (text, expected) => {
    expect(readCount(text)).toEqual({ expected })
  })

  test('a right one keeps its value, without what means nothing', () => {
    expect(readAmount('012.500')).toEqual({ value: '12.5' })
    expect(readCount('007')).toEqual({ value: 7 })
    expect(readAmount('0', true)).toEqual({ value: '0' })
  })
})

describe('other cells', () => {
  test('a GTIN with a wrong check digit is told the right one', () => {
    expect(readGtinCell('4006381333932')).toEqual({ expected: 'the check digit should be 1' })
    expect(readGtinCell('4006381333931')).toEqual({ value: '04006381333931' })
  })

  test('a GTIN that a spreadsheet has shortened is told so', () => {
    expect(readGtinCell('4.00638E+12')).toEqual({ expected: expect.stringContaining('format the column as text') })
  })

  test('a currency in small letters is told the capital ones', () => {
    expect(readCurrency('eur')).toEqual({ expected: 'EUR' })
    expect(readCurrency('Euro')).toEqual({ expected: 'a currency of ISO 4217, such as EUR' })
  })

  test('an instant needs a day that exists and a zone', () => {
    expect(readInstant('2026-11-27')).toEqual({ value: '2026-11-27T00:00:00.000Z' })
    expect(readInstant('2026-11-27T08:00+01:00')).toEqual({ value: '2026-11-27T07:00:00.000Z' })
    for (const text of ['2026-04-31', '2026-11-27T08:00', '27.11.2026']) expect(readInstant(text)).toHaveProperty('expected')
  })

  test('text that a spreadsheet would run as a formula is guarded, and comes back as it was', () => {
    expect(guarded('=1+1')).toBe("'=1+1")
    expect(guarded("o'clock")).toBe("o'clock")
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('=', '+', '-', '@', "'", 'a', '1') }), text => {
        const guard = guarded(text)
        expect(guard).not.toMatch(/^[=+\-@]/)
        expect(cellText(guard)).toBe(text)
      }),
    )
  })
})

describe('columns', () => {
  test('a missing one is named, and the separator that was probably meant', () => {
    expect(readColumns(['sku;currency;amount'], priceColumns)).toEqual({
      errors: [{ column: 'file', value: 'sku;currency;amount', expected: expect.stringContaining('--delimiter ";"') }],
    })
    expect(readColumns(['sku', 'amount'], priceColumns)).toEqual({
      errors: [{ column: 'currency', value: 'sku,amount', expected: 'a column currency in the first line; it is missing' }],
    })
  })

  test('a mistyped one is an error, because a price for one channel would become a price for all', () => {
    expect(readColumns(['sku', 'chanel', 'currency', 'amount'], priceColumns)).toEqual({
      errors: [{ column: 'chanel', value: 'chanel', expected: expect.stringContaining('channel') }],
    })
  })

  test('a period that ends before it begins is told so', () => {
    const columns = readColumns(['sku', 'currency', 'amount', 'from', 'to'], priceColumns) as Columns
    const row = ['A', 'EUR', '5', '2026-12-02', '2026-12-01']
    expect(readPriceRow(column => column, cellsOf(columns, row), { stated: 'UTC', channels: new Map() })).toMatchObject({
      errors: [{ column: 'to', value: '2026-12-01', expected: 'an end after 2026-12-02' }],
    })
  })
})

describe('a derived SKU', () => {
  test('is readable, and the same each time', () => {
    expect(deriveSku('clay-plant-pot', { Size: 'Large' })).toEqual(deriveSku('clay-plant-pot', { Size: 'Large' }))
    expect(deriveSku('clay-plant-pot', { Size: 'Large' }).plain).toBe('CLAY-PLANT-POT-LARGE')
    expect(deriveSku('crème-brûlée', {}).plain).toBe('CREME-BRULEE')
    expect(deriveSku('陶盆', { 尺寸: '大' }).plain).toBe('陶盆-大')
  })

  test('has a marked form that differs where the plain ones are equal', () => {
    const [a, b] = [deriveSku('pot', { Size: 'A B' }), deriveSku('pot', { Size: 'A-B' })]
    expect(a.plain).toBe(b.plain)
    expect(a.marked).not.toBe(b.marked)
  })

  test('is never longer than a SKU may be, nor empty', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string(), (handle, value) => {
        const { plain, marked } = deriveSku(handle, { Size: value })
        for (const sku of [plain, marked]) expect(sku.length).toBeGreaterThan(0)
        for (const sku of [plain, marked]) expect(sku.length).toBeLessThanOrEqual(64)
      }),
    )
  })
})

describe("a row of Shopify's product file", () => {
  const header = [
    ...['Handle', 'Title', 'Vendor', 'Type', 'Option1 Name', 'Option1 Value', 'Variant SKU', 'Variant Grams', 'Variant Inventory Qty'],
    ...['Variant Price', 'Variant Compare At Price', 'Variant Barcode', 'Image Src', 'Cost per item'],
  ]
  const columns = readColumns(header, shopifyColumns) as Columns
  const choices: ShopifyChoices = { currency: 'EUR', location: 'MAIN', compareAt: 'ignore' }
  const read = (cells: Record<string, string>, before: ProductSoFar | null = null, chosen = choices) =>
    readShopifyRow(
      columns,
      chosen,
      before,
      cellsOf(
        columns,
        header.map(name => cells[name] ?? ''),
      ),
    )

  test('carries product, options, price, stock, weight and cost', () => {
    const { reading } = read({
      ...{ Handle: 'pot', Title: 'Clay pot', Vendor: 'Kiln', Type: 'Outdoor', 'Option1 Name': 'Size', 'Option1 Value': 'Large' },
      ...{ 'Variant SKU': 'POT-L', 'Variant Grams': '900', 'Variant Inventory Qty': '3', 'Variant Price': '15.99', 'Cost per item': '6' },
      'Variant Barcode': '4006381333931',
    })
    expect(reading).toEqual({
      kind: 'row',
      notes: [],
      body: {
        ...{ sku: 'POT-L', handle: 'pot', title: 'Clay pot', vendor: 'Kiln', category: 'Outdoor', variantTitle: 'Large' },
        ...{
          gtin: '04006381333931',
          gtinGiven: '4006381333931',
          options: { Size: 'Large' },
          cost: '6',
          costCurrency: 'EUR',
          weightGrams: 900,
        },
        prices: [{ currency: 'EUR', amount: '15.99', from: null }],
        stock: { location: 'MAIN', quantity: 3 },
      },
    })
  })

  test('later rows take the names of the options from the first', () => {
    const first = read({ Handle: 'pot', Title: 'Clay pot', 'Option1 Name': 'Size', 'Option1 Value': 'Small', 'Variant Price': '9' })
    const { reading } = read({ Handle: 'pot', 'Option1 Value': 'Large', 'Variant Price': '15' }, first.product)
    expect(reading).toMatchObject({
      kind: 'row',
      body: { options: { Size: 'Large' }, variantTitle: 'Large', derive: { plain: 'POT-LARGE' } },
    })
  })

  test('a row with an image only is ignored, and the product goes on after it', () => {
    const first = read({ Handle: 'pot', Title: 'Clay pot', 'Option1 Name': 'Size', 'Option1 Value': 'Small', 'Variant Price': '9' })
    const image = read({ Handle: 'pot', 'Image Src': 'https://example.org/pot.jpg' }, first.product)
    expect(image).toEqual({ product: first.product, reading: { kind: 'ignored', why: 'image' } })
  })

  test('"Default Title" is no option', () => {
    const { reading } = read({
      Handle: 'lamp',
      Title: 'Lamp',
      'Option1 Name': 'Title',
      'Option1 Value': 'Default Title',
      'Variant Price': '9',
    })
    expect(reading).toMatchObject({ body: { options: {}, variantTitle: 'Lamp', derive: { plain: 'LAMP' } } })
  })

  test('compare-at is left aside, or makes the price a sale, as the person says', () => {
    const cells = { Handle: 'lamp', Title: 'Lamp', 'Variant Price': '59.99', 'Variant Compare At Price': '75' }
    expect(read(cells).reading).toMatchObject({
      body: { prices: [{ amount: '59.99', from: null }] },
      notes: expect.arrayContaining(['compareAtIgnored']),
    })
    expect(read(cells, null, { ...choices, compareAt: 'sale' }).reading).toMatchObject({
      body: {
        prices: [
          { amount: '75', from: null },
          { amount: '59.99', from: '2000-01-01T00:00:00.000Z' },
        ],
      },
    })
  })

  test('without a location, quantities are not taken, and that is counted', () => {
    const { reading } = read({ Handle: 'lamp', Title: 'Lamp', 'Variant Price': '5', 'Variant Inventory Qty': '-2' }, null, {
      ...choices,
      location: null,
    })
    expect(reading).toMatchObject({ kind: 'row', notes: expect.arrayContaining(['quantityNotTaken']) })
    expect(reading).not.toHaveProperty('body.stock')
  })

  test('lists everything that is wrong with it', () => {
    const { reading } = read({ Handle: 'lamp', 'Variant Price': '1,5', 'Variant Inventory Qty': '-2', 'Variant Barcode': '4006381333932' })
    expect(reading).toMatchObject({
      kind: 'wrong',
      errors: [
        { column: 'Title', expected: expect.stringContaining('the first of lamp carries it') },
        { column: 'Variant Price', value: '1,5', expected: '1.5' },
        { column: 'Variant Barcode', value: '4006381333932', expected: 'the check digit should be 1' },
        { column: 'Variant Inventory Qty', value: '-2', expected: 'a count of 0 or more' },
      ],
    })
  })
})

describe('a line of a price file', () => {
  const readerOf = (header: string) => {
    const columns = readColumns(header.split(','), priceColumns)
    if ('errors' in columns) throw new Error(JSON.stringify(columns))
    return priceReader(columns, { stated: 'UTC', channels: new Map() }, ',', '.')
  }

  test('is taken as it is written where a row before said the same in the same words', () => {
    const reader = readerOf('amount,sku,channel,currency')
    expect(reader.isPlain('1,A,,EUR')).toBe(false)
    reader.read(['1', 'A', '', 'EUR'])
    reader.read(['1', 'A', 'uk-2', 'GBP'])
    expect(reader.columns).toEqual(['amount', 'sku', 'channel', 'currency'])
    expect(['12.50,B/1.x_2-3,,EUR', '0.000001,B,uk-2,GBP', '999999999999,B,,EUR'].filter(reader.isPlain)).toHaveLength(3)
    const others = [
      '0.00,B,,EUR',
      '1,,,EUR',
      ',B,,EUR',
      '1,B,,USD',
      '1,B,uk-2,EUR',
      '1,B,,EUR,',
      '1,B,EUR',
      ' 1,B,,EUR',
      '1,=B,,EUR',
      '1e3,B,,EUR',
      '',
    ]
    const tooLong = [
      '1.1234567,B,,EUR',
      '1234567890123,B,,EUR',
      `1,${'B'.repeat(65)},,EUR`,
      '-1,B,,EUR',
      '1.,B,,EUR',
      '1,B,,EUR\r',
      '1,ö,,EUR',
    ]
    expect([...others, ...tooLong].filter(reader.isPlain)).toEqual([])
  })

  test('is never taken so where the file has dates or lists', () => {
    const reader = readerOf('sku,currency,amount,from,to')
    reader.read(['A', 'EUR', '1', '', ''])
    expect([reader.isPlain('A,EUR,1,,'), reader.columns]).toEqual([false, []])
  })
})
