import { AccountTrouble } from '../contract.ts'
import type { FilePart } from './documents.ts'

/** Characters of one row at the most: descriptions of goods are in it. */
const ROW_MAX = 1024 * 1024

/** What a Java program calls its character sets. */
const CHARSETS: Readonly<Record<string, string>> = { cp1252: 'windows-1252' }

/** The lines of a file of a report, unpacked and decoded, as they come. Nothing is quoted in them: a tab parts fields, a line is a row. */
export async function* fileLines(file: AsyncIterable<FilePart>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of texts(file)) {
    const all = (rest + text).split('\n')
    rest = all.pop() ?? ''
    for (const line of all) yield line.replace(/\r$/, '')
    if (rest.length > ROW_MAX) throw new AccountTrouble('down', "a row of Amazon's report has no end")
  }
  if (rest !== '') yield rest.replace(/\r$/, '')
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
