import { createServer, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { AccountTrouble } from '../../connectors/contract.ts'
import { DEADLINE_MAX_MS, makeHttp } from '../../connectors/http.ts'
import { until } from '../support/until.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that something still holds on to: what was let go and is not collected yet is nobody's. */
function kept(): number {
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x')
const DEADLINE_MS = 400

/** Answers of a platform, or of what stands in between, that never come to a good end. */
const ANSWERS: Readonly<Record<string, (socket: Socket) => void>> = {
  'one byte a second': socket => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n')
    const timer = setInterval(() => socket.write('x'), 1_000)
    socket.on('close', () => clearInterval(timer))
  },
  'a head that drips': socket => {
    const timer = setInterval(() => socket.write('H'), 100)
    socket.on('close', () => clearInterval(timer))
  },
  silence: () => {},
  'a body without an end': socket => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    pour(socket, Number.POSITIVE_INFINITY, true)
  },
  'a hundred megabytes': socket => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${100 * MEGABYTE.length}\r\n\r\n`)
    pour(socket, 100, false)
  },
  'a hundred megabytes in pieces': socket => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    pour(socket, 100, true)
  },
  'a head without an end': socket => {
    socket.write('HTTP/1.1 200 OK\r\n')
    pour(socket, Number.POSITIVE_INFINITY, false, Buffer.from(`x-more: ${'y'.repeat(8_000)}\r\n`))
  },
  'half an answer, and the line is closed in good order': socket => {
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
  },
}

/** Bytes that were poured since the last question began. */
let poured = 0

/** Writes as quickly as it is taken. */
function pour(socket: Socket, times: number, isChunked: boolean, piece: Buffer = MEGABYTE): void {
  let left = times
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= 1
      if (isChunked) socket.write(`${piece.length.toString(16)}\r\n`)
      const goesOn = socket.write(piece)
      poured += piece.length
      if (isChunked) socket.write('\r\n')
      if (!goesOn) return
    }
  }
  socket.on('drain', more)
  more()
}

async function platform(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.once('data', head => {
      const name = decodeURIComponent(/^GET \/(\S*)/.exec(head.toString('latin1'))?.[1] ?? '')
      const answer = ANSWERS[name]
      if (answer) answer(socket)
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>(resolve => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  )
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

test('an answer that drips, never ends or is huge ends at the deadline or the limit, in little memory, and leaves its place to the next call (F19)', async () => {
  const url = await platform()
  const { http, close } = makeHttp({ connections: 2 })
  onTestFinished(close)
  const before = kept()
  for (const name of Object.keys(ANSWERS)) {
    poured = 0
    const at = performance.now()
    const calls = [0, 1].map(() => http({ method: 'GET', url: `${url}/${encodeURIComponent(name)}`, deadlineMs: DEADLINE_MS }))
    for (const ended of await Promise.allSettled(calls)) {
      expect(ended.status, name).toBe('rejected')
      if (ended.status === 'rejected') expect(ended.reason, name).toBeInstanceOf(AccountTrouble)
    }
    // Long before any deadline that is not its own.
    expect(performance.now() - at, name).toBeLessThan(DEADLINE_MAX_MS - 1_000)
    // No more is taken of the two than the limit of each, and what lies on the way.
    expect(poured, name).toBeLessThan(64 * MEGABYTE.length)
    const good = await http({ method: 'GET', url: `${url}/good` })
    expect(good.text, name).toBe('ok')
  }
  // A collection frees what lies outside of the heap a moment after it ended; what is held on to stays.
  await until('what came is let go', () => kept() - before < 32 * 1024 * 1024)
})
