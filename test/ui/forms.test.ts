import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { balance, change } from '../support/goods.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person

/** A stage for one group of tests; its connections end with the group. */
function ownStage(): void {
  beforeAll(async () => {
    stage = await setUiStage()
    ana = await stage.person('operations')
  })
  afterAll(() => close(stage.sql, 1))
}

const onHand = async (): Promise<number> => (await balance(stage.sql, 'MUG', 'berlin')).onHand

describe('stock', () => {
  ownStage()
  beforeEach(async () => {
    await change(stage.sql, [{ sku: 'MUG', location: 'berlin', quantity: 10, kind: 'count' }])
  })

  test('that was counted is set, and the message names SKU, location and numbers', async () => {
    const page = await send(stage, '/skus/MUG/stock', ana, { location: 'berlin', kind: 'count', quantity: '25', reason: 'stocktake' })
    expect(page.status).toBe(200)
    expect(flashOf(page.html)).toBe('MUG at berlin: on hand 10 → 25, 23 available. The channels follow.')
    expect(await onHand()).toBe(25)
    const [movement] = await stage.sql<{ actor: string; reason: string }[]>`select actor, reason from movements order by id desc limit 1`
    expect(movement).toEqual({ actor: 'user:operations@example.org', reason: 'stocktake' })
  })

  test('sent twice by a double click counts once', async () => {
    const fields = { location: 'berlin', kind: 'adjust', quantity: '-3', _key: crypto.randomUUID() }
    const both = await Promise.all([send(stage, '/skus/MUG/stock', ana, fields), send(stage, '/skus/MUG/stock', ana, fields)])
    expect(both.map(page => /^MUG at berlin: on hand (10 → )?7, 5 available\./.test(flashOf(page.html)))).toEqual([true, true])
    expect(await onHand()).toBe(7)
  })

  test('cannot be taken below zero, and the message says how many there are', async () => {
    const page = await send(stage, '/skus/MUG/stock', ana, { location: 'berlin', kind: 'adjust', quantity: '-11' })
    expect(flashOf(page.html)).toBe(
      'Not enough stock MUG at berlin: only 10 on hand, so 11 cannot be taken away. Take at most 10, or enter what you counted.',
    )
    expect(await onHand()).toBe(10)
  })

  test.each([
    ['count', 'twelve', 'Units there now: “twelve” is not a whole number from 0 to 1,000,000. Enter digits only.'],
    ['count', '-1', 'Units there now: “-1” is not a whole number from 0 to 1,000,000. Enter digits only.'],
    ['count', '', 'Units there now is missing. Fill it in and save again.'],
    ['adjust', '1.5', 'Units, + or −: “1.5” is not a whole number. Enter for example 5 or -3.'],
    ['receive', '0', 'Units received: enter at least 1.'],
    ['steal', '1', 'What happened: “steal” is not one of the choices. Load the page again.'],
  ])('typed wrong (%s %s) is refused in words', async (kind, quantity, words) => {
    const page = await send(stage, '/skus/MUG/stock', ana, { location: 'berlin', kind, quantity })
    expect(flashOf(page.html)).toBe(`Cannot be saved like this ${words}`)
    expect(await onHand()).toBe(10)
  })

  test('refused in Chinese is refused in Chinese words', async () => {
    const chinese = { ...ana, cookie: `${ana.cookie}; concord_language=zh-CN` }
    const below = await send(stage, '/skus/MUG/stock', chinese, { location: 'berlin', kind: 'adjust', quantity: '-11' })
    expect(flashOf(below.html)).toBe('库存不足 MUG（berlin）：在库仅 10，无法减去 11。最多可减 10，或直接输入盘点数量。')
    const unknown = await send(stage, '/skus/MUG/stock', chinese, { location: 'atlantis', kind: 'count', quantity: '1' })
    expect(flashOf(unknown.html)).toBe('内容无法保存 没有地点 atlantis。请核对拼写或在列表中查找后重试。')
  })
})

describe('a price', () => {
  ownStage()
  const prices = () => stage.sql<{ amount: string; channel: string | null }[]>`
    select trim_scale(p.amount)::text as amount, c.code as channel from prices p join variants v on v.id = p.variant_id
    left join channels c on c.id = p.channel_id where v.sku = 'MUG' and p.superseded_at is null order by p.channel_id nulls first`

  test('is set for everyone or for one channel', async () => {
    const base = await send(stage, '/skus/MUG/price', ana, { target: 'base:EUR', amount: '13.90', sure: 'yes' })
    expect(flashOf(base.html)).toBe(
      'MUG: EUR 13.90 for Everyone, EUR. The channels follow; watch them below. shop: publishing of prices is off. Buyers go on seeing EUR 9.00.',
    )
    await send(stage, '/skus/MUG/price', ana, { target: 'channel:shop:EUR', amount: '14', sure: 'yes' })
    expect(await prices()).toEqual([
      { amount: '13.9', channel: null },
      { amount: '14', channel: 'shop' },
    ])
  })

  test('may not be changed by a store clerk, whatever is sent', async () => {
    const before = await prices()
    const clerk = await stage.person('clerk')
    const page = await send(stage, '/skus/MUG/price', clerk, { target: 'base:EUR', amount: '0.01' })
    expect(page.status).toBe(403)
    expect(page.html).toContain('Your role (Store clerk) may not do this.')
    expect(await prices()).toEqual(before)
  })

  test.each([
    ['0', 'must be more than 0.'],
    ['-5', 'must be more than 0.'],
    ['free', 'is not an amount'],
    ['1,50', 'is not an amount'],
    ['1e3', 'is not an amount'],
  ])('of %s is refused: it %s', async (amount, words) => {
    const before = await prices()
    const page = await send(stage, '/skus/MUG/price', ana, { target: 'base:EUR', amount })
    expect(flashOf(page.html)).toContain(`“${amount}” ${words}`)
    expect(await prices()).toEqual(before)
  })
})

describe('a form that another site sends', () => {
  ownStage()
  test.each([{ _csrf: '' }, { _csrf: 'guess' }])('is refused without the session’s token: %j', async forged => {
    const page = await send(stage, '/skus/MUG/stock', ana, { location: 'berlin', kind: 'count', quantity: '0', ...forged })
    expect(page.status).toBe(403)
    expect(page.html).toContain('This page is too old to send from.')
    expect(await onHand()).toBe(10)
  })

  test('every form of every page carries the token, and every one that writes a key of its own', async () => {
    const keys: string[] = []
    await send(stage, '/stock/counts', ana, { location: 'berlin', skus: 'MUG', note: '' })
    const [count] = await stage.sql<{ id: number }[]>`select max(id) as id from counts`
    const stockRoom = [
      '/stock?sku=MUG',
      '/stock/deliveries/new',
      '/stock/transfers/new',
      '/stock/counts',
      '/stock/reasons',
      '/stock/import',
    ]
    for (const path of ['/skus/MUG', `/orders/${stage.orderId}`, '/channels/shop', ...stockRoom, `/stock/counts/${count?.id}`]) {
      const { html } = await visit(stage, path, ana)
      const forms = [...html.matchAll(/<form method="post".*?<\/form>/gs)].map(found => found[0])
      expect(forms.length).toBeGreaterThan(1)
      for (const form of forms) expect(form).toContain(`name="_csrf" value="${ana.csrf}"`)
      keys.push(
        ...forms
          .filter(form => !form.includes('action="/logout"'))
          .map(form => /name="_key" value="([0-9a-f-]{36})"/.exec(form)?.[1] ?? ''),
      )
    }
    expect(keys).not.toContain('')
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('a channel', () => {
  ownStage()
  const channel = async () => {
    const [row] = await stage.sql`select publish_stock, publish_prices, paused from channels where code = 'shop'`
    return row
  }

  test('is switched per field, paused and resumed', async () => {
    const on = await send(stage, '/channels/shop/publish', ana, { field: 'stock', on: 'yes' })
    expect(flashOf(on.html)).toBe('shop: publishing of stock is on.')
    expect(await channel()).toEqual({ publish_stock: true, publish_prices: false, paused: false })
    const paused = await send(stage, '/channels/shop/pause', ana, { paused: 'yes' })
    expect(flashOf(paused.html)).toBe('shop is paused: nothing is sent until you resume it.')
    expect(await channel()).toMatchObject({ paused: true })
  })

  test('gets its policy and its locations in the order of the numbers', async () => {
    await send(stage, '/channels/shop/policy', ana, { buffer: '2', cap: '', stopSellingAt: '1' })
    await send(stage, '/channels/shop/pool', ana, { 'place:berlin': '2', 'place:lyon': '1' })
    const [policy] = await stage.sql`select buffer, cap, stop_selling_at from channel_policies where valid_to is null`
    expect(policy).toEqual({ buffer: 2, cap: null, stop_selling_at: 1 })
    await send(stage, '/channels/shop/policy', ana, { buffer: '0', stopSellingAt: '1', riskMargin: '4', riskCancellation: '96' })
    const terms = () =>
      stage.sql`select buffer, risk_margin::text as margin, risk_cancellation::text as cancellation from channel_policies where valid_to is null`
    expect(await terms()).toEqual([{ buffer: 0, margin: '4.000000', cancellation: '96.000000' }])
    const shown = (await visit(stage, '/channels/shop', ana)).html
    expect(shown).toContain('Buffer by risk: 4 % accepted')
    expect(shown).toMatch(/name="riskMargin"[^>]*value="4"/)
    const half = await send(stage, '/channels/shop/policy', ana, { buffer: '0', stopSellingAt: '1', riskMargin: '4', riskCancellation: '' })
    expect(flashOf(half.html)).toContain('needs both')
    expect(await terms()).toMatchObject([{ margin: '4.000000' }])
    await send(stage, '/channels/shop/policy', ana, { buffer: '2', cap: '', stopSellingAt: '1' })
    expect(await terms()).toEqual([{ buffer: 2, margin: null, cancellation: null }])
    const pool = await stage.sql`
      select p.code from channel_locations l join locations p on p.id = l.location_id where l.valid_to is null order by l.position`
    expect(pool.map(row => row.code)).toEqual(['lyon', 'berlin'])
  })

  test('has a listing matched by hand; an unknown SKU is named', async () => {
    const [listing] = await stage.sql<{ id: number }[]>`select id from listings where variant_id is null`
    const wrong = await send(stage, '/channels/shop/match', ana, { listing: String(listing?.id), external: 'ODD', sku: 'NOPE' })
    expect(flashOf(wrong.html)).toBe('Not found There is no SKU NOPE. Check the spelling, or look it up in the list, and try again.')
    const right = await send(stage, '/channels/shop/match', ana, { listing: String(listing?.id), external: 'ODD', sku: 'PEN' })
    expect(flashOf(right.html)).toBe(
      'Listing ODD is now PEN (Product PEN). Wrong? Undo it under “Matched by hand”. ' +
        'PEN is already listed here as PEN: shop now sells it twice, with the same stock. If that is a mistake, undo this match.',
    )
    const [mapping] = await stage.sql`
      select v.sku, m.matched_by, m.actor from mappings m join variants v on v.id = m.variant_id where m.valid_to is null`
    expect(mapping).toEqual({ sku: 'PEN', matched_by: 'hand', actor: 'user:operations@example.org' })
  })

  test('has a match by hand taken back: the listing waits again, and nothing is sent for it', async () => {
    const [listing] = await stage.sql<{ id: number; sku: string }[]>`
      select l.id, v.sku from listings l join mappings m on m.listing_id = l.id and m.valid_to is null join variants v on v.id = m.variant_id`
    expect(listing?.sku).toBe('PEN')
    await stage.sql`select publications_intend_1(${stage.accountId}, null, clock_timestamp())`
    const page = await visit(stage, '/channels/shop', ana)
    expect(textOf(/<section[^>]*id="hand".*?<\/table>/s.exec(page.html)?.[0] ?? '')).toContain('PEN Product PEN')
    const undone = await send(stage, '/channels/shop/unmatch', ana, { listing: String(listing?.id), external: 'ODD' })
    expect(flashOf(undone.html)).toBe('Listing ODD is not matched any more: shop keeps what it shows now, and nothing is sent for it.')
    expect(undone.html).not.toContain('id="hand"')
    expect(undone.html).toContain(`id="unmatched-${listing?.id}"`)
    expect(await stage.sql`select from publications where listing_id = ${listing?.id ?? 0}`).toHaveLength(0)
  })

  test('touches no listing of another channel', async () => {
    const page = await send(stage, '/channels/shop/unmatch', ana, { listing: '999999' })
    expect(flashOf(page.html)).toContain('There is no listing 999999.')
  })

  test.each([
    [{ 'place:berlin': '', 'place:lyon': '' }, 'shop needs at least one location', 'shop 至少需要一个地点'],
    [{ 'place:berlin': '1', 'place:lyon': '1' }, 'lyon and berlin both have the number 1.', 'lyon 和 berlin 的序号都是 1。'],
  ])('keeps its locations where %j is asked for', async (fields, english, chinese) => {
    const before = await stage.sql`select location_id, position from channel_locations where valid_to is null order by 1`
    expect(flashOf((await send(stage, '/channels/shop/pool', ana, fields)).html)).toContain(english)
    const inChinese = { ...ana, cookie: `${ana.cookie}; concord_language=zh-CN` }
    expect(flashOf((await send(stage, '/channels/shop/pool', inChinese, fields)).html)).toContain(chinese)
    expect(await stage.sql`select location_id, position from channel_locations where valid_to is null order by 1`).toEqual(before)
  })

  test('sends a refused value again', async () => {
    await stage.sql`
      update publications set state = 'refused', sent = intended, reason = 'Too <cheap>', reason_code = '5886'
      where field = 'price' and variant_id = (select id from variants where sku = 'MUG')`
    const { html } = await visit(stage, '/channels/shop', ana)
    expect(html).toContain('Too &lt;cheap&gt;')
    const listing = /action="\/channels\/shop\/retry".*?name="listing" value="(\d+)"/s.exec(html)?.[1] ?? ''
    const again = () => send(stage, '/channels/shop/retry', ana, { listing, field: 'price', sku: 'MUG' })
    expect(flashOf((await again()).html)).toContain('shop or its account is paused, so nothing is sent. Resume it first.')
    await stage.sql`update accounts set state = 'active' where id = ${stage.accountId}`
    await stage.sql`update channels set publish_prices = true, paused = false where code = 'shop'`
    const page = await again()
    expect(flashOf(page.html)).toBe('MUG: will be sent to shop again.')
    const [row] =
      await stage.sql`select state, waiting_since is not null as waits from publications where listing_id = ${listing} and field = 'price'`
    expect(row).toEqual({ state: 'intended', waits: true })
  })

  test('takes a message in again that was kept aside', async () => {
    const [message] = await stage.sql<{ id: number }[]>`
      insert into inbox (account_id, source, delivery_id, topic, body, state, reason)
      values (${stage.accountId}, 'webhook', 'd-1', 'order.updated', '\\x00', 'refused', 'quantity is no number') returning id`
    const { html } = await visit(stage, '/channels/shop', ana)
    expect(html).toContain('quantity is no number')
    const page = await send(stage, '/channels/shop/replay', ana, { message: String(message?.id) })
    expect(flashOf(page.html)).toBe(`Message ${message?.id} is being taken in again; it disappears from this list when that works.`)
    const [row] = await stage.sql`select state from inbox where id = ${message?.id ?? 0}`
    expect(row).toEqual({ state: 'new' })
  })
})
