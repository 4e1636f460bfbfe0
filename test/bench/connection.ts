import { connect } from 'node:net'

/** What came back: the status, and the body's text when it is a refusal. The body of any other answer is read to its end and dropped. */
export type Answer = { readonly status: number; readonly text: string }

/** One keep-alive connection of one client: it asks, waits for the whole answer, asks again. */
export type Connection = {
  /** Sends the bytes of one request. `onAnswer` is called when the whole answer has come; one request at a time. */
  readonly ask: (request: string, onAnswer: (answer: Answer) => void) => void
  readonly end: () => void
}

/**
 * Opens a connection that speaks as much HTTP/1.1 as a measuring client needs. The library that the hub itself uses costs two to three times
 * as much CPU for each request, which on two cores is taken from what is measured.
 */
export async function openConnection(origin: string, onError: (error: Error) => void): Promise<Connection> {
  const { hostname, port } = new URL(origin)
  let waiting: ((answer: Answer) => void) | null = null
  const read = makeReader(answer => {
    const then = waiting
    waiting = null
    then?.(answer)
  })
  const socket = connect({
    ...{ host: hostname, port: Number(port), noDelay: true },
    onread: {
      buffer: Buffer.allocUnsafe(64 * 1024),
      callback: (size, bytes) => {
        read(Buffer.from(bytes.buffer, bytes.byteOffset, size))
        return true
      },
    },
  })
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  socket.on('error', onError)
  socket.on('close', () => {
    if (waiting !== null) onError(new Error('the server closed a connection instead of answering'))
  })
  return {
    ask: (request, onAnswer) => {
      waiting = onAnswer
      socket.write(request)
    },
    end: () => socket.end(),
  }
}

type Phase = 'head' | 'body' | 'size' | 'trailer'

/** Takes what arrives, in whatever pieces, and tells of each answer once its last byte is there. */
export function makeReader(onAnswer: (answer: Answer) => void): (bytes: Buffer) => void {
  let phase: Phase = 'head'
  let line = ''
  let status = 0
  let isChunked = false
  let left = 0
  let text = ''

  function finish(): void {
    const answer = { status, text }
    phase = 'head'
    text = ''
    onAnswer(answer)
  }

  function takeHead(head: string): void {
    status = Number(head.slice(9, 12))
    isChunked = /\r\ntransfer-encoding: *chunked/i.test(head)
    left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
    phase = isChunked ? 'size' : 'body'
    if (!isChunked && left === 0) finish()
  }

  function takeLine(words: string): void {
    if (phase === 'trailer') {
      if (words === '') finish()
      return
    }
    // The empty line that ends the chunk before.
    if (words === '') return
    left = Number.parseInt(words, 16)
    phase = left === 0 ? 'trailer' : 'body'
  }

  return bytes => {
    let at = 0
    while (at < bytes.length) {
      if (phase === 'body') {
        const end = Math.min(bytes.length, at + left)
        if (status >= 300) text += bytes.toString('utf8', at, end)
        left -= end - at
        at = end
        if (left > 0) return
        if (isChunked) phase = 'size'
        else finish()
        continue
      }
      const mark = phase === 'head' ? '\r\n\r\n' : '\r\n'
      // The mark itself may have come in two pieces, so it is looked for in what was kept and what is new together.
      const before = line.length
      line += bytes.toString('latin1', at)
      const end = line.indexOf(mark)
      if (end < 0) return
      const words = line.slice(0, end)
      at += end + mark.length - before
      line = ''
      if (phase === 'head') takeHead(words)
      else takeLine(words)
    }
  }
}
