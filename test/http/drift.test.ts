import { beforeAll, expect, test } from 'vitest'
import { platformShapes } from '../../src/main-platforms.ts'
import { driftingChannel } from '../support/drifting.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage({ platforms: platformShapes })
})

test('what a channel shows and should not is listed, decided on, and counted for monitoring', async () => {
  const shop = await driftingChannel(stage.sql, 'shop', ['MUG', 'CUP'])
  const [reader, writer, pricing] = [
    await stage.key('channels:read', 'metrics:read'),
    await stage.key('channels:write'),
    await stage.key('channels:write', 'prices:write'),
  ]
  const set = await ask(stage.app, 'PATCH /v1/channels/shop/drift', { key: writer, body: { price: 'ask' } })
  expect(set).toMatchObject({
    status: 200,
    body: { channel: 'shop', stock: 'hub', price: 'ask', open: 0, running: null, last: null, unproven: 0 },
  })
  await shop.read('MUG', { price: '12.5' })
  await shop.read('CUP', { price: '11' })
  await shop.read('CUP', { quantity: 8 })
  const { body } = await ask(stage.app, 'GET /v1/drifts?open=true&channel=shop', { key: reader })
  const rows = body.items as Record<string, unknown>[]
  expect(rows.map(row => [row.sku, row.field, row.cause, row.state, row.units])).toEqual([
    ['CUP', 'stock', 'order', 'open', -2],
    ['CUP', 'price', 'edited', 'held', null],
    ['MUG', 'price', 'edited', 'held', null],
  ])
  expect(rows[2]).toMatchObject({
    believed: { regular: '10.00' },
    wanted: { regular: '10.00' },
    shown: { regular: '12.50', currency: 'EUR' },
  })
  const at = `/v1/drifts/${rows[2]?.id}/decide`
  expect(await ask(stage.app, `POST ${at}`, { key: writer, body: { winner: 'platform' } })).toMatchObject({ status: 403 })
  expect(await ask(stage.app, `POST ${at}`, { key: writer, body: { winner: 'seen' } })).toMatchObject({ status: 409 })
  const taken = await ask(stage.app, `POST ${at}`, { key: pricing, idempotencyKey: 'k1', body: { winner: 'platform', note: 'agreed' } })
  expect(taken).toMatchObject({ status: 200, body: { winner: 'platform', state: 'taking', note: 'agreed' } })
  expect(await ask(stage.app, `POST ${at}`, { key: pricing, idempotencyKey: 'k2', body: { winner: 'hub' } })).toMatchObject({ status: 409 })
  const hub = await ask(stage.app, `POST /v1/drifts/${rows[1]?.id}/decide`, { key: writer, body: { winner: 'hub' } })
  expect(hub).toMatchObject({ status: 200, body: { winner: 'hub', state: 'open' } })
  expect(await ask(stage.app, 'POST /v1/drifts/999999/decide', { key: writer, body: { winner: 'hub' } })).toMatchObject({ status: 404 })
  const metrics = await stage.app.request('/metrics', { headers: { authorization: `Bearer ${reader}` } })
  expect(await metrics.text()).toMatch(/concord_drifts\{channel="shop",field="price",cause="edited"\} 2/)
})

test('a check is asked for once, and read as it stands', async () => {
  await driftingChannel(stage.sql, 'other', ['JAR'])
  const writer = await stage.key('channels:write')
  const asked = await ask(stage.app, 'POST /v1/channels/other/drift-checks', { key: writer })
  const again = await ask(stage.app, 'POST /v1/channels/other/drift-checks', { key: writer })
  expect(asked).toMatchObject({ status: 201, body: { running: { beganAt: null, seen: 0 }, last: null, listings: 1 } })
  expect((again.body.running as { id: number }).id).toBe((asked.body.running as { id: number }).id)
  expect(await ask(stage.app, 'GET /v1/channels/none/drift', { key: writer })).toMatchObject({ status: 404 })
  // The location serves the other channel, too: another account.
  expect(
    await ask(stage.app, 'PATCH /v1/channels/other/drift', {
      key: await stage.key('channels:write', 'stock:write'),
      body: { stock: 'platform' },
    }),
  ).toMatchObject({
    status: 409,
  })
})
