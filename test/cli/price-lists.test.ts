import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { addUser } from '../../src/usecases/manage-access.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { KEYS } from '../usecases/import-support.ts'
import { cliOn } from './stage.ts'

let sql: Sql
let cli: ReturnType<typeof cliOn>
beforeAll(async () => {
  const database = await freshDatabase()
  sql = database.sql
  cli = cliOn(database.url)
  await layIn(sql, { 'TEA-GREEN': {}, 'TEA-BLACK': {}, CUP: {} }, '12.90')
  await sql`update products set category = 'Tea' where handle like 'TEA-%'`
  await quietChannel(sql, 'shop')
  const context = { sql, keyring: await readKeyring(KEYS), actor: 'test' }
  for (const [name, role] of [
    ['ben', 'operations'],
    ['pia', 'pricing'],
  ] as const)
    await addUser(context, null, { email: `${name}@example.org`, name, role, password: 'correct horse battery' })
})

const json = async (...words: string[]) => {
  const ran = await cli([...words, '--json'])
  return { code: ran.code, body: JSON.parse(ran.out) }
}

const summer = [
  '--title',
  'Summer sale',
  '--currency',
  'EUR',
  '--audience',
  'channel:shop',
  '--kind',
  'sale',
  '--from',
  '2098-12-01',
  '--to',
  '2098-12-08',
]

describe('a price list', () => {
  test('goes from its draft to its approval by somebody else, by what they saw', async () => {
    const made = await cli(['price-list', 'set', 'summer', ...summer, '--priority', '5', '--four-eyes'])
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(
      /summer is made, as a draft\.\nsummer \(draft, four eyes\): Summer sale; sale in EUR for channel:shop, priority 5, from 2098-12-01 .* to 2098-12-08 /,
    )
    const typed = await cli(['price-list', 'price', 'summer', 'TEA-GREEN', '9.90'])
    expect(typed.out).toMatch(
      /^TEA-GREEN: 9\.90\nsummer is a draft: "concord price-list approve summer \d+", by somebody else, puts it in force\.\n$/,
    )
    const rule = await cli([
      'price-list',
      'rule',
      'summer',
      '--category',
      'Tea',
      '--percent',
      '-20',
      '--over',
      'plain',
      '--why',
      'the fair',
    ])
    expect(rule.out).toContain('Tea: -20 % over the plain price')
    const { body: list } = await json('price-list', 'show', 'summer')
    expect(list).toMatchObject({
      code: 'summer',
      waitingEntries: 2,
      items: [
        { of: 'TEA-GREEN', value: '9.9', since: null },
        { of: 'Tea', why: 'the fair' },
      ],
    })
    const version = String(list.version)
    expect(await cli(['price-list', 'approve', 'summer', version])).toMatchObject({
      code: 1,
      err: expect.stringContaining('marked four eyes'),
    })
    expect(await cli(['price-list', 'approve', 'summer', version, '--as', 'pia@example.org'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('prices:approve'),
    })
    await cli(['price-list', 'price', 'summer', 'TEA-BLACK', '8', '--from-quantity', '10'])
    expect(await cli(['price-list', 'approve', 'summer', version, '--as', 'ben@example.org'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('changed meanwhile'),
    })
    const { body: now } = await json('price-list', 'show', 'summer')
    const approved = await cli(['price-list', 'approve', 'summer', String(now.version), '--as', 'ben@example.org'])
    expect(approved.out).toMatch(/^summer: its terms and 3 entries approved\.\nsummer \(approved, four eyes\)/)
    expect((await cli(['price-list', 'show', 'summer', '--of', 'TEA-BLACK'])).out).toMatch(
      /TEA-BLACK +sku +10 +8\.00 EUR +since .* cli:test +user:ben@example.org/,
    )
  })

  test('takes later changes of a pricing person as waiting, which are rejected or looked back at', async () => {
    const as = ['--as', 'pia@example.org']
    const priced = await cli(['price-list', 'price', 'summer', 'TEA-GREEN', '9.50', ...as])
    expect(priced.out).toMatch(/It waits for approval: "concord price-list approve summer \d+", by somebody else\./)
    expect((await cli(['price-list', 'set', 'summer', '--to', 'none', ...as])).out).toContain('The change waits for approval.')
    expect((await cli(['price-list', 'list', '--waiting'])).out).toMatch(
      /summer +Summer sale +sale +approved +channel:shop +EUR +5 .* terms \+ 1/,
    )
    expect(await cli(['price-list', 'end', 'summer', ...as])).toMatchObject({
      code: 1,
      err: expect.stringContaining('those who may approve it end it'),
    })
    const { body: history } = await json('price-list', 'history', 'summer', '--sku', 'TEA-GREEN')
    expect(history).toMatchObject([
      { actor: 'user:pia@example.org', from: { value: '9.9' }, to: { value: '9.5' }, inForceFrom: null },
      { actor: 'cli:test', from: null, to: { value: '9.9' }, approvedBy: 'user:ben@example.org' },
    ])
    expect((await cli(['price-list', 'history', 'summer'])).out).toMatch(/user:pia@example.org +set \(waits\) +to 2098-12-08 \S+ +to none/)
    expect((await cli(['price-list', 'reject', 'summer', '--why', 'too cheap'])).out).toContain('What waited on summer is set aside.')
    expect((await cli(['price-list', 'list', '--waiting'])).out).toBe('No such price list.\n')
    expect((await cli(['price-list', 'end', 'summer'])).out).toBe('summer is ended.\n')
    expect((await cli(['price-list', 'end', 'summer'])).out).toBe('It was so already.\n')
  })

  test('is filled from a file, all rows or none; what is the same stays', async () => {
    await cli(['price-list', 'set', 'base', '--currency', 'EUR', '--tax', 'included'])
    const folder = await mkdtemp(join(tmpdir(), 'price-list-'))
    const file = async (text: string) => {
      const path = join(folder, 'entries.csv')
      await writeFile(path, text)
      return path
    }
    const good =
      'sku,category,all,from_quantity,price,percent,rule,over\nTEA-GREEN,,,,11.90,,,\nTEA-GREEN,,,10,10.90,,,\n\n,Tea,,,,-5,,cost\n,,yes,,,3,,list:base-2\nCUP,,,,,,none,\n'
    expect(await cli(['price-list', 'entries', 'base', '--file', await file(good)])).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no price list base-2'),
    })
    await cli(['price-list', 'set', 'base-2', '--currency', 'EUR', '--tax', 'included'])
    expect((await cli(['price-list', 'entries', 'base', '--file', await file(good)])).out).toContain(
      '5 entries read, 5 changed.\nbase is a draft',
    )
    expect((await json('price-list', 'entries', 'base', '--file', await file(good))).body).toEqual({ rows: 5, changed: 0, waiting: false })
    expect((await json('price-list', 'entries', 'base')).body).toMatchObject([
      { of: 'TEA-GREEN', minQuantity: 1, rule: 'fixed', value: '11.9' },
      { of: 'TEA-GREEN', minQuantity: 10, value: '10.9' },
      { scope: 'category', of: 'Tea', rule: 'percent', over: 'cost', value: '-5' },
      { scope: 'all', of: null, over: 'list', baseList: 'base-2', value: '3' },
      { of: 'CUP', rule: 'none', value: null },
    ])
    const wrong = async (text: string) => (await cli(['price-list', 'entries', 'base', '--file', await file(text)])).err
    expect(await wrong('sku,prise\nCUP,1\n')).toContain('The column "prise" is not known.')
    expect(await wrong('sku,price\nCUP,1\n\nCUP,1.2.3\n')).toContain('Row 4, price "1.2.3" cannot be')
    expect(await wrong('sku,price,over\nCUP,"1,20",\nCUP,1,\nCUP,x,\nCUP,2,nothing\n')).toContain(
      [
        'Row 2, price "1,20" cannot be: 1.20, with at most 6 decimals.',
        'Row 4, price "x" cannot be: a number such as 12.50, with at most 6 decimals.',
        'Row 5, over "nothing" cannot be: plain, cost or list:CODE.',
        '3 rows are wrong. Nothing was changed.',
      ].join('\n'),
    )
    expect(await wrong('sku,product,price\nCUP,CUP,1\n')).toContain('exactly one of sku, product, category')
    expect(await wrong('sku,price,percent\nCUP,1,2\n')).toContain('exactly one of price, percent')
    expect(await wrong('sku;price\nTEA-GREN;1\n')).toContain('Did you mean TEA-GREEN?')
    expect((await cli(['price-list', 'entries', 'base', '--file', '-'], 'sku;price\nCUP;4\n')).out).toContain('1 entry read, 1 changed')
    const commas = (text: string) => cli(['price-list', 'entries', 'base', '--file', '-', '--decimal', ','], text)
    expect((await commas('sku;price\nCUP;4,25\n')).out).toContain('1 entry read, 1 changed')
    expect((await json('price-list', 'entries', 'base')).body).toEqual(
      expect.arrayContaining([expect.objectContaining({ of: 'CUP', value: '4.25' })]),
    )
    expect((await commas('sku;price\nCUP;1.234\n')).err).toContain(
      'Row 2, price "1.234" cannot be: a number such as 12,50, with no separators of thousands',
    )
    await cli(['price-list', 'entries', 'base', '--file', '-'], 'sku;price\nCUP;4\n')
    expect(await cli(['price-list', 'entries', 'base', '--file', join(folder, 'nowhere.csv')])).toMatchObject({ code: 1 })
  })

  test('warns of a list it overlaps with, and refuses in words what cannot be', async () => {
    await cli(['price-list', 'set', 'again', '--currency', 'EUR'])
    await cli(['price-list', 'rule', 'again', '--all', '--margin', '25'])
    expect((await cli(['price-list', 'show', 'again'])).out).toMatch(
      /Warning: base \(draft\) prices some of the same SKUs .*; there base holds\.[\s\S]*all +1 +25 % margin over cost/,
    )
    expect((await cli(['price-list', 'set', 'again', '--priority', '1'])).out).not.toContain('Warning')
    expect(await cli(['price-list', 'rule', 'again', '--all', '--percent', '5', '--over', 'list:again'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('again → again'),
    })
    expect(await cli(['price-list', 'rule', 'again', '--all', '--sku', 'CUP', '--none'])).toMatchObject({ code: 2 })
    expect(await cli(['price-list', 'rule', 'again', '--all', '--none', '--percent', '3'])).toMatchObject({ code: 2 })
    expect(await cli(['price-list', 'rule', 'again', '--all', '--percent', '3', '--over', 'moon'])).toMatchObject({ code: 2 })
    expect(await cli(['price-list', 'show', 'agian'])).toMatchObject({ code: 1, err: expect.stringContaining('Did you mean again?') })
    expect(await cli(['price-list', 'set', 'x', '--currency', 'EUR', '--audience', 'channel:shpo'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Did you mean shop?'),
    })
    const period = await cli(['price-list', 'set', 'again', '--from', '2098-12-08', '--to', '2098-12-01', '--zone', 'UTC'])
    expect(period).toMatchObject({ code: 1, err: expect.stringContaining('would end (2098-12-01T00:00:00.000Z) before it begins') })
    expect(period.err).not.toContain('location')
    expect(await cli(['price-list', 'approve', 'again', 'now'])).toMatchObject({ code: 2 })
    await cli(['price', 'floor', '5', 'EUR', '--sku', 'CUP', '--basis', 'map'])
    expect(await cli(['price-list', 'price', 'again', 'CUP', '4.99'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('CUP at 4.99 EUR is below its floor in shop: the minimum advertised price, 5.00 EUR'),
    })
    expect(await cli(['price', 'set', 'CUP', '4.99', 'EUR', '--channel', 'shop'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is below its floor in shop'),
    })
  })
})

test('audiences and partners are made, changed and listed', async () => {
  expect((await cli(['audience', 'set', 'group:eu', '--name', 'EU shops', '--channels', 'shop'])).out).toBe(
    'group eu: EU shops; channels shop\n',
  )
  expect((await cli(['audience', 'set', 'group:eu', '--channels', 'shop'])).out).toContain('It was so already.')
  expect((await cli(['audience', 'set', 'group:eu', '--channels', 'none'])).out).toBe('group eu: EU shops; no channels\n')
  expect(await cli(['audience', 'set', 'group:eu', '--channels', 'shpo'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('Did you mean shop?'),
  })
  await cli(['audience', 'set', 'region:de', '--name', 'Germany'])
  await cli(['audience', 'set', 'tier:gold'])
  expect((await cli(['partner', 'set', 'acme', '--name', 'Acme Ltd', '--tier', 'gold'])).out).toBe('partner acme: Acme Ltd; in tier gold\n')
  expect((await json('audience', 'list', 'tier')).body).toMatchObject([{ kind: 'tier', code: 'gold', partners: 1 }])
  expect((await json('partner', 'set', 'acme', '--tier', 'none')).body).toMatchObject({ code: 'acme', tier: null, changed: true })
  expect((await cli(['audience', 'list'])).out).toMatch(
    /partner +acme +Acme Ltd +in no tier\nregion +de +Germany[\s\S]*group +eu[\s\S]*tier +gold/,
  )
  expect(await cli(['audience', 'set', 'planet:earth'])).toMatchObject({ code: 2 })
})

test('a rule whose tax is not known where it shows warns when it is written, with the next step', async () => {
  await cli(['audience', 'set', 'region:de'])
  await cli(['price', 'policy', 'shop', '--region', 'de'])
  await cli(['price-list', 'set', 'net', '--currency', 'EUR', '--audience', 'channel:shop', '--tax', 'excluded'])
  const { out } = await cli(['price-list', 'rule', 'net', '--all', '--percent', '-10'])
  expect(out).toMatch(
    /^all: -10 % over the plain price\nnet is a draft: .+\nWarning: shop passes it over for 3 SKUs: no tax rate .+"concord price tax de standard PERCENT"/,
  )
  await cli(['price', 'tax', 'de', 'standard', '19'])
  expect((await cli(['price-list', 'rule', 'net', '--all', '--percent', '-11'])).out).not.toContain('Warning')
})
