import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { balance, change, reserve } from '../support/goods.ts'
import { buckets } from '../support/supply.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person
let clerk: Person
const IN_90_DAYS = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10)
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  clerk = await stage.person('clerk')
  await stage.sql`update variants set gtin = '04006381333931', gtin_given = '4006381333931' where sku = 'PEN'`
  await change(stage.sql, [{ sku: 'MUG', location: 'lyon', quantity: 40, kind: 'count' }])
})
afterAll(() => close(stage.sql, 1))

const move = (sku: string, fields: Readonly<Record<string, string>>, who = clerk) =>
  send(stage, `/stock/move/${sku}`, who, { location: 'lyon', ...fields })
const wrongAt = (html: string, field: string): string =>
  textOf(new RegExp(`name="${field}"[^>]*>(?:(?!</label>).)*?<span class="field-wrong"[^>]*>(.*?)</span>`, 's').exec(html)?.[1] ?? '')

describe('moving stock', () => {
  test('finds a SKU as it is typed, by its barcode, or without regard to capitals, and says where nothing is found', async () => {
    for (const typed of ['PEN', '4006381333931', 'pen']) {
      const { html } = await visit(stage, `/stock?act=receive&sku=${typed}`, clerk)
      expect([typed, html.includes('action="/stock/move/PEN"')]).toEqual([typed, true])
    }
    const { html } = await visit(stage, '/stock?act=receive&sku=NOPE', clerk)
    expect(textOf(html)).toContain('No SKU or barcode NOPE. Check the spelling, or search the list of SKUs.')
    expect(html).not.toContain('action="/stock/move/')
  })

  test('receives with a cost, and the answer shows what was before and what is now', async () => {
    const page = await move('MUG', { kind: 'receive', quantity: '5', unitCost: '3.40', currency: 'EUR' })
    expect(flashOf(page.html)).toBe('MUG at lyon: on hand 40 → 45, 45 available. The channels follow.')
    const [cost] = await stage.sql`
      select trim_scale(average)::text as average, currency from variant_costs c join variants v on v.id = c.variant_id where v.sku = 'MUG' and valid_to is null`
    expect(cost).toMatchObject({ average: '3.4', currency: 'EUR' })
    // The next one is scanned at once: the act and the location stay chosen, the SKU is free again.
    expect(page.html).toContain('name="act" value="receive"')
    expect(page.html).toContain('name="location" value="lyon"')
    expect(page.html).not.toContain('action="/stock/move/')
  })

  test('each other act changes the number that it is about', async () => {
    const said = async (fields: Readonly<Record<string, string>>) => flashOf((await move('MUG', fields)).html)
    expect(await said({ kind: 'sale', quantity: '2' })).toContain('on hand 45 → 43, 43 available')
    expect(await said({ kind: 'adjust', quantity: '-3', reasonCode: 'theft' })).toContain('on hand 43 → 40')
    expect(await said({ kind: 'damage', quantity: '4', reasonCode: 'damaged' })).toContain('unavailable 0 → 4, 36 available')
    expect(await said({ kind: 'restore', quantity: '1', reasonCode: 'repaired' })).toContain('unavailable 4 → 3, 37 available')
    expect(await said({ kind: 'return', quantity: '2', to: 'unavailable' })).toContain('on hand 40 → 42, unavailable 3 → 5, 37 available')
    expect(await said({ kind: 'return', quantity: '1', to: 'stock' })).toContain('on hand 42 → 43, 38 available')
    expect(await said({ kind: 'count', quantity: '50' })).toContain('on hand 43 → 50, 45 available')
    expect(await said({ kind: 'safety', quantity: '5' })).toContain('safety stock 0 → 5, 40 available')
    expect(await said({ kind: 'safety', quantity: '0' })).toContain('safety stock 5 → 0, 45 available')
    const rows = await stage.sql<{ kind: string; code: string; actor: string }[]>`
      select kind, reason_code as code, actor from movements where reason_code is not null order by id`
    expect(rows.map(row => [row.kind, row.code])).toEqual([
      ['adjust', 'theft'],
      ['damage', 'damaged'],
      ['restore', 'repaired'],
    ])
    expect(new Set(rows.map(row => row.actor))).toEqual(new Set(['user:clerk@example.org']))
  })

  test.each([
    ['receive', { quantity: '0' }, 'quantity', 'Units received: enter at least 1.'],
    ['receive', { quantity: '3', unitCost: 'cheap' }, 'unitCost', 'Cost of one unit: “cheap” is not an amount.'],
    ['receive', { quantity: '3', unitCost: '3', currency: 'euro' }, 'currency', '“EURO” is not a currency.'],
    ['receive', { quantity: '3', unitCost: '3', currency: 'USD' }, 'currency', 'The cost of this SKU is kept in EUR'],
    ['restore', { quantity: '60' }, 'quantity', 'MUG at lyon: only 5 are put aside, so 60 cannot be restored.'],
    ['damage', { quantity: '60' }, 'quantity', 'MUG at lyon: only 45 are not put aside already, so 60 cannot be.'],
    ['adjust', { quantity: '-99' }, 'quantity', 'MUG at lyon: only 50 on hand, so 99 cannot be taken away.'],
    ['adjust', { quantity: '1', reasonCode: 'damaged' }, 'reasonCode', 'There is no reason for this on the list, called damaged.'],
  ])('refuses %s of %j beside its field, and keeps what was typed', async (kind, fields, field, words) => {
    const before = await buckets(stage.sql, 'MUG', 'lyon')
    const page = await move('MUG', { kind, note: 'x', reason: 'seen by Li', ...fields })
    expect(wrongAt(page.html, field)).toContain(words)
    expect(page.html).toContain('value="seen by Li"')
    expect(await buckets(stage.sql, 'MUG', 'lyon')).toEqual(before)
  })

  test('asks for a lot only where units are told apart by lot', async () => {
    const plain = await visit(stage, '/stock?act=receive&sku=PEN', clerk)
    expect(plain.html).not.toContain('name="lot"')
    const on = await send(stage, '/skus/PEN/lot-tracking', ana, { on: 'yes' })
    expect(flashOf(on.html)).toBe('PEN: lots are on. Note the lot when goods are received.')
    const asked = await visit(stage, '/stock?act=receive&sku=PEN', clerk)
    expect(asked.html).toContain('name="lot"')
    const early = await move('PEN', { kind: 'receive', quantity: '6', lot: '', expiresAt: IN_90_DAYS })
    expect(wrongAt(early.html, 'lot')).toBe('Enter the lot that expires on this day.')
    await move('PEN', { kind: 'receive', quantity: '6', lot: 'L-7', expiresAt: IN_90_DAYS })
    const sku = await visit(stage, '/skus/PEN', clerk)
    expect(textOf(/id="lots".*?<\/section>/s.exec(sku.html)?.[0] ?? '')).toContain(`L-7 lyon 6 0 ${IN_90_DAYS}`)
    const soon = await visit(stage, '/stock/lots?days=365', clerk)
    expect(textOf(soon.html)).toContain(`PEN L-7 lyon 6 0 ${IN_90_DAYS}`)
    const moved = await send(stage, '/skus/PEN/lots', clerk, { lot: 'lyon\nL-7', expiresAt: '' })
    expect(flashOf(moved.html)).toBe('PEN, lot L-7 at lyon: does not expire.')
    expect(textOf((await visit(stage, '/stock/lots?days=365', clerk)).html)).toContain('No lot expires in this time.')
  })
})

describe('what a SKU consists of', () => {
  test('is stated line by line, and the page shows what each part allows and which one limits', async () => {
    const page = await send(stage, '/skus/ATTACK/parts', ana, { parts: 'MUG 2\nPEN 1' })
    expect(flashOf(page.html)).toBe('ATTACK consists of 2 × MUG, 1 × PEN from now on. The channels follow.')
    const row = textOf(/<tr id="bundle-lyon".*?<\/tr>/s.exec(page.html)?.[0] ?? '')
    // 45 mugs make 22. Of the 6 pens that came, 2 covered an order that was short: the other 4 limit.
    expect(row).toBe('lyon 22 of 45 available 4 of 4 available limits 4')
    // What can be sold stands above too, with the 7 that are packed at berlin, where no pen is left for more; and in the list.
    const stockRow = (place: string) => textOf(new RegExp(`<tr id="stock-${place}".*?</tr>`, 's').exec(page.html)?.[0] ?? '')
    expect(stockRow('lyon')).toMatch(/ 0 0 0 0 4 4$/)
    expect(stockRow('berlin')).toMatch(/ 7 0 0 0 0 7$/)
    expect(/data-total="available">(\d+)</.exec(page.html)?.[1]).toBe('11')
    expect(textOf((await visit(stage, '/skus?q=ATTACK', ana)).html)).toMatch(/ATTACK .* 7 0 11 0 /)
    expect((await visit(stage, '/skus/MUG', ana)).html).toContain('href="/skus/ATTACK#bundle"')
    const cycle = await send(stage, '/skus/MUG/parts', ana, { parts: 'ATTACK 1' })
    expect(wrongAt(cycle.html, 'parts')).toBe('A bundle cannot hold itself: MUG → ATTACK → MUG. Take that part out.')
    const unknown = await send(stage, '/skus/MUG/parts', ana, { parts: 'GHOST 1' })
    expect(wrongAt(unknown.html, 'parts')).toContain('There is no SKU GHOST.')
    const ended = await send(stage, '/skus/ATTACK/parts', ana, { parts: '' })
    expect(flashOf(ended.html)).toContain('ATTACK is a bundle no longer')
  })

  test('is not for a store clerk to change', async () => {
    expect((await visit(stage, '/skus/MUG', clerk)).html).not.toContain('action="/skus/MUG/parts"')
    expect((await send(stage, '/skus/MUG/parts', clerk, { parts: 'PEN 1' })).status).toBe(403)
  })
})

describe('selling ahead', () => {
  test('is set for the SKU and shown by a channel that sells ahead', async () => {
    const past = await send(stage, '/skus/MUG/terms', clerk, { kind: 'preorder', limit: '5', availableFrom: '2026-01-01' })
    expect(wrongAt(past.html, 'availableFrom')).toBe('2026-01-01 has passed: enter a day to come.')
    const none = await send(stage, '/skus/MUG/terms', clerk, { kind: 'backorder', limit: '', availableFrom: '' })
    expect(wrongAt(none.html, 'limit')).toBe('At most is missing. Fill it in and save again.')
    const set = await send(stage, '/skus/MUG/terms', clerk, { kind: 'backorder', limit: '12', availableFrom: '' })
    expect(flashOf(set.html)).toBe('MUG: Back-orders, at most 12. Channels that sell ahead follow.')
    const both = await send(stage, '/channels/shop/policy', ana, { buffer: '3', bufferPercent: '10', cap: '', stopSellingAt: '0' })
    expect(wrongAt(both.html, 'bufferPercent')).toContain('not both')
    await send(stage, '/channels/shop/policy', ana, { buffer: '0', bufferPercent: '12.5', cap: '', stopSellingAt: '0', sellAhead: 'yes' })
    const [policy] = await stage.sql`
      select buffer, trim_scale(buffer_percent)::text as percent, sell_ahead as ahead from channel_policies p join channels c on c.id = p.channel_id
      where c.code = 'shop' and valid_to is null`
    expect(policy).toMatchObject({ buffer: 0, percent: '12.5', ahead: true })
    const ended = await send(stage, '/skus/MUG/terms', clerk, { kind: 'none' })
    expect(flashOf(ended.html)).toBe('MUG: only what is there is sold. The channels follow.')
  })
})

describe('a hold', () => {
  const held = async () => (await balance(stage.sql, 'MUG', 'lyon')).reserved
  const basketOf = async (key: string): Promise<Readonly<Record<string, string>>> => {
    const expiresAt = new Date(Date.now() + 600_000).toISOString()
    const [answer] = await reserve(stage.sql, [{ key, expiresAt, lines: [{ sku: 'MUG', quantity: 3, location: 'lyon' }] }])
    return { basket: answer?.basket ?? '', item: 'MUG', units: '3' }
  }

  test('is prolonged, moved without a gap, and released from the page of its SKU', async () => {
    const before = await held()
    const hold = await basketOf('hold-a')
    expect(await held()).toBe(before + 3)
    const longer = await send(stage, '/skus/MUG/hold', clerk, { ...hold, deed: 'extend' })
    expect(flashOf(longer.html)).toBe('3 of MUG held for 30 minutes from now.')
    const moved = await send(stage, '/skus/MUG/hold', clerk, { ...hold, deed: 'move', to: 'berlin' })
    expect(flashOf(moved.html)).toBe('3 of MUG moved to berlin; the hold went on without a gap.')
    expect(await held()).toBe(before)
    const released = await send(stage, '/skus/MUG/hold', clerk, { ...hold, deed: 'release' })
    expect(flashOf(released.html)).toBe('3 of MUG released: free for everybody again.')
    const again = await send(stage, '/skus/MUG/hold', clerk, { ...hold, deed: 'release' })
    expect(flashOf(again.html)).toContain('The hold of MUG has ended meanwhile: nothing of it is open.')
  })

  test('stays where it is when the other location has too few', async () => {
    const hold = await basketOf('hold-b')
    await change(stage.sql, [{ sku: 'MUG', location: 'berlin', quantity: 2, kind: 'count' }])
    const page = await send(stage, '/skus/MUG/hold', clerk, { ...hold, deed: 'move', to: 'berlin' })
    expect(flashOf(page.html)).toContain('MUG at berlin: 0 available, 3 are needed. Choose another location.')
    await send(stage, '/skus/MUG/hold', clerk, { ...hold, deed: 'release' })
  })
})

describe('the list of reasons', () => {
  test('grows and is switched off, for everybody who may approve', async () => {
    const added = await send(stage, '/stock/reasons', ana, { name: 'Water damage', code: 'Water', 'act:damage': 'yes' })
    expect(flashOf(added.html)).toBe('Reason “Water damage” added: people can choose it now.')
    const form = await visit(stage, '/stock?act=damage&sku=MUG', clerk)
    expect(form.html).toContain('<option value="water">Water damage</option>')
    await send(stage, '/stock/reasons/water', ana, { name: 'Water damage', 'act:damage': 'yes' })
    expect((await visit(stage, '/stock?act=damage&sku=MUG', clerk)).html).not.toContain('value="water"')
    const twice = await send(stage, '/stock/reasons', ana, { name: 'Again', code: 'water', 'act:damage': 'yes' })
    expect(wrongAt(twice.html, 'code')).toBe('There is a reason water already: change that one.')
    const none = await send(stage, '/stock/reasons', ana, { name: 'For nothing', code: 'nothing' })
    expect(textOf(none.html)).toContain('Choose at least one act that the reason is for.')
    expect((await visit(stage, '/stock/reasons', clerk)).html).not.toContain('action="/stock/reasons')
    expect((await send(stage, '/stock/reasons', clerk, { name: 'Mine', code: 'mine', 'act:adjust': 'yes' })).status).toBe(403)
  })
})

test('what came past its time is booked, and the page warns of it in the language of the person', async () => {
  await stage.sql`select lot_tracking_1(${stage.sql.json({ actor: 'test', sku: 'PEN', on: true })})`
  const fields = { kind: 'receive', quantity: '2', lot: 'P-1', expiresAt: '2020-01-01' }
  const page = await move('PEN', fields)
  expect(flashOf(page.html)).toMatch(
    /^PEN at lyon: .* But lot P-1 of PEN expired on 2020-01-01 00:00:00 UTC: its units are on hand at lyon, and are not sold\.$/,
  )
  expect(page.html).toMatch(/class="flash tone-wait"/)
})
