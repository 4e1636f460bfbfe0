import { beforeAll, expect, test } from 'vitest'
import { trackingPath } from '../../src/usecases/tracking-link.ts'
import { ask } from '../http/stage.ts'
import { actOn } from '../support/pick-up.ts'
import { leaveAddress, pickUpShop, toCollect } from '../support/pick-up-stage.ts'
import { setUiStage, type UiStage } from './stage.ts'

let stage: UiStage
let channel: Awaited<ReturnType<typeof pickUpShop>>
beforeAll(async () => {
  stage = await setUiStage()
  channel = await pickUpShop(stage.sql)
  await stage.sql`update locations set name = 'South store', kind = 'store' where code = 'south'`
})
const read = (path: string) => ask(stage.pages, `GET ${path}`, { headers: { 'accept-language': 'en' } })
const send = async (path: string, fields: Record<string, string>) => {
  const answer = await stage.pages.request(`${path}/choice?language=en`, { method: 'POST', body: new URLSearchParams(fields) })
  return { status: answer.status, to: answer.headers.get('location') ?? '' }
}
const groups = (orderId: number) =>
  stage.sql`select p.code as at, g.state from fulfilment_groups g join locations p on p.id = g.location_id where g.order_id = ${orderId} order by g.id`

test('a store gives up: its buyer takes another that has all, once, also by a double tap', async () => {
  const { groupId, orderId } = await toCollect(stage.sql, channel, 'LAMP', { north: 9, south: 3 })
  const path = await trackingPath(stage.context, orderId)
  expect((await read(path)).text).not.toContain('id="choice"')
  await actOn(stage.sql, 'fulfilment_reject_1', groupId, { reason: 'no staff today' })
  const asked = await read(path)
  expect(asked.text).toContain('Please choose')
  expect(asked.text).not.toContain('The goods are put aside for you.')
  expect(asked.text).toContain('<option value="south">South store · ready by')
  // It has enough of them, and gave the order up.
  expect(asked.text).not.toContain('<option value="north">')
  const key = crypto.randomUUID()
  const first = await send(path, { choice: 'store', store: 'south', key })
  expect(first).toEqual({ status: 303, to: `${path}?language=en&said=chosen` })
  expect(await send(path, { choice: 'store', store: 'south', key })).toEqual(first)
  expect(await groups(orderId)).toEqual([
    { at: 'north', state: 'rejected' },
    { at: 'south', state: 'waiting' },
  ])
  const after = await read(first.to)
  expect(after.text).toContain('We have noted your choice.')
  expect(after.text).toContain('Collect at South store')
  expect(after.text).not.toContain('id="choice"')
  expect((await send(path, { choice: 'cancel' })).to).toContain('said=refused')
  const [event] = await stage.sql`select actor from order_events where order_id = ${orderId} and transition = 'choose'`
  expect(event).toEqual({ actor: `buyer:${orderId}` })
})

test('or has it sent, or does not want it any more, or needs more time; of his own order only', async () => {
  const sent = await toCollect(stage.sql, channel, 'VASE', { north: 2, depot: 2 })
  const path = await trackingPath(stage.context, sent.orderId)
  await actOn(stage.sql, 'fulfilment_reject_1', sent.groupId, { reason: 'water' })
  expect((await read(path)).text).not.toContain('<select')
  expect((await read(path)).text).not.toContain('value="ship"')
  expect((await send(path, { choice: 'ship' })).to).toContain('said=no_address')
  expect((await send(path, { choice: 'longer', group: '1.5' })).to).toContain('said=refused')
  const noForm = await stage.pages.request(`${path}/choice`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data' },
    body: 'x',
  })
  expect(noForm.headers.get('location')).toContain('said=refused')
  await leaveAddress(stage.context, sent.orderId, { city: 'Paris' })
  expect((await read(path)).text).toContain('value="ship"')
  expect((await send(path, { choice: 'ship' })).to).toContain('said=chosen')

  const gone = await toCollect(stage.sql, channel, 'RUG', { north: 2 })
  const other = await trackingPath(stage.context, gone.orderId)
  await actOn(stage.sql, 'fulfilment_reject_1', gone.groupId, { reason: 'water' })
  expect((await send(other, { choice: 'cancel' })).to).toContain('said=chosen')
  expect((await read(other)).text).toContain('Cancelled')

  const kept = await toCollect(stage.sql, channel, 'PAN', { north: 2 })
  const mine = await trackingPath(stage.context, kept.orderId)
  await actOn(stage.sql, 'fulfilment_ready_1', kept.groupId, { all: true })
  expect((await send(other, { choice: 'longer', group: String(kept.groupId) })).to).toContain('said=refused')
  const until = async () =>
    (await stage.sql<{ at: Date }[]>`select collect_by as at from fulfilment_groups where id = ${kept.groupId}`)[0]?.at.getTime()
  const before = await until()
  expect((await send(mine, { choice: 'longer', group: String(kept.groupId) })).to).toContain('said=longer')
  expect(await until()).toBeGreaterThan(before ?? 0)
  expect((await send(mine, { choice: 'anything' })).to).toContain('said=refused')
  expect((await send(`/track/${'x'.repeat(24)}`, { choice: 'ship' })).status).toBe(404)
})

test('only what the platform takes is offered; an offer that was overtaken says why', async () => {
  const { groupId, orderId } = await toCollect(stage.sql, channel, 'CLOCK', { north: 9, south: 3 })
  const path = await trackingPath(stage.context, orderId)
  await actOn(stage.sql, 'fulfilment_reject_1', groupId, { reason: 'water' })
  const cancels = (what: string) => stage.sql`update platforms set cancels = ${what} where platform = 'woocommerce'`
  for (const [what, offered] of [
    ['none', false],
    ['whole', true],
    ['parts', true],
  ] as const) {
    await cancels(what)
    const { text } = await read(path)
    expect([what, text.includes('value="cancel"'), text.includes('please ask where you bought them')]).toEqual([what, offered, !offered])
  }
  // The page was open when things moved on.
  await cancels('none')
  const refused = await send(path, { choice: 'cancel' })
  expect(refused.to).toContain('said=not_cancellable')
  expect((await read(refused.to)).text).toContain('These goods cannot be cancelled here (any more)')
  // A part of the order has left: the platform cancels whole orders only.
  await cancels('whole')
  await stage.sql`update order_lines set ordered = ordered + 1, shipped = 1 where order_id = ${orderId}`
  expect((await read(path)).text).not.toContain('value="cancel"')
  await stage.sql`update order_lines set ordered = ordered - 1, shipped = 0 where order_id = ${orderId}`
  await cancels('parts')
  await stage.sql`update balances set on_hand = 0 where location_id = (select id from locations where code = 'south')
    and variant_id = (select id from variants where sku = 'CLOCK')`
  const sold = await send(path, { choice: 'store', store: 'south' })
  expect([sold.to.includes('said=sold_out'), (await read(sold.to)).text.includes('That store has just sold them.')]).toEqual([true, true])
  expect((await send(path, { choice: 'store', store: 'north' })).to).toContain('said=no_store')
})
