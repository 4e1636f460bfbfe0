import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { close, connect } from '../../db/connect.ts'
import { type ChangeRow, feedEnd, readFeed } from '../../db/feed.ts'
import { type Reader, startTailer, type Tailer } from '../../jobs/tailer.ts'
import { freshDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'

const { sql, url } = await freshDatabase()

function tail(consumer: string | null, taken: ChangeRow[], startedOver: string[] = []): { tailer: Tailer; stop: () => Promise<void> } {
  const stopper = new AbortController()
  const tailer = startTailer(sql, pino({ level: 'silent' }), stopper.signal, 20)
  const reader: Reader = {
    consumer,
    startOver: async () => {
      startedOver.push(consumer ?? 'nobody')
    },
    take: async rows => {
      taken.push(...rows)
    },
  }
  tailer.add(reader)
  const stop = async (): Promise<void> => {
    stopper.abort()
    await tailer.ended
  }
  onTestFinished(stop)
  return { tailer, stop }
}

const write = (ref: number): Promise<unknown> => sql`insert into change (kind, ref_id) values ('order', ${ref})`

test('a row that commits late behind newer ones is handed out all the same, each row once', async () => {
  const taken: ChangeRow[] = []
  const over: string[] = []
  tail('late', taken, over)
  await until('the reader has begun', () => over.length === 1)
  const [written, seen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const slow = sql.begin(async tx => {
    await tx`insert into change (kind, ref_id) values ('order', 1)`
    written.resolve()
    await seen.promise
  })
  await written.promise
  for (let ref = 2; ref <= 20; ref++) await write(ref)
  // An open write holds the horizon, but never what is visible already.
  await until('the visible rows came', () => taken.length === 19)
  seen.resolve()
  await slow
  await until('the late row came', () => taken.length === 20)
  expect(taken.map(row => row.refId).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
})

test('a row that tells of several SKUs is handed out as one of each, and read whole', async () => {
  const taken: ChangeRow[] = []
  const over: string[] = []
  const { stop } = tail('several', taken, over)
  await until('the reader has begun', () => over.length === 1)
  const start = await feedEnd(sql)
  await sql`insert into change (kind, variant_ids) select 'stock', array[n, n + 1, n + 2, n + 3] from generate_series(10, 30, 10) n`
  await until('all came', () => taken.length >= 12)
  expect(taken.map(row => [row.kind, row.variantId])).toEqual([10, 20, 30].flatMap(n => [0, 1, 2, 3].map(more => ['stock', n + more])))
  await stop()

  const page = await readFeed(sql, start, 5)
  expect(page.rows.map(row => row.variantId)).toEqual([10, 11, 12, 13, 20, 21, 22, 23])
  const rest = await readFeed(sql, page.rows.at(-1) ?? start, 5)
  expect(rest.rows.map(row => row.variantId)).toEqual([30, 31, 32, 33])
})

test('a reader that comes back goes on where its cursor stands; one of another cluster starts over', async () => {
  const first: ChangeRow[] = []
  const over: string[] = []
  const one = tail('back', first, over)
  await until('it has begun', () => over.length === 1)
  await write(100)
  await until('it has read', () => first.some(row => row.refId === 100))
  await until('its cursor is stored', async () => (await sql`select seq from feed_cursors where consumer = 'back'`).length === 1)
  await one.stop()
  await write(101)
  const second: ChangeRow[] = []
  const two = tail('back', second, over)
  await until('it goes on', () => second.some(row => row.refId === 101))
  expect(over).toEqual(['back'])
  await two.stop()
  await sql`update installation set generation = gen_random_uuid()`
  tail('back', [], over)
  await until('it starts over', () => over.length === 2)
})

test('many writers, slow and failing ones among them: nothing is skipped', async () => {
  const taken: ChangeRow[] = []
  const over: string[] = []
  tail(null, taken, over)
  await until('the reader has begun', () => over.length === 1)
  const writers = connect(url, { max: 8 })
  const expected: number[] = []
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 40; n++) {
        const ref = 1_000 + writer * 100 + n
        if (n % 10 === 9) await writers`select 1 / 0 from (insert_nothing) x`.catch(() => {})
        else {
          await writers`with slow as (select pg_sleep(${(n % 5) / 500})) insert into change (kind, ref_id) select 'order', ${ref} from slow`
          expected.push(ref)
        }
      }
    }),
  )
  await until('all rows came', () => taken.filter(row => (row.refId ?? 0) >= 1_000).length >= expected.length)
  expect(
    taken
      .map(row => row.refId)
      .filter(ref => (ref ?? 0) >= 1_000)
      .sort(),
  ).toEqual(expected.toSorted())
  await close(writers, 1)
})

test('a reader whose compare takes long, or fails, holds up no other', async () => {
  const taken: ChangeRow[] = []
  const over: string[] = []
  const { tailer, stop } = tail('at-work', taken, over)
  await until('it has begun', () => over.length === 1)
  let free = (): void => {}
  const compared = new Promise<void>(resolve => {
    free = resolve
  })
  const late: ChangeRow[] = []
  tailer.add({ consumer: 'slow', startOver: () => compared, take: async rows => void late.push(...rows) })
  let tries = 0
  const failing = async () => {
    tries += 1
    throw new Error('its books cannot be read')
  }
  tailer.add({ consumer: 'failing', startOver: failing, take: async () => {} })
  await until('the compare failed', () => tries > 0)
  await write(7_000)
  await until('who is at work was handed it', () => taken.some(row => row.refId === 7_000))
  free()
  await until('who was slow is handed it, too', () => late.some(row => row.refId === 7_000))
  await until('the other is tried again', () => tries > 1)
  await stop()
})

test('what is acted on aside holds the stored cursor, and no row behind it', async () => {
  const stopper = new AbortController()
  const tailer = startTailer(sql, pino({ level: 'silent' }), stopper.signal, 20)
  const end = async (): Promise<void> => {
    stopper.abort()
    await tailer.ended
  }
  onTestFinished(end)
  const acted = Promise.withResolvers<void>()
  const taken: number[] = []
  let hasBegun = false
  tailer.add({
    consumer: 'aside',
    startOver: async () => {
      hasBegun = true
    },
    take: async rows => {
      taken.push(...rows.map(row => row.refId ?? 0))
      return rows.some(row => row.refId === 9_001) ? { aside: acted.promise } : undefined
    },
  })
  const storedBefore = async (ref: number): Promise<boolean> => {
    const rows = await sql`
      select from feed_cursors f join change c on c.ref_id = ${ref} where f.consumer = 'aside' and (f.tx, f.seq) < (c.tx, c.seq)`
    return rows.length === 1
  }
  await until('it has begun', () => hasBegun)
  await write(9_001)
  await until('the first came', () => taken.includes(9_001))
  await write(9_002)
  await until('the one behind came', () => taken.includes(9_002))
  // Stored at the latest when the tailer ends.
  await end()
  expect(await storedBefore(9_001)).toBe(true)

  const again: ChangeRow[] = []
  tail('aside', again)
  await until('both come again', () => again.some(row => row.refId === 9_002))
  expect(again.map(row => row.refId).filter(ref => (ref ?? 0) > 9_000)).toEqual([9_001, 9_002])
  await until('and the cursor passes them', async () => !(await storedBefore(9_002)))
  acted.resolve()
})
