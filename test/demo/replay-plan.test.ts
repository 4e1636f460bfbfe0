import { describe, expect, test } from 'vitest'
import { makePlan, type Plan } from '../../src/demo/replay/plan.ts'
import { parseSales, readSales, type SalesFiles } from '../../src/demo/replay/rows.ts'
import { isNotGoods, isRemark } from '../../src/demo/replay/rules.ts'
import { suiteWith } from '../support/needs.ts'
import { retailDays } from '../support/replaying.ts'

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'

function files(...lines: readonly string[]): SalesFiles {
  const parsed = parseSales('day.csv', new TextEncoder().encode([HEADER, ...lines].join('\n')))
  return { rows: parsed.rows, bad: parsed.bad, files: 1, otherEncoding: [] }
}

/** A line of an invoice: number, code, description, quantity, price, customer. */
const line = (invoice: string, code: string, what: string, quantity: number, price: string, customer = '17850.0', minute = '26') =>
  `${invoice},${code},${what},${quantity},2010-12-01 08:${minute}:00,${price},${customer},United Kingdom`

const planOf = (...lines: readonly string[]): Plan => makePlan(files(...lines), { seed: 's' })
const sales = (plan: Plan) => plan.events.flatMap(event => (event.kind === 'sale' ? [event] : []))

describe('a retailer’s lines', () => {
  test('of one code in one invoice are merged, whatever case it was typed in, and keep the first price', () => {
    const plan = planOf(line('1', '85123a', 'HEART', 2, '2.55'), line('1', '85123A', 'HEART', 3, '2.95'))
    expect(sales(plan)[0]?.lines).toEqual([{ sku: '85123A', quantity: 5, unitPrice: '2.55' }])
    expect(plan.counts).toMatchObject({ doubledLines: 1, codes: 2, codesInOtherCase: 1, codesOfGoods: 1 })
  })

  test('of odd invoices are the shop’s, those of even ones Amazon’s', () => {
    expect(sales(planOf(line('1', '10001', 'A', 1, '1'), line('2', '10001', 'A', 1, '1'))).map(sale => sale.platform)).toEqual([
      'woocommerce',
      'amazon',
    ])
  })

  test('that are no goods are skipped and counted, also where nothing else is in the invoice', () => {
    const plan = planOf(
      line('1', 'POST', 'POSTAGE', 1, '18'),
      line('2', 'gift_0001_20', 'Dotcomgiftshop', 1, '20'),
      line('3', '10001', 'A', 1, '1'),
    )
    expect(plan.items.map(item => item.sku)).toEqual(['10001'])
    expect(plan.counts).toMatchObject({ linesNotGoods: 2, codesNotGoods: 2, invoicesWithoutGoods: 2, orders: 1 })
    expect(['BANK CHARGES', 'AMAZONFEE', 'D', 'M', 'DOT', 'C2', 'S', 'PADS'].every(isNotGoods)).toBe(true)
  })

  test('at a negative price, and positive ones of a cancellation, are skipped and counted', () => {
    const plan = planOf(line('1', '10001', 'A', 1, '-5'), line('C2', '10001', 'A', 1, '1'), line('3', '10001', 'A', 1, '1'))
    expect(plan.counts).toMatchObject({ linesAtNegativePrice: 1, contradictingLines: 1, orders: 1, returnLines: 0 })
  })

  test('at price zero are a gift when they name a product, and an adjustment when a clerk left a remark', () => {
    const plan = planOf(
      ...[line('1', '10001', 'ROUND TIN', 1, '0.0'), line('3', '10001', 'amazon', 20, '0', ''), line('5', '10001', '', -7, '0', '')],
    )
    expect(sales(plan)).toMatchObject([{ invoice: '1', lines: [{ sku: '10001', quantity: 1, unitPrice: '0' }] }])
    expect(plan.events.flatMap(event => (event.kind === 'adjustment' ? event.lines : []))).toEqual([
      { sku: '10001', quantity: 20, reason: 'amazon' },
      { sku: '10001', quantity: -7, reason: 'no reason given' },
    ])
    expect(plan.counts).toMatchObject({ giftLines: 1, adjustments: 2, adjustmentsDown: 1, linesWithoutCustomer: 2 })
    expect(['check', '?', '', 'damages'].every(isRemark)).toBe(true)
    expect(isRemark("Dad's Cab Electronic Meter")).toBe(false)
  })

  test('give the title that is most frequent and the price that is most frequent and positive', () => {
    const plan = planOf(
      ...[line('1', '10001', 'OLD NAME', 1, '2.50'), line('3', '10001', 'NEW  NAME', 1, '3'), line('5', '10001', 'NEW NAME', 1, '3.00')],
      ...[line('7', '10001', 'check', -1, '0'), line('9', '10001', '', 1, '0', '')],
    )
    expect(plan.items).toMatchObject([{ title: 'NEW NAME', price: '3' }])
    expect(plan.counts.codesWithSeveralDescriptions).toBe(1)
  })

  test('that cannot be read are told with file, line and reason', () => {
    const read = files(
      line('1', '10001', 'A', 1, '1'),
      'x,10001,A,1,2010-12-01 08:26:00,1,,UK',
      line('3', '10001', 'A', 1, '1').replace(',1,2010', ',1.5,2010'),
    )
    expect(read.rows).toHaveLength(1)
    expect(read.bad).toEqual([
      { file: 'day.csv', line: 3, reason: 'InvoiceNo "X" is no number' },
      { file: 'day.csv', line: 4, reason: 'Quantity "1.5" is no whole number other than 0' },
    ])
  })

  test('in Windows-1252 are read as such, and a file without the columns is refused with their names', () => {
    const latin = Uint8Array.from(
      [...`${HEADER}\n1,10001,CAF`]
        .map(letter => letter.charCodeAt(0))
        .concat(0xc9, ...[...',1,2010-12-01 08:26:00,1,,UK'].map(letter => letter.charCodeAt(0))),
    )
    const read = parseSales('old.csv', latin)
    expect(read).toMatchObject({ isUtf8: false, rows: [{ description: 'CAFÉ', customer: null }] })
    expect(() => parseSales('x.csv', new TextEncoder().encode('InvoiceNo,StockCode\n1,2\n'))).toThrow(
      /x\.csv lacks the column Description, Quantity/,
    )
  })
})

describe('goods that come back', () => {
  const returns = (plan: Plan) => plan.events.flatMap(event => (event.kind === 'return' ? event.lines : []))

  test('are of the latest sales to the same customer that have units left, the rest is of older goods', () => {
    const plan = planOf(
      ...[
        line('1', '10001', 'A', 2, '1'),
        line('2', '10001', 'A', 3, '1'),
        line('C3', '10001', 'A', -4, '1'),
        line('C5', '10001', 'A', -4, '1'),
      ],
    )
    expect(returns(plan)).toEqual([
      { sku: '10001', quantity: 3, sale: '2' },
      { sku: '10001', quantity: 1, sale: '1' },
      { sku: '10001', quantity: 1, sale: '1' },
      { sku: '10001', quantity: 3, sale: null },
    ])
    expect(plan.counts).toMatchObject({ unitsReturnedOfSales: 5, unitsReturnedOfOlderGoods: 3 })
  })

  test('are of older goods when the sale came later, was to another customer, or to nobody known', () => {
    const plan = planOf(
      ...[
        line('C1', '10001', 'A', -1, '1'),
        line('3', '10001', 'A', 9, '1', '17850', '59'),
        line('C5', '10001', 'A', -1, '1', '13047', '59'),
      ],
      line('C7', '10001', 'A', -1, '1', '', '59'),
    )
    expect(returns(plan).map(one => one.sale)).toEqual([null, null, null])
  })
})

test('the opening stock is below demand for the best-selling tenth, above it for the others, and holds what is written off', () => {
  const lines = Array.from({ length: 20 }, (_, n) => line('1', `${10_000 + n}`, 'A', n < 2 ? 1000 : 10, '1'))
  const plan = planOf(...lines, line('3', '10000', 'damages', -30, '0', ''))
  const [first, second, third] = plan.items
  expect(first?.opening).toBeGreaterThanOrEqual(630)
  expect(first?.opening).toBeLessThan(930)
  expect(second?.opening).toBeLessThan(900)
  expect(third?.opening).toBe(14)
  expect(plan.counts.codesBelowDemand).toBe(2)
  expect(makePlan(files(...lines), { seed: 'other' }).items[1]?.opening).not.toBe(second?.opening)
})

suiteWith('../shared/data/online-retail', retailDays(), 'the seven days of the retailer', folder => {
  test('are read whole: every line, invoice and code of them is counted', async () => {
    const plan = makePlan(await readSales(folder), { seed: 's' })
    expect(plan.counts).toMatchObject({
      ...{ files: 7, lines: 19_632, invoices: 905, cancellations: 102, codes: 2_403, linesWithoutCustomer: 6_651, unreadableLines: 0 },
      codesBelowDemand: 200,
    })
    const { linesNotGoods, saleLines, returnLines, adjustments, linesAtNegativePrice, contradictingLines } = plan.counts
    const counted = [linesNotGoods, saleLines, returnLines, adjustments, linesAtNegativePrice, contradictingLines]
    expect(counted.reduce<number>((sum, n) => sum + (n ?? Number.NaN), 0)).toBe(19_632)
  })
})
