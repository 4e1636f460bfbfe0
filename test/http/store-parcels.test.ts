import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { cliOn } from '../cli/stage.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { actOn, groupOf } from '../support/pick-up.ts'
import { ask, setStage } from './stage.ts'

test('what one store sends to another to be collected leaves and comes by API and by command line', async () => {
  const stage = await setStage()
  const key = await stage.key('orders:write')
  const cli = cliOn(stage.url)
  await layIn(stage.sql, { BULB: { berlin: 4, bremen: 0 } })
  const web = await quietChannel(stage.sql, 'web', ['berlin', 'bremen'])
  const parcel = async (id: string) => {
    await book(stage.sql, web, 'web', [{ id, lines: [{ sku: 'BULB', ordered: 1, collectAt: 'bremen' }] }])
    const group = await groupOf(stage.sql, id, 'berlin')
    await stage.sql`
      update fulfilment_groups set method = 'ship_to_store', collect_location_id = (select id from locations where code = 'bremen') where id = ${group.groupId}`
    await actOn(stage.sql, 'fulfilment_ready_1', group.groupId, { all: true })
    return group
  }
  const [one, two] = [await parcel('P-1'), await parcel('P-2')]
  const act = (what: string, orderId: number, body: object = {}) =>
    ask(stage.app, `POST /v1/orders/${orderId}/groups/${one.groupId}/${what}`, { key, body })
  expect((await act('send', two.orderId)).status).toBe(404)
  expect(await act('receive', one.orderId)).toMatchObject({ status: 409, body: { code: 'conflict', state: 'ready' } })
  const tracking = { carrier: 'DHL', number: '0034' }
  // The address of its tracking ends up behind links.
  const script = await act('send', one.orderId, { tracking: { ...tracking, url: 'javascript:alert(1)' } })
  expect(script).toMatchObject({ status: 422, body: { errors: [{ field: 'tracking.url' }] } })
  expect(await act('send', one.orderId, { tracking })).toMatchObject({ status: 200, body: { groupId: one.groupId, state: 'sent' } })
  const { groups, events } = (await ask(stage.app, `GET /v1/orders/${one.orderId}`, { key })).body as { groups: object[]; events: object[] }
  expect(groups).toMatchObject([{ method: 'ship_to_store', state: 'sent' }])
  expect(events).toContainEqual(expect.objectContaining({ transition: 'send', detail: { to: 'bremen', tracking } }))
  const came = await act('receive', one.orderId)
  expect(came).toMatchObject({ status: 200, body: { state: 'done', group: expect.any(Number) } })

  expect((await cli(['pick-up', 'send', String(two.groupId), '--carrier', 'DHL'])).code).toBe(2)
  expect((await cli(['pick-up', 'send', String(two.groupId)])).out).toContain('is on its way')
  expect((await cli(['pick-up', 'receive', String(two.groupId), '--lost'])).out).toContain('its order is short of it')
  expect((await cli(['pick-up', 'receive', String(two.groupId)])).code).toBe(1)
  expect((await runRules(stage.sql)).filter(finding => finding.violations > 0).map(finding => finding.rule)).toEqual([])
})
