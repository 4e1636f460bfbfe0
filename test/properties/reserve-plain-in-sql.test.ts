import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { type ReserveCommand, reserveMany } from '../../db/reserve.ts'
import { sideConnection } from '../../db/side-connection.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { change, layIn } from '../support/goods.ts'
import { isLong, repetitions } from '../support/repetitions.ts'

const GOODS = ['CUP', 'JUG', 'POT']
const PLACES = ['main', 'shop']
const NOW = '2026-03-01T12:00:00.123Z'

/** The same goods twice: one database is asked as the hub asks, the other by the way that takes every request. */
async function goods(): Promise<Sql> {
  const { sql } = await freshDatabase({ max: 1 })
  // For the connections to come, over which the hub asks.
  await sql.unsafe(
    `alter database ${(await sql<{ name: string }[]>`select current_database() as name`)[0]?.name} set track_functions = 'pl'`,
  )
  await layIn(sql, Object.fromEntries(GOODS.map(sku => [sku, Object.fromEntries(PLACES.map(place => [place, 0]))])))
  return sql
}
const [quick, full] = [await goods(), await goods()]

const line = fc.record({
  sku: fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...GOODS) }, { weight: 1, arbitrary: fc.constant('NONE') }),
  quantity: fc.integer({ min: 1, max: 3 }),
  location: fc.oneof(
    { weight: 20, arbitrary: fc.constant(null) },
    { weight: 10, arbitrary: fc.constantFrom(...PLACES) },
    { weight: 1, arbitrary: fc.constant('nowhere') },
  ),
})
const request = fc.record({
  key: fc.oneof({ weight: 9, arbitrary: fc.nat(1_000_000) }, { weight: 1, arbitrary: fc.nat(3) }),
  lines: fc.array(line, { minLength: 1, maxLength: 2 }),
  partial: fc.boolean(),
  prefer: fc.constantFrom(null, null, null, 'channel' as const, 'most' as const),
  expiresInS: fc.constantFrom(null, null, 60, 0.5),
})
const stock = fc.record({ sku: fc.constantFrom(...GOODS), location: fc.constantFrom(...PLACES), quantity: fc.integer({ min: 1, max: 60 }) })
const history = fc.record({
  stock: fc.array(stock, { minLength: 2, maxLength: 12 }),
  batches: fc.array(fc.record({ seconds: fc.nat(40), requests: fc.array(request, { minLength: 1, maxLength: 5 }) }), {
    minLength: 1,
    maxLength: 6,
  }),
})

/** Every row that reserving writes, without what only the database knows: numbers, its clock and its transactions. */
async function books(sql: Sql): Promise<unknown> {
  return [
    await sql`select v.sku, location_id, on_hand, reserved from balances b join variants v on v.id = b.variant_id order by 1, 2`,
    await sql`select basket, line_no, channel_id, v.sku, r.location_id, quantity, asked, state, expires_at, actor, pack, bundle_id, per_unit from reservations r
      join variants v on v.id = r.variant_id order by r.id`,
    await sql`select v.sku, m.location_id, kind, on_hand, reserved, command_scope, command_key, m.actor, occurred_at, r.basket, r.line_no from movements m
      join variants v on v.id = m.variant_id left join reservations r on r.id = m.reservation_id where kind <> 'receive' order by r.id, m.id`,
    await sql`select scope, key, kind, body_hash from commands where kind = 'stock.reserve' order by 1, 2`,
    await sql`select d.at, r.basket, r.line_no from due d join reservations r on r.id = d.ref_id order by 1, 2, 3`,
    await sql`select count(*) as n, v as variant_id from change cross join lateral unnest(coalesce(variant_ids, array[variant_id])) v group by 2 order by 2`,
  ]
}

/** By the way that takes every request. */
async function decideAll(sql: Sql, commands: readonly ReserveCommand[]): Promise<unknown> {
  const [row] = await sql<{ answers: unknown }[]>`select stock_reserve_2(${sql.json(commands as readonly JsonValue[])}) as answers`
  return row?.answers
}

const callsOf = async (sql: Sql, name: string): Promise<number> => {
  // A session tells of its calls when it comes to it, or is told to.
  await sideConnection(sql)`select pg_stat_force_next_flush()`
  const [row] = await sql<{ calls: number }[]>`select calls from pg_stat_user_functions where funcname = ${name}`
  return row?.calls ?? 0
}

test(
  'what is plainly there is reserved as by the way that takes every request: same answers, same rows',
  async () => {
    let asked = 0
    let again = 0
    await fc.assert(
      fc.asyncProperty(history, async ({ stock, batches }) => {
        for (const sql of [quick, full]) {
          await emptyBooks(sql)
          for (const [at, one] of stock.entries())
            await change(sql, [{ kind: 'receive', ...one }], { scope: 'test', key: `in-${at}`, kind: 'in', hash: 'in' })
        }
        let now = Date.parse(NOW)
        const all: ReserveCommand[] = []
        for (const { seconds, requests } of batches) {
          now += seconds * 1000
          const commands = requests.map(
            ({ key, ...wish }): ReserveCommand => ({
              ...{ scope: 'test', key: `k-${key}`, kind: 'stock.reserve', hash: JSON.stringify(wish), actor: 'anna', channel: null },
              ...{ now: new Date(now).toISOString(), ...wish },
            }),
          )
          all.push(...commands)
          const answers = await reserveMany(quick, commands)
          expect(answers.map(answer => ({ ...answer, token: undefined }))).toEqual(await decideAll(full, commands))
          asked++
        }
        expect(await books(quick)).toEqual(await books(full))
        // Whatever way a key was decided, who asks again is told the same.
        expect(await decideAll(quick, all)).toEqual(await decideAll(full, all))
        again++
      }),
      { numRuns: repetitions('histories of reservations, asked both ways', 20, 2_000) },
    )
    const taken = await callsOf(quick, 'stock_reserve_2')
    // Neither way is left out by chance.
    expect(taken).toBeGreaterThan(asked / 20)
    expect(taken).toBeLessThan((asked * 19) / 20 + again)
  },
  isLong ? 3_600_000 : 120_000,
)
