import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { balance, book, layIn } from '../support/goods.ts'
import { actOn, groupOf } from '../support/pick-up.ts'
import { flashOf, type Person, send, setUiStage, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  await layIn(stage.sql, { LAMP: { berlin: 9, lyon: 9 } })
  await stage.sql`
    insert into location_services (location_id, collects, actor) select id, true, 'test' from locations where code in ('berlin', 'lyon')
    on conflict (location_id) where valid_to is null do update set collects = true`
  await stage.sql`update locations set active = true where code in ('berlin', 'lyon')`
})
afterAll(() => close(stage.sql, 1))

/** An order of one lamp, to be collected in Berlin. */
async function toCollect(name: string) {
  const [account] = await stage.sql<{ accountId: number; ref: string }[]>`
    select c.account_id as "accountId", c.external_ref as ref from channels c join orders o on o.channel_id = c.id where o.id = ${stage.orderId}`
  if (account === undefined) throw new Error('no channel')
  await book(stage.sql, account, account.ref, [{ id: name, lines: [{ sku: 'LAMP', ordered: 1, collectAt: 'berlin' }] }])
  const [order] = await stage.sql<{ id: number; at: string }[]>`
    select o.id, p.code as at from orders o join reservations r on r.basket = 'order:' || o.id join locations p on p.id = r.location_id where o.external_id = ${name}`
  return { ...(await groupOf(stage.sql, name, order?.at ?? '')), at: order?.at ?? '' }
}

test('the page of pick-up tells what waits where and how many do not come; its form writes a rule, or says what is wrong', async () => {
  const { groupId, at } = await toCollect('P-1')
  await actOn(stage.sql, 'fulfilment_ready_1', groupId, { all: true })
  const { html } = await visit(stage, '/orders/pick-up', ana)
  expect(html).toMatch(new RegExp(`id="store-${at}"[\\s\\S]*?7 days, then cancelled`))
  // One belief of 20 groups, nobody known yet.
  expect(html).toContain('5%')
  expect(flashOf((await send(stage, '/orders/pick-up', ana, { of: `location:${at}`, keepDays: '0' })).html)).toContain(
    'Days kept: a whole number from 1 to 60.',
  )
  expect(flashOf((await send(stage, '/orders/pick-up', ana, { of: `location:${at}`, keepDays: '4', becomes: 'ship' })).html)).toBe(
    'The rule holds for what is made ready from now on.',
  )
  expect((await visit(stage, '/orders/pick-up', ana)).html).toContain('4 days, then sent')
  // The form shows what holds for whom it is asked about.
  const form = async (of: string) => {
    const shown =
      /<form method="post" action="\/orders\/pick-up".*?<\/form>/s.exec((await visit(stage, `/orders/pick-up?of=${of}`, ana)).html)?.[0] ??
      ''
    return [/name="keepDays"[^>]*value="(\d+)"/.exec(shown)?.[1], /<option value="(\w+)" selected/.exec(shown)?.[1]]
  }
  expect([await form(`location:${at}`), await form('')]).toEqual([
    ['4', 'ship'],
    ['7', 'cancel'],
  ])
  await send(stage, '/orders/pick-up', ana, { of: `location:${at}`, do: 'none' })
  expect((await visit(stage, '/orders/pick-up', ana)).html).not.toContain('4 days, then sent')
})

test('on the page of an order what is ready is kept longer, and what is not goes another way', async () => {
  const ready = await toCollect('P-2')
  await actOn(stage.sql, 'fulfilment_ready_1', ready.groupId, { all: true })
  const kept = await send(stage, `/orders/${ready.orderId}/groups/${ready.groupId}/keep`, ana, { days: '5' })
  expect(flashOf(kept.html)).toMatch(new RegExp(`Group ${ready.groupId} is kept until`))
  expect(kept.html).toContain('Kept longer')
  // Somebody who rings may have it elsewhere all the same.
  const elsewhere = ready.at === 'berlin' ? 'lyon' : 'berlin'
  expect(kept.html).toContain('Ready: 1 unit. At another store')
  const gone = await send(stage, `/orders/${ready.orderId}/choice`, ana, { choice: 'store', store: elsewhere, ready: 'yes' })
  expect(flashOf(gone.html)).toBe(`1 unit promised at ${elsewhere}.`)
  expect(await stage.sql`select state from fulfilment_groups where id = ${ready.groupId}`).toEqual([{ state: 'cancelled' }])

  const open = await toCollect('P-3')
  await actOn(stage.sql, 'fulfilment_reject_1', open.groupId, { reason: 'busy' })
  const path = `/orders/${open.orderId}`
  const { html } = await visit(stage, path, ana)
  expect(html).toContain('A store gave it up: its buyer has a choice.')
  expect(html).toContain('Buyer asked to choose')
  const other = open.at === 'berlin' ? 'lyon' : 'berlin'
  const free = await balance(stage.sql, 'LAMP', other)
  const moved = await send(stage, `${path}/choice`, ana, { choice: 'store', store: other })
  expect(flashOf(moved.html)).toBe(`1 unit promised at ${other}.`)
  expect((await balance(stage.sql, 'LAMP', other)).reserved).toBe(free.reserved + 1)
  expect(flashOf((await send(stage, `${path}/choice`, ana, { choice: 'cancel', store: other })).html)).toBe(
    '1 unit cancelled, and the channel is being told.',
  )
  expect((await visit(stage, path, ana)).html).toContain('Chosen otherwise')
})

test('a reader sees the figures and no form', async () => {
  const reader = await stage.person('pricing')
  const { html } = await visit(stage, '/orders/pick-up', reader)
  expect(html).toContain('Pick-up in stores')
  expect(html).not.toContain('action="/orders/pick-up"')
})
