import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import type { ReserveAnswer } from '../../db/reservations.ts'
import { type ReserveCommand, reserveMany } from '../../db/reserve.ts'
import { putLocation, putProducts } from '../../src/usecases/change-catalog.ts'
import { changeStock } from '../../src/usecases/change-stock.ts'
import { type Context, command } from '../../src/usecases/context.ts'
import { makeReserveLane } from '../../src/usecases/reserve.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'

let sql: Sql
let url: string
let context: Context
beforeAll(async () => {
  ;({ sql, url } = await freshDatabase())
  context = { sql, keyring: await readKeyring(`k:${Buffer.alloc(32).toString('base64')}`), actor: 'test' }
  await putLocation(context, null, 'create', { code: 'berlin', name: 'Berlin', kind: 'warehouse' })
})

async function stock(sku: string, units: number): Promise<void> {
  await putProducts(context, null, 'create', [{ handle: sku, title: sku, variants: [{ sku }] }])
  await changeStock(context, null, [{ kind: 'receive', sku, location: 'berlin', quantity: units }])
}

const one = (sku: string) => ({ lines: [{ sku, quantity: 1 }] })
const reservedOf = async (sku: string) =>
  (await sql`select reserved from balances b join variants v on v.id = b.variant_id where sku = ${sku}`)[0]?.reserved

/** A way to the database that waits until it is told to go on, and notes each batch. */
function gate() {
  const batches: ReserveCommand[][] = []
  const waiting: (() => void)[] = []
  const send = async (requests: readonly ReserveCommand[]): Promise<readonly ReserveAnswer[]> => {
    batches.push([...requests])
    await new Promise<void>(resolve => waiting.push(resolve))
    return reserveMany(sql, requests)
  }
  return { batches, send, open: () => waiting.shift()?.() }
}

describe('the reserve lane', () => {
  test('gathers what is asked while a statement is under way, and sends it together in the next, in its order', async () => {
    await stock('gathered', 3)
    const { batches, send, open } = gate()
    const lane = makeReserveLane(sql, { send })
    const first = lane(context, 'g-0', one('gathered'))
    await nextTurn()
    const rest = [1, 2, 3, 4].map(n => lane(context, `g-${n}`, one('gathered')))
    open()
    expect((await first).outcome).toBe('reserved')
    await expect.poll(() => batches.length).toBe(2)
    open()
    // In order: the first two of those that waited got the last two units.
    expect((await Promise.all(rest)).map(answer => answer.outcome)).toEqual(['reserved', 'reserved', 'insufficient', 'insufficient'])
    expect(batches.map(batch => batch.map(request => (request as { key: string }).key))).toEqual([['g-0'], ['g-1', 'g-2', 'g-3', 'g-4']])
  })

  test('sends at most 256 at a time', async () => {
    await stock('many', 1000)
    const { batches, send, open } = gate()
    const lane = makeReserveLane(sql, { send })
    const all = Array.from({ length: 600 }, () => lane(context, null, one('many')))
    for (let n = 1; n <= 3; n++) {
      await expect.poll(() => batches.length).toBeGreaterThanOrEqual(n)
      open()
    }
    const answers = await Promise.all(all)
    expect(answers.every(answer => answer.outcome === 'reserved')).toBe(true)
    expect(batches.map(batch => batch.length)).toEqual([256, 256, 88])
    expect(await reservedOf('many')).toBe(600)
  })

  test('sends what is asked in one turn together', async () => {
    await stock('turn', 3)
    const { batches, send, open } = gate()
    const lane = makeReserveLane(sql, { send })
    const all = [1, 2, 3].map(() => lane(context, null, one('turn')))
    await nextTurn()
    open()
    await Promise.all(all)
    expect(batches.map(batch => batch.length)).toEqual([3])
  })

  test('sends a second batch while one is under way only when 8 wait, no more than its share of all, and never a third', async () => {
    await stock('second', 100)
    const { batches, send, open } = gate()
    const lane = makeReserveLane(sql, { send })
    const ask = async (n: number) => {
      const asked = Array.from({ length: n }, () => lane(context, null, one('second')))
      await nextTurn()
      return asked
    }
    const sizes = () => batches.map(batch => batch.length)
    const all = [await ask(1), await ask(7)]
    expect(sizes()).toEqual([1])
    all.push(await ask(1))
    expect(sizes()).toEqual([1, 8])
    all.push(await ask(40))
    expect(sizes()).toEqual([1, 8])
    open()
    await expect.poll(sizes).toEqual([1, 8, 24])
    open()
    open()
    await expect.poll(sizes).toEqual([1, 8, 24, 16])
    open()
    expect((await Promise.all(all.flat())).every(answer => answer.outcome === 'reserved')).toBe(true)
  })

  test('sends the second batch behind the first, over the same connection', async () => {
    await stock('behind', 100)
    const lane = makeReserveLane(sql)
    const first = lane(context, null, one('behind'))
    await nextTurn()
    await Promise.all([first, ...Array.from({ length: 8 }, () => lane(context, null, one('behind')))])
    const name = new URL(url).pathname.slice(1)
    expect(
      await sql`select 1 from pg_stat_activity where datname = ${name} and query like '%stock_reserve_plain_1(%' and pid <> pg_backend_pid()`,
    ).toHaveLength(1)
    expect(await reservedOf('behind')).toBe(9)
  })

  test('answers the same key twice in one batch the same, and reserves once', async () => {
    await stock('twice', 10)
    const { send, open, batches } = gate()
    const lane = makeReserveLane(sql, { send })
    const first = lane(context, null, one('twice'))
    await nextTurn()
    const pair = [lane(context, 'same', one('twice')), lane(context, 'same', one('twice'))]
    const other = lane(context, 'same', { lines: [{ sku: 'twice', quantity: 2 }] })
    open()
    await first
    await expect.poll(() => batches.length).toBe(2)
    open()
    const [a, b] = await Promise.all(pair)
    expect(b).toEqual({ ...a, replayed: true })
    expect(await other).toEqual({ outcome: 'key_conflict' })
    expect(await reservedOf('twice')).toBe(2)
  })

  test('asks a batch once more by its keys when the connection was lost after it had taken effect', async () => {
    await stock('lost', 10)
    let calls = 0
    const send = async (requests: readonly ReserveCommand[]): Promise<readonly ReserveAnswer[]> => {
      const answers = await reserveMany(sql, requests)
      if (++calls === 1) throw Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' })
      return answers
    }
    const answer = await makeReserveLane(sql, { send, pauseMs: 0 })(context, null, one('lost'))
    expect(answer).toMatchObject({ outcome: 'reserved', replayed: true })
    expect(await reservedOf('lost')).toBe(1)
  })

  test('reserves for every request once when connections break again and again', async () => {
    await stock('broken', 1000)
    const other = await freshDatabase({ empty: true, max: 1 })
    const lane = makeReserveLane(sql, { pauseMs: 1 })
    let isOver = false
    const breaking = (async () => {
      while (!isOver) {
        await other.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = ${new URL(url).pathname.slice(1)} and pid <> pg_backend_pid() order by random() limit 1`
        await wait(300)
      }
    })()
    let answered = 0
    const ask = async (): Promise<void> => {
      for (let n = 0; n < 40; n++) {
        // Two connections lost in a row are told to the caller, who asks again by the key.
        for (let key = `broken-${answered++}`, isKnown = false; !isKnown; )
          isKnown = await lane(context, key, one('broken')).then(
            answer => answer.outcome === 'reserved',
            () => false,
          )
      }
    }
    await Promise.all(Array.from({ length: 20 }, ask))
    isOver = true
    await breaking
    expect(answered).toBe(800)
    expect(await reservedOf('broken')).toBe(800)
  })

  test('fails every request of a batch that the system fails, and goes on with the next', async () => {
    await stock('failing', 10)
    let fails = true
    const send = (requests: readonly ReserveCommand[]) => (fails ? Promise.reject(new Error('disk full')) : reserveMany(sql, requests))
    const lane = makeReserveLane(sql, { send })
    await expect(lane(context, null, one('failing'))).rejects.toThrow('disk full')
    fails = false
    expect((await lane(context, null, one('failing'))).outcome).toBe('reserved')
  })

  test('in two processes decides the same key once', async () => {
    await stock('raced', 10)
    const lanes = [makeReserveLane(sql), makeReserveLane(sql)]
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => lanes[n % 2]?.(context, 'raced', one('raced'))))
    expect(answers.filter(answer => answer?.outcome === 'reserved' && answer.replayed !== true)).toHaveLength(1)
    expect(answers.every(answer => answer?.outcome === 'reserved')).toBe(true)
    expect(await reservedOf('raced')).toBe(1)
  })
})

test('a request to reserve is hashed as every command is, so that its key holds whatever release asks', async () => {
  const { batches, send, open } = gate()
  const lane = makeReserveLane(sql, { send })
  const asked = { lines: [{ sku: 'X', quantity: 1, location: 'berlin' }], partial: true, channel: undefined, expiresInS: 60 }
  const answered = lane(context, 'hashed', asked)
  await nextTurn()
  expect(batches[0]?.[0]).toMatchObject(command(context, 'stock.reserve', 'hashed', asked))
  open()
  await answered
})
