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

/** Prices never leave over a plain connection, whatever address an answer names; a sandbox's own host is as good as its endpoint. */
function trusted(settings: Settings, address: string): string {
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.origin !== new URL(settings.endpoint).origin)
    throw new AccountTrouble('down', `Amazon named a document at ${url.host} without encryption`)
  return address
}
