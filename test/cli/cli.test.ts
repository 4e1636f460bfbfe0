import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { isPassword } from '../../src/usecases/passwords.ts'
import { freshDatabase } from '../support/database.ts'
import { cliOn, commands } from './stage.ts'

let sql: Sql
let cli: ReturnType<typeof cliOn>
let folder: string
let databaseUrl: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'concord-cli-'))
  const database = await freshDatabase()
  sql = database.sql
  databaseUrl = database.url
  cli = cliOn(databaseUrl)
  await cli(['location', 'add', 'MAIN'])
  await cli(['location', 'add', 'SHOP', '--kind', 'store'])
  await cli(['import', 'catalog', await file('sku,title,price,quantity\nTEA,Green tea,12.90,10\nCUP,Blue cup,7,3\n'), '--location', 'MAIN'])
})

afterAll(() => rm(folder, { recursive: true }))

let files = 0
async function file(content: string): Promise<string> {
  const path = join(folder, `file${++files}.csv`)
  await writeFile(path, content)
  return path
}

const json = async (words: readonly string[], input?: string) => {
  const ran = await cli([...words, '--json'], input)
  return { code: ran.code, body: JSON.parse(ran.out) }
}

describe('the command line', () => {
  test('tells of every command what it does, with examples', async () => {
    const { out, code } = await cli(['help'])
    expect(code).toBe(0)
    for (const command of commands) {
      expect(out).toContain(`  ${command.name} `)
      const help = await cli(['help', ...command.name.split(' ')])
      expect(help).toMatchObject({ code: 0, out: expect.stringContaining(`npm run -s concord -- ${command.name}`) })
      expect((await cli([...command.name.split(' '), '--help'])).out).toBe(help.out)
    }
  })

  test.each<[string[], string]>([
    [['sell'], 'there is no command "sell"'],
    [['import'], '"import" goes with one of: catalog, stock, prices'],
    [['stock', 'set', 'TEA'], 'LOCATION is missing'],
    [['stock', 'set', 'TEA', 'MAIN', 'many'], '"many" is no number of units'],
    [['check', '--fast'], "Unknown option '--fast'"],
    [['explain', 'TEA', 'CUP'], '"CUP" is too much'],
    [['channel', 'add', 'x', '--platform', 'nowhere'], '--platform is one of woocommerce, amazon'],
  ])('%j is wrong usage: exit code 2', async (words, complaint) => {
    expect(await cli(words)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(complaint) })
    expect(await json(words)).toEqual({ code: 2, body: { error: { code: 'usage', message: expect.stringContaining(complaint) } } })
  })

  test('refuses with exit code 1, in words or as JSON', async () => {
    expect(await cli(['explain', 'NOPE'])).toMatchObject({ code: 1, out: '', err: expect.stringContaining('no SKU NOPE') })
    expect(await json(['explain', 'NOPE'])).toMatchObject({ code: 1, body: { error: { code: 'not_found', value: 'NOPE' } } })
  })

  test('says so when the database is not migrated', async () => {
    const empty = await freshDatabase({ empty: true })
    const there = cliOn(empty.url)
    expect(await there(['check'])).toMatchObject({ code: 1, err: expect.stringContaining('run "concord migrate" first') })
    expect(await there(['migrate'])).toMatchObject({ code: 0, out: expect.stringContaining('Applied 0001_foundation') })
    expect(await there(['migrate', '--json'])).toMatchObject({ code: 0, out: expect.stringContaining('"applied":[]') })
    expect(await there(['check'])).toMatchObject({ code: 0, out: expect.stringContaining('All rules hold') })
  })
})

describe('stock and prices', () => {
  test("a till's receipt is booked once, by whoever delivers it", async () => {
    const sale = ['sale', 'TEA=2', 'CUP', '--till', 'T1', '--receipt', '17', '--location', 'SHOP']
    expect(await json(sale)).toMatchObject({ code: 0, body: { replayed: false, lines: [{ sku: 'TEA' }, { sku: 'CUP' }] } })
    const again = await cliOn(databaseUrl, 'cli:other')(sale)
    expect(again.out).toContain('booked before')
    expect(await sql`select sum(on_hand) as units from movements where kind = 'sale'`).toEqual([{ units: -3 }])
    expect(await json(['sale', 'TEA=1', '--till', 'T1', '--receipt', '17', '--location', 'SHOP'])).toMatchObject({
      code: 1,
      body: { error: { code: 'conflict' } },
    })
  })

  test('counts, adjusts and receives, with the actor and the reason in the ledger', async () => {
    await cli(['stock', 'set', 'CUP', 'SHOP', '5', '--reason', 'counted'])
    await cli(['stock', 'receive', 'CUP', 'SHOP', '4'])
    expect(await cli(['stock', 'adjust', 'CUP', 'SHOP', '-3', '--reason', 'broken'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/CUP +SHOP +6 +0 +0 +6/),
    })
    expect(
      await sql`
      select m.kind, on_hand as units, reason, actor from movements m join locations l on l.id = m.location_id
      where l.code = 'SHOP' and m.kind in ('count', 'receive', 'adjust') and reason is distinct from 'sold, though not on the books' order by m.id`,
    ).toEqual([
      { kind: 'count', units: 5, reason: 'counted', actor: 'cli:test' },
      { kind: 'receive', units: 4, reason: null, actor: 'cli:test' },
      { kind: 'adjust', units: -3, reason: 'broken', actor: 'cli:test' },
    ])
    expect(await json(['stock', 'adjust', 'CUP', 'SHOP', '-50'])).toMatchObject({
      code: 1,
      body: { error: { code: 'insufficient_stock', missing: [{ sku: 'CUP', available: 6 }] } },
    })
  })

  test('a key makes a repeated command harmless', async () => {
    const receive = ['stock', 'receive', 'TEA', 'SHOP', '4', '--key', 'delivery-9']
    expect((await json(receive)).body).toMatchObject({ replayed: false })
    expect((await json(receive)).body).toMatchObject({ replayed: true })
  })

  test('sets and ends prices', async () => {
    expect(await json(['price', 'set', 'TEA', '11.5', 'EUR'])).toMatchObject({ code: 0, body: { changed: 1 } })
    expect(await cli(['price', 'set', 'TEA', '11.50', 'EUR'])).toMatchObject({ code: 0, out: 'It was so already.\n' })
    await cli(['price', 'set', 'TEA', '9', 'EUR', '--from', '2030-01-01', '--to', '2030-02-01', '--zone', 'Europe/Berlin'])
    expect((await cli(['export', 'prices'])).out).toContain('TEA,,EUR,9.00,2029-12-31T23:00:00.000Z,2030-01-31T23:00:00.000Z')
    expect((await json(['price', 'set', 'TEA', 'none', 'EUR', '--from', '2030-01-01T00:00:00+01:00'])).body).toMatchObject({ changed: 1 })
    const unsaid = await cli(['price', 'set', 'TEA', '9', 'EUR', '--from', '2030-01-01'])
    expect(unsaid.code).toBe(1)
    expect(unsaid.err).toContain('it is not said of which zone: name one --channel, or give --zone.')
    expect(await cli(['price', 'set', 'TEA', '9', 'EUR', '--from', 'soon'])).toMatchObject({ code: 2 })
  })
})

describe('files', () => {
  test('a wrong file is refused with a table of its errors, and exit code 1', async () => {
    const path = await file('sku,location,quantity\nTEA,MAIN,"1,5"\nNOPE,MAIN,1\n')
    const { code, out } = await cli(['import', 'stock', path])
    expect(code).toBe(1)
    expect(out).toMatch(/^row +column +value +expected\n2 +quantity +1,5 +a whole number of units\n3 +sku +NOPE +a SKU of the catalog\n/)
    expect(out).toContain('Refused: 2 errors in 2 rows. Nothing was applied.')
    expect((await json(['import', 'stock', path])).body).toMatchObject({ outcome: 'refused', errors: [{ row: 2 }, { row: 3 }] })
    const partly = await file('sku,location,quantity\nTEA,MAIN,1\nNOPE,NOWHERE,x\n')
    expect((await cli(['import', 'stock', partly])).out).toMatch(/Refused: \d errors in 1 of 2 rows\. Nothing was applied\./)
  })

  test('a file with other separators is told once what it uses', async () => {
    const { out } = await cli(['import', 'prices', await file('sku;currency;amount\nTEA;EUR;9.00\n')])
    expect(out.match(/--delimiter ";"/g)).toHaveLength(1)
    expect(out).toContain('Refused: 1 error in 1 row.')
  })

  test('a stock file comes from the standard input too, with what holds for all of its rows', async () => {
    const words = ['import', 'stock', '-', '--format', 'ndjson', '--location', 'SHOP', '--mode', 'delta']
    const lines = '{"sku":"TEA","quantity":5}\n{"sku":"TEA","quantity":-2}\n'
    expect(await cli([...words, '--dry-run'], lines)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing was changed (--dry-run).'),
    })
    expect(await cli(words, lines)).toMatchObject({ code: 0, out: expect.stringContaining('2 rows of stock.') })
    expect(await cli(words, lines)).toMatchObject({ code: 1, err: expect.stringContaining('applied these same differences already') })
    expect(await cli([...words, '--occurred-at', 'noon'], lines)).toMatchObject({ code: 2 })
    expect(await cli(['import', 'stock', '-', '--basis', 'free'], lines)).toMatchObject({ code: 2 })
  })

  test('a dry run shows what would change', async () => {
    const path = await file('sku,title,price\nTEA,Green tea,13\nPOT,Pot,20\n')
    const { code, out } = await cli(['import', 'catalog', path, '--dry-run', '--currency', 'GBP'])
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('1 new, 1 changed, 0 unchanged') })
    expect(out).toContain('row 2 TEA: prices {"GBP":null} → {"GBP":13}')
    expect(await sql`select from variants where sku = 'POT'`).toHaveLength(0)
  })

  test('wrong choices are told before the file is read', async () => {
    const path = await file('sku,title\nA,A\n')
    expect(await json(['import', 'catalog', path, '--location', 'NOWHERE'])).toMatchObject({
      code: 1,
      body: { error: { field: 'location', expected: 'MAIN, SHOP' } },
    })
    expect(await json(['import', 'catalog', path, '--currency', 'EURO'])).toMatchObject({ code: 1, body: { error: { field: 'currency' } } })
    expect(await cli(['import', 'catalog', path, '--encoding', 'latin9'])).toMatchObject({ code: 2 })
    expect(await json(['import', 'catalog', join(folder, 'absent.csv')])).toMatchObject({ code: 1, body: { error: { code: 'not_found' } } })
  })

  test('an export goes to the output or to a file, whole', async () => {
    const path = join(folder, 'stock.csv')
    const { out } = await cli(['export', 'stock'])
    expect(await json(['export', 'stock', '--out', path])).toEqual({
      code: 0,
      body: { file: path, rows: out.trim().split('\n').length - 1 },
    })
    expect(await readFile(path, 'utf8')).toBe(out)
    const lines = (await cli(['export', 'stock', '--json'])).out.trim().split('\n')
    expect(lines.map(line => JSON.parse(line))).toContainEqual(expect.objectContaining({ sku: 'TEA', location: 'MAIN', quantity: 10 }))
  })

  test('a backup goes into another database and comes back, and never over another file', async () => {
    const path = join(folder, 'hub.backup')
    const shop = cliOn((await freshDatabase()).url)
    expect(await json(['backup', path])).toMatchObject({ code: 0, body: { file: path } })
    expect((await stat(path)).mode & 0o077).toBe(0)
    expect(await json(['backup', path])).toMatchObject({ code: 1, body: { error: { code: 'conflict' } } })
    const restored = await shop(['restore', path])
    expect(restored).toMatchObject({ code: 0, out: expect.stringContaining('Restored') })
    expect((await shop(['export', 'stock'])).out).toBe((await cli(['export', 'stock'])).out)
    expect(await shop(['check'])).toMatchObject({ code: 0 })
    await writeFile(path, (await readFile(path)).subarray(0, 300))
    expect(await shop(['restore', path, '--force', '--json'])).toMatchObject({ code: 1, out: expect.stringContaining('cannot be trusted') })
  })
})

describe('channels', () => {
  const credentials = '{"consumerKey":"ck_x","consumerSecret":"cs_never-shown"}'
  const add = (name: string, ...more: string[]) => ['channel', 'add', name, '--platform', 'woocommerce', '--credentials', '-', ...more]

  test('begin in observe; the switches are turned by a person who says so', async () => {
    const made = await cli(add('my-shop', '--setting', 'url=https://shop.example.org', '--currency', 'EUR'), credentials)
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('in observe') })
    expect((await json(['channel', 'list'])).body).toMatchObject([{ code: 'my-shop', publishStock: false, publishPrices: false }])
    expect(await cli(['channel', 'publish', 'my-shop', '--stock', 'on'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
    expect(await cli(['channel', 'publish', 'my-shop', '--stock', 'on'], 'no\r', true)).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing was changed'),
    })
    expect(await cli(['channel', 'publish', 'my-shop', '--stock', 'on'], 'yes\r', true)).toMatchObject({
      code: 0,
      out: expect.stringContaining('stock published, prices observed'),
    })
    expect((await json(['channel', 'pause', 'my-shop'])).body).toMatchObject({ channel: { paused: true } })
    expect((await json(['channel', 'resume', 'my-shop'])).body).toMatchObject({ channel: { paused: false } })
    expect(await json(['channel', 'test', 'my-shop', '--wait', '0'])).toMatchObject({ code: 1, body: { kind: 'test', state: 'open' } })
    expect((await cli(['channel', 'list'])).out).not.toContain('cs_never-shown')
  })

  test('are reached anew with other settings and credentials, of which only what is named changes', async () => {
    expect(
      (await cli(add('anew', '--setting', 'url=https://old.example.org', '--setting', 'batchMax=50', '--currency', 'EUR'), credentials))
        .code,
    ).toBe(0)
    const reconnect = (...more: string[]) => ['channel', 'reconnect', 'anew', ...more]
    const moved = await json(reconnect('--setting', 'url=https://new.example.org', '--without', 'batchMax'))
    expect(moved).toMatchObject({ code: 0, body: { account: 'anew', settings: { url: 'https://new.example.org' } } })
    expect(JSON.stringify(moved.body)).not.toContain('batchMax')
    const rotated = await cli(reconnect('--credentials', '-'), '{"consumerKey":"ck_y","consumerSecret":"cs_never-told"}')
    expect(rotated).toMatchObject({ code: 0, out: expect.stringContaining('channel test anew') })
    expect(rotated.out).not.toContain('cs_never-told')
    expect(await cli(reconnect('--credentials', '-'), '{"consumerKey":"ck_y"}')).toMatchObject({
      code: 1,
      err: expect.stringContaining('credentials.consumerSecret'),
    })
    expect(await cli(reconnect())).toMatchObject({ code: 2, err: expect.stringContaining('what is to change') })
  })

  test('wrong settings and credentials are told by their field, never by their value', async () => {
    expect(await json(add('b', '--setting', 'url=ftp://x', '--currency', 'EUR'), credentials)).toMatchObject({
      code: 1,
      body: { error: { field: 'settings.url' } },
    })
    const wrong = await cli(add('b', '--setting', 'url=https://x.example', '--currency', 'EUR'), '{"consumerKey":"cs_never-shown"')
    expect(wrong).toMatchObject({ code: 1, err: expect.not.stringContaining('cs_never-shown') })
  })

  test('tell whoever connects them where their platform may call, for messages that are set up by hand', async () => {
    const made = await json(add('hand-shop', '--setting', 'url=https://shop.example.org', '--currency', 'EUR'), credentials)
    expect(made).toMatchObject({ code: 0, body: { webhookPath: expect.stringMatching(/^\/webhooks\/[\w-]{20,}$/) } })
    const [account] = await sql`select webhook_token from accounts where name = 'hand-shop'`
    expect(made.body.webhookPath).toBe(`/webhooks/${account?.webhook_token}`)
  })
})

describe('people and keys', () => {
  test('a password is typed twice and never shown, piped in, or made up and shown once', async () => {
    const typed = await cli(['user', 'add', 'ana@example.org', '--role', 'admin'], 'correct horse\rcorrect horse\r', true)
    expect(typed).toMatchObject({ code: 0, err: expect.not.stringContaining('horse') })
    expect(await cli(['user', 'add', 'x@example.org'], 'correct horse\rother horse\r', true)).toMatchObject({ code: 1 })
    await cli(['user', 'add', 'ben@example.org', '--password-stdin'], 'from the pipe\n')
    const { body } = await json(['user', 'add', 'cy@example.org', '--generate'])
    const users = await sql`select email, password_hash as hash from users order by email`
    const passwords = ['correct horse', 'from the pipe', body.password]
    expect(users.map(user => user.email)).toEqual(['ana@example.org', 'ben@example.org', 'cy@example.org'])
    for (const [at, user] of users.entries()) expect(await isPassword(user.hash, passwords[at])).toBe(true)
    expect(await json(['user', 'add', 'ANA@example.org', '--generate'])).toMatchObject({ code: 1, body: { error: { code: 'conflict' } } })
    expect(await cli(['user', 'add', 'd@example.org', '--role', 'king'])).toMatchObject({ code: 2 })
  })

  test('a key is shown once, listed without its secret, and revoked', async () => {
    const { body } = await json(['key', 'create', 'till 1', '--scope', 'stock:write'])
    expect(body.key).toMatch(new RegExp(`^${body.id}\\.[\\w-]{43}$`))
    const secret = body.key.split('.')[1]
    expect((await cli(['key', 'list'])).out).toContain(body.id)
    expect((await cli(['key', 'list', '--json'])).out).not.toContain(secret)
    expect(await json(['key', 'revoke', body.id])).toMatchObject({ code: 0, body: { revoked: true } })
    expect((await json(['key', 'list'])).body).toMatchObject([{ id: body.id, revokedAt: expect.any(String) }])
    expect(await json(['key', 'revoke', 'ck_none'])).toMatchObject({ code: 1, body: { error: { code: 'not_found' } } })
  })
})
