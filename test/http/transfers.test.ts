import { beforeAll, describe, expect, test } from 'vitest'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage({ now: () => new Date('2026-11-22T12:00:00Z') })
  key = await stage.key('catalog:write', 'stock:write')
  await stockUp(stage.app, key, 'LAMP', 10)
  await stockUp(stage.app, key, 'DESK', 2, 'store')
})

const post = (path: string, body?: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/transfers${path}`, { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })
const lampsAt = async (location: string) => {
  const { body } = await ask(stage.app, 'GET /v1/stock/LAMP', { key })
  const there = (body.locations as { location: string; onHand: number; incoming: number }[]).find(one => one.location === location)
  return [there?.onHand ?? 0, there?.incoming ?? 0]
}
const request = (quantity: number, more: object = {}) => ({ from: 'berlin', to: 'store', lines: [{ sku: 'LAMP', quantity }], ...more })

describe('transfers', () => {
  test('leave, are under way, and arrive in full or short; what is missing is lost or still coming', async () => {
    const made = await post('', request(6))
    expect(made).toMatchObject({
      status: 201,
      body: { reference: `T-${made.body.id}`, state: 'requested', canNow: ['send', 'cancel'], asked: 6 },
    })
    const path = `/${made.body.id}`
    const sent = await post(`${path}/send`, { expectedAt: '2026-11-22T08:00:00Z' })
    expect(sent.body).toMatchObject({ state: 'sent', late: true, underWay: 6, canNow: ['receive', 'lose', 'postpone'] })
    expect([await lampsAt('berlin'), await lampsAt('store')]).toEqual([
      [4, 0],
      [0, 6],
    ])
    expect((await post(`${path}/receive`, { lines: [{ sku: 'LAMP', quantity: 4 }] })).body).toMatchObject({
      state: 'sent',
      received: 4,
      underWay: 2,
    })
    expect((await post(`${path}/resolve`, { as: 'coming', expectedAt: '2026-11-25T08:00:00Z' })).body).toMatchObject({
      late: false,
      underWay: 2,
    })
    const over = await post(`${path}/receive`, { lines: [{ sku: 'LAMP', quantity: 3 }] })
    expect(over.body).toMatchObject({ status: 409, code: 'conflict', detail: '2 of LAMP are left on this transfer; 3 are more than that.' })
    const lost = await post(`${path}/resolve`, { as: 'lost', reasonCode: 'missing' })
    expect(lost.body).toMatchObject({ state: 'received', received: 4, lost: 2, underWay: 0, canNow: [] })
    expect((lost.body.history as { kind: string; reasonCode: string | null }[]).at(-1)).toMatchObject({
      kind: 'transfer_lost',
      reasonCode: 'missing',
      incoming: -2,
    })
    expect(await lampsAt('store')).toEqual([4, 0])
  })

  test('send nothing that is promised, and say what is missing; the same key succeeds later', async () => {
    await ask(stage.app, 'POST /v1/reservations', { key, body: { lines: [{ sku: 'LAMP', quantity: 3, location: 'berlin' }] } })
    const { body } = await post('', request(2, { reference: 'T-LATE' }))
    const send = () => post(`/${body.id}/send`, {}, 'send-late')
    expect((await send()).body).toMatchObject({
      status: 409,
      code: 'insufficient_stock',
      detail: expect.stringContaining('LAMP: 2 to be sent, 1 free at berlin'),
      missing: [{ sku: 'LAMP', location: 'berlin', asked: 2, available: 1 }],
    })
    await ask(stage.app, 'POST /v1/stock/receive', { key, body: { lines: [{ sku: 'LAMP', location: 'berlin', quantity: 1 }] } })
    expect(await send()).toMatchObject({ status: 200, body: { state: 'sent' } })
    expect((await post(`/${body.id}/receive`, {}, 'arrival')).body).toMatchObject({ state: 'received' })
    expect((await post(`/${body.id}/receive`, {}, 'arrival')).status).toBe(200)
    expect((await post(`/${body.id}/receive`, {}, 'another')).body).toMatchObject({
      status: 409,
      detail: 'Transfer T-LATE was received already: nothing of it is under way.',
    })
  })

  test.each<[string, object, object]>([
    ['to where they are already', request(1, { to: 'berlin' }), { status: 422, errors: [{ field: 'to' }] }],
    ['to nowhere', request(1, { to: 'moon' }), { status: 422, errors: [{ field: 'to' }] }],
    ['of an unknown SKU', request(1, { lines: [{ sku: 'NOPE', quantity: 1 }] }), { status: 422, errors: [{ field: 'lines.0.sku' }] }],
    ['under a reference that exists', request(1, { reference: 'T-LATE' }), { status: 409, code: 'conflict' }],
  ])('are refused %s', async (_, body, refusal) => {
    expect((await post('', body)).body).toMatchObject(refusal)
  })

  test('are cancelled before they are sent, listed, and changed with stock:write only', async () => {
    const { body } = await post('', request(1, { reference: 'T-NO' }))
    expect((await post(`/${body.id}/receive`, {})).body).toMatchObject({ status: 409, detail: expect.stringContaining('send it first') })
    expect((await post(`/${body.id}/resolve`, { as: 'lost', reasonCode: 'found' })).body).toMatchObject({ status: 409 })
    expect((await post(`/${body.id}/cancel`)).body).toMatchObject({ state: 'cancelled' })
    const listed = await ask(stage.app, 'GET /v1/transfers?state=cancelled&from=berlin&to=store&sku=LAMP', { key })
    expect((listed.body.items as { reference: string }[]).map(one => one.reference)).toEqual(['T-NO'])
    const reader = await stage.key('stock:read')
    expect((await ask(stage.app, `GET /v1/transfers/${body.id}`, { key: reader })).status).toBe(200)
    expect((await ask(stage.app, `POST /v1/transfers/${body.id}/send`, { key: reader, body: {} })).status).toBe(403)
    expect((await ask(stage.app, 'GET /v1/transfers/99999', { key })).status).toBe(404)
  })
})
