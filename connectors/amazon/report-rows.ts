import { AccountTrouble } from '../contract.ts'
import type { ReportedListing, ReportPart } from '../report.ts'
import type { FilePart } from './documents.ts'

/** Rows that are handed on at once. */
const ROWS = 1_000
/** Characters of one row at the most: descriptions of goods are in it. */
const ROW_MAX = 1024 * 1024

const COLUMNS = ['seller-sku', 'price', 'quantity', 'fulfillment-channel', 'status'] as const
type Column = (typeof COLUMNS)[number]

/** What a Java program calls its character sets. */
const CHARSETS: Readonly<Record<string, string>> = { cp1252: 'windows-1252' }

/** What the merchant listings report tells of each listing, from a row on. Nothing is quoted in it: a tab parts fields, a line is a row. */
export async function* listingParts(file: AsyncIterable<FilePart>, fromRow: number): AsyncGenerator<ReportPart> {
  let places: Readonly<Record<Column, number>> | null = null
  let row = 0
  let rows: ReportedListing[] = []
  for await (const line of lines(texts(file))) {
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

/** The text of a file, unpacked, as it comes. */
async function* texts(file: AsyncIterable<FilePart>): AsyncGenerator<string> {
  const parts = file[Symbol.asyncIterator]()
  const first = await parts.next()
  if (first.done) return
  const { contentType, isPacked } = first.value
  const bytes = ReadableStream.from(
    (async function* () {
      yield first.value.bytes
      for (let next = await parts.next(); !next.done; next = await parts.next()) yield next.value.bytes
    })(),
  )
  const plain = isPacked ? bytes.pipeThrough(new DecompressionStream('gzip')) : bytes
  const decoder = decoderOf(contentType)
  for await (const part of unbroken(plain)) yield decoder.decode(part, { stream: true })
  yield decoder.decode()
}

/** A file that cannot be unpacked was cut short or is none: it is fetched again. */
async function* unbroken(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (error) {
    if (error instanceof TypeError) throw new AccountTrouble('down', `Amazon's report cannot be unpacked: ${error.message}`)
    throw error
  }
}

function decoderOf(contentType: string) {
  const charset = /charset=([\w-]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8'
  try {
    return new TextDecoder(CHARSETS[charset] ?? charset)
  } catch {
    // A character set that nobody knows: what is not ASCII is spoilt, and such SKUs are looked at by name.
    return new TextDecoder()
  }
}

async function* lines(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of texts) {
    const all = (rest + text).split('\n')
    rest = all.pop() ?? ''
    for (const line of all) yield line.replace(/\r$/, '')
    if (rest.length > ROW_MAX) throw new AccountTrouble('down', "a row of Amazon's report has no end")
  }
  if (rest !== '') yield rest.replace(/\r$/, '')
}
