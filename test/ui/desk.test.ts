import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { nameCollector } from '../../src/usecases/name-collector.ts'
import { lookAfterWaiting } from '../../src/usecases/not-collected.ts'
import { balance, layIn } from '../support/goods.ts'
import { chromium as chromiumPath, suiteWith } from '../support/needs.ts'
import { actOn, groupOf } from '../support/pick-up.ts'
import { orderOf } from '../support/two-nodes.ts'
import { type Desk, openDesk, toCollect, type Units, wrongRules } from './desk-stage.ts'
import type { UiStage } from './stage.ts'

suiteWith('Chromium', chromiumPath(), 'the pick-up desk in a browser', program => {
  let desk: Desk
  let stage: UiStage
  let context: BrowserContext
  let page: Page
  let address: string
  /** What the stage's listings, of which nobody publishes, break from the beginning. */
  let before: readonly string[]
  let complaints: string[]

  beforeAll(async () => {
    desk = await openDesk(program)
    ;({ stage, context, page, address, complaints, before } = desk)
  })
  afterAll(() => desk?.close())

  const collected = (id: string, lines: Units, name: string, readyInMin = 90, sent: Units = []) =>
    toCollect(desk, id, lines, name, readyInMin, sent)
  const scan = (code: string): Promise<void> => page.keyboard.type(`${code}\n`)
  const stateOf = async (groupId: number) =>
    (await stage.sql<{ state: string }[]>`select state from fulfilment_groups where id = ${groupId}`)[0]?.state
  const stateOfOrder = async (orderId: number) =>
    (await stage.sql<{ state: string }[]>`select state from orders where id = ${orderId}`)[0]?.state
  const until = (groupId: number, state: string) => expect.poll(() => stateOf(groupId)).toBe(state)
  const clean = async () => expect(await wrongRules(stage)).toEqual(before)
  const open = async (groupId: number) => {
    await page.goto(`${address}/desk#pick`)
    await page.locator(`#group-${groupId}`).click()
  }

  test('an order is picked with the scanner, told ready, and handed over against the code of the buyer', async () => {
    const { groupId } = await collected(
      'W-1001',
      [
        { sku: 'LAMP', ordered: 2 },
        { sku: 'VASE', ordered: 1 },
      ],
      'Carla Conti',
    )
    await page.goto(`${address}/desk#pick`)
    await page.locator(`#group-${groupId}`, { hasText: 'Carla Conti' }).click()
    await page.locator('.desk-line', { hasText: 'Desk lamp' }).waitFor()
    // As scanners do: one straight after the other.
    await scan('4006381333931')
    await scan('4006381333931')
    await page.locator('.desk-line', { hasText: 'Desk lamp' }).locator('b', { hasText: '2/2' }).waitFor()
    await scan('WRONG-99')
    await page.getByText('WRONG-99 belongs to nothing here.').waitFor()
    await scan('vase')
    await page.getByText('Everything is picked.').waitFor()
    await page.getByRole('button', { name: 'Ready: tell the buyer' }).click()
    await until(groupId, 'ready')
    const [row] = await stage.sql<{ code: string }[]>`select code from fulfilment_groups where id = ${groupId}`
    const code = row?.code ?? ''
    await scan(`P${groupId}-${code}`)
    await page.getByText('The code is right.').waitFor()
    await page.getByRole('button', { name: 'Keep it longer' }).click()
    await expect
      .poll(() =>
        stage.sql`select round(extract(epoch from collect_by - ready_at) / 86400)::int as kept from fulfilment_groups where id = ${groupId}`.then(
          ([one]) => one?.kept,
        ),
      )
      .toBe(10)
    await page.getByRole('button', { name: 'Hand over', exact: true }).click()
    await until(groupId, 'done')
    expect(await balance(stage.sql, 'LAMP', 'berlin')).toEqual({ onHand: 3, reserved: 0 })
    expect(await stage.sql`select actor, detail from order_events where group_id = ${groupId} and transition = 'hand_over'`).toEqual([
      { actor: 'user:ana@example.org', detail: { proof: 'code', takenBy: 'buyer' } },
    ])
    await clean()
  })

  test('while the network is gone acts wait on the device, and are sent in their order once it is back; what was cancelled meanwhile is refused and shown', async () => {
    const kept = await collected('W-1002', [{ sku: 'VASE', ordered: 1 }], 'Dora Duda')
    const lost = await collected('W-1003', [{ sku: 'LAMP', ordered: 1 }], 'Emil Ek')
    await page.goto(`${address}/desk#pick`)
    await page.locator(`#group-${lost.groupId}`).waitFor()
    await context.setOffline(true)
    await page.locator(`#group-${kept.groupId}`).click()
    await scan('VASE')
    await page.getByRole('button', { name: 'Ready: tell the buyer' }).click()
    await page.locator(`#group-${lost.groupId}`).click()
    await scan('LAMP')
    await page.getByText('No network: 3 acts wait on this device').waitFor()
    expect(await stateOf(kept.groupId)).toBe('waiting')
    // The office cancels one of them.
    await stage.sql`select order_cancel_1(${stage.sql.json({ actor: 'test', orderId: lost.orderId })})`
    await context.setOffline(false)
    await until(kept.groupId, 'ready')
    await page.getByRole('link', { name: 'Refused' }).click()
    await page.locator('.desk-card', { hasText: 'Order W-1003' }).getByText('It was finished or cancelled meanwhile.').waitFor()
    await page.getByRole('button', { name: 'I have seen it' }).click()
    expect(await stage.sql`select transition from order_events where group_id = ${kept.groupId} order by id`).toEqual([
      { transition: 'pick' },
      { transition: 'ready' },
    ])
    // What the browser says of calls that could not be made is no complaint.
    complaints.splice(0, complaints.length, ...complaints.filter(text => !text.includes('ERR_INTERNET_DISCONNECTED')))
  })

  test('what is not on the shelf is written off, comes from another store, and the rest is picked on', async () => {
    await layIn(stage.sql, { LAMP: { berlin: 5 } })
    const { groupId, lineIds } = await collected('W-1004', [{ sku: 'LAMP', ordered: 2 }], 'Finn Falk')
    await open(groupId)
    await page.getByRole('button', { name: 'Not there' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '1', exact: true }).click()
    await expect.poll(() => balance(stage.sql, 'LAMP', 'lyon')).toEqual({ onHand: 5, reserved: 1 })
    expect(await balance(stage.sql, 'LAMP', 'berlin')).toEqual({ onHand: 1, reserved: 1 })
    // Routed to where it lies: the shop in Lyon has it to pick now.
    const [lyon] = await stage.sql<{ id: number }[]>`select id from locations where code = 'lyon'`
    const [line = 0] = lineIds
    const [row] = await stage.sql<{ answer: { outcome: string; groups: number[] } }[]>`
      select fulfilment_route_1(${stage.sql.json({
        ...{ actor: 'test', orderId: (await orderIdOf(groupId)) ?? 0, expect: null, decision: {} },
        groups: [{ locationId: lyon?.id ?? 0, method: 'collect', lines: [{ lineId: line, quantity: 1 }] }],
      })}) as answer`
    expect(row?.answer.outcome).toBe('routed')
    await page.getByRole('button', { name: 'Picked one' }).click()
    await page.getByRole('button', { name: 'Ready: tell the buyer' }).click()
    await until(groupId, 'ready')
    await clean()
  })

  test('an order that is cancelled while it is picked stands there to be put back', async () => {
    const { groupId, orderId } = await collected('W-1005', [{ sku: 'VASE', ordered: 1 }], 'Gita Gal')
    await open(groupId)
    await scan('VASE')
    await until(groupId, 'picking')
    await stage.sql`select order_cancel_1(${stage.sql.json({ actor: 'test', orderId })})`
    await page.getByRole('link', { name: 'Put back' }).click()
    await page.getByRole('button', { name: 'Put 1 back' }).click()
    await page.getByText('Nothing is to be put back.').waitFor()
    await expect.poll(() => stage.sql`select picked from fulfilment_lines where group_id = ${groupId}`).toEqual([{ picked: 0 }])
    await clean()
  })

  test('an order that the store cannot do is given up with the reason, and is not routed to it again', async () => {
    const { groupId, orderId } = await collected('W-1007', [{ sku: 'VASE', ordered: 1 }], 'Jana Jung')
    await open(groupId)
    await page.getByRole('button', { name: 'We cannot do this order' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Too busy' }).click()
    await until(groupId, 'rejected')
    expect(
      await stage.sql`select p.code, x.reason from routing_exclusions x join locations p on p.id = x.location_id where x.order_id = ${orderId}`,
    ).toEqual([{ code: 'berlin', reason: 'busy' }])
    await clean()
  })

  test('somebody whom the buyer has named collects, and shows a paper with that name', async () => {
    const { groupId, orderId } = await collected('W-1006', [{ sku: 'VASE', ordered: 1 }], 'Hugo Hahn')
    await nameCollector(stage.context, orderId, 'Ida Hahn')
    await actOn(stage.sql, 'fulfilment_ready_1', groupId, { all: true })
    await page.goto(`${address}/desk#ready`)
    await page.locator(`#group-${groupId}`).click()
    await page.getByText('May collect, too: Ida Hahn').waitFor()
    await page.getByLabel('The buyer is here, at').fill('bay 2')
    await page.getByRole('button', { name: 'Here', exact: true }).click()
    await page.getByText('Waits in bay 2').waitFor()
    await page.getByRole('button', { name: 'The other named person is here: Ida Hahn' }).click()
    await page.getByRole('button', { name: 'No code: I have seen a paper with this name' }).click()
    await until(groupId, 'done')
    expect(await stage.sql`select detail from order_events where group_id = ${groupId} and transition = 'hand_over'`).toEqual([
      { detail: { proof: 'identity', takenBy: 'other' } },
    ])
    // The name goes with the buyer's data.
    await stage.sql`delete from order_people where order_id = ${orderId}`
    expect(await stage.sql`select * from order_collectors`).toEqual([])
  })

  test('part of an order is sent, part of it collected: the desk picks and hands over its part alone', async () => {
    await layIn(stage.sql, { LAMP: { berlin: 6 } })
    const { groupId, orderId, lineIds } = await collected('W-1008', [{ sku: 'LAMP', ordered: 1 }], 'Karl Kern', 90, [
      { sku: 'POT', ordered: 1 },
    ])
    expect(lineIds).toHaveLength(1)
    await open(groupId)
    await page.locator('.desk-line', { hasText: 'Desk lamp' }).waitFor()
    expect(await page.locator('.desk-line').count()).toBe(1)
    await scan('LAMP')
    await page.getByRole('button', { name: 'Ready: tell the buyer' }).click()
    await until(groupId, 'ready')
    const [sent] = await stage.sql<{ id: number }[]>`select id from order_lines where order_id = ${orderId} and method = 'ship'`
    await shipOrder(stage.context, 'ship-1008', orderId, { lines: [{ lineId: sent?.id ?? 0, quantity: 1 }] })
    expect(await stateOfOrder(orderId)).toBe('in_fulfilment')
    const [row] = await stage.sql<{ code: string }[]>`select code from fulfilment_groups where id = ${groupId}`
    await scan(`P${groupId}-${row?.code}`)
    await page.getByRole('button', { name: 'Hand over', exact: true }).click()
    await until(groupId, 'done')
    expect(await stateOfOrder(orderId)).toBe('fulfilled')
    const acts = await stage.sql<{ told: string }[]>`
      select kind || ' ' || (body->'lines'->0->>'externalLineId') as told from acts where order_id = ${orderId} order by id`
    expect(acts.map(act => act.told)).toEqual(['ready 1', 'ship 2', 'ship 1'])
    await clean()
  })

  test('what nobody came for stands there to be put back, and is for sale again', async () => {
    await layIn(stage.sql, { LAMP: { berlin: 6 } })
    const { groupId, orderId } = await collected('W-1009', [{ sku: 'LAMP', ordered: 1 }], 'Lena Lang')
    await open(groupId)
    await scan('LAMP')
    await page.getByRole('button', { name: 'Ready: tell the buyer' }).click()
    await until(groupId, 'ready')
    const { ended } = await lookAfterWaiting({ ...stage.context, actor: 'rule' }, new Date(Date.now() + 8 * 86_400_000), 10)
    expect(ended).toBeGreaterThan(0)
    expect(await stateOfOrder(orderId)).toBe('cancelled')
    expect(await stage.sql`select 1 from reservations where basket = ${`order:${orderId}`} and state = 'open'`).toEqual([])
    await page.getByRole('link', { name: 'Put back' }).click()
    await page.locator('.desk-card', { hasText: 'W-1009' }).getByRole('button', { name: 'Put 1 back' }).click()
    await expect.poll(() => stage.sql`select picked from fulfilment_lines where group_id = ${groupId}`).toEqual([{ picked: 0 }])
    await clean()
  })

  test('a parcel leaves for another store, and what another one sent here is taken in and put ready', async () => {
    const goingTo = async (id: string, sku: string, from: string, to: string) => {
      const stated = orderOf('shop', id, [{ sku, ordered: 1 }])
      await bookOrders(stage.context, stage.accountId, [{ ...stated, person: { name: `Buyer of ${id}` } }], { fresh: false })
      await stage.sql`
        update order_lines set method = 'collect', collect_location_id = (select id from locations where code = ${to})
        where order_id = (select id from orders where external_id = ${id})`
      const group = await groupOf(stage.sql, id, from)
      await stage.sql`
        update fulfilment_groups set method = 'ship_to_store', collect_location_id = (select id from locations where code = ${to}) where id = ${group.groupId}`
      await actOn(stage.sql, 'fulfilment_ready_1', group.groupId, { all: true })
      return group.groupId
    }
    const out = await goingTo('W-1020', 'VASE', 'berlin', 'lyon')
    const here = await goingTo('W-1021', 'POT', 'lyon', 'berlin')
    await actOn(stage.sql, 'parcel_send_1', here)
    await page.goto(`${address}/desk#ready`)
    await page.locator(`#group-${out}`, { hasText: 'Send to' }).click()
    await page.getByRole('button', { name: 'It left for' }).click()
    await until(out, 'sent')
    await page.locator(`#group-${out}`).waitFor({ state: 'detached' })

    await page.getByRole('link', { name: 'On its way here' }).click()
    await page.locator(`#group-${here}`, { hasText: 'W-1021' }).getByRole('button', { name: 'It is here' }).click()
    await until(here, 'done')
    const [there] = await stage.sql<{ id: number }[]>`
      select g.id from fulfilment_groups g join orders o on o.id = g.order_id where o.external_id = 'W-1021' and g.method = 'collect'`
    await open(there?.id ?? 0)
    await page.getByRole('button', { name: 'Picked one' }).click()
    await page.getByRole('button', { name: 'Ready: tell the buyer' }).click()
    await until(there?.id ?? 0, 'ready')
    expect(await balance(stage.sql, 'POT', 'berlin')).toEqual({ onHand: 1, reserved: 1 })
    await clean()
  })

  test('clerks of the store take over by PIN, guess only so often, and see no other store', async () => {
    const sessions = () => stage.sql`select u.email from sessions s join users u on u.id = s.user_id where u.role = 'clerk' order by 1`
    expect(await sessions()).toEqual([{ email: 'ana@example.org' }])
    await page.goto(`${address}/desk#who`)
    await page.getByRole('button', { name: 'Ben' }).click()
    await page.getByLabel('PIN of Ben').fill('0001')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('The PIN is wrong.').waitFor()
    await page.getByLabel('PIN of Ben').fill('1357')
    await page.keyboard.press('Enter')
    await page.locator('.desk-top', { hasText: 'Ben' }).waitFor()
    expect(await sessions()).toEqual([{ email: 'ben@example.org' }])
    expect((await page.request.get(`${address}/desk/state?store=lyon`)).status()).toBe(404)
    complaints.splice(0, complaints.length, ...complaints.filter(text => !text.includes('401')))
    expect(complaints).toEqual([])
  })

  const orderIdOf = async (groupId: number) =>
    (await stage.sql<{ id: number }[]>`select order_id as id from fulfilment_groups where id = ${groupId}`)[0]?.id
})
