import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import { afterEach, expect, test, vi } from 'vitest'
import { close, connect, singleBeside } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const end of ends.splice(0).reverse()) await end()
})

test('the end of a COPY waits for no acknowledgement of the network, also on a connection beside the pool', async () => {
  const { sql } = await freshDatabase({ empty: true })
  await sql`create table lines (line text)`
  for (const own of [sql, singleBeside(sql)]) {
    const tookMs: number[] = []
    for (let turn = 0; turn < 10; turn++) {
      const beganAt = performance.now()
      await pipeline(Readable.from(['a line\n']), await own`copy lines from stdin`.writable())
      tookMs.push(performance.now() - beganAt)
    }
    // With the delay each takes 80 ms at least; the quickest of ten tells it from a busy machine.
    expect(Math.min(...tookMs)).toBeLessThan(40)
  }
  expect(await sql`select count(*) as n from lines`).toEqual([{ n: 20 }])
})

test('a pool that found nobody connects as soon as the server is there, and does so again when its connection breaks', async () => {
  const { url } = await freshDatabase({ empty: true })
  const { hostname, port } = new URL(url)
  const door = await freeDoor()
  const sql = connect(throughDoor(url, door), { max: 1 })
  ends.push(() => close(sql, 1))
  await expect(sql`select 1`).rejects.toThrow(/ECONNREFUSED/)
  await expect(sql`select 1`).rejects.toThrow(/ECONNREFUSED/)
  const through = await proxyTo({ host: hostname, port: Number(port) }, door)
  expect(await sql`select 7 as n`).toEqual([{ n: 7 }])
  through.breakAll()
  await expect.poll(async () => (await sql`select 8 as n`.catch(() => []))[0]?.n).toBe(8)
  expect(through.count()).toBe(2)
})

test('a Unix socket is connected to', async () => {
  const { url } = await freshDatabase({ empty: true })
  const { hostname, port, username, password, pathname } = new URL(url)
  const folder = mkdtempSync(join(tmpdir(), 'concord-socket-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  const through = await proxyTo({ host: hostname, port: Number(port) }, join(folder, '.s.PGSQL.5432'))
  for (const [name, value] of [['PGHOST', folder] as const, ['PGUSER', username] as const, ['PGPASSWORD', password] as const])
    vi.stubEnv(name, value)
  const sql = connect(`postgres://${pathname}`, { max: 1 })
  ends.push(() => close(sql, 1))
  expect(await sql`select 7 as n`).toEqual([{ n: 7 }])
  expect(through.count()).toBe(1)
})

test('a list of hosts is tried one after another', async () => {
  const { url } = await freshDatabase({ empty: true })
  const { host, username, password, pathname } = new URL(url)
  const sql = connect(`postgres://${username}:${password}@127.0.0.1:${await freeDoor()},${host}${pathname}`, { max: 1 })
  ends.push(() => close(sql, 1))
  expect(await sql`select 7 as n`).toEqual([{ n: 7 }])
})

test('TLS is spoken with the name of the server that was asked for', async () => {
  const names: string[] = []
  const server = createServer(socket => {
    socket.on('error', () => {}) // The client is refused below, and may break the line first.
    socket.once('data', () => {
      const secured = new TLSSocket(socket, {
        isServer: true,
        SNICallback: (name, then) => {
          names.push(name)
          then(new Error('that is all that is asked of this server'))
        },
      })
      secured.on('error', () => socket.destroy())
      socket.write('S')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => void server.close())
  const sql = connect(`postgres://concord:x@localhost:${(server.address() as AddressInfo).port}/concord?sslmode=verify-full`, { max: 1 })
  ends.push(() => close(sql, 1))
  await expect(sql`select 1`).rejects.toThrow()
  expect(names).toEqual(['localhost'])
})

/** A port where nobody listens. */
async function freeDoor(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function throughDoor(url: string, port: number): string {
  const address = new URL(url)
  address.port = String(port)
  return address.href
}

/** Passes on what it gets to the server, from a port or a Unix socket. */
async function proxyTo(
  to: { readonly host: string; readonly port: number },
  door: number | string,
): Promise<{ readonly count: () => number; readonly breakAll: () => void }> {
  const open: Socket[] = []
  let count = 0
  const server = createServer(client => {
    count++
    const onward = dial(to)
    for (const [from, into] of [[client, onward] as const, [onward, client] as const]) {
      open.push(from)
      from.on('error', () => into.destroy())
      from.pipe(into)
    }
  })
  if (typeof door === 'number') server.listen(door, '127.0.0.1')
  else server.listen(door)
  await once(server, 'listening')
  const breakAll = () => {
    for (const socket of open.splice(0)) socket.destroy()
  }
  ends.push(() => {
    breakAll()
    server.close()
  })
  return { count: () => count, breakAll }
}
