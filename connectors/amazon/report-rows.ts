import type { ReportedListing, ReportPart } from '../report.ts'
import type { FilePart } from './documents.ts'
import { fileLines } from './report-lines.ts'

/** Rows that are handed on at once. */
const ROWS = 1_000
const COLUMNS = ['seller-sku', 'price', 'quantity', 'fulfillment-channel', 'status'] as const
type Column = (typeof COLUMNS)[number]

/** What the merchant listings report tells of each listing, from a row on. Nothing is quoted in it: a tab parts fields, a line is a row. */
export async function* listingParts(file: AsyncIterable<FilePart>, fromRow: number): AsyncGenerator<ReportPart> {
  let places: Readonly<Record<Column, number>> | null = null
  let row = 0
  let rows: ReportedListing[] = []
  for await (const line of fileLines(file)) {
    const fields = line.split('\t')
    if (places === null) {
      const found = placesOf(fields)
      if (found === null) {
        yield { words: `columns of Amazon's report are missing: it has ${fields.slice(0, 40).join(', ').slice(0, 500)}` }
        return
      }
      places = found
      continue
    }
    row += 1
    const listing = row > fromRow ? listingOf(fields, places) : null
    if (listing !== null) rows.push(listing)
    if (rows.length === ROWS) {
      yield { rows, nextRow: row }
      rows = []
    }
  }
  if (places === null) yield { words: "Amazon's report is empty" }
  else if (rows.length > 0) yield { rows, nextRow: row }
}

function placesOf(header: readonly string[]): Readonly<Record<Column, number>> | null {
  const places = COLUMNS.map(name => [name, header.indexOf(name)] as const)
  return places.some(([, at]) => at < 0) ? null : (Object.fromEntries(places) as Record<Column, number>)
}

function listingOf(fields: readonly string[], places: Readonly<Record<Column, number>>): ReportedListing | null {
  const field = (name: Column): string => fields[places[name]]?.trim() ?? ''
  const sku = field('seller-sku')
  if (sku === '') return null
  const [price, quantity, status] = [field('price'), field('quantity'), field('status')]
  // Stock of Amazon's own warehouses is not told here, and not ours to set.
  const isOurs = field('fulfillment-channel') === 'DEFAULT' && /^\d+$/.test(quantity)
  return {
    sku,
    // What is sold out is called inactive, though it waits for nothing but stock: that says nothing of its state.
    state: status === 'Active' ? 'active' : isOurs && Number(quantity) === 0 ? null : 'inactive',
    quantity: isOurs ? Number(quantity) : null,
    regular: /^\d+(\.\d+)?$/.test(price) ? price : null,
  }
}
