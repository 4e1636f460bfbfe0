import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { close, connect } from '../../db/connect.ts'
import { assertSchema, migrate, ownSource, type SchemaSource } from '../../db/migrate.ts'
import { packageRoot } from '../../db/root.ts'
import { schemaDump } from '../../db/schema-dump.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'

const folder = mkdtempSync(join(process.env.CONCORD_TEST_DIR ?? tmpdir(), 'concord-migrate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let copies = 0
/** A release of its own: files by their names, numbered '1.0.0' unless told. */
function release(files: Readonly<Record<string, string>>, number = '1.0.0', base?: SchemaSource): SchemaSource {
  const root = join(folder, String(copies++))
  const source = { migrations: join(root, 'migrations'), functions: join(root, 'functions'), release: number }
  for (const kind of ['migrations', 'functions'] as const) {
    mkdirSync(source[kind], { recursive: true })
    if (base !== undefined) cpSync(base[kind], source[kind], { recursive: true })
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
  return source
}

const shelf = 'create table shelf (sku text primary key);'
const answer = (value: number) => `create or replace function answer_1() returns int language sql as $$ select ${value} $$;`

describe('this release on an empty database', () => {
  const file = join(packageRoot(), 'db', 'schema.sql')

  test('is brought to exactly the shape that db/schema.sql shows, once: the second time there is nothing left to do', async () => {
    const db = await freshDatabase({ empty: true })
    const first = await migrate(db.url)
    expect(first).toMatchObject({ functions: true, newer: [] })
    expect(first.applied[0]).toBe('0001_foundation')
    const dump = await schemaDump(db.sql)
    if (process.env.CONCORD_WRITE_SCHEMA === '1') writeFileSync(file, dump)
    expect(dump, 'the schema changed: look at the difference, then CONCORD_WRITE_SCHEMA=1 npx vitest run test/db/migrate.test.ts').toBe(
      readFileSync(file, 'utf8'),
    )
    expect(await migrate(db.url)).toEqual({ applied: [], functions: false, newer: [] })
    expect(await assertSchema(db.sql)).toEqual([])
  })

  test('is brought there by twenty starters at once, each migration by exactly one of them', async () => {
    const times = repetitions('twenty migrate at once', 1, 10)
    for (let round = 0; round < times; round++) {
      const db = await freshDatabase({ empty: true })
      const results = await Promise.all(Array.from({ length: 20 }, () => migrate(db.url)))
      const [expected] = await db.sql`select array_agg(name order by name) as names from migration`
      expect(results.flatMap(result => result.applied).sort()).toEqual(expected?.names)
      expect(results.filter(result => result.functions)).toHaveLength(1)
      expect(await schemaDump(db.sql)).toBe(readFileSync(file, 'utf8'))
      await db.drop()
    }
  })
})

describe('a migration', () => {
  test('that fails leaves nothing, names itself, and runs when it has been mended', async () => {
    const db = await freshDatabase({ empty: true })
    const broken = release({ 'migrations/0001_shelf.sql': `${shelf} insert into nowhere values (1);` })
    await expect(migrate(db.sql, broken)).rejects.toThrow(
      'migration 0001_shelf failed, nothing of it remains: relation "nowhere" does not exist',
    )
    expect((await db.sql`select to_regclass('shelf') as shelf, (select count(*) from migration) as recorded`)[0]).toEqual({
      shelf: null,
      recorded: 0,
    })
    const mended = release({ 'migrations/0001_shelf.sql': shelf })
    expect((await migrate(db.sql, mended)).applied).toEqual(['0001_shelf'])
  })

  test('whose own rows clash is a failure, not "another process did it"', async () => {
    const db = await freshDatabase({ empty: true })
    const clashing = release({ 'migrations/0001_shelf.sql': `${shelf} insert into shelf values ('A'), ('A');` })
    await expect(migrate(db.sql, clashing)).rejects.toThrow('duplicate key value violates unique constraint "shelf_pkey"')
  })

  test('may run longer than a statement of the hub', async () => {
    const db = await freshDatabase({ empty: true })
    const hasty = connect(db.url, { max: 1, statementTimeoutMs: 50 })
    const slow = release({ 'migrations/0001_shelf.sql': `${shelf} select pg_sleep(0.2);` })
    expect((await migrate(hasty, slow)).applied).toEqual(['0001_shelf'])
    await expect(hasty`select pg_sleep(0.2)`).rejects.toThrow('statement timeout')
    await close(hasty)
  })

  test('that another runner has under way is waited for and then read as done', async () => {
    const db = await freshDatabase({ empty: true })
    const slow = release({ 'migrations/0001_shelf.sql': `select pg_sleep(0.3); ${shelf}` })
    const both = await Promise.all([migrate(db.url, slow), migrate(db.url, slow)])
    expect(both.map(one => one.applied.length).sort()).toEqual([0, 1])
    expect((await db.sql`select to_regclass('shelf')::text as shelf`)[0]).toEqual({ shelf: 'shelf' })
  })

  test.each([
    ['ends the transaction that records it', { 'migrations/0001_shelf.sql': 'commit;\ncreate table a ();' }, 'would end the transaction'],
    ['has no number', { 'migrations/shelf.sql': shelf }, 'must be like 0007_backorders.sql'],
    ['doubles a number', { 'migrations/0001_a.sql': shelf, 'migrations/0001_b.sql': shelf }, '0001_b.sql: its number should be 2'],
    ['leaves a number out', { 'migrations/0001_a.sql': shelf, 'migrations/0003_b.sql': shelf }, '0003_b.sql: its number should be 2'],
  ])('that %s is refused before anything runs', async (_, files, reason) => {
    const db = await freshDatabase({ empty: true })
    await expect(migrate(db.sql, release(files))).rejects.toThrow(reason)
    expect((await db.sql`select to_regclass('migration') as migration`)[0]).toEqual({ migration: null })
  })

  test('that was changed after it ran is told, because the change is not in the database', async () => {
    const db = await freshDatabase({ empty: true })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    await migrate(db.sql, release({ 'migrations/0001_shelf.sql': shelf }))
    await migrate(db.sql, release({ 'migrations/0001_shelf.sql': `${shelf} -- edited` }))
    expect(warn.mock.calls).toEqual([['migration 0001_shelf was changed after this database took it; a change belongs in a new one']])
    warn.mockRestore()
  })
})

describe('an old program beside a new one', () => {
  const old = () => release({ 'migrations/0001_shelf.sql': shelf, 'functions/answer.sql': answer(1) }, '1.9.0')

  test('goes on with a newer schema that is compatible, and leaves the newer functions alone', async () => {
    const db = await freshDatabase({ empty: true })
    const before = old()
    const after = release({ 'migrations/0002_bin.sql': 'create table bin (id int);', 'functions/answer.sql': answer(2) }, '1.10.0', before)
    await migrate(db.sql, before)
    expect(await migrate(db.sql, after)).toEqual({ applied: ['0002_bin'], functions: true, newer: [] })
    expect(await migrate(db.sql, before)).toEqual({ applied: [], functions: false, newer: ['0002_bin'] })
    expect(await assertSchema(db.sql, before)).toEqual(['0002_bin'])
    expect((await db.sql`select answer_1() as answer`)[0]).toEqual({ answer: 2 })
  })

  test('refuses a newer schema that broke with it', async () => {
    const db = await freshDatabase({ empty: true })
    const before = old()
    const after = release({ 'migrations/0002_bin.sql': '--! breaking-change\nalter table shelf rename to bin;' }, '2.0.0', before)
    await migrate(db.sql, after)
    const refusal = 'the database is newer than release 1.9.0 and broke with it (0002_bin): start the newer release instead'
    await expect(migrate(db.sql, before)).rejects.toThrow(refusal)
    await expect(assertSchema(db.sql, before)).rejects.toThrow(refusal)
  })

  test('when the new one starts on the old schema, it asks for migrate', async () => {
    const db = await freshDatabase({ empty: true })
    const before = old()
    await migrate(db.sql, before)
    await expect(assertSchema(db.sql, release({ 'migrations/0002_bin.sql': 'select 1;' }, '2.0.0', before))).rejects.toThrow(
      'lacks 0002_bin: run "concord migrate"',
    )
    const onlyFunctions = release({ 'functions/answer.sql': answer(3) }, '1.9.1', before)
    await expect(assertSchema(db.sql, onlyFunctions)).rejects.toThrow('the functions of release 1.9.0, not those of 1.9.1')
    const otherBuild = release({ 'functions/answer.sql': answer(4) }, '1.9.0', before)
    await expect(assertSchema(db.sql, otherBuild)).rejects.toThrow(
      /^the database has the functions of another build of release 1\.9\.0 \([0-9a-f]{8}\) than this program's \([0-9a-f]{8}\): "concord migrate" brings in this program's$/,
    )
  })

  test('a database without anything asks for migrate', async () => {
    const db = await freshDatabase({ empty: true })
    await expect(assertSchema(db.sql, ownSource())).rejects.toThrow('the database lacks 0001_foundation')
  })
})

describe('functions', () => {
  test('are replaced by an equal release when their text differs, all or none', async () => {
    const db = await freshDatabase({ empty: true })
    const first = release({ 'functions/a.sql': answer(1) })
    await migrate(db.sql, first)
    expect(await migrate(db.sql, release({ 'functions/a.sql': answer(2) }))).toMatchObject({ functions: true })
    const broken = release({ 'functions/a.sql': answer(3), 'functions/b.sql': 'create function;' })
    await expect(migrate(db.sql, broken)).rejects.toThrow('the functions of 1.0.0 cannot be applied, none was')
    expect((await db.sql`select answer_1() as answer`)[0]).toEqual({ answer: 2 })
  })

  test('of two releases that start at once end as those of the newer one', async () => {
    const db = await freshDatabase({ empty: true })
    const [older, newer] = [release({ 'functions/a.sql': answer(1) }, '1.0.0'), release({ 'functions/a.sql': answer(2) }, '1.0.1')]
    await Promise.all([newer, older, newer, older, older, newer].map(source => migrate(db.url, source)))
    expect((await db.sql`select answer_1() as answer, (select release from function_release) as release`)[0]).toEqual({
      answer: 2,
      release: '1.0.1',
    })
  })
})

test('the dump tells two shapes apart by a column, a constraint, an index, a default, a trigger and a signature', async () => {
  const db = await freshDatabase({ empty: true })
  const seen = new Set([await schemaDump(db.sql)])
  const changes = [
    'create table a (x int)',
    'alter table a add y text',
    "alter table a alter y set default 'z'",
    'alter table a alter y set not null',
    'alter table a add constraint positive check (x > 0)',
    'create index a_by_x on a (x)',
    "create type mood as enum ('calm', 'glad')",
    'create view v as select x from a',
    'create function f(i int) returns int language sql as $$ select i $$',
    'create function t() returns trigger language plpgsql as $$ begin return new; end $$',
    'create trigger a_t before insert on a for each row execute function t()',
    'create table p (d date) partition by range (d)',
  ]
  for (const change of changes) {
    await db.sql.unsafe(change)
    const dump = await schemaDump(db.sql)
    expect(seen.has(dump), change).toBe(false)
    seen.add(dump)
  }
  await db.sql`create table p_2026 partition of p for values from ('2026-01-01') to ('2027-01-01')`
  expect(seen.has(await schemaDump(db.sql)), 'partitions come and go with time').toBe(true)
})
