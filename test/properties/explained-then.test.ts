import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from '../../db/connect.ts'
import { explain } from '../../src/usecases/explain.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, quietChannel, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { contextOf } from '../usecases/import-support.ts'

// A random history of everything that moves a shown number. After each step the numbers are noted with the database's instant; in the end each
// instant is explained, and must be what was noted. The present is explained after each step too.

const { sql } = await freshDatabase()
const context = await contextOf(sql)
await layIn(sql, { OTHER: { a: 1, b: 1, c: 1 } })
const channels = [await quietChannel(sql, 'one', ['a', 'b']), await quietChannel(sql, 'two', ['c', 'b'])]
const ids = channels.map(channel => channel.channelId)

const PLACES = ['a', 'b', 'c'] as const
const place = fc.constantFrom(...PLACES)
const which = fc.constantFrom('plain', 'part', 'lots', 'kit')
const some = fc.integer({ min: 1, max: 6 })
const soon = fc.option(fc.integer({ min: 1, max: 40 }))

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('receive', 'count', 'damage', 'restore', 'safety', 'adjust'), which, place, some, soon }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('hold' as const), which, some, soon }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('release', 'settle'), nth: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('order' as const), which, some, channel: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ship' as const), nth: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('policy' as const),
      channel: fc.nat(1),
      set: fc.oneof(
        fc.record({ buffer: fc.nat(3) }),
        fc.record({ bufferPercent: fc.constantFrom(12.5, 33.33) }),
        fc.record({ cap: fc.option(fc.nat(8)) }),
        fc.record({ stopSellingAt: fc.nat(3) }),
        fc.record({ sellAhead: fc.boolean() }),
        fc.record({ locations: fc.uniqueArray(place, { minLength: 1, maxLength: 3 }) }),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('parts' as const), part: fc.nat(2), lots: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('terms' as const), which, limit: fc.option(some) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), place, active: fc.boolean() }) },
)
type Taken = typeof step extends fc.Arbitrary<infer One> ? One : never

let runs = 0

test('explaining now is what channels show, and explaining an instant is what they showed then', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 25 }), async steps => {
      const run = ++runs
      const sku = (name: string) => `${name.toUpperCase()}-${run}`
      const names = ['plain', 'part', 'lots', 'kit']
      await layIn(sql, Object.fromEntries(names.map(name => [sku(name), {}])))
      await sql`update variants set lot_tracked = true where sku = ${sku('lots')}`
      const variants = await sql<
        { id: number; sku: string }[]
      >`select id, sku from variants where sku = any(${names.map(sku)}::text[]) order by id`
      const noted: Note[] = []
      const history: History = { sku, baskets: [], orders: [], number: 0, run }
      for (const one of steps) {
        await take(one, history)
        const before = await note(variants.map(variant => variant.id))
        noted.push(before)
        for (const variant of variants) {
          const now = await told(variant.sku)
          // A hold or a lot may have ended between the two looks: then the second one tells what there is by now.
          const after = await note([variant.id])
          expect([pick(before, variant.id), pick(after, variant.id)]).toContainEqual(now)
        }
      }
      for (const { at, shown } of noted) {
        for (const variant of variants) {
          const was = await told(variant.sku, at)
          expect({ at, sku: variant.sku, was }).toEqual({ at, sku: variant.sku, was: pick({ at, shown }, variant.id) })
        }
      }
    }),
    { numRuns: repetitions('explained then', 10, 200) },
  )
}, 3_600_000)

type Shown = { readonly channel: number; readonly variant: number; readonly atp: number; readonly ahead: number; readonly shown: number }
type Note = { readonly at: string; readonly shown: readonly Shown[] }

async function note(variantIds: readonly number[]): Promise<Note> {
  const rows = await sql<(Shown & { at: string })[]>`
    select to_char(n.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, s.channel_id as channel, s.variant_id as variant, s.atp, s.ahead, s.shown
    from (select clock_timestamp() as at) n cross join lateral channel_shown_2(${ids}::bigint[], ${variantIds as number[]}::bigint[], n.at) s order by 2, 3`
  return { at: rows[0]?.at ?? '', shown: rows.map(({ at: _, ...row }) => row) }
}

const pick = (noted: Note, variant: number) =>
  noted.shown.filter(one => one.variant === variant).map(({ atp, ahead, shown }) => ({ atp, ahead, shown }))

/** What an explanation says of each channel; its steps must lead to what is shown. */
async function told(sku: string, at?: string) {
  const { chain } = await explain(context, sku, at === undefined ? {} : { at })
  for (const channel of chain) expect(channel.steps.reduce((sum, one) => sum + one.units, 0)).toBe(channel.result.shown)
  return chain.map(({ result: { atp, ahead, shown } }) => ({ atp, ahead, shown }))
}

type History = {
  readonly sku: (name: string) => string
  readonly baskets: string[]
  readonly orders: number[]
  number: number
  readonly run: number
}

/** What the books refuse is no step of the history. */
const REFUSED = 'P0409'

async function take(one: Taken, history: History): Promise<void> {
  const { sku, run } = history
  const call = (name: string, cmd: Readonly<Record<string, JsonValue>>) =>
    sql.unsafe(`select ${name}($1::text::jsonb) as answer`, [JSON.stringify({ actor: 'test', ...cmd })]).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === REFUSED)) throw error
    })
  const expiry = (ms: number | null) => (ms === null ? null : new Date(Date.now() + ms).toISOString())
  switch (one.do) {
    case 'hold': {
      const [held] = await reserve(sql, [
        {
          key: `h${run}-${++history.number}`,
          partial: true,
          expiresAt: expiry(one.soon),
          lines: [{ sku: sku(one.which), quantity: one.some }],
        },
      ])
      if (held?.basket !== undefined) history.baskets.push(held.basket)
      return
    }
    case 'release':
    case 'settle': {
      const basket = history.baskets[one.nth]
      if (basket !== undefined) await call('stock_end_hold_1', { basket, end: one.do })
      return
    }
    case 'order': {
      const [channel, code] = [channels[one.channel], ['one', 'two'][one.channel]]
      if (channel === undefined || code === undefined) return
      const [booked] = await book(sql, channel, code, [
        { id: `o${run}-${++history.number}`, lines: [{ sku: sku(one.which), ordered: one.some }] },
      ])
      if (booked?.orderId !== undefined) history.orders.push(booked.orderId)
      return
    }
    case 'ship': {
      const orderId = history.orders[one.nth]
      const [line] = await sql<
        { id: number; reserved: number }[]
      >`select id, reserved from order_lines where order_id = ${orderId ?? 0} and reserved > 0`
      if (orderId !== undefined && line !== undefined) await call('order_ship_1', { orderId, lines: [{ lineId: line.id, quantity: 1 }] })
      return
    }
    case 'policy':
      await call('channel_set_1', { channel: ['one', 'two'][one.channel] ?? '', ...one.set })
      return
    case 'parts': {
      const parts = [
        ...(one.part > 0 ? [{ sku: sku('part'), quantity: one.part }] : []),
        ...(one.lots > 0 ? [{ sku: sku('lots'), quantity: one.lots }] : []),
      ]
      await call('bundle_set_1', { sku: sku('kit'), parts })
      return
    }
    case 'terms':
      await call('variant_terms_1', { sku: sku(one.which), terms: one.limit === null ? null : { kind: 'backorder', limit: one.limit } })
      return
    case 'open':
      await call('location_put_1', { mode: 'change', code: one.place, active: one.active })
      return
    default: {
      const quantity = one.do === 'adjust' ? -one.some : one.some
      const lot = one.which === 'lots' && one.do === 'receive' ? { lot: `L${++history.number}`, expiresAt: expiry(one.soon) } : {}
      await call('stock_change_2', { lines: [{ sku: sku(one.which), location: one.place, kind: one.do, quantity, reason: null, ...lot }] })
    }
  }
}
