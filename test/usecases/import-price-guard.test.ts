import { beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { dropImport } from '../../db/imports.ts'
import { applyNextPrices } from '../../db/price-imports.ts'
import { takeUpImports } from '../../jobs/imports.ts'
import { makeLog } from '../../src/http/log.ts'
import type { Context } from '../../src/usecases/context.ts'
import { applyImport } from '../../src/usecases/import-apply.ts'
import { decideImport } from '../../src/usecases/import-decide.ts'
import { importPrices, uploadPrices } from '../../src/usecases/import-price.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel, heldBack } from '../support/guarded.ts'
import { contextOf, priceFileOf, traces } from './import-support.ts'

let sql: Sql
let context: Context

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
})

const csvOf = (skus: readonly string[], amount: string) => `sku,currency,amount\n${skus.map(sku => `${sku},EUR,${amount}\n`).join('')}`
const upload = (skus: readonly string[], amount: string) => uploadPrices(context, priceFileOf(csvOf(skus, amount)))
const stateOf = async (id: number) => (await sql<{ state: string }[]>`select state from imports where id = ${id}`)[0]?.state
const shown = async (channelId: number, regular: string) =>
  (
    await sql<{ n: number }[]>`
      select count(*)::int as n from publications where channel_id = ${channelId} and field = 'price' and accepted->>'regular' = ${regular}`
  )[0]?.n

describe('weighing a price file', () => {
  test('waits for no writer of other prices, and none waits for it', async () => {
    const shop = await guardedChannel(sql, 'busy', 10)
    await sql.begin(async writer => {
      await writer`select pg_advisory_xact_lock(7312647, 0)`
      const judged = await upload(shop.skus, '9')
      expect(judged).toMatchObject({ outcome: 'judged', judgement: { guard: [{ channel: 'busy', changed: 10 }] } })
      await dropImport(sql, judged.id)
    })
  })

  test('gives way to a writer who has one of its prices in hand, and weighs against what stands then', async () => {
    const shop = await guardedChannel(sql, 'same', 10)
    let weighed: ReturnType<typeof upload> | null = null
    await sql.begin(async writer => {
      const prices = [{ sku: shop.skus[3], currency: 'EUR', amount: '9' }]
      await writer`select prices_set_2(${sql.json({ prices, actor: 'x' })})`
      weighed = upload(shop.skus, '8')
      await expect
        .poll(
          async () =>
            (
              await sql`select from pg_locks where locktype = 'advisory' and classid = 7312647 and not granted and database = (select oid from pg_database where datname = current_database())`
            ).length,
        )
        .toBe(1)
      // It holds nothing while it queues up: the writer may go on with its other prices.
      const others = [{ sku: shop.skus[4], currency: 'EUR', amount: '9' }]
      await writer`select prices_set_2(${sql.json({ prices: others, actor: 'x' })})`
    })
    const judged = await (weighed as ReturnType<typeof upload> | null)
    expect(judged).toMatchObject({ outcome: 'judged', judgement: { guard: [{ channel: 'same', changed: 10 }] } })
  })
})

describe('a price file that goes beyond a limit of the guard', () => {
  test('waits with what it would do, applies when it is approved, and then passes the guard whole', async () => {
    const shop = await guardedChannel(sql, 'wide', 100)
    const before = await traces(sql)
    const judged = await upload(shop.skus, '9')
    expect(judged.outcome).toBe('waiting')
    expect(judged.judgement).toMatchObject({
      changed: 100,
      guard: [
        {
          channel: 'wide',
          listings: 100,
          changed: 100,
          dropped: 0,
          limit: 'changed',
          allowed: 49,
          moved: 0,
          percent: 20,
          windowMinutes: 60,
        },
      ],
    })
    expect(judged.judgement.guard?.[0]?.examples[0]).toEqual({
      sku: shop.skus[0],
      before: { currency: 'EUR', regular: '10', sale: null },
      after: { currency: 'EUR', regular: '9', sale: null },
    })
    expect(judged.judgement.guard?.[0]?.examples).toHaveLength(5)
    expect(await traces(sql)).toEqual(before)
    // Nobody applies it without a decision, and the same file again is the same import.
    expect(await applyNextPrices(sql, judged.id, 10, { actor: 'x' })).toMatchObject({ state: 'waiting', applied: 0 })
    expect((await upload(shop.skus, '9')).id).toBe(judged.id)
    expect(await shop.push()).toBe(0)

    expect(await decideImport(context, 'k1', judged.id, { decision: 'approve', note: 'winter' })).toBe('applying')
    expect(await decideImport(context, 'k1', judged.id, { decision: 'approve', note: 'winter' })).toBe('applying')
    expect(await applyImport(context, judged.id, () => {})).toMatchObject({ state: 'done', applied: 100, rows: 100 })
    expect(await shop.push()).toBe(100)
    expect(await shown(shop.channelId, '9')).toBe(100)
    expect(await heldBack(sql, shop)).toEqual({})
    await expect(decideImport(context, null, judged.id, { decision: 'reject' })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('and is rejected changes nothing, ever', async () => {
    const shop = await guardedChannel(sql, 'less', 60)
    const before = await traces(sql)
    const judged = await upload(shop.skus, '9')
    expect(await decideImport(context, null, judged.id, { decision: 'reject' })).toBe('rejected')
    expect(await applyImport(context, judged.id, () => {})).toMatchObject({ state: 'rejected', applied: 0 })
    expect(await traces(sql)).toEqual(before)
    expect(await sql`select actor, act, detail->>'note' as note from audit where subject = ${`import:${judged.id}`}`).toEqual([
      { actor: 'cli:test', act: 'import.reject', note: null },
    ])
  })

  test('because a single price falls by more than half waits, too; what stays below the limits does not', async () => {
    const shop = await guardedChannel(sql, 'half', 20)
    const [first = '', second = ''] = shop.skus
    const judged = await upload([first], '0.1')
    expect(judged).toMatchObject({ outcome: 'waiting', judgement: { guard: [{ changed: 1, dropped: 1, limit: 'dropped', percent: 50 }] } })
    expect((await upload([second], '6')).outcome).toBe('judged')
  })
})

describe('a price file of a list', () => {
  const command = async (name: string, body: object) =>
    (await sql<{ answer: { outcome: string } }[]>`select ${sql(name)}(${sql.json(body as never)}) as answer`)[0]?.answer
  const entries = () => sql`
    select v.sku, e.min_quantity as units, trim_scale(e.value)::text as value, e.valid_from is null as waits from price_entries e
    join variants v on v.id = e.variant_id where e.valid_to is null order by 1, 2`

  test('sets its fixed prices once, and takes away what ends', async () => {
    const shop = await guardedChannel(sql, 'listed', 3)
    const [a = '', b = ''] = shop.skus
    await command('price_list_set_1', { actor: 'user:ana', list: 'winter', terms: { currency: 'EUR' } })
    const file = `sku,list,min_quantity,currency,amount\n${a},winter,,EUR,8\n${a},winter,10,EUR,7\n${b},winter,,EUR,6.5\n`
    expect(await importPrices(context, priceFileOf(file), false)).toMatchObject({ outcome: 'done', judgement: { new: 3 } })
    expect(await entries()).toEqual([
      { sku: a, units: 1, value: '8', waits: false },
      { sku: a, units: 10, value: '7', waits: false },
      { sku: b, units: 1, value: '6.5', waits: false },
    ])
    expect(await importPrices(context, priceFileOf(file), false)).toMatchObject({
      outcome: 'done',
      judgement: { new: 0, changed: 0, unchanged: 3 },
    })
    const less = `sku,list,min_quantity,currency,amount\n${a},winter,10,EUR,none\n${b},winter,,EUR,6.6\n`
    expect(await importPrices(context, priceFileOf(less), false)).toMatchObject({ outcome: 'done', judgement: { changed: 2 } })
    expect(await entries()).toEqual([
      { sku: a, units: 1, value: '8', waits: false },
      { sku: b, units: 1, value: '6.6', waits: false },
    ])
    expect(await importPrices(context, priceFileOf(`sku,list,currency,amount\n${a},winter,GBP,8\n`), false)).toMatchObject({
      outcome: 'refused',
      errors: [{ row: 2, column: 'currency', value: 'GBP', expected: 'EUR, the currency of price list winter' }],
    })
  })

  test('that is marked four eyes waits there, and the same file again adds nothing', async () => {
    await sql`truncate price_entries, price_list_terms, price_lists cascade`
    const shop = await guardedChannel(sql, 'eyes', 2)
    const [a = ''] = shop.skus
    await command('price_list_set_1', { actor: 'user:ana', list: 'vip', terms: { currency: 'EUR', fourEyes: true } })
    const file = `sku,list,currency,amount\n${a},vip,EUR,8\n`
    expect(await importPrices(context, priceFileOf(file), false)).toMatchObject({ outcome: 'done', judgement: { new: 1 } })
    expect(await entries()).toEqual([{ sku: a, units: 1, value: '8', waits: true }])
    expect(await importPrices(context, priceFileOf(file), false)).toMatchObject({
      outcome: 'done',
      judgement: { new: 0, changed: 0, unchanged: 1 },
    })
  })
})

describe('a price file that was left half applied', () => {
  test('goes on where it stopped, by itself or when it is sent again, and each row applies once', async () => {
    const shop = await guardedChannel(sql, 'left', 400)
    await sql`update channels set publish_prices = false`
    for (const [amount, again] of [
      ['11', 'sent'],
      ['12', 'itself'],
    ] as const) {
      const judged = await upload(shop.skus, amount)
      expect(judged.outcome).toBe('judged')
      expect(await applyNextPrices(sql, judged.id, 150, { actor: 'x' })).toMatchObject({ state: 'applying', applied: 150, rows: 400 })
      if (again === 'sent') {
        expect(await importPrices(context, priceFileOf(csvOf(shop.skus, amount)), false)).toMatchObject({
          outcome: 'done',
          resumed: true,
          id: judged.id,
        })
      } else {
        const log = makeLog({ level: 'silent' })
        expect(await takeUpImports({ ...context, log }, new Date(Date.now() + 180_000))).toEqual([judged.id])
      }
      expect(await stateOf(judged.id)).toBe('done')
      const [row] = await sql`
        select count(*)::int as n, count(*) filter (where superseded_at is null)::int as standing from prices where trim_scale(amount)::text = ${amount}`
      expect(row).toEqual({ n: 400, standing: 400 })
    }
  })

  test('leaves out rows that a floor which moved meanwhile does not let through, and tells them', async () => {
    const shop = await guardedChannel(sql, 'moved', 2)
    await sql`update channels set publish_prices = false`
    const [a = '', b = ''] = shop.skus
    const judged = await uploadPrices(context, priceFileOf(`sku,currency,amount\n${a},EUR,8\n${b},EUR,9\n`))
    await sql`insert into price_limits (kind, basis, scope, currency, amount, actor) values ('floor', 'manual', 'all', 'EUR', 8.5, 'test')`
    expect(await applyImport(context, judged.id, () => {})).toMatchObject({ state: 'done' })
    expect(
      await sql`select v.sku, trim_scale(p.amount)::text as amount from prices p join variants v on v.id = p.variant_id
        where v.sku in (${a}, ${b}) and superseded_at is null order by 1`,
    ).toEqual([
      { sku: a, amount: '10' },
      { sku: b, amount: '9' },
    ])
    expect(await sql`select row_no, errors->0->>'column' as "column" from import_rows where import_id = ${judged.id}`).toEqual([
      { row_no: 2, column: 'amount' },
    ])
    await sql`delete from price_limits`
  })
})
