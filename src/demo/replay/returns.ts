import type { Sale } from './plan.ts'
import type { SalesRow } from './rows.ts'

/** Goods that came back. `sale` is the invoice that they were sold by; null: older than these days. */
export type ReturnLine = { readonly sku: string; readonly quantity: number; readonly sale: string | null }

export type LinkedReturns = {
  readonly events: readonly {
    readonly kind: 'return'
    readonly invoice: string
    readonly at: string
    readonly lines: readonly ReturnLine[]
  }[]
  readonly unitsOfSales: number
  readonly unitsOfOlderGoods: number
}

type Open = { readonly invoice: string; readonly at: string; units: number }

/**
 * Finds for each line of a cancellation the sale that it takes back: the latest before it of the same code to the same customer that has units
 * left. What no such sale covers, and what names no customer, is a return of older goods.
 */
export function linkReturns(rows: readonly SalesRow[], sales: readonly Sale[]): LinkedReturns {
  const sold = new Map<string, Open[]>()
  for (const sale of sales) {
    if (sale.customer === null) continue
    for (const line of sale.lines) {
      const key = `${sale.customer}/${line.sku}`
      const open = sold.get(key) ?? []
      open.push({ invoice: sale.invoice, at: sale.at, units: line.quantity })
      sold.set(key, open)
    }
  }
  const events = [...Map.groupBy(rows, row => row.invoice)].map(([invoice, own]) => ({
    kind: 'return' as const,
    invoice,
    at: own[0]?.at ?? '',
    lines: own.flatMap(row => split(row, row.customer === null ? [] : (sold.get(`${row.customer}/${row.code}`) ?? []))),
  }))
  const lines = events.flatMap(event => event.lines)
  const units = (ofSales: boolean): number =>
    lines.filter(line => (line.sale !== null) === ofSales).reduce((sum, line) => sum + line.quantity, 0)
  return { events, unitsOfSales: units(true), unitsOfOlderGoods: units(false) }
}

function split(row: SalesRow, open: readonly Open[]): ReturnLine[] {
  let left = -row.quantity
  const parts: ReturnLine[] = []
  for (const sale of open.toReversed()) {
    const units = sale.at <= row.at ? Math.min(left, sale.units) : 0
    if (units === 0) continue
    sale.units -= units
    left -= units
    parts.push({ sku: row.code, quantity: units, sale: sale.invoice })
  }
  return left > 0 ? [...parts, { sku: row.code, quantity: left, sale: null }] : parts
}
