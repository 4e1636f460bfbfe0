import { beforeAll, expect, test } from 'vitest'
import { guardedChannel, heldBack } from '../support/guarded.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})

test('an incident is found, read whole by pages, and approved by whoever may approve prices, on what was seen', async () => {
  const shop = await guardedChannel(stage.sql, 'shop', 100)
  await shop.setPrices('9.5')
  await shop.push()
  const [reader, writer, approver] = [
    await stage.key('channels:read'),
    await stage.key('prices:write', 'stock:approve'),
    await stage.key('prices:approve'),
  ]
  const { body } = await ask(stage.app, 'GET /v1/quarantines?open=true', { key: reader })
  const [incident] = body.items as Record<string, unknown>[]
  expect(incident).toMatchObject({
    channel: 'shop',
    field: 'price',
    joined: 51,
    held: 51,
    decision: null,
    why: { limit: 'changed', listings: 100, allowed: 49, percent: 20, least: 50, windowMinutes: 60 },
  })
  const at = `/v1/quarantines/${incident?.id}`
  const seen: unknown[] = []
  for (let next = ''; ; ) {
    const page = await ask(stage.app, `GET ${at}/items?limit=20${next}`, { key: reader })
    seen.push(...(page.body.items as unknown[]))
    if (page.body.next === null) break
    next = `&cursor=${page.body.next}`
  }
  expect(seen.length).toBe(51)
  expect(seen[0]).toMatchObject({
    limit: 'changed',
    before: { currency: 'EUR', regular: '10.00', sale: null },
    value: { currency: 'EUR', regular: '9.50', sale: null },
    leftHow: null,
  })

  expect(await ask(stage.app, `POST ${at}/approve`, { key: writer, body: {} })).toMatchObject({
    status: 403,
    body: { detail: `To decide on incident ${incident?.id} (price) needs prices:approve.` },
  })
  expect(await ask(stage.app, `POST ${at}/approve`, { key: approver, body: { revision: 0 } })).toMatchObject({ status: 409 })
  const approved = await ask(stage.app, `POST ${at}/approve`, {
    key: approver,
    idempotencyKey: 'yes',
    body: { revision: incident?.revision, note: 'the summer list' },
  })
  expect(approved).toMatchObject({ status: 200, body: { decision: 'approved', held: 0, joined: 51, note: 'the summer list' } })
  expect(await heldBack(stage.sql, shop)).toEqual({})
  expect(await shop.push()).toBe(51)
  expect(await ask(stage.app, `POST ${at}/reject`, { key: approver, body: {} })).toMatchObject({ status: 409 })
  expect(await ask(stage.app, 'POST /v1/quarantines/999/approve', { key: approver, body: {} })).toMatchObject({ status: 404 })
  const audit = await stage.sql`select act, detail->>'note' as note from audit where act like 'quarantine%' order by id`
  expect([...audit]).toEqual([
    { act: 'quarantine.open', note: null },
    { act: 'quarantine.approve', note: 'the summer list' },
  ])
})

test("a channel's limits are read, set in part, turned off, and refused where they cannot be", async () => {
  await guardedChannel(stage.sql, 'limits', 2)
  const key = await stage.key('channels:write')
  const at = '/v1/channels/limits/guard'
  const defaults = {
    changedPercent: '20',
    changedLeast: 50,
    windowMinutes: 60,
    dropPercent: '50',
    zeroListings: 200,
    zeroPercent: '20',
    releaseMinutes: 30,
  }
  expect((await ask(stage.app, `GET ${at}`, { key })).body).toEqual({ channel: 'limits', ...defaults, since: null, actor: null })
  const set = await ask(stage.app, `PATCH ${at}`, { key, body: { dropPercent: null, changedPercent: '7.5' } })
  expect(set.body).toMatchObject({ ...defaults, dropPercent: null, changedPercent: '7.5', actor: expect.stringMatching(/^key:/) })
  expect(await ask(stage.app, `PATCH ${at}`, { key, body: { dropPercent: '100' } })).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'dropPercent' }] },
  })
  expect(await ask(stage.app, 'PATCH /v1/channels/nowhere/guard', { key, body: {} })).toMatchObject({ status: 404 })
})

test('what the guard would hold of a price list is told with its approval, and passes where the approver takes it', async () => {
  const shop = await guardedChannel(stage.sql, 'ahead', 60)
  const [writer, approver] = [await stage.key('prices:write'), await stage.key('prices:approve')]
  const put = { key: writer, body: { currency: 'EUR', audience: { kind: 'channel', code: 'ahead' }, from: '2098-12-01T00:00:00Z' } }
  await ask(stage.app, 'PUT /v1/price-lists/later', put)
  const entries = [{ sku: shop.skus[0], rule: 'fixed', value: '4' }]
  const { body } = await ask(stage.app, 'POST /v1/price-lists/later/entries', { key: writer, body: { entries } })
  const accepted = { key: approver, body: { version: body.version, acceptHeld: true } }
  expect(await ask(stage.app, 'POST /v1/price-lists/later/approve', accepted)).toMatchObject({
    status: 200,
    body: {
      guard: [
        {
          ...{
            channel: 'ahead',
            at: '2098-12-01T00:00:00.000Z',
            listings: 60,
            allowed: 49,
            held: 1,
            changed: 0,
            dropped: 1,
            accepted: true,
          },
          examples: [{ sku: shop.skus[0], limit: 'dropped', before: { regular: '10' }, after: { regular: '4' } }],
          words: 'The guard will let 1 price of ahead pass at 2098-12-01T00:00:00.000Z, as you accepted: 1 falls by more than 50 %.',
        },
      ],
    },
  })
})
