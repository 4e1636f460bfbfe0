import { linkReturns, type ReturnLine } from './returns.ts'
import type { SalesFiles, SalesRow } from './rows.ts'
import { isRemark, kindOf, type LineKind } from './rules.ts'

export type Platform = 'woocommerce' | 'amazon'

export type PlanItem = {
  readonly sku: string
  readonly title: string
  /** Decimal text; null: the code was never sold for money in these days. */
  readonly price: string | null
  readonly opening: number
  /** Units that the invoices sell. */
  readonly demand: number
  /** Units of the opening stock that the invoices write off. */
  readonly writtenOff: number
}

export type SaleLine = { readonly sku: string; readonly quantity: number; readonly unitPrice: string }
export type AdjustLine = { readonly sku: string; readonly quantity: number; readonly reason: string }

export type PlanEvent =
  | {
      readonly kind: 'sale'
      readonly invoice: string
      readonly at: string
      readonly platform: Platform
      readonly customer: string | null
      readonly lines: readonly SaleLine[]
    }
  | { readonly kind: 'return'; readonly invoice: string; readonly at: string; readonly lines: readonly ReturnLine[] }
  | { readonly kind: 'adjustment'; readonly invoice: string; readonly at: string; readonly lines: readonly AdjustLine[] }

/** How often each rule was used, and what the files held; told in the report. */
export type DataCounts = Readonly<Record<string, number>>

export type Plan = {
  readonly items: readonly PlanItem[]
  readonly events: readonly PlanEvent[]
  readonly counts: DataCounts
}

export type PlanOptions = {
  /** Decides by how much the best-selling codes are short. */
  readonly seed: string
  /** Only the first invoices; all when absent. */
  readonly invoices?: number
}

/** So many best-selling codes open below their demand; at most a tenth, where only a part of the invoices is played. */
const SCARCE_MOST = 200
/** Best-selling codes open with this share of their demand: from the first to the first plus the second. */
const SCARCE_SHARE = { from: 0.6, span: 0.3 }

/**
 * Turns the retailer's lines into what a shop has and does: a catalog, an opening stock that is below demand for the best-selling codes, and
 * sales, returns and adjustments in the order of the invoices. The same files and seed give the same plan.
 */
export function makePlan(files: SalesFiles, options: PlanOptions): Plan {
  const kept = firstInvoices(files.rows, options.invoices ?? Number.POSITIVE_INFINITY)
  const kinds = new Map(kept.map(row => [row, kindOf(row)]))
  const of = (kind: LineKind): SalesRow[] => kept.filter(row => kinds.get(row) === kind)
  const goods = kept.filter(row => ['sale', 'return', 'adjustment'].includes(kinds.get(row) ?? ''))

  const sales = merged(of('sale'))
  const demand = new Map<string, number>()
  for (const sale of sales) for (const line of sale.lines) demand.set(line.sku, (demand.get(line.sku) ?? 0) + line.quantity)
  const adjustments = [...Map.groupBy(of('adjustment'), row => row.invoice)].map(([invoice, rows]): PlanEvent & { kind: 'adjustment' } => ({
    kind: 'adjustment',
    invoice,
    at: rows[0]?.at ?? '',
    lines: rows.map(row => ({ sku: row.code, quantity: row.quantity, reason: row.description || 'no reason given' })),
  }))
  const linked = linkReturns(of('return'), sales)
  const items = catalog(goods, demand, adjustments, options)
  const place = new Map([...new Set(kept.map(row => row.invoice))].map((invoice, at) => [invoice, at]))
  const events: PlanEvent[] = [...sales, ...linked.events, ...adjustments].sort(
    (a, b) => (place.get(a.invoice) ?? 0) - (place.get(b.invoice) ?? 0),
  )
  const typed = new Set(kept.map(row => row.typedCode))
  const lines = of('sale').length
  return {
    items,
    events,
    counts: {
      files: files.files,
      filesInOtherEncoding: files.otherEncoding.length,
      lines: kept.length + files.bad.length,
      unreadableLines: files.bad.length,
      invoices: place.size,
      cancellations: [...place.keys()].filter(invoice => invoice.startsWith('C')).length,
      invoicesWithoutGoods: place.size - new Set(events.map(event => event.invoice)).size,
      codes: typed.size,
      codesInOtherCase: typed.size - new Set([...typed].map(code => code.toUpperCase())).size,
      codesOfGoods: items.length,
      codesNotGoods: new Set(of('not-goods').map(row => row.code)).size,
      linesNotGoods: of('not-goods').length,
      linesAtNegativePrice: of('negative-price').length,
      contradictingLines: of('contradiction').length,
      doubledLines: lines - sales.reduce((sum, sale) => sum + sale.lines.length, 0),
      codesWithSeveralDescriptions: severalDescriptions(goods),
      linesWithoutCustomer: kept.filter(row => row.customer === null).length,
      giftLines: of('sale').filter(row => row.price === '0').length,
      saleLines: lines,
      orders: sales.length,
      ordersWooCommerce: sales.filter(sale => sale.platform === 'woocommerce').length,
      ordersAmazon: sales.filter(sale => sale.platform === 'amazon').length,
      unitsWanted: [...demand.values()].reduce((sum, units) => sum + units, 0),
      adjustments: of('adjustment').length,
      adjustmentsDown: of('adjustment').filter(row => row.quantity < 0).length,
      returnLines: of('return').length,
      unitsReturnedOfSales: linked.unitsOfSales,
      unitsReturnedOfOlderGoods: linked.unitsOfOlderGoods,
      codesBelowDemand: items.filter(item => item.opening - item.writtenOff < item.demand).length,
    },
  }
}

function firstInvoices(rows: readonly SalesRow[], most: number): SalesRow[] {
  const invoices = new Set<string>()
  return rows.filter(row => {
    if (invoices.size < most) invoices.add(row.invoice)
    return invoices.has(row.invoice)
  })
}

export type Sale = PlanEvent & { readonly kind: 'sale' }

/** One sale per invoice, lines of one code merged. */
function merged(rows: readonly SalesRow[]): Sale[] {
  return [...Map.groupBy(rows, row => row.invoice)].map(([invoice, own]) => {
    const lines = [...Map.groupBy(own, row => row.code)].map(([sku, same]) => ({
      sku,
      quantity: same.reduce((sum, row) => sum + row.quantity, 0),
      unitPrice: same[0]?.price ?? '0',
    }))
    return { kind: 'sale', invoice, at: own[0]?.at ?? '', platform: platformOf(invoice), customer: own[0]?.customer ?? null, lines }
  })
}

/** Odd invoices are the shop's, even ones Amazon's. */
export function platformOf(invoice: string): Platform {
  return Number(invoice.replace(/\D/g, '')) % 2 === 1 ? 'woocommerce' : 'amazon'
}

function catalog(
  rows: readonly SalesRow[],
  demand: ReadonlyMap<string, number>,
  adjustments: readonly (PlanEvent & { readonly kind: 'adjustment' })[],
  options: PlanOptions,
): PlanItem[] {
  const best = [...demand].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, Math.min(SCARCE_MOST, Math.ceil(demand.size / 10)))
  const scarce = new Set(best.map(([sku]) => sku))
  const taken = new Map<string, number>()
  for (const line of adjustments.flatMap(event => event.lines))
    if (line.quantity < 0) taken.set(line.sku, (taken.get(line.sku) ?? 0) - line.quantity)
  return [...Map.groupBy(rows, row => row.code)].map(([sku, own]) => {
    const wanted = demand.get(sku) ?? 0
    const share = SCARCE_SHARE.from + SCARCE_SHARE.span * chanceOf(`${options.seed}/${sku}`)
    const forSale = scarce.has(sku) ? Math.floor(wanted * share) : Math.ceil(wanted * 1.1) + 3
    return {
      sku,
      title: mostFrequent(own.map(row => row.description).filter(text => !isRemark(text))) ?? sku,
      price: mostFrequent(own.map(row => row.price).filter(price => price !== '0' && !price.startsWith('-'))),
      // What is written off in these days is there at first, so that it does not make the sales of others short.
      opening: forSale + (taken.get(sku) ?? 0),
      demand: wanted,
      writtenOff: taken.get(sku) ?? 0,
    }
  })
}

function severalDescriptions(rows: readonly SalesRow[]): number {
  const names = Map.groupBy(
    rows.filter(row => row.description !== ''),
    row => row.code,
  )
  return [...names.values()].filter(own => new Set(own.map(row => row.description)).size > 1).length
}

/** The value that occurs most often; the first of equals. Null of nothing. */
function mostFrequent(values: readonly string[]): string | null {
  const counted = new Map<string, number>()
  for (const value of values) counted.set(value, (counted.get(value) ?? 0) + 1)
  let best: string | null = null
  for (const [value, times] of counted) if (best === null || times > (counted.get(best) ?? 0)) best = value
  return best
}

/** A number in [0, 1) that depends on nothing but the text (FNV-1a). */
export function chanceOf(text: string): number {
  let hash = 0x811c9dc5
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 0) / 2 ** 32
}
