import { Buffer, isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Fault } from '../values/fault.ts'

/** A file's bytes, from the beginning each time it is opened. */
export type ByteSource = () => AsyncIterable<Uint8Array>

export const encodings = ['utf-8', 'windows-1252'] as const
export type Encoding = (typeof encodings)[number]

/** SHA-256 of the bytes, hexadecimal. */
export async function hashOf(source: ByteSource): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of source()) hash.update(chunk)
  return hash.digest('hex')
}

/**
 * Decodes a file piece by piece; a byte order mark of UTF-8 is dropped. All text before the first wrong byte is answered.
 * @throws Fault invalid where the bytes are not of that encoding; it names the byte and the way out.
 */
export async function* decode(source: ByteSource, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let offset = 0
  // Bytes of a character that the chunk before has begun.
  let rest = new Uint8Array(0)
  for await (const piece of source()) {
    if (offset === 0 && rest.length === 0) refuseUtf16(piece)
    const chunk = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const whole = encoding === 'utf-8' ? chunk.length - unfinished(chunk) : chunk.length
    const end = encoding === 'utf-8' ? validEnd(chunk, whole) : whole
    const nul = chunk.subarray(0, end).indexOf(0)
    yield decoder.decode(chunk.subarray(0, nul < 0 ? end : nul), { stream: true })
    if (nul >= 0) throw notText(offset + nul, 0, 'a zero byte: this is no text file; export it as CSV')
    if (end < whole) throw notText(offset + end, chunk[end], NOT_UTF8)
    offset += whole
    rest = Uint8Array.from(chunk.subarray(whole))
  }
  if (rest.length > 0) throw notText(offset, rest[0], NOT_UTF8)
}

const NOT_UTF8 = 'not UTF-8: save the file as "CSV UTF-8", or pass --encoding windows-1252 if it came from an older Excel'

function refuseUtf16(chunk: Uint8Array): void {
  const isUtf16 = (chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff)
  if (isUtf16) throw notText(0, chunk[0], 'UTF-16: save the file as "CSV UTF-8"')
}

/** Where the first character begins that is not UTF-8; `whole` when there is none. Halves the range, because a check is quick and errors are rare. */
function validEnd(chunk: Uint8Array, whole: number): number {
  if (isUtf8(chunk.subarray(0, whole))) return whole
  let [good, bad] = [0, whole]
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    const part = chunk.subarray(0, middle)
    if (isUtf8(part.subarray(0, middle - unfinished(part)))) good = middle
    else bad = middle
  }
  return good - unfinished(chunk.subarray(0, good))
}

/** How many bytes at the end of the chunk begin a character that is not finished. */
function unfinished(chunk: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? back : 0
  }
  return 0
}

function notText(offset: number, byte = 0, words: string): Fault {
  const value = `0x${byte.toString(16).padStart(2, '0')}`
  return new Fault('invalid', `byte ${offset + 1} (${value}): ${words}`, {
    field: 'encoding',
    value,
    offset,
    expected: words,
  })
}
