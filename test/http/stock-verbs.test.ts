import { beforeAll, describe, expect, test } from 'vitest'
import { changeStock } from '../../src/usecases/change-stock.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write')
})

const post = (what: string, line: Record<string, unknown>, head: Record<string, unknown> = {}) =>
  ask(stage.app, `POST /v1/stock/${what}`, { key, body: { lines: [{ location: 'berlin', ...line }], ...head } })
const movements = (sku: string) => stage.sql`
  select m.kind, m.on_hand, m.unavailable, m.reason, m.reason_code from movements m join variants v on v.id = m.variant_id where v.sku = ${sku} order by m.id desc limit 1`

test('safety stock holds from now on: an instant is refused, at each door', async () => {
  await stockUp(stage.app, key, 'VASE', 3)
  const at = '2026-01-01T00:00:00Z'
  const refused = await post('safety-stock', { sku: 'VASE', quantity: 1, reason: 'display' }, { occurredAt: at })
  expect(refused.body).toMatchObject({ status: 422, errors: [{ field: 'occurredAt' }] })
  const line = { kind: 'safety', sku: 'VASE', location: 'berlin', quantity: 1 } as const
  await expect(changeStock(stage.context, null, [line], at)).rejects.toThrow(
    'Safety stock holds from now on, so occurredAt 2026-01-01T00:00:00Z cannot go with it: leave it out.',
  )
})

describe('units', () => {
  test('are put aside and restored, each time with a reason of the list, and stay on hand', async () => {
    await stockUp(stage.app, key, 'LAMP', 10)
    const damaged = await post('damage', { sku: 'LAMP', quantity: 3, reasonCode: 'damaged', reason: 'fell off the shelf' })
    expect(damaged.body.lines).toMatchObject([{ onHand: 10, unavailable: 3, available: 7 }])
    expect(await movements('LAMP')).toEqual([
      { kind: 'damage', on_hand: 0, unavailable: 3, reason: 'fell off the shelf', reason_code: 'damaged' },
    ])
    expect((await post('restore', { sku: 'LAMP', quantity: 1, reasonCode: 'repaired' })).body.lines).toMatchObject([
      { unavailable: 2, available: 8 },
    ])
    expect((await post('restore', { sku: 'LAMP', quantity: 3 })).body).toMatchObject({
      code: 'insufficient_stock',
      missing: [{ sku: 'LAMP', location: 'berlin', asked: 3, available: 2 }],
    })
    expect((await post('damage', { sku: 'LAMP', quantity: 9 })).body).toMatchObject({
      code: 'insufficient_stock',
      missing: [{ available: 8 }],
    })
  })

  test('come back for sale, or aside', async () => {
    await stockUp(stage.app, key, 'CHAIR', 5)
    expect((await post('return', { sku: 'CHAIR', quantity: 2, reasonCode: 'not-wanted' })).body.lines).toMatchObject([
      { onHand: 7, available: 7 },
    ])
    const aside = await post('return', { sku: 'CHAIR', quantity: 1, reasonCode: 'damaged', to: 'unavailable' })
    expect(aside.body.lines).toMatchObject([{ onHand: 8, unavailable: 1, available: 7 }])
    expect(await movements('CHAIR')).toEqual([{ kind: 'return', on_hand: 1, unavailable: 1, reason: null, reason_code: 'damaged' }])
  })

  test('are adjusted and counted with a reason that is on for that, and with no other', async () => {
    await stockUp(stage.app, key, 'DESK', 5)
    expect((await post('adjust', { sku: 'DESK', quantity: -1, reasonCode: 'theft' })).body.lines).toMatchObject([{ onHand: 4 }])
    expect((await post('count', { sku: 'DESK', quantity: 6, reasonCode: 'miscount' })).body.lines).toMatchObject([{ onHand: 6 }])
    expect((await post('adjust', { sku: 'DESK', quantity: 1, reasonCode: 'miscount' })).body).toMatchObject({
      status: 422,
      detail: 'There is no reason miscount for this, or it is switched off.',
      errors: [{ field: 'lines.0.reasonCode', value: 'miscount' }],
    })
    expect((await post('safety-stock', { sku: 'DESK', quantity: 1, reasonCode: 'miscount' })).body).toMatchObject({ status: 422 })
  })

  test('are received at a cost, always in one currency', async () => {
    await stockUp(stage.app, key, 'BENCH', 0)
    await post('receive', { sku: 'BENCH', quantity: 10, unitCost: '4.20', currency: 'EUR' })
    await post('receive', { sku: 'BENCH', quantity: 10, unitCost: '5.20', currency: 'EUR' })
    expect(await stage.sql`select average::text, currency from variant_costs where valid_to is null`).toEqual([
      { average: '4.700000', currency: 'EUR' },
    ])
    expect((await post('receive', { sku: 'BENCH', quantity: 1, unitCost: '5', currency: 'USD' })).body).toMatchObject({
      status: 409,
      code: 'conflict',
      detail: expect.stringContaining('state it in EUR'),
    })
    expect((await ask(stage.app, 'GET /v1/stock/BENCH', { key })).body.onHand).toBe(20)
    expect((await post('receive', { sku: 'BENCH', quantity: 1, unitCost: '5' })).body).toMatchObject({
      status: 422,
      errors: [{ field: 'lines.0.unitCost' }],
    })
  })
})

describe('lots', () => {
  test('are received with their expiry, sold first expired first, and named where one is meant', async () => {
    await stockUp(stage.app, key, 'MILK', 0)
    const catalog = await ask(stage.app, 'PUT /v1/stock/MILK/lot-tracking', { key, body: { on: true } })
    expect(catalog.body).toEqual({ sku: 'MILK', tracked: true, lots: [] })
    await post('receive', { sku: 'MILK', quantity: 5, lot: 'late', expiresAt: '2099-02-01T00:00:00Z' })
    await post('receive', { sku: 'MILK', quantity: 5, lot: 'soon', expiresAt: '2099-01-01T00:00:00Z' })
    await ask(stage.app, 'POST /v1/stock/sale', {
      key,
      body: { till: 'T', receipt: '1', location: 'berlin', lines: [{ sku: 'MILK', quantity: 2 }] },
    })
    await post('damage', { sku: 'MILK', quantity: 1, lot: 'late' })
    await ask(stage.app, 'POST /v1/stock/sale', {
      key,
      body: { till: 'T', receipt: '2', location: 'berlin', lines: [{ sku: 'MILK', quantity: 1, lot: 'late' }] },
    })
    const lots = await ask(stage.app, 'GET /v1/stock/MILK/lots', { key })
    expect(lots.body.lots).toEqual([
      { sku: 'MILK', location: 'berlin', lot: 'soon', quantity: 3, unavailable: 0, expiresAt: '2099-01-01T00:00:00.000Z', expired: false },
      { sku: 'MILK', location: 'berlin', lot: 'late', quantity: 4, unavailable: 1, expiresAt: '2099-02-01T00:00:00.000Z', expired: false },
    ])
  })

  test('expire when that is stated, and are listed before they do', async () => {
    expect((await ask(stage.app, 'GET /v1/lots/expiring?days=3650', { key })).body.items).toEqual([])
    const set = (lot: string, expiresAt: string | null) =>
      ask(stage.app, 'PATCH /v1/stock/MILK/lots', { key, body: { location: 'berlin', lot, expiresAt } })
    expect((await set('soon', '2026-01-01T00:00:00Z')).body).toMatchObject({ expired: true, quantity: 3, unavailable: 3 })
    const expiring = await ask(stage.app, 'GET /v1/lots/expiring?days=0&limit=1', { key })
    expect(expiring.body).toMatchObject({ items: [{ sku: 'MILK', lot: 'soon', expired: true }], next: null })
    expect((await ask(stage.app, 'GET /v1/stock/MILK', { key })).body).toMatchObject({ onHand: 7, available: 3 })
    expect((await set('other', null)).status).toBe(404)
    expect((await ask(stage.app, 'GET /v1/stock/NOPE/lots', { key })).status).toBe(404)
  })

  test('that are past their time when they come are booked with a warning, the same each time for a key', async () => {
    await stockUp(stage.app, key, 'CREAM', 0)
    await ask(stage.app, 'PUT /v1/stock/CREAM/lot-tracking', { key, body: { on: true } })
    const line = { sku: 'CREAM', location: 'berlin', lot: 'old', quantity: 2, expiresAt: '2020-01-01T00:00:00Z' }
    const receive = (lines: unknown[], idempotencyKey?: string) =>
      ask(stage.app, 'POST /v1/stock/receive', { key, body: { lines }, ...(idempotencyKey ? { idempotencyKey } : {}) })
    const warnings = [{ code: 'expired', sku: 'CREAM', location: 'berlin', lot: 'old', expiredAt: '2020-01-01T00:00:00.000Z' }]
    for (const replayed of [false, true]) expect((await receive([line], 'old-cream')).body).toMatchObject({ warnings, replayed })
    // The lot knows when it expired, whether or not the receipt says it.
    expect((await receive([{ ...line, expiresAt: undefined }])).body).toMatchObject({ warnings })
    expect((await post('return', { sku: 'CREAM', quantity: 1, lot: 'old' })).body).toMatchObject({ warnings })
    expect((await receive([{ ...line, lot: 'new', expiresAt: '2099-01-01T00:00:00Z' }])).body).not.toHaveProperty('warnings')
    expect((await post('sale', { sku: 'CREAM', quantity: 1, lot: 'old' })).body).not.toHaveProperty('warnings')
  })

  test('that are past their time when a delivery or a transfer brings them are named in its answer', async () => {
    await stockUp(stage.app, key, 'BUTTER', 0)
    await ask(stage.app, 'PUT /v1/stock/BUTTER/lot-tracking', { key, body: { on: true } })
    const delivery = { reference: 'PO-B', location: 'berlin', expectedAt: '2026-12-01T08:00:00Z', lines: [{ sku: 'BUTTER', quantity: 6 }] }
    const { body } = await ask(stage.app, 'POST /v1/deliveries', { key, body: delivery })
    const came = (lot: string, expiresAt: string) => ({ lines: [{ sku: 'BUTTER', quantity: 3, lot, expiresAt }] })
    const fresh = await ask(stage.app, `POST /v1/deliveries/${body.id}/receive`, { key, body: came('B1', '2099-01-01T00:00:00Z') })
    expect(fresh.body).not.toHaveProperty('warnings')
    const old = await ask(stage.app, `POST /v1/deliveries/${body.id}/receive`, { key, body: came('B2', '2020-01-01T00:00:00Z') })
    expect(old.body).toMatchObject({
      received: 6,
      warnings: [{ code: 'expired', sku: 'BUTTER', location: 'berlin', lot: 'B2', expiredAt: '2020-01-01T00:00:00.000Z' }],
    })
    await ask(stage.app, 'POST /v1/locations', { key, body: { code: 'cellar', name: 'Cellar', kind: 'store' } })
    const transfer = { from: 'berlin', to: 'cellar', lines: [{ sku: 'BUTTER', quantity: 3 }] }
    const asked = await ask(stage.app, 'POST /v1/transfers', { key, body: transfer })
    await ask(stage.app, `POST /v1/transfers/${asked.body.id}/send`, { key, body: {} })
    await stage.sql`update transfer_lots set expires_at = '2021-01-01'`
    expect((await ask(stage.app, `POST /v1/transfers/${asked.body.id}/receive`, { key, body: {} })).body).toMatchObject({
      received: 3,
      warnings: [{ code: 'expired', sku: 'BUTTER', location: 'cellar', lot: 'B1', expiredAt: '2021-01-01T00:00:00.000Z' }],
    })
  })
})
