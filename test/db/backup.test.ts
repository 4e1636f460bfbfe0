import { Buffer } from 'node:buffer'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { backup, restore } from '../../src/usecases/backup.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { importFile } from '../../src/usecases/import-file.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { contextOf, fileOf } from '../usecases/import-support.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const SECRET = 'cs_a-credential-that-must-never-be-seen'
const AWKWARD = 'A "title" with, tabs\t, (brackets), \\backslashes\\, 中文 and\nlines'

let source: Context
let file: Buffer

beforeAll(async () => {
  const { sql } = await freshDatabase()
  source = await contextOf(sql)
  await sql`insert into locations (code, name, kind) values ('MAIN', 'Main', 'warehouse')`
  const rows = Array.from(
    { length: 300 },
    (_, index) => `S${index},"${index === 7 ? AWKWARD.replaceAll('"', '""') : `Thing ${index}`}",${index + 1}.25,3`,
  )
  const result = await importFile(
    source,
    fileOf('catalog', `sku,title,price,quantity\n${rows.join('\n')}\n`, { choices: { location: 'MAIN' } }),
  )
  expect(result.outcome).toBe('done')
  const platform = {
    platform: 'woocommerce',
    stockPerAccount: false,
    readSettings: () => ({}),
    readCredentials: () => ({ secret: SECRET }),
  }
  const channels = [{ code: 'shop', name: 'Shop', ref: 'shop', currency: 'EUR' }]
  await createAccount(source, platform, { name: 'acc', platform: 'woocommerce', settings: {}, credentials: {}, channels }, null)
  await sql`insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
    select c.id, c.account_id, 'x1', v.sku, v.title, v.id from channels c, variants v where v.sku = 'S7'`
  await sql`select publications_intend_1(id, null, now()) from accounts`
  file = await bytesOf(source)
})

async function bytesOf(context: Context): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of backup(context, '0.1.0', NOW)) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function emptyHub(): Promise<Context> {
  return contextOf((await freshDatabase()).sql)
}

const open = (bytes: Buffer) =>
  async function* () {
    for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
  }

/** Every row of every table that a backup holds, as text. */
async function everything(sql: Sql): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
      and relname not in ('change', 'feed_cursors', 'sessions', 'login_attempts', 'installation', 'migration', 'function_release') order by 1`
  const found: Record<string, string[]> = {}
  for (const { name } of tables) {
    const rows = await sql.unsafe<{ row: string }[]>(`select x::text as row from ${name} x order by 1`)
    if (rows.length > 0) found[name] = rows.map(row => row.row)
  }
  return found
}

describe('a backup', () => {
  test('comes back into an empty database row by row, and new rows get new numbers', async () => {
    const before = await everything(source.sql)
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['accounts', 'balances', 'movements', 'prices', 'publications', 'variants']))
    const target = await emptyHub()
    const facts = await restore(target, open(file), false)
    expect(facts).toMatchObject({ release: '0.1.0', createdAt: NOW.toISOString() })
    expect(await everything(target.sql)).toEqual(before)
    const [was] = await source.sql`select max(id) as id from products`
    const [fresh] = await target.sql`insert into products (handle, title) values ('after', 'After') returning id`
    expect(fresh?.id).toBeGreaterThan(was?.id)
    expect(await target.sql`select from pg_namespace where nspname = 'concord_restore'`).toHaveLength(0)
  })

  test('gives the installation a new generation, so that no cursor of the feed holds', async () => {
    const target = await emptyHub()
    const [before] = await target.sql`select generation from installation`
    await target.sql`insert into feed_cursors (consumer, tx, seq, cluster) values ('hub', '5', 1, 'x')`
    await restore(target, open(file), false)
    const [after] = await target.sql`select generation, (select count(*) from feed_cursors) as cursors from installation`
    expect(after?.generation).not.toBe(before?.generation)
    expect(after?.cursors).toBe(0)
  })

  test('keeps credentials sealed', () => {
    expect(file.includes('中文')).toBe(true)
    expect(file.includes(SECRET)).toBe(false)
    expect(file.includes(Buffer.from(SECRET).toString('hex'))).toBe(false)
  })

  test('is one snapshot: what changes while it is written is not in it', async () => {
    const context = await emptyHub()
    await restore(context, open(file), false)
    const before = await everything(context.sql)
    const pieces: Buffer[] = []
    for await (const piece of backup(context, '0.1.0', NOW)) {
      if (pieces.length === 1) await context.sql`insert into locations (code, name, kind) values ('LATE', 'Late', 'store')`
      pieces.push(piece)
    }
    const again = await emptyHub()
    await restore(again, open(Buffer.concat(pieces)), false)
    expect(await everything(again.sql)).toEqual(before)
  })
})

describe('a restore is refused', () => {
  test('into a database that is not empty, unless it is to be replaced', async () => {
    const target = await emptyHub()
    await target.sql`insert into locations (code, name, kind) values ('OWN', 'Own', 'store')`
    await expect(restore(target, open(file), false)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('locations'),
    })
    expect(await target.sql`select code from locations`).toEqual([{ code: 'OWN' }])
    await restore(target, open(file), true)
    expect(await target.sql`select code from locations`).toEqual([{ code: 'MAIN' }])
  })

  const end = () => file.lastIndexOf('#end')
  test.each<[string, () => Buffer, string]>([
    ['a file that was changed', () => Buffer.from(file.toString('utf8').replace('Thing 9', 'Thing 8')), 'checksum'],
    ['a file that was cut short', () => file.subarray(0, end() - 500), 'cut short'],
    ['a file with more behind its end', () => Buffer.concat([file, Buffer.from('users\t(1)\n')]), 'more after its last line'],
    ['a file that is something else', () => Buffer.from('sku,title\nA,B\n'), 'no backup of Concord'],
    ['nothing', () => Buffer.alloc(0), 'cut short'],
  ])('%s', async (_, bytes, words) => {
    const target = await emptyHub()
    const before = await everything(target.sql)
    await expect(restore(target, open(bytes()), false)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(words) })
    expect(await everything(target.sql)).toEqual(before)
  })

  test('a file whose checksum was recomputed, because only the key can seal it', async () => {
    const target = { ...(await emptyHub()), keyring: await readKeyring(`k1:${Buffer.alloc(32, 8).toString('base64')}`) }
    await expect(restore(target, open(file), false)).rejects.toMatchObject({ message: expect.stringContaining('seal') })
    const other = { ...target, keyring: await readKeyring(`k2:${Buffer.alloc(32, 7).toString('base64')}`) }
    await expect(restore(other, open(file), false)).rejects.toMatchObject({ message: expect.stringContaining('key k1') })
  })

  test('a file of another schema', async () => {
    const target = await emptyHub()
    await target.sql`insert into migration (name, breaking, hash, release) values ('9999_later', false, '', '9.0.0')`
    await expect(restore(target, open(file), false)).rejects.toMatchObject({
      message: expect.stringContaining('restore it with that release'),
    })
  })
})
