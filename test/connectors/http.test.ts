import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { AccountTrouble } from '../../connectors/contract.ts'
import { DEADLINE_MAX_MS, type HttpCall, makeHttp, retryAfterMs } from '../../connectors/http.ts'

let ending: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ending) await end()
  ending = []
})

async function server(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const started: Server = createServer(answer)
  await new Promise<void>(resolve => started.listen(0, '127.0.0.1', resolve))
  ending.push(() => {
    started.closeAllConnections()
    return new Promise(resolve => started.close(() => resolve()))
  })
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`
}

function http(): (call: HttpCall) => ReturnType<ReturnType<typeof makeHttp>['http']> {
  const made = makeHttp()
  ending.unshift(made.close)
  return made.http
}

async function trouble(call: HttpCall): Promise<AccountTrouble> {
  const error: unknown = await http()(call).catch((reason: unknown) => reason)
  if (error instanceof AccountTrouble) return error
  throw new Error('no trouble of the account was thrown', { cause: error })
}

describe('the only way out', () => {
  test('answers status, headers and text, and sends what it was given', async () => {
    const url = await server((request, response) => {
      let body = ''
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () =>
        response.writeHead(418, { 'x-one': 'a', 'set-cookie': ['b', 'c'] }).end(`${request.method} ${request.headers['x-key']} ${body}`),
      )
    })
    const answer = await http()({ method: 'PUT', url, headers: { 'x-key': 'k' }, body: 'größe' })
    expect([answer.status, answer.text, answer.headers['x-one'], answer.headers['set-cookie']]).toEqual([418, 'PUT k größe', 'a', 'b, c'])
  })

  test('unpacks a file that is packed, and takes none that is broken or unpacks to anything', async () => {
    const files: Readonly<Record<string, Buffer>> = {
      '/good': gzipSync('größe'),
      '/broken': gzipSync('größe').subarray(0, 20),
      '/bomb': gzipSync(Buffer.alloc(65 * 1024 * 1024)),
    }
    const url = await server((request, response) => response.end(files[request.url ?? '']))
    expect((await http()({ method: 'GET', url: `${url}/good`, gunzip: true })).text).toBe('größe')
    for (const file of ['broken', 'bomb'])
      expect(await trouble({ method: 'GET', url: `${url}/${file}`, gunzip: true })).toMatchObject({ kind: 'down' })
  })

  test('follows no redirect', async () => {
    const url = await server((_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end())
    expect(await trouble({ method: 'GET', url })).toMatchObject({
      kind: 'down',
      maybeTookEffect: false,
      message: expect.stringContaining('redirect'),
    })
  })

  test.each([
    [true, true],
    [false, false],
  ])(
    'ends a call whose answer does not come in time; when it writes (%s), it may have taken effect (%s)',
    async (writes, maybeTookEffect) => {
      const url = await server(() => {})
      // Time enough to be under way, whatever else the machine does: a call that has not left took no effect.
      const found = await trouble({ method: 'POST', url: `${url}/orders`, deadlineMs: 1_000, writes })
      expect(found).toMatchObject({ kind: 'down', maybeTookEffect, message: expect.stringContaining('/orders: no answer in time') })
    },
  )

  test('ends a call whose answer stops in the middle', async () => {
    const url = await server((_, response) => response.writeHead(200, { 'content-length': '10' }).write('half'))
    expect(await trouble({ method: 'GET', url, deadlineMs: 50 })).toMatchObject({
      kind: 'down',
      message: expect.stringContaining('no answer in time'),
    })
  })

  test('a write on a connection that breaks may have taken effect', async () => {
    const url = await server(request => request.socket.destroy())
    expect(await trouble({ method: 'POST', url, body: '{}', writes: true })).toMatchObject({ kind: 'down', maybeTookEffect: true })
  })

  test.each([
    ['nobody listens', 'http://127.0.0.1:9/'],
    ['the name does not exist', 'http://no-such-host.invalid/'],
    ['the address is none', 'nonsense'],
  ])('a write did certainly not take effect when %s', async (_, url) => {
    expect(await trouble({ method: 'POST', url, body: '{}', writes: true })).toMatchObject({ kind: 'down', maybeTookEffect: false })
  })

  test('refuses an answer that is too large', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    const url = await server((_, response) => {
      response.writeHead(200)
      for (let n = 0; n < 11; n += 1) response.write(megabyte)
      response.end()
    })
    expect(await trouble({ method: 'GET', url })).toMatchObject({ kind: 'down' })
  })

  test('puts neither the query nor user info nor a header in its words', async () => {
    const url = (await server(request => request.socket.destroy())).replace('http://', 'http://user:pass-word@')
    const found = await trouble({ method: 'GET', url: `${url}/path?consumer_secret=cs_1`, headers: { authorization: 'Bearer tok' } })
    expect(found.message).toMatch(/^GET 127\.0\.0\.1:\d+\/path: /)
    for (const secret of ['cs_1', 'pass-word', 'tok'])
      expect(`${found.stack} ${JSON.stringify(found)} ${String(found.cause)}`).not.toContain(secret)
  })

  test('begins nothing that is refused by the time the connection stands', async () => {
    let reached = 0
    const url = await server((_request, response) => {
      reached += 1
      response.end('ok')
    })
    const lost = new Error('the lease is not certain')
    let isLost = false
    const own = makeHttp({ refusal: () => (isLost ? lost : null) })
    expect((await own.http({ method: 'GET', url })).text).toBe('ok')
    const late = own.http({ method: 'POST', url, body: '{}', writes: true })
    isLost = true
    await expect(late).rejects.toBe(lost)
    isLost = false
    expect((await own.http({ method: 'GET', url })).text).toBe('ok')
    expect(reached).toBe(2)
    await own.close()
  })

  test('no call outlives the longest deadline, which a lease counts on', () => {
    expect(DEADLINE_MAX_MS).toBeLessThanOrEqual(7_000)
  })
})

describe('Retry-After', () => {
  const now = new Date('2026-11-22T08:00:00.000Z')
  test.each([
    ['120', 120_000],
    [' 3 ', 3000],
    ['0', 1000],
    ['Sun, 22 Nov 2026 08:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 07:00:00 GMT', 1000],
    ['86400', 86_400_000],
    ['99999999999', 2_100_000_000],
    ['soon', 30_000],
    ['', 30_000],
    [undefined, 30_000],
  ])('"%s" waits %i ms', (header, ms) => expect(retryAfterMs(header, now, 30_000)).toBe(ms))
})
