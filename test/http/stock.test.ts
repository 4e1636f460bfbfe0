import { beforeAll, describe, expect, test } from 'vitest'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write')
})

const post = (what: string, body: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/stock/${what}`, { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })
const onHand = async (sku: string) => (await ask(stage.app, `GET /v1/stock/${sku}`, { key })).body.onHand

describe('stock', () => {
  test('is received, adjusted, counted and kept back, and every step is in the ledger', async () => {
    await stockUp(stage.app, key, 'LAMP', 10)
    await post('adjust', { lines: [{ sku: 'LAMP', location: 'berlin', quantity: -3, reason: 'broken' }] })
    await post('count', { lines: [{ sku: 'LAMP', location: 'berlin', quantity: 9 }] })
    const kept = await post('safety-stock', { lines: [{ sku: 'LAMP', location: 'berlin', quantity: 4 }] })
    expect(kept.body.lines).toEqual([
      { sku: 'LAMP', location: 'berlin', onHand: 9, reserved: 0, unavailable: 0, safetyStock: 4, available: 5 },
    ])
    const ledger = await ask(stage.app, 'GET /v1/stock/LAMP/movements', { key })
    expect((ledger.body.items as Record<string, unknown>[]).map(item => [item.kind, item.onHand, item.reason, item.actor])).toEqual([
      ['count', 2, null, `key:${key.split('.')[0]}`],
      ['adjust', -3, 'broken', `key:${key.split('.')[0]}`],
      ['receive', 10, null, `key:${key.split('.')[0]}`],
    ])
    const there = await ask(stage.app, 'GET /v1/locations/berlin/stock', { key })
    expect(there.body.items).toEqual([expect.objectContaining({ sku: 'LAMP', available: 5 })])
  })

  test('is not adjusted below zero: nothing of the request happens, and it is said what is there', async () => {
    await stockUp(stage.app, key, 'CHAIR', 2)
    const answer = await post('adjust', {
      lines: [
        { sku: 'LAMP', location: 'berlin', quantity: 5 },
        { sku: 'CHAIR', location: 'berlin', quantity: -3 },
      ],
    })
    expect(answer.body).toMatchObject({
      status: 409,
      code: 'insufficient_stock',
      missing: [{ sku: 'CHAIR', location: 'berlin', asked: 3, available: 2 }],
    })
    expect(await onHand('LAMP')).toBe(9)
  })

  test('is not received beyond what a location can hold, and nothing of such a request happens', async () => {
    await stockUp(stage.app, key, 'SCREW', 1)
    await stage.sql`update balances set on_hand = 2147483640 where variant_id = (select id from variants where sku = 'SCREW')`
    const answer = await post('receive', {
      lines: [
        { sku: 'LAMP', location: 'berlin', quantity: 5 },
        { sku: 'SCREW', location: 'berlin', quantity: 8 },
      ],
    })
    expect(answer.body).toMatchObject({ status: 422, code: 'invalid', detail: expect.stringContaining('at most 2147483647 units') })
    expect(await onHand('LAMP')).toBe(9)
    const tooMany = await post('receive', { lines: [{ sku: 'LAMP', location: 'berlin', quantity: 10_000_001 }] })
    expect(tooMany.body).toMatchObject({ status: 422, errors: [{ field: 'lines.0.quantity' }] })
  })

  test('of an unknown SKU or place is refused at its line', async () => {
    const unknown = await post('receive', { lines: [{ sku: 'NOPE', location: 'berlin', quantity: 1 }] })
    expect(unknown.body).toMatchObject({ status: 422, detail: 'There is no SKU NOPE.', errors: [{ field: 'lines.0.sku', value: 'NOPE' }] })
    const nowhere = await post('receive', { lines: [{ sku: 'LAMP', location: 'paris', quantity: 1 }] })
    expect(nowhere.body).toMatchObject({ status: 422, errors: [{ field: 'lines.0.location' }] })
    expect((await ask(stage.app, 'GET /v1/stock/NOPE', { key })).status).toBe(404)
  })

  test.each([
    ['receive', 0],
    ['receive', -1],
    ['adjust', 0],
    ['count', -1],
    ['count', 1.5],
    ['receive', '5'],
    ['receive', 1e12],
  ])('%s of %s units is refused', async (what, quantity) => {
    const answer = await post(what, { lines: [{ sku: 'LAMP', location: 'berlin', quantity }] })
    expect(answer.body).toMatchObject({ status: 422, errors: [{ field: 'lines.0.quantity' }] })
  })

  test('cannot have changed in the future', async () => {
    const answer = await post('receive', { lines: [{ sku: 'LAMP', location: 'berlin', quantity: 1 }], occurredAt: '2099-01-01T00:00:00Z' })
    expect(answer.body).toMatchObject({ status: 422, errors: [{ field: 'occurredAt' }] })
  })

  test('changes once for one key, also when it is sent ten times at once', async () => {
    await stockUp(stage.app, key, 'DESK', 0)
    const body = { lines: [{ sku: 'DESK', location: 'berlin', quantity: 7 }] }
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('receive', body, 'delivery-77')))
    expect(answers.map(answer => answer.status)).toEqual(Array(10).fill(200))
    expect(answers.filter(answer => answer.body.replayed === false)).toHaveLength(1)
    expect(new Set(answers.map(answer => JSON.stringify(answer.body.lines))).size).toBe(1)
    expect(await onHand('DESK')).toBe(7)
    const other = await post('receive', { lines: [{ sku: 'DESK', location: 'berlin', quantity: 8 }] }, 'delivery-77')
    expect(other.body).toMatchObject({ status: 409, code: 'conflict' })
  })
})

describe('a till sale', () => {
  const sale = (receipt: string, quantity: number) => ({
    till: 'berlin-1',
    receipt,
    location: 'berlin',
    lines: [{ sku: 'VASE', quantity }],
  })

  test('is booked once per till and receipt, whoever sends it', async () => {
    await stockUp(stage.app, key, 'VASE', 10)
    const other = await stage.key('stock:write')
    expect((await post('sale', sale('R1', 2))).body).toMatchObject({ replayed: false, lines: [{ onHand: 8 }] })
    expect((await ask(stage.app, 'POST /v1/stock/sale', { key: other, body: sale('R1', 2) })).body).toMatchObject({
      replayed: true,
      lines: [{ onHand: 8 }],
    })
    expect(await onHand('VASE')).toBe(8)
  })

  test('with other goods under the same receipt is a conflict', async () => {
    expect((await post('sale', sale('R1', 3))).body).toMatchObject({ status: 409, code: 'conflict' })
  })

  test('of more than the books have posts all the same, and what was missing is found visibly', async () => {
    expect((await post('sale', sale('R2', 11))).body).toMatchObject({ lines: [{ onHand: 0 }] })
    const ledger = await ask(stage.app, 'GET /v1/stock/VASE/movements?limit=2', { key })
    expect((ledger.body.items as Record<string, unknown>[]).map(item => [item.kind, item.onHand, item.reason])).toEqual([
      ['sale', -11, 'till berlin-1, receipt R2'],
      ['adjust', 3, 'sold, though not on the books'],
    ])
  })
})
