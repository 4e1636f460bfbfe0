import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { makeOutside, type OutsideAnswer, type OutsideOptions, type Resolved } from '../../connectors/outside.ts'
import { isPublicAddress } from '../../connectors/public-address.ts'

let ending: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ending) await end()
  ending = []
})

async function server(host: string, answer: (request: IncomingMessage, response: ServerResponse) => void, port = 0): Promise<number> {
  const started = createServer(answer)
  await new Promise<void>(resolve => started.listen(port, host, resolve))
  ending.push(() => {
    started.closeAllConnections()
    return new Promise(resolve => started.close(() => resolve()))
  })
  return (started.address() as AddressInfo).port
}

function post(url: string, options: OutsideOptions, more: { readonly deadlineMs?: number; readonly signal?: AbortSignal } = {}) {
  const door = makeOutside(options)
  ending.unshift(door.close)
  return door.post({ url, headers: { 'content-type': 'application/json' }, body: '{"a":1}', deadlineMs: 5_000, ...more })
}

describe('a public address', () => {
  test.each([
    ...['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.1', '100.63.0.1', '100.128.0.1', '192.167.1.1', '223.255.255.255'],
    ...['2606:4700:4700::1111', '2a00:1450:4001::1', '2001:4860:4860::8888'],
  ])('%s is one', address => expect(isPublicAddress(address)).toBe(true))

  test.each([
    ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
    ...['192.0.0.1', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
    ...['224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::8.8.8.8', '64:ff9b::7f00:1', '100::1', '2001::1', '2001:db8::1'],
    ...['2002:7f00:1::', '3fff::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '5f00::1'],
    ...['', 'localhost', '127.1', '0x7f000001', '2130706433'],
  ])('"%s" is none', address => expect(isPublicAddress(address)).toBe(false))
})

describe('the way to addresses that people typed in', () => {
  test.each([
    ...['https://127.0.0.1/', 'https://[::1]/', 'https://10.1.2.3/hook', 'https://169.254.169.254/latest/meta-data', 'https://0x7f.1/'],
    ...['https://2130706433/', 'https://017700000001/', 'https://[::ffff:7f00:1]/', 'https://0/'],
  ])('is closed to %s, which needs no name', async url =>
    expect(await post(url, {})).toEqual({ status: null, trouble: 'address_not_public' }),
  )

  test.each(['http://example.org/', 'ftp://example.org/', 'file:///etc/passwd', 'nonsense'])(
    'is closed to %s, which has no TLS',
    async url => expect(await post(url, {})).toEqual({ status: null, trouble: 'not_https' }),
  )

  test.each<[string, Resolved]>([
    ['at home', [{ address: '127.0.0.1', family: 4 }]],
    ['at home by IPv6', [{ address: '::1', family: 6 }]],
    [
      'in one of two places at home',
      [
        { address: '8.8.8.8', family: 4 },
        { address: '192.168.0.1', family: 4 },
      ],
    ],
    ['nowhere', []],
  ])('is closed to a name that lives %s', async (_, found) => {
    const answer = await post('https://hook.example.org/', { resolve: async () => found })
    expect(answer).toEqual({ status: null, trouble: 'address_not_public' })
  })

  test('looks at what a name resolves to for each connection: one that answers otherwise the second time gains nothing', async () => {
    let inside = 0
    let outside = 0
    // Stands for the public internet here: everything else is home.
    const port = await server('127.0.0.2', (_, response) => {
      outside++
      response.end()
    })
    await server(
      '127.0.0.1',
      (_, response) => {
        inside++
        response.end()
      },
      port,
    )
    let asked = 0
    const resolve = async (): Promise<Resolved> => [{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }]
    // The check of TLS is not what is tested here: the door is opened to http, and only its look at addresses stays.
    const door = makeOutside({ resolve, isOpen: address => address === '127.0.0.2', allowHttp: true })
    ending.unshift(door.close)
    const call = { url: `http://hook.example.org:${port}/`, headers: {}, body: '{}', deadlineMs: 5_000 }
    expect(await door.post(call)).toMatchObject({ status: 200 })
    expect(await door.post(call)).toEqual({ status: null, trouble: 'address_not_public' })
    expect([asked, outside, inside]).toEqual([2, 1, 0])
  })

  test('is open to places at home where the installation says so, and posts what it was given', async () => {
    let got: unknown
    const port = await server('127.0.0.1', (request, response) => {
      let body = ''
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => {
        got = { method: request.method, url: request.url, type: request.headers['content-type'], body }
        response.writeHead(204).end()
      })
    })
    expect(await post(`http://127.0.0.1:${port}/in?x=1`, { allowPrivate: true })).toEqual({ status: 204, retryAfter: undefined })
    expect(got).toEqual({ method: 'POST', url: '/in?x=1', type: 'application/json', body: '{"a":1}' })
  })

  test('follows no redirect', async () => {
    let came = 0
    const port = await server('127.0.0.1', (_, response) => {
      came++
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(await post(`http://127.0.0.1:${port}/`, { allowPrivate: true })).toMatchObject({ status: 302 })
    expect(came).toBe(1)
  })

  test('waits no longer than told, nor when it is to stop', async () => {
    const port = await server('127.0.0.1', () => {})
    const url = `http://127.0.0.1:${port}/`
    expect(await post(url, { allowPrivate: true }, { deadlineMs: 100 })).toEqual({ status: null, trouble: 'timeout' })
    const stop = new AbortController()
    const answer: Promise<OutsideAnswer> = post(url, { allowPrivate: true }, { signal: stop.signal })
    stop.abort()
    expect(await answer).toEqual({ status: null, trouble: 'stopped' })
  })

  test('takes the verdict of an answer without end, and reads no more of it than it must', async () => {
    let sent = 0
    const port = await server('127.0.0.1', (_, response) => {
      response.writeHead(200)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536
        response.once('drain', more)
      }
      more()
    })
    expect(await post(`http://127.0.0.1:${port}/`, { allowPrivate: true })).toMatchObject({ status: 200 })
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  test('tells in one word why nobody answered', async () => {
    const port = await server('127.0.0.1', (_, response) => response.end())
    await ending.pop()?.()
    expect(await post(`http://127.0.0.1:${port}/`, { allowPrivate: true })).toEqual({ status: null, trouble: 'ECONNREFUSED' })
  })
})
