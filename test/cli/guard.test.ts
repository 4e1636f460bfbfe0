import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { intend } from '../../db/publications.ts'
import { shownAt } from '../../src/cli/instants.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const shop = await guardedChannel(sql, 'shop', 100)
const cli = cliOn(url)

test('an incident is listed, shown with what it holds, and decided on', async () => {
  await shop.setPrices('4', shop.skus.slice(0, 2))
  await shop.push()
  const list = await cli(['guard', 'list'])
  const [, id = ''] =
    /^incident (\d+), shop price: 2 held of 2 \(dropped\), revision 1, since .*; waits for a decision$/m.exec(list.out) ?? []
  expect(id).not.toBe('')
  const shown = await cli(['guard', 'show', id])
  expect(shown.out).toMatch(/SHOP-000001 +dropped +10\.00 EUR +4\.00 EUR +−60 % +held/)
  expect((await cli(['guard', 'approve', id, '--revision', '0'])).err).toBe(
    `More has joined incident ${id} since it was looked at: look again and decide on revision 1.\n`,
  )
  // A fall says nothing of how many may change.
  expect(shown.out).not.toContain('counts anew')
  const approved = await cli(['guard', 'approve', id, '--revision', '1', '--note', 'clearance'])
  expect(approved.out).toMatch(/0 held of 2 \(dropped\).*approved by cli:test/)
  expect(await shop.push()).toBe(2)
  expect((await cli(['guard', 'list'])).out).toBe('The guard holds nothing back.\n')
  expect((await cli(['guard', 'reject', id])).err).toBe(`Incident ${id} was approved already, by cli:test.\n`)
})

test('limits are set, turned off and shown', async () => {
  const set = await cli(['guard', 'limits', 'shop', '--changed', '30', '--at-least', '10', '--drop', 'off', '--zero', '5'])
  expect(set.out.split('\n')).toEqual([
    'shop: what goes beyond is held until somebody decides',
    'prices change: more than 30 % of the listings and at least 10 within 60 minutes',
    'a price falls: off',
    'stock to zero: more than 5 listings and 20 % of them within 60 minutes; goes out by itself after 30',
    '',
  ])
  expect((await cli(['guard', 'limits', 'shop', '--changed', 'much'])).code).toBe(1)
  expect((await cli(['guard', 'limits', 'shop', '--release', 'soon'])).code).toBe(2)
})

test('an incident of too many says that its approval counts the window anew, and names listings as the platform does', async () => {
  const many = await guardedChannel(sql, 'many', 130)
  await many.setPrices('9')
  expect(await many.push()).toBe(49)
  const [, id = ''] = /^incident (\d+), many price: 81 held/m.exec((await cli(['guard', 'list'])).out) ?? []
  const shown = await cli(['guard', 'show', id])
  expect(shown.out).toMatch(
    /\nApproved, its window counts anew from then on: 49 of 130 listings may change price within 60 minutes\. Since .*, 49 did\.\n/,
  )
  expect(shown.out).toMatch(/^listing +SKU +limit/m)
  expect(shown.out).toMatch(/^MANY-000049 +MANY-000049 +changed/m)
  expect(shown.out).not.toContain('shows more')
  const approved = await cli(['guard', 'approve', id])
  expect(approved.out).toMatch(
    /approved by cli:test at .*\nThe window counts anew from this approval on: 49 of 130 listings may change price within 60 minutes, 0 did since\.\n$/,
  )
  await many.setPrices('8', many.skus.slice(0, 49))
  expect(await many.push()).toBe(81 + 49)
  const of = JSON.parse((await cli(['guard', 'show', id, '--json'])).out)
  expect(of).toMatchObject({
    decision: 'approved',
    window: { restarts: true, moved: 49, allowed: 49, listings: 130, minutes: 60, begins: of.decidedAt },
  })
})

test('limits are tried on what is held and on what waits to go out; nothing of it remains', async () => {
  const tight = await guardedChannel(sql, 'tight', 100)
  await tight.setPrices('4', tight.skus.slice(0, 2))
  await tight.push()
  await tight.setPrices('9', tight.skus.slice(2, 32))
  await intend(sql, tight.accountId, null)
  const tried = await cli(['guard', 'limits', 'tight', '--drop', 'off', '--changed', '10', '--at-least', '1', '--dry-run'])
  expect(tried.out.split('\n').map(line => line.replaceAll(/ {2,}/g, ' | ').trim())).toEqual([
    'Nothing was done. Under these limits, of what waits to go out or is held there:',
    'channel | field | waits or is held | would pass | would be held | channel off',
    'tight | price | 32 | 10 | 22 changed | 0',
    'tight | stock | 0 | 0 | 0 | 0',
    'tight price: the guard lets 10 move within 60 minutes, 0 already did',
    'tight stock: the guard lets 200 move within 60 minutes, 0 already did',
    'What is held already stays held until somebody decides on it.',
    '',
    'channel | SKU | field | shown | then',
    'tight | TIGHT-000000 | price | 10.00 EUR | 4.00 EUR | goes',
    ...Array.from({ length: 19 }, (_, at) =>
      expect.stringMatching(`^tight \\| TIGHT-0000${String(at + 1).padStart(2, '0')} \\| price .*(goes|changed)$`),
    ),
    '',
  ])
  const asNow = await cli(['guard', 'limits', 'tight', '--dry-run', '--json'])
  expect(JSON.parse(asNow.out).fields[0]).toMatchObject({ changed: 32, goes: 30, quarantined: { dropped: 2 } })
  expect((await cli(['guard', 'limits', 'tight'])).out).toContain('a price falls: by more than 50 %')
  expect((await cli(['guard', 'limits', 'nowhere', '--drop', 'off', '--dry-run'])).code).toBe(1)
  // Nobody else in this file shall wait for it.
  await tight.push()
  const [row] = await sql<{ id: number }[]>`select id from quarantines where channel_id = ${tight.channelId} and decided_at is null`
  await cli(['guard', 'reject', String(row?.id)])
})

test('a price, a receipt and a buffer are tried without being done', async () => {
  const [sku = ''] = shop.skus.slice(50)
  const price = await cli(['price', 'set', sku, '12', 'EUR', '--dry-run'])
  expect(price.out).toMatch(/^Nothing was done\. It would change:\n/)
  expect(price.out).toMatch(/shop +price +1 +1 +0 +0 +0/)
  expect(price.out).toMatch(/shop +SHOP-000050 +price +10\.00 EUR +12\.00 EUR +goes/)
  const receipt = await cli(['stock', 'receive', sku, 'main', '5', '--dry-run', '--json'])
  expect(JSON.parse(receipt.out)).toMatchObject({
    touched: 1,
    fields: [{ field: 'stock', examples: [{ before: { quantity: 10 }, after: { quantity: 15 } }] }],
  })
  const buffer = await cli(['channel', 'set', 'shop', '--buffer', '4', '--dry-run', '--json'])
  expect(JSON.parse(buffer.out)).toMatchObject({ touched: 100, fields: [{ field: 'stock', changed: 100, goes: 100 }] })
  expect((await cli(['price', 'set', 'NOWHERE', '12', 'EUR', '--dry-run'])).code).toBe(1)
  const [row] = await sql`select (select count(*) from prices p join variants v on v.id = p.variant_id where v.sku = ${sku}) as prices,
    (select sum(on_hand) from balances b join variants v on v.id = b.variant_id where v.sku = ${sku}) as units, (select max(buffer) from channel_policies) as buffer`
  expect(row).toEqual({ prices: 1, units: 10, buffer: 0 })
})

test('a price file that waits is found by others: in the list of imports, and beside what the guard holds, with the command that lets it through', async () => {
  const file = `sku,currency,amount\n${shop.skus.map(sku => `${sku},EUR,7`).join('\n')}\n`
  const path = join(await mkdtemp(join(tmpdir(), 'prices-')), 'autumn.csv')
  await writeFile(path, file)
  const [, id = ''] = /Import (\d+) goes beyond a limit of the guard and waits/.exec((await cli(['import', 'prices', path])).out) ?? []
  expect(id).not.toBe('')
  const line = new RegExp(
    `^${id} +prices +autumn.csv +waiting +100 +cli:test +\\S+ \\S+ +waits for whoever may approve prices: import approve ${id}$`,
    'm',
  )
  expect((await cli(['import', 'list'])).out).toMatch(line)
  expect((await cli(['import', 'list', '--kind', 'prices', '--waiting'])).out).toMatch(line)
  expect((await cli(['import', 'list', '--kind', 'stock'])).out).toBe('No file was sent yet.\n')
  const told = new RegExp(
    `^import ${id}, price file autumn.csv: 100 rows, beyond a limit in shop, sent by cli:test at .*; waits for a decision: import approve ${id}$`,
    'm',
  )
  expect((await cli(['guard', 'list'])).out).toMatch(told)
  expect((await cli(['guard', 'list', '--channel', 'other'])).out).not.toMatch(told)
  await cli(['import', 'reject', id, '--note', 'in cents'])
  expect((await cli(['import', 'show', id])).out).toContain('\ndecided by cli:test: in cents\n')
  expect((await cli(['guard', 'list'])).out).not.toMatch(told)
  expect((await cli(['import', 'list'])).out).toMatch(new RegExp(`^${id} .* rejected .* turned down by cli:test$`, 'm'))
})

test('approving a price list tells what the guard would hold at its beginning, and may let just that pass', async () => {
  const list = await guardedChannel(sql, 'ahead', 60)
  const draft = async (code: string, amount: string): Promise<string> => {
    await cli(['price-list', 'set', code, '--currency', 'EUR', '--audience', 'channel:ahead', '--from', '2098-12-01'])
    const typed = await cli(['price-list', 'price', code, list.skus[0] ?? '', amount])
    return /approve \S+ (\d+)/.exec(typed.out)?.[1] ?? ''
  }
  const version = await draft('winter', '4')
  const tried = await cli(['price-list', 'approve', 'winter', version, '--dry-run'])
  expect(tried.out).toMatch(
    /^Nothing was done\. Now nothing would change in any channel \(one SKU was looked at\)\.\n\nAt 2098-12-01T00:00:00\.000Z it would change:\n/,
  )
  expect(tried.out).toMatch(/ahead +price +1 +0 +0 +1 dropped +0/)
  expect(tried.out).toMatch(/ahead +AHEAD-000000 +price +10\.00 EUR +4\.00 EUR +dropped/)
  const told = await cli(['price-list', 'approve', 'winter', version])
  expect(told.out).toContain(
    `Warning: The guard will hold 1 price of ahead at ${shownAt('2098-12-01T00:00:00Z')}: 1 falls by more than 50 %. Whoever may approve prices decides on them then.`,
  )
  await cli(['price-list', 'end', 'winter'])
  const taken = await cli(['price-list', 'approve', 'frost', await draft('frost', '3'), '--accept-held', '--json'])
  expect(JSON.parse(taken.out).guard).toMatchObject([{ channel: 'ahead', held: 1, dropped: 1, accepted: true }])
  expect([
    ...(await sql`select value->>'regular' as regular, approved_by from guard_approvals a join listings l on l.id = a.listing_id
    where l.channel_id = ${list.channelId}`),
  ]).toEqual([{ regular: '3', approved_by: 'cli:test' }])
})
