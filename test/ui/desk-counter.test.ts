import { afterAll, beforeAll, expect, test } from 'vitest'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { announceReturn } from '../../src/usecases/change-order.ts'
import { balance, layIn } from '../support/goods.ts'
import { chromium as chromiumPath, suiteWith } from '../support/needs.ts'
import { orderOf } from '../support/two-nodes.ts'
import { type Desk, openDesk, wrongRules } from './desk-stage.ts'

suiteWith('Chromium', chromiumPath(), 'what somebody brings back to the counter of a store', program => {
  let desk: Desk
  beforeAll(async () => {
    desk = await openDesk(program)
    const { sql } = desk.stage
    await layIn(sql, { 'SHIRT-M': { berlin: 0, lyon: 9 }, 'SHIRT-L': { berlin: 3, lyon: 9 }, 'SHIRT-S': { berlin: 0 } })
    // What costs something else is of the same product, and still not a clerk's.
    await layIn(sql, { 'SHIRT-XL': { berlin: 2 } }, '15')
    await sql`update products set title = 'Shirt' where handle = 'SHIRT-M'`
    await sql`
      update variants set product_id = (select id from products where handle = 'SHIRT-M'), title = 'size ' || right(sku, 1),
        gtin = case sku when 'SHIRT-L' then '04006381333948' end where sku like 'SHIRT-%'`
  })
  afterAll(() => desk?.close())

  /** An order that was sent to its buyer. */
  const sent = async (id: string, lines: readonly { readonly sku: string; readonly ordered: number }[]): Promise<number> => {
    const { stage } = desk
    await bookOrders(stage.context, stage.accountId, [{ ...orderOf('shop', id, lines), person: { name: 'Carla Conti' } }], { fresh: false })
    const [order] = await stage.sql<{ id: number }[]>`select id from orders where external_id = ${id}`
    await shipOrder(stage.context, `ship-${id}`, order?.id ?? 0, { tracking: { carrier: 'DHL', number: id } })
    return order?.id ?? 0
  }
  const post = async (body: object, path = '/desk/counter') => {
    const { page, address } = desk
    const headers = { 'x-csrf-token': (await page.locator('#desk').getAttribute('data-csrf')) ?? '' }
    const answer = await page.request.post(`${address}${path}`, { headers, data: body })
    return { status: answer.status(), body: (await answer.json()) as { done?: string; refused?: string } }
  }
  const open = async (number: string) => {
    await desk.page.goto(`${desk.address}/desk#counter`)
    await desk.page.getByLabel('Number of the order').fill(number)
    await desk.page.keyboard.press('Enter')
  }

  test('a shirt is exchanged for a larger one: the size that is not there cannot be chosen, and both counts are right at once', async () => {
    const { page, stage } = desk
    const orderId = await sent('C-1', [{ sku: 'SHIRT-M', ordered: 2 }])
    await open('c-1')
    await page.locator('.desk-head', { hasText: 'Order C-1' }).waitFor()
    await page.getByRole('button', { name: 'As new: for sale again' }).click()
    expect(await page.getByRole('button', { name: 'size S' }).isDisabled()).toBe(true)
    await page.keyboard.type('4006381333948\n')
    await page.getByRole('button', { name: 'Hand over 1 × Shirt · size L' }).click()
    await page.getByText('Exchanged: hand over 1 × SHIRT-L. It is order C-1-X1.').waitFor()
    expect([await balance(stage.sql, 'SHIRT-M', 'berlin'), await balance(stage.sql, 'SHIRT-L', 'berlin')]).toEqual([
      { onHand: 1, reserved: 0 },
      { onHand: 2, reserved: 0 },
    ])
    expect(await stage.sql`select number, state from orders where exchange_of = ${orderId}`).toEqual([
      { number: 'C-1-X1', state: 'fulfilled' },
    ])
    expect(
      await stage.sql`select r.actor, p.code from returns r join locations p on p.id = r.location_id where r.order_id = ${orderId}`,
    ).toEqual([{ actor: 'user:ana@example.org', code: 'berlin' }])
    // Nothing of it, and nobody's name, stays on the device.
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toMatch(/C-1|Carla/)
    expect(await wrongRules(stage)).toEqual(desk.before)
  })

  test('what is broken is taken back for nothing, and never was in stock; the code that it was collected with finds it', async () => {
    const { page, stage } = desk
    const orderId = await sent('C-2', [{ sku: 'LAMP', ordered: 1 }])
    const [place] = await stage.sql<{ id: number }[]>`select id from locations where code = 'berlin'`
    const [group] = await stage.sql<{ id: number }[]>`
      insert into fulfilment_groups (order_id, location_id, method, state, actor) values (${orderId}, ${place?.id ?? 0}, 'collect', 'done', 'test') returning id`
    const before = await balance(stage.sql, 'LAMP', 'berlin')
    await open(`P${group?.id}-123456`)
    await page.getByRole('button', { name: 'Broken: throw it away' }).click()
    await page.getByRole('button', { name: 'Nothing', exact: false }).click()
    await page.getByRole('button', { name: 'Take 1 back' }).click()
    await page.getByText('Taken back: 1 unit.').waitFor()
    expect(await balance(stage.sql, 'LAMP', 'berlin')).toEqual(before)
    expect(await stage.sql`select returned from order_lines where order_id = ${orderId}`).toEqual([{ returned: 1 }])
    await open('C-2')
    await page.getByText('There is no order').waitFor({ state: 'detached' })
    await page.getByText('Nothing of this order is with its buyer.').waitFor()
  })

  test('a lost answer is asked again under its key and counts once; other goods and another store are refused', async () => {
    const { stage } = desk
    const orderId = await sent('C-3', [{ sku: 'SHIRT-M', ordered: 2 }])
    const [line] = await stage.sql<{ id: number }[]>`select id from order_lines where order_id = ${orderId}`
    const asked = { store: 'berlin', key: crypto.randomUUID(), orderId, lineId: line?.id ?? 0, quantity: 1, look: 'stock', goes: 'SHIRT-L' }
    const first = await post(asked)
    expect(first.body.done).toContain('C-3-X1')
    expect(await post(asked)).toEqual(first)
    expect(await stage.sql`select returned from order_lines where order_id = ${orderId}`).toEqual([{ returned: 1 }])
    const other = { ...asked, key: crypto.randomUUID() }
    expect((await post({ ...other, goes: 'VASE' })).body.refused).toContain('Other goods are exchanged by the office')
    expect((await post({ ...other, goes: 'SHIRT-XL' })).body.refused).toContain('Other goods are exchanged by the office')
    expect((await post({ ...other, quantity: 2 })).body.refused).toContain('Fewer of it are with the buyer')
    expect((await post({ ...other, goes: 'SHIRT-S' })).body.refused).toBe('Only 0 of it can be given here: nothing was changed.')
    expect((await post({ ...other, store: 'lyon' })).body).toEqual({ refused: 'This is not in this store any more.' })
    expect((await post({ ...other, more: 1 })).body.refused).toContain('cannot be read')
    expect(await stage.sql`select returned from order_lines where order_id = ${orderId}`).toEqual([{ returned: 1 }])
    expect(await wrongRules(stage)).toEqual(desk.before)
  })

  test('what was announced is taken in as a whole, line by line as it looks, in whichever store it comes to; once, and not in part', async () => {
    const { page, stage } = desk
    const orderId = await sent('C-6', [
      { sku: 'SHIRT-M', ordered: 2 },
      { sku: 'LAMP', ordered: 1 },
    ])
    const lines = await stage.sql<
      { id: number; ordered: number }[]
    >`select id, ordered from order_lines where order_id = ${orderId} order by ordered desc`
    const announced = lines.map(line => ({ lineId: line.id, quantity: line.ordered }))
    const { returnId } = await announceReturn(stage.context, null, orderId, { location: 'lyon', lines: announced })
    const before = await balance(stage.sql, 'SHIRT-M', 'berlin')
    const asked = { store: 'berlin', key: crypto.randomUUID(), orderId, returnId, lines: [{ lineId: lines[0]?.id, look: 'stock' }] }
    expect((await post(asked, '/desk/return')).body.refused).toContain('Not all of what was announced is here')
    await open('C-6')
    const box = page.locator(`#return-${returnId}`)
    await box.getByRole('heading', { name: 'Announced: 3' }).waitFor()
    await page.keyboard.type('4006381333931\n')
    const takeIn = box.getByRole('button', { name: 'Take in what was announced: 3' })
    await box.locator('li', { hasText: 'SHIRT-M' }).getByRole('button', { name: 'As new' }).click()
    expect(await takeIn.isDisabled()).toBe(true)
    await box.locator('li', { hasText: 'LAMP' }).getByRole('button', { name: 'Broken' }).click()
    const sentAs = page.waitForRequest(request => request.url().endsWith('/desk/return'))
    await takeIn.click()
    await page.getByText('Taken in as announced: 3 units.').waitFor()
    expect((await balance(stage.sql, 'SHIRT-M', 'berlin')).onHand).toBe(before.onHand + 2)
    const ended = () => stage.sql`
      select r.state, p.code, r.ended_by, (select sum(returned)::int from order_lines l where l.order_id = r.order_id) as returned
      from returns r join locations p on p.id = r.location_id where r.order_id = ${orderId}`
    const once = [{ state: 'received', code: 'berlin', ended_by: 'user:ana@example.org', returned: 3 }]
    expect(await ended()).toEqual(once)
    // Its answer was lost: asked again under its key it is the same act, under another it is over.
    const again: object = (await sentAs).postDataJSON()
    expect((await post(again, '/desk/return')).body.done).toContain('3 units')
    expect((await post({ ...again, key: crypto.randomUUID() }, '/desk/return')).body.refused).toContain('taken in already')
    expect((await post({ ...again, store: 'lyon' }, '/desk/return')).body.refused).toBe('This is not in this store any more.')
    expect(await ended()).toEqual(once)
    expect(await wrongRules(stage)).toEqual(desk.before)
  })

  test('a key is bound to no store: it takes nothing back without the right to change orders', async () => {
    const { stage } = desk
    const orderId = await sent('C-5', [{ sku: 'SHIRT-M', ordered: 1 }])
    const [line] = await stage.sql<{ id: number }[]>`select id from order_lines where order_id = ${orderId}`
    const asked = { store: 'lyon', key: crypto.randomUUID(), orderId, lineId: line?.id ?? 0, quantity: 1, look: 'stock', goes: null }
    const ask = (key: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
      return stage.pages.request(path, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) })
    }
    const pick = await stage.key('pickup:write')
    const bought = '/desk/bought?store=lyon&order=C-5'
    expect([(await ask(pick, '/desk/counter', asked)).status, (await ask(pick, bought)).status]).toEqual([403, 403])
    expect(await stage.sql`select returned from order_lines where order_id = ${orderId}`).toEqual([{ returned: 0 }])
    const office = await stage.key('pickup:write', 'orders:write')
    expect([(await ask(office, '/desk/counter', asked)).status, (await ask(office, bought)).status]).toEqual([200, 200])
    expect(await stage.sql`select returned from order_lines where order_id = ${orderId}`).toEqual([{ returned: 1 }])
  })

  test('without a network it says so, and changes nothing', async () => {
    const { page, context } = desk
    await sent('C-4', [{ sku: 'SHIRT-M', ordered: 1 }])
    await open('C-4')
    await page.getByRole('button', { name: 'Put it aside' }).click()
    await page.getByRole('button', { name: 'size L' }).click()
    await context.setOffline(true)
    await page.getByRole('button', { name: 'Hand over 1 ×' }).click()
    await page.getByText('This needs the network.').waitFor()
    await context.setOffline(false)
    await page.locator('#desk-link', { hasText: 'Connected' }).waitFor()
    await page.getByRole('button', { name: 'Hand over 1 ×' }).click()
    await page.getByText('Exchanged: hand over 1 × SHIRT-L.').waitFor()
    expect(desk.complaints.filter(text => !text.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([])
  })
})
