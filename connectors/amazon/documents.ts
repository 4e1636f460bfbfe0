import { AccountTrouble, type Tools } from '../contract.ts'
import { inTurn } from '../in-turn.ts'
import type { Settings } from './access.ts'

/** Feeds and reports are files in a store beside the API, at addresses that Amazon signs for five minutes. They need no token, and get none. */
type Account = { readonly settings: Settings; readonly tools: Tools }

/** Puts a file at its address. Nothing happens at the shop by it. */
export function upload({ settings, tools }: Account, url: string, contentType: string, body: string): Promise<void> {
  return inTurn(tools.pace, 'uploadDocument', {}, async () => {
    const answer = await tools.http({ method: 'PUT', url: trusted(settings, url), headers: { 'content-type': contentType }, body })
    if (answer.status >= 300) throw new AccountTrouble('down', `Amazon's store of documents answered ${answer.status} to an upload`)
  })
}

/** The text of a file, unpacked. */
export function download(
  { settings, tools }: Account,
  file: { readonly url: string; readonly compressionAlgorithm?: 'GZIP' | undefined },
): Promise<string> {
  return inTurn(tools.pace, 'downloadDocument', {}, async () => {
    const packed = file.compressionAlgorithm === 'GZIP'
    const answer = await tools.http({ method: 'GET', url: trusted(settings, file.url), gunzip: packed })
    if (answer.status !== 200) throw new AccountTrouble('down', `Amazon's store of documents answered ${answer.status} to a download`)
    return answer.text
  })
}

/** Bytes of a large file that are fetched at once: quick enough for the deadline of a call, whatever the file's size. */
const PART_BYTES = 2 * 1024 * 1024

/** A piece of a file as it lies in the store; the first tells its kind. */
export type FilePart = { readonly bytes: Uint8Array; readonly contentType: string; readonly isPacked: boolean }

/** A large file, piece by piece. `addressOf` signs its address, and is asked again when the five minutes are over in the middle. */
export async function* downloadParts(
  { settings, tools }: Account,
  addressOf: () => Promise<{ readonly url: string; readonly compressionAlgorithm?: 'GZIP' | undefined }>,
): AsyncGenerator<FilePart> {
  let file = await addressOf()
  let at = 0
  let isSignedNow = true
  for (;;) {
    const headers = { range: `bytes=${at}-${at + PART_BYTES - 1}` }
    const answer = await inTurn(tools.pace, 'downloadDocument', { spare: true }, () =>
      tools.http({ method: 'GET', url: trusted(settings, file.url), headers, bytes: true }),
    )
    if (answer.status === 403 && !isSignedNow) {
      file = await addressOf()
      isSignedNow = true
      continue
    }
    isSignedNow = false
    const bytes = answer.bytes ?? new Uint8Array()
    const total = answer.status === 206 ? Number(/\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1]) : bytes.length
    const isPart = answer.status === 206 && bytes.length > 0 && total > 0
    // A store that knows no ranges hands out all of it at once.
    if (!isPart && !(answer.status === 200 && at === 0))
      throw new AccountTrouble('down', `Amazon's store of documents answered ${answer.status} to a part of a download`)
    yield { bytes, contentType: answer.headers['content-type'] ?? '', isPacked: file.compressionAlgorithm === 'GZIP' }
    at += bytes.length
    if (at >= total) return
  }
}

/** Prices never leave over a plain connection, whatever address an answer names; a sandbox's own host is as good as its endpoint. */
function trusted(settings: Settings, address: string): string {
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.origin !== new URL(settings.endpoint).origin)
    throw new AccountTrouble('down', `Amazon named a document at ${url.host} without encryption`)
  return address
}
