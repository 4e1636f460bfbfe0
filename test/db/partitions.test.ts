import { pino } from 'pino'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { preparePartitions } from '../../jobs/partitions.ts'
import { freshDatabase } from '../support/database.ts'

const now = new Date('2026-11-22T12:00:00Z')
const log = pino({ level: 'silent' })

describe("the ledger's partitions", () => {
  let sql: Sql
  beforeAll(async () => {
    sql = (await freshDatabase()).sql
    await move('2026-11-22T11:00:00Z')
  })
  const move = (at: string) =>
    sql`insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at, recorded_at)
      values (1, 1, 'adjust', 1, 'test', ${new Date(at)}, ${new Date(at)})`
  const placeOf = async (at: string) =>
    (await sql`select tableoid::regclass::text as place from movements where recorded_at = ${new Date(at)}`).map(row => row.place)

  test('are made three months ahead, before their first movement, across the end of the year', async () => {
    expect(await preparePartitions({ sql, log }, now)).toEqual([
      { month: '2026-11', place: 'default' },
      { month: '2026-12', place: 'made' },
      { month: '2027-01', place: 'made' },
      { month: '2027-02', place: 'made' },
    ])
    await move('2026-12-31T23:59:59.999Z')
    await move('2027-01-01T00:00:00Z')
    expect(await placeOf('2026-12-31T23:59:59.999Z')).toEqual(['movements_2026_12'])
    expect(await placeOf('2027-01-01T00:00:00Z')).toEqual(['movements_2027_01'])
    expect(await placeOf('2026-11-22T11:00:00Z')).toEqual(['movements_default'])
  })

  test('are made once, by however many at once', async () => {
    const later = new Date('2027-01-15T00:00:00Z')
    const both = await Promise.all([preparePartitions({ sql, log }, later), preparePartitions({ sql, log }, later)])
    expect(both.map(months => months.map(month => month.month))).toEqual(Array(2).fill(['2027-01', '2027-02', '2027-03', '2027-04']))
    expect((await preparePartitions({ sql, log }, later)).map(month => month.place)).toEqual(['there', 'there', 'there', 'there'])
  })

  test('are append-only like the rest of the ledger', async () => {
    await expect(sql`update movements set on_hand = 2 where recorded_at = '2027-01-01T00:00:00Z'`).rejects.toThrow(
      'the ledger is append-only',
    )
    await expect(sql`delete from movements_2027_01`).rejects.toThrow('the ledger is append-only')
  })

  test('leave a month alone whose movements lie in the default one already', async () => {
    await move('2027-06-02T00:00:00Z')
    const months = await preparePartitions({ sql, log }, new Date('2027-04-30T23:59:59Z'))
    expect(months).toEqual([
      { month: '2027-04', place: 'there' },
      { month: '2027-05', place: 'made' },
      { month: '2027-06', place: 'default' },
      { month: '2027-07', place: 'made' },
    ])
    expect(await placeOf('2027-06-02T00:00:00Z')).toEqual(['movements_default'])
  })

  test('wait no longer than two seconds for a reader of the ledger, so that nobody queues up behind', async () => {
    const other = await sql.reserve()
    try {
      await other`begin`
      await other`lock table movements_default in access share mode`
      await expect(preparePartitions({ sql, log }, new Date('2028-01-01T00:00:00Z'))).rejects.toMatchObject({ code: '55P03' })
    } finally {
      await other`rollback`
      other.release()
    }
    expect((await preparePartitions({ sql, log }, new Date('2028-01-01T00:00:00Z'))).map(month => month.place)).toEqual([
      'made',
      'made',
      'made',
      'made',
    ])
  })
})
