import { beforeAll, expect, test } from 'vitest'
import { bookOrders } from '../../db/orders.ts'
import { findBuyer, forgetOrdersOf } from '../../src/usecases/forget-buyer.ts'
import { readPerson } from '../../src/usecases/read-person.ts'
import { sealPerson } from '../../src/usecases/seal-person.ts'
import { trackingPath } from '../../src/usecases/tracking-link.ts'
import { ask } from '../http/stage.ts'
import { toBook } from '../support/goods.ts'
import { send, setUiStage, type UiStage } from '../ui/stage.ts'

let stage: UiStage
beforeAll(async () => {
  stage = await setUiStage()
})

async function order(id: string, email: string, stamp = '2026-01-01T00:00:00Z'): Promise<number> {
  const person = await sealPerson(stage.context, { name: 'Ida Berg', email })
  const sketch = { ...toBook(stage.accountId, 'shop', { id, stamp, lines: [{ sku: 'MUG', ordered: 1 }] }), ...person }
  const [booked] = await bookOrders(stage.sql, [sketch], 'test')
  if (booked?.orderId === undefined) throw new Error('not booked')
  return booked.orderId
}

test('the orders of a buyer are found by number or by e-mail address, and his data are gone for good, whatever is told later', async () => {
  const { sql, context } = stage
  const [first, second, other] = [
    await order('F-1', 'Ida@example.org'),
    await order('F-2', 'ida@example.org '),
    await order('F-3', 'ben@example.org'),
  ]
  await trackingPath(context, first)
  const books = () =>
    sql`select (select count(*)::int from movements) as movements, sum(on_hand)::int as units, sum(reserved)::int as reserved from balances`
  const before = await books()
  expect((await findBuyer(context, { number: 'F-1' })).map(({ id, hasPerson }) => [id, hasPerson])).toEqual([[first, true]])
  expect((await findBuyer(context, { number: 'shop/F-1' })).map(({ id }) => id)).toEqual([first])
  expect(await findBuyer(context, { number: 'other/F-1' })).toEqual([])
  expect((await findBuyer(context, { email: ' IDA@example.org' })).map(({ id }) => id)).toEqual([first, second])
  expect(await forgetOrdersOf(context, 'once', [first, second])).toBe(2)
  expect(await forgetOrdersOf(context, 'once', [second, first])).toBe(2)
  await expect(forgetOrdersOf(context, 'once', [other])).rejects.toMatchObject({ code: 'conflict' })
  expect(await Promise.all([first, second, other].map(id => readPerson(context, id)))).toEqual([
    null,
    null,
    { name: 'Ida Berg', email: 'ben@example.org' },
  ])
  expect(await findBuyer(context, { email: 'ida@example.org' })).toEqual([])
  expect(await sql`select 1 from tracking_links`).toHaveLength(0)
  // The platform tells of it again.
  await order('F-1', 'ida@example.org', '2026-02-01T00:00:00Z')
  expect(await readPerson(context, first)).toBeNull()
  expect(await books()).toEqual(before)
  const audit = await sql<{ text: string }[]>`select a::text as text from audit a where act = 'order.forget'`
  expect(audit).toHaveLength(2)
  expect(audit.map(({ text }) => text).join()).not.toMatch(/ida|berg/i)
})

test('in the console and by the API it takes the right to see buyers, and no address goes into a log', async () => {
  const id = await order('F-9', 'carla@example.org')
  const who = await stage.person('operations')
  const search = await stage.pages.request('/orders/forget', {
    method: 'POST',
    headers: { accept: 'text/html', cookie: who.cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ _csrf: who.csrf, asked: 'carla@example.org' }),
  })
  expect(await search.text()).toContain(`name="order-${id}"`)
  const clerk = await stage.person('clerk')
  expect((await send(stage, '/orders/forget/remove', clerk, { [`order-${id}`]: 'yes' })).status).toBe(403)
  const none = await send(stage, '/orders/forget/remove', who, {})
  expect(none.html).toContain('Choose at least one order.')
  const key = await stage.key('orders:people')
  const found = await ask(stage.app, 'POST /v1/orders/find-buyer', { key, body: { email: 'carla@example.org' } })
  expect(found.body).toMatchObject({ items: [{ id, number: 'F-9', channel: 'shop', hasPerson: true }] })
  const said = await send(stage, '/orders/forget/remove', who, { [`order-${id}`]: 'yes' })
  expect(said.html).toContain('The data of 1 order were removed.')
  expect((await ask(stage.app, 'POST /v1/orders/find-buyer', { key, body: { number: 'F-9' } })).body).toMatchObject({
    items: [{ id, hasPerson: false }],
  })
  expect((await ask(stage.app, 'POST /v1/orders/forget', { key, body: { orders: [id] } })).body).toEqual({ forgotten: 1 })
  expect((await ask(stage.app, 'POST /v1/orders/forget', { key: await stage.key('orders:write'), body: { orders: [id] } })).status).toBe(
    403,
  )
  const shown = await ask(stage.pages, `GET /orders/${id}`, { headers: { cookie: who.cookie, accept: 'text/html' } })
  expect(shown.text).toContain('The personal data of this buyer were removed.')
  expect(stage.logged()).not.toMatch(/carla|ida@/)
})
