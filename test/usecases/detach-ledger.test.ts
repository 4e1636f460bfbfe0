import { beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { ledgerClock, makeLedgerPartitions } from '../../db/partitions.ts'
import { check } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { detachLedger } from '../../src/usecases/detach-ledger.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { contextOf } from './import-support.ts'

const now = new Date('2026-11-22T12:00:00Z')
let sql: Sql
let context: Context
let variant = 0
let places: number[] = []

const move = (place: number, at: string, onHand: number, lot: number | null = null, reserved = 0) => sql`
  insert into movements (variant_id, location_id, lot_id, kind, on_hand, reserved, actor, occurred_at, recorded_at)
  values (${variant}, ${places[place] ?? 0}, ${lot}, 'adjust', ${onHand}, ${reserved}, 'test', ${new Date(at)}, ${new Date(at)})`

/** The sums of what was recorded up to an instant, by location: what balances were then. */
const sumsAt = async (at: string) =>
  (await sql`select location_id, sum(on_hand)::int as units from movements where recorded_at <= ${new Date(at)} group by 1 order by 1`).map(
    row => row.units,
  )

beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  await makeLedgerPartitions(sql, new Date('2026-01-05T00:00:00Z'), 3)
  await layIn(sql, { MUG: { main: 0, shop: 0 } })
  variant = (await sql<{ id: number }[]>`select id from variants`)[0]?.id ?? 0
  places = (await sql<{ id: number }[]>`select id from locations order by id`).map(row => row.id)
  await move(0, '2026-01-01T00:00:00Z', 7, 41)
  await move(0, '2026-01-10T08:00:00Z', 5, 42)
  await move(0, '2026-01-31T23:59:59.999Z', -2, 41)
  await move(1, '2026-01-11T08:00:00Z', 3)
  await move(1, '2026-01-12T08:00:00Z', -3)
  await move(0, '2026-01-12T09:00:00Z', 0, null, 2)
  await move(0, '2026-02-01T00:00:00Z', 1, 42)
  await move(1, '2026-02-03T08:00:00Z', 6)
  await move(1, '2026-03-03T08:00:00Z', -4)
  await sql`
    update balances b set on_hand = s.units, reserved = s.promised
    from (select location_id, sum(on_hand)::int as units, sum(reserved)::int as promised from movements group by 1) s where s.location_id = b.location_id`
})

describe('an old month of the ledger', () => {
  test('is told what would happen to it, and stays', async () => {
    expect(await detachLedger(context, '2026-01', { dryRun: true, now })).toEqual({
      outcome: 'would_detach',
      month: '2026-01',
      table: 'concord_archive.movements_2026_01',
      from: '2026-01-01T00:00:00+00:00',
      until: '2026-02-01T00:00:00+00:00',
      movements: 6,
      carried: 3,
    })
    expect((await ledgerClock(sql)).starts).toBeNull()
    expect(await sumsAt('2026-01-15T00:00:00Z')).toEqual([12, 0])
  })

  test('is not detached before an older one, nor while it is young, nor when it shares the default partition or does not exist', async () => {
    const asked = (month: string, at = now) => detachLedger(context, month, { dryRun: false, now: at })
    await expect(asked('2026-02')).rejects.toMatchObject({ code: 'conflict', detail: { older: '2026-01' } })
    await expect(asked('2026-01', new Date('2026-05-03T23:59:59Z'))).rejects.toThrow(
      '2026-01 may be detached from 2026-05-04 on, 92 days after its end',
    )
    await expect(asked('2025-12')).rejects.toMatchObject({ code: 'not_found' })
    await move(0, '2026-05-06T00:00:00Z', 0)
    await expect(asked('2026-05')).rejects.toThrow('1 of its movements lie in the default partition')
    await expect(asked('2026-13')).rejects.toMatchObject({ code: 'invalid', detail: { field: 'month' } })
  })

  test('leaves its sums by balance and lot, and the sums of every instant after it are what they were', async () => {
    const instants = ['2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z', '2026-02-10T00:00:00Z', '2026-04-01T00:00:00Z', now.toISOString()]
    const before = []
    for (const at of instants) before.push(await sumsAt(at))
    expect(before[1]).toEqual([11, 0])
    expect(await detachLedger(context, '2026-01', { dryRun: false, now })).toMatchObject({ outcome: 'detached', movements: 6, carried: 3 })
    const after = []
    // Where nothing was left over there is no row, which is nothing too.
    for (const at of instants) after.push(await sumsAt(at))
    expect(after.map(sums => [sums[0], sums[1] ?? 0])).toEqual(before)
    const carried =
      await sql`select lot_id, on_hand, reserved, recorded_at, occurred_at, actor from movements where kind = 'carry_forward' order by lot_id`
    const until = new Date('2026-02-01T00:00:00Z')
    expect(carried.map(row => ({ ...row }))).toEqual([
      { lot_id: 41, on_hand: 5, reserved: 0, recorded_at: until, occurred_at: until, actor: context.actor },
      { lot_id: 42, on_hand: 5, reserved: 0, recorded_at: until, occurred_at: until, actor: context.actor },
      { lot_id: null, on_hand: 0, reserved: 2, recorded_at: until, occurred_at: until, actor: context.actor },
    ])
    expect((await ledgerClock(sql)).starts).toEqual(until)
    expect((await check(context)).findings.filter(finding => finding.rule.includes('ledger') && finding.violations > 0)).toEqual([])
  })

  test('stays readable in its own table, can be dropped, and is detached once', async () => {
    const [kept] = await sql`select count(*)::int as n, sum(on_hand)::int as units from concord_archive.movements_2026_01`
    expect({ ...kept }).toEqual({ n: 6, units: 10 })
    await sql`drop table concord_archive.movements_2026_01`
    expect(await detachLedger(context, '2026-01', { dryRun: false, now })).toMatchObject({ outcome: 'done_before', movements: 6 })
    expect(await sumsAt(now.toISOString())).toEqual([11, 2])
  })

  test('carries on what was carried to it, month after month', async () => {
    expect(await detachLedger(context, '2026-02', { dryRun: false, now })).toMatchObject({ outcome: 'detached', movements: 5, carried: 4 })
    expect(await sumsAt('2026-03-01T00:00:00Z')).toEqual([11, 6])
    expect(await sumsAt(now.toISOString())).toEqual([11, 2])
    expect((await ledgerClock(sql)).starts).toEqual(new Date('2026-03-01T00:00:00Z'))
  })

  test('is left alone while somebody holds the ledger: nothing happens, and it is said', async () => {
    const other = await sql.reserve()
    try {
      await other`begin`
      await other`lock table movements in access share mode`
      await expect(detachLedger(context, '2026-03', { dryRun: false, now })).rejects.toMatchObject({ code: 'unavailable' })
    } finally {
      await other`rollback`
      other.release()
    }
    expect(await sumsAt(now.toISOString())).toEqual([11, 2])
    expect(await sql`select from movements where kind = 'carry_forward' and recorded_at = '2026-04-01'`).toHaveLength(0)
  })
})
