import { beforeAll, describe, expect, test } from 'vitest'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage({ now: () => new Date('2026-11-22T12:00:00Z') })
  key = await stage.key('catalog:write', 'stock:write')
  for (const sku of ['LAMP', 'DESK', 'CHAIR']) await stockUp(stage.app, key, sku, 0)
})

const post = (path: string, body?: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/deliveries${path}`, { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })
const get = (path: string) => ask(stage.app, `GET /v1${path}`, { key })
const balanceOf = async (sku: string) => {
  const { body } = await get(`/stock/${sku}`)
  const [there] = body.locations as { onHand: number; incoming: number; unavailable: number }[]
  return there && [there.onHand, there.incoming, there.unavailable]
}
const order = (reference: string, lines: unknown[], more: object = {}) => ({
  reference,
  location: 'berlin',
  expectedAt: '2026-12-01T08:00:00Z',
  lines,
  ...more,
})

describe('deliveries', () => {
  test('are expected, received in parts and closed, each step once for its key', async () => {
    const lines = [
      { sku: 'LAMP', quantity: 10, unitCost: '3.5', currency: 'EUR' },
      { sku: 'DESK', quantity: 4 },
    ]
    const made = await post('', order('PO-1', lines, { supplier: 'Light Ltd' }), 'make-po-1')
    expect(made).toMatchObject({ status: 201, body: { reference: 'PO-1', state: 'open', late: false, rest: 14, supplier: 'Light Ltd' } })
    expect(made.body.lines).toMatchObject([
      { sku: 'LAMP', title: 'LAMP', ordered: 10, rest: 10, unitCost: '3.50', currency: 'EUR' },
      { sku: 'DESK', ordered: 4, unitCost: null },
    ])
    expect((await post('', order('PO-1', lines, { supplier: 'Light Ltd' }), 'make-po-1')).body.id).toBe(made.body.id)
    const path = `/${made.body.id}`
    const first = {
      lines: [
        { sku: 'LAMP', quantity: 6 },
        { sku: 'LAMP', quantity: 1, to: 'unavailable', reasonCode: 'damaged' },
      ],
    }
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(`${path}/receive`, first, 'truck-1')))
    expect(answers.map(answer => answer.status)).toEqual(Array(6).fill(200))
    expect(await balanceOf('LAMP')).toEqual([7, 3, 1])
    expect(answers[0]?.headers.get('concord-token')).toMatch(/^\d+$/)
    const closed = await post(`${path}/close`)
    expect(closed.body).toMatchObject({ state: 'received', received: 7, cancelled: 7, rest: 0 })
    expect(
      (closed.body.history as { kind: string; sku: string; onHand: number }[]).map(one => `${one.kind} ${one.sku} ${one.onHand}`),
    ).toEqual([
      'expected LAMP 0',
      'expected DESK 0',
      'receive LAMP 0',
      'receive LAMP 6',
      'receive LAMP 0',
      'receive LAMP 1',
      'not_coming LAMP 0',
      'not_coming DESK 0',
    ])
    expect((await post(`${path}/receive`, {})).body).toMatchObject({
      status: 409,
      code: 'conflict',
      detail: expect.stringContaining('Delivery PO-1 was received'),
    })
  })

  test('change their day and their lines, and are cancelled in part', async () => {
    const made = await post('', order('PO-2', [{ sku: 'DESK', quantity: 5 }]))
    const path = `/v1/deliveries/${made.body.id}`
    const changed = await ask(stage.app, `PATCH ${path}`, {
      key,
      body: {
        expectedAt: '2026-11-20T08:00:00+01:00',
        lines: [
          { sku: 'DESK', quantity: 7 },
          { sku: 'CHAIR', quantity: 2 },
        ],
      },
    })
    expect(changed.body).toMatchObject({ expectedAt: '2026-11-20T07:00:00.000Z', late: true, rest: 9 })
    expect((await post(`/${made.body.id}/cancel`, { lines: [{ sku: 'DESK', quantity: 3 }] })).body).toMatchObject({ rest: 6, cancelled: 3 })
    expect((await post(`/${made.body.id}/cancel`, { lines: [{ sku: 'DESK', quantity: 5 }] })).body).toMatchObject({
      code: 'conflict',
      detail: '4 of DESK are still to come; 5 cannot be cancelled.',
    })
    const late = await get('/deliveries?late=true&location=berlin&sku=CHAIR')
    expect((late.body.items as { reference: string }[]).map(one => one.reference)).toEqual(['PO-2'])
    expect((await get('/incoming?sku=CHAIR')).body.items).toEqual([
      {
        kind: 'delivery',
        id: made.body.id,
        reference: 'PO-2',
        sku: 'CHAIR',
        location: 'berlin',
        units: 2,
        expectedAt: '2026-11-20T07:00:00.000Z',
        late: true,
      },
    ])
    expect((await post(`/${made.body.id}/close`)).body).toMatchObject({
      code: 'conflict',
      detail: expect.stringContaining('cancel it instead'),
    })
    expect((await post(`/${made.body.id}/cancel`, {})).body).toMatchObject({ state: 'cancelled', rest: 0 })
    expect((await get('/deliveries?state=open')).body.items).toEqual([])
  })

  test.each<[string, unknown, object]>([
    ['an unknown SKU', order('PO-X', [{ sku: 'NOPE', quantity: 1 }]), { status: 422, errors: [{ field: 'lines.0.sku' }] }],
    [
      'an unknown location',
      { ...order('PO-X', [{ sku: 'LAMP', quantity: 1 }]), location: 'moon' },
      { status: 422, errors: [{ field: 'location' }] },
    ],
    [
      'a SKU twice',
      order('PO-X', [
        { sku: 'LAMP', quantity: 1 },
        { sku: 'LAMP', quantity: 2 },
      ]),
      { status: 422, errors: [{ field: 'lines.1.sku' }] },
    ],
    ['a cost without its currency', order('PO-X', [{ sku: 'LAMP', quantity: 1, unitCost: '2' }]), { status: 422 }],
    [
      'a cost in another currency than before',
      order('PO-X', [{ sku: 'LAMP', quantity: 1, unitCost: '2', currency: 'USD' }]),
      { status: 409, detail: 'The cost of LAMP is kept in EUR: state it in EUR, not in USD.' },
    ],
    ['a reference that exists', order('PO-1', [{ sku: 'LAMP', quantity: 1 }]), { status: 409, code: 'conflict' }],
  ])('are refused for %s', async (_, body, refusal) => {
    expect((await post('', body)).body).toMatchObject(refusal)
    expect((await get('/incoming')).body.items).toEqual([])
  })

  test('tell what a unit cost on average, and how that came to be', async () => {
    const made = await post('', order('PO-3', [{ sku: 'LAMP', quantity: 13, unitCost: '5.00', currency: 'EUR' }]))
    await post(`/${made.body.id}/receive`, {})
    const cost = await get('/stock/LAMP/cost')
    // 7 at 3.50 and 13 at 5.00.
    expect(cost.body).toMatchObject({ sku: 'LAMP', average: '4.475', currency: 'EUR', units: 20, value: '89.50' })
    expect(cost.body.locations).toEqual([{ location: 'berlin', units: 20, value: '89.50' }])
    expect((cost.body.history as { average: string; validTo: string | null }[]).map(row => [row.average, row.validTo === null])).toEqual([
      ['4.475', true],
      ['3.50', false],
    ])
    expect((await get('/stock/CHAIR/cost')).body).toEqual({
      sku: 'CHAIR',
      average: null,
      currency: null,
      units: 0,
      value: null,
      locations: [],
      underWay: { units: 0, value: null },
      history: [],
    })
    expect((await get('/stock/NOPE/cost')).status).toBe(404)
  })

  test('are seen with stock:read and changed with stock:write only', async () => {
    const reader = await stage.key('stock:read')
    expect((await ask(stage.app, 'GET /v1/deliveries', { key: reader })).status).toBe(200)
    expect((await ask(stage.app, 'POST /v1/deliveries', { key: reader, body: order('PO-9', [{ sku: 'LAMP', quantity: 1 }]) })).status).toBe(
      403,
    )
    expect((await get('/deliveries/99999')).status).toBe(404)
    expect((await post('/99999/receive', {})).status).toBe(404)
  })
})
