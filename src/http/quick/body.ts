import type { IncomingMessage } from 'node:http'

/** The body of a request; when the caller hangs up meanwhile, what came of it. */
export function readBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise(resolve => {
    let whole: Buffer | null = null
    let more: Buffer[] | null = null
    incoming.on('data', (part: Buffer) => {
      // Nearly always there is one part, and nothing to put together.
      if (whole === null) whole = part
      else {
        more ??= [whole]
        more.push(part)
      }
    })
    const finish = (): void => resolve(more === null ? (whole ?? Buffer.alloc(0)) : Buffer.concat(more))
    incoming.once('end', finish)
    incoming.once('close', finish)
  })
}
