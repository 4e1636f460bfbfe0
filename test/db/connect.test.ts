import { beforeAll, describe, expect, test } from 'vitest'
import { close, connect } from '../../db/connect.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'

describe('values between the program and PostgreSQL', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await freshDatabase({ empty: true })
  })

  test('a bigint arrives as a number, and one beyond 2^53 is refused rather than rounded', async () => {
    const [row] = await db.sql`select 9007199254740991::bigint as id, count(*) as counted from generate_series(1, 3)`
    expect(row).toEqual({ id: 9007199254740991, counted: 3 })
    await expect(db.sql`select 9007199254740993::bigint as id`).rejects.toThrow('bigint 9007199254740993 is beyond')
  })

  test('a numeric keeps its digits, a calendar date stays a date, an instant becomes a Date', async () => {
    const [row] = await db.sql`select 1.10::numeric as price, '2026-03-29'::date as day, '2026-03-29 02:30+02'::timestamptz as at`
    expect(row).toEqual({ price: '1.10', day: '2026-03-29', at: new Date('2026-03-29T00:30:00Z') })
  })

  test('infinity is refused where an instant is read, because an open end is null', async () => {
    await expect(db.sql`select 'infinity'::timestamptz as until`).rejects.toThrow('an open end is null')
  })

  test.each([
    ['text', ['a', 'b,c', 'say "x"', 'back\\slash', '', 'NULL', null, '  ', '{}', '简体']],
    ['int', [1, -2, null]],
    ['bigint', [1, 9007199254740991]],
    ['numeric', ['1.10', '-0.000001']],
    ['float8', [0.5, null]],
    ['jsonb', [{ sku: 'A "1"' }, { list: [1, 2] }]],
    ['uuid', ['6f1b1f0e-0000-4000-8000-000000000000']],
    ['text', []],
  ])('an array of %s comes back as it went', async (type, elements) => {
    const [row] = await db.sql`select ${elements as string[]}::${db.sql.unsafe(type)}[] as back`
    expect(row?.back).toEqual(elements)
  })

  test('arrays of instants and of booleans go through their named types', async () => {
    const at = [new Date('2026-01-01T00:00:00.123Z'), null]
    const [row] = await db.sql`select ${db.sql.types.timestamptzArray(at)} as at, ${db.sql.types.boolArray([true, false, null])} as flags`
    expect(row).toEqual({ at, flags: [true, false, null] })
  })

  test('an object goes and comes as jsonb', async () => {
    const [row] = await db.sql`select ${db.sql.json({ a: [1, { b: null }] })} as body`
    expect(row?.body).toEqual({ a: [1, { b: null }] })
  })
})

describe('a connection', () => {
  test('has its time limits and its name, and leaves them out behind a pooler that refuses them', async () => {
    const db = await freshDatabase({ empty: true })
    const own = connect(db.url, { max: 1, name: 'lane', statementTimeoutMs: 1234 })
    const pooled = connect(`${db.url}?pgbouncer=true`, { max: 1 })
    const ask = (
      sql: typeof own,
    ) => sql`select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle,
      current_setting('application_name') as name`
    expect((await ask(own))[0]).toEqual({ statement: '1234ms', idle: '10s', name: 'concord-lane' })
    expect((await ask(pooled))[0]).toEqual({ statement: '0', idle: '0', name: 'concord' })
    await Promise.all([close(own), close(pooled)])
  })
})
