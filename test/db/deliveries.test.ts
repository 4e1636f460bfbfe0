import { afterEach, describe, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { INCOMING_RULES } from '../../db/check-incoming.ts'
import { listDeliveries, readDelivery, readDeliveryLines } from '../../db/deliveries.ts'
import { sweepDue } from '../../db/due.ts'
import { listIncoming, movementsOfCause } from '../../db/incoming.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { brokenRules, buckets, delivery, made } from '../support/supply.ts'

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { main: 0, shop: 0 }, LAMP: { main: 0 }, CUP: { main: 0 }, TEA: { main: 0 }, VASE: { main: 0 } })
await sql`update variants set lot_tracked = true where sku = 'TEA'`
const channel = await quietChannel(sql, 'web', ['main'])

const DAY = '2026-12-01T08:00:00Z'
const order = (reference: string, lines: readonly Readonly<Record<string, string | number>>[], location = 'main') =>
  delivery(sql, 'create', { reference, location, expectedAt: DAY, lines: lines.map(line => ({ ...line })) })
const linesOf = async (id: number) =>
  (await readDeliveryLines(sql, id)).map(({ sku, ordered, received, cancelled, rest }) => [sku, ordered, received, cancelled, rest])
const averageOf = async (sku: string) =>
  (
    await sql`select average::text, currency from variant_costs c join variants v on v.id = c.variant_id where v.sku = ${sku} and valid_to is null`
  )[0]

afterEach(async () => {
  expect(await brokenRules(sql, INCOMING_RULES)).toEqual([])
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})

describe('an expected delivery', () => {
  test('is incoming until it arrives, and arrives in parts, more or fewer than ordered', async () => {
    const id = made(
      await order('PO-1', [
        { sku: 'MUG', quantity: 10 },
        { sku: 'LAMP', quantity: 5 },
      ]),
    )
    expect(await buckets(sql, 'MUG', 'main')).toEqual({ onHand: 0, reserved: 0, unavailable: 0, incoming: 10 })
    const first = await delivery(sql, 'receive', { id, lines: [{ sku: 'MUG', quantity: 4 }] })
    expect(first).toMatchObject({ outcome: 'received', state: 'open', lines: [{ sku: 'MUG', quantity: 4, received: 4, rest: 6 }] })
    expect(await buckets(sql, 'MUG', 'main')).toMatchObject({ onHand: 4, incoming: 6 })
    await delivery(sql, 'receive', { id, lines: [{ sku: 'MUG', quantity: 9 }] })
    expect(await buckets(sql, 'MUG', 'main')).toMatchObject({ onHand: 13, incoming: 0 })
    expect(await delivery(sql, 'receive', { id, lines: [{ sku: 'LAMP', quantity: 3 }], close: true })).toMatchObject({ state: 'received' })
    expect(await buckets(sql, 'LAMP', 'main')).toMatchObject({ onHand: 3, incoming: 0 })
    expect(await linesOf(id)).toEqual([
      ['MUG', 10, 13, 0, 0],
      ['LAMP', 5, 3, 2, 0],
    ])
    expect(await delivery(sql, 'receive', { id, lines: [{ sku: 'MUG', quantity: 1 }] })).toEqual({
      outcome: 'ended',
      reference: 'PO-1',
      state: 'received',
    })
    expect((await movementsOfCause(sql, 'delivery', id, 50)).map(one => [one.sku, one.kind, one.onHand, one.incoming])).toEqual([
      ['MUG', 'expected', 0, 10],
      ['LAMP', 'expected', 0, 5],
      ['MUG', 'receive', 0, -4],
      ['MUG', 'receive', 4, 0],
      ['MUG', 'receive', 0, -6],
      ['MUG', 'receive', 9, 0],
      ['LAMP', 'receive', 0, -3],
      ['LAMP', 'receive', 3, 0],
      ['LAMP', 'not_coming', 0, -2],
    ])
  })

  test('is received once for one key, whatever it is asked again', async () => {
    const id = made(await order('PO-2', [{ sku: 'CUP', quantity: 3 }]))
    const ask = { id, key: 'arrival', hash: 'h' }
    expect(await delivery(sql, 'receive', ask)).toMatchObject({ outcome: 'received', state: 'received' })
    expect(await delivery(sql, 'receive', ask)).toMatchObject({ outcome: 'received', replayed: true })
    expect(await buckets(sql, 'CUP', 'main')).toMatchObject({ onHand: 3, incoming: 0 })
  })

  test('serves whoever is short, the oldest order first, but for what is put aside', async () => {
    await book(sql, channel, 'web', [{ id: 'O1', lines: [{ sku: 'VASE', ordered: 2 }] }])
    await book(sql, channel, 'web', [{ id: 'O2', lines: [{ sku: 'VASE', ordered: 2 }] }])
    const id = made(await order('PO-3', [{ sku: 'VASE', quantity: 6 }]))
    const parts = [
      { sku: 'VASE', quantity: 2, to: 'unavailable', reasonCode: 'damaged' },
      { sku: 'VASE', quantity: 3 },
    ]
    await delivery(sql, 'receive', { id, lines: parts })
    expect(await buckets(sql, 'VASE', 'main')).toEqual({ onHand: 5, reserved: 3, unavailable: 2, incoming: 1 })
    expect([await orderLine(sql, 'O1'), await orderLine(sql, 'O2')]).toMatchObject([
      { reserved: 2, short: 0 },
      { reserved: 1, short: 1 },
    ])
    const [aside] = await sql`select kind, on_hand, unavailable, reason_code, reason from movements where unavailable > 0`
    expect(aside).toEqual({ kind: 'receive', on_hand: 2, unavailable: 2, reason_code: 'damaged', reason: 'delivery PO-3' })
    await delivery(sql, 'end', { id, act: 'close' })
  })

  test('brings lots with their expiry; what is past its time serves nobody', async () => {
    const id = made(await order('PO-4', [{ sku: 'TEA', quantity: 9 }]))
    const parts = [
      { sku: 'TEA', quantity: 4, lot: 'L1', expiresAt: '2999-01-01T00:00:00Z' },
      { sku: 'TEA', quantity: 3, lot: 'OLD', expiresAt: '2020-01-01T00:00:00Z' },
      { sku: 'TEA', quantity: 2 },
    ]
    expect(await delivery(sql, 'receive', { id, lines: parts })).toMatchObject({ outcome: 'received', state: 'received' })
    const lots = await sql`select code, quantity, unavailable, expired from lots order by code`
    expect(lots.map(lot => [lot.code, lot.quantity, lot.unavailable, lot.expired])).toEqual([
      ['', 2, 0, false],
      ['L1', 4, 0, false],
      ['OLD', 3, 3, true],
    ])
    expect(await buckets(sql, 'TEA', 'main')).toEqual({ onHand: 9, reserved: 0, unavailable: 3, incoming: 0 })
  })

  test('of a SKU without lots names the line that has one, and nothing arrives', async () => {
    const id = made(await order('PO-5', [{ sku: 'MUG', quantity: 1 }]))
    const parts = [
      { sku: 'MUG', quantity: 1 },
      { sku: 'MUG', quantity: 1, lot: 'L9' },
    ]
    expect(await delivery(sql, 'receive', { id, lines: parts })).toEqual({ outcome: 'no_lots', line: 1, sku: 'MUG' })
    expect(await delivery(sql, 'receive', { id, lines: [{ sku: 'CUP', quantity: 1 }] })).toEqual({
      outcome: 'not_on_delivery',
      line: 0,
      sku: 'CUP',
    })
    expect(await buckets(sql, 'MUG', 'main')).toMatchObject({ onHand: 13, incoming: 1 })
    await delivery(sql, 'end', { id, act: 'cancel' })
  })
})

describe('the cost of what arrives', () => {
  test('makes the weighted average: of the line, or of the receipt where it says another', async () => {
    await layIn(sql, { PEN: { main: 0, shop: 10 } })
    const id = made(await order('PO-C1', [{ sku: 'PEN', quantity: 20, unitCost: '1.50', currency: 'EUR' }]))
    await delivery(sql, 'receive', { id, lines: [{ sku: 'PEN', quantity: 10 }] })
    // The ten in the shop have no cost of their own: they are taken for 1.50 as well.
    expect(await averageOf('PEN')).toEqual({ average: '1.500000', currency: 'EUR' })
    await delivery(sql, 'receive', { id, lines: [{ sku: 'PEN', quantity: 10, unitCost: '2.10', currency: 'EUR' }] })
    expect(await averageOf('PEN')).toEqual({ average: '1.700000', currency: 'EUR' })
    const costs =
      await sql`select m.unit_cost::text from movements m join variants v on v.id = m.variant_id where v.sku = 'PEN' and m.on_hand > 0 and m.kind = 'receive' order by m.id`
    expect(costs.map(row => row.unit_cost)).toEqual(['1.500000', '2.100000'])
  })

  test('in another currency is refused, when it is ordered and when it arrives', async () => {
    expect(await order('PO-C2', [{ sku: 'PEN', quantity: 1, unitCost: '2', currency: 'USD' }])).toEqual({
      outcome: 'cost_currency',
      sku: 'PEN',
      has: 'EUR',
      given: 'USD',
    })
    const id = made(await order('PO-C2', [{ sku: 'PEN', quantity: 1 }]))
    expect(await delivery(sql, 'receive', { id, lines: [{ sku: 'PEN', quantity: 1, unitCost: '2', currency: 'USD' }] })).toMatchObject({
      outcome: 'cost_currency',
    })
    expect(await buckets(sql, 'PEN', 'main')).toMatchObject({ onHand: 20, incoming: 1 })
    await delivery(sql, 'end', { id, act: 'cancel' })
  })
})

describe('a delivery that changes', () => {
  test('takes more, fewer and other goods, and another day', async () => {
    const id = made(
      await order('PO-6', [
        { sku: 'MUG', quantity: 5 },
        { sku: 'LAMP', quantity: 5 },
      ]),
    )
    await delivery(sql, 'receive', { id, lines: [{ sku: 'MUG', quantity: 2 }] })
    const before = await buckets(sql, 'MUG', 'main')
    const lines = [
      { sku: 'MUG', quantity: 8 },
      { sku: 'LAMP', quantity: 1 },
      { sku: 'CUP', quantity: 4 },
    ]
    expect(await delivery(sql, 'change', { id, expectedAt: '2026-12-09T08:00:00Z', lines })).toMatchObject({
      outcome: 'changed',
      state: 'open',
    })
    expect((await buckets(sql, 'MUG', 'main')).incoming - before.incoming).toBe(3)
    expect(await linesOf(id)).toEqual([
      ['MUG', 8, 2, 0, 6],
      ['LAMP', 1, 0, 0, 1],
      ['CUP', 4, 0, 0, 4],
    ])
    expect((await readDelivery(sql, { reference: 'PO-6' }, new Date()))?.expectedAt).toEqual(new Date('2026-12-09T08:00:00Z'))
    expect(
      await delivery(sql, 'change', {
        id,
        lines: [
          { sku: 'CUP', quantity: 9 },
          { sku: 'MUG', quantity: 1 },
        ],
      }),
    ).toEqual({ outcome: 'too_few', line: 1, sku: 'MUG', least: 2 })
    expect(await delivery(sql, 'change', { id, lines: [{ sku: 'MUG', quantity: 2 }] })).toMatchObject({ state: 'open' })
    await delivery(sql, 'end', { id, act: 'close' })
    expect(await buckets(sql, 'CUP', 'main')).toMatchObject({ incoming: 0 })
  })

  test('is cancelled in part or in whole; what has come already stays', async () => {
    const id = made(
      await order('PO-7', [
        { sku: 'MUG', quantity: 5 },
        { sku: 'LAMP', quantity: 5 },
      ]),
    )
    expect(await delivery(sql, 'end', { id, act: 'close' })).toEqual({ outcome: 'nothing_received', reference: 'PO-7' })
    expect(await delivery(sql, 'end', { id, act: 'cancel', lines: [{ sku: 'MUG', quantity: 2 }] })).toMatchObject({ state: 'open' })
    expect(await buckets(sql, 'MUG', 'main')).toMatchObject({ incoming: 3 })
    const tooMany = [{ sku: 'LAMP' }, { sku: 'MUG', quantity: 4 }]
    expect(await delivery(sql, 'end', { id, act: 'cancel', lines: tooMany })).toEqual({
      outcome: 'over',
      line: 1,
      sku: 'MUG',
      asked: 4,
      rest: 3,
    })
    expect(await buckets(sql, 'LAMP', 'main')).toMatchObject({ incoming: 5 })
    expect(await delivery(sql, 'end', { id, act: 'cancel' })).toMatchObject({ state: 'cancelled' })
    expect(await buckets(sql, 'LAMP', 'main')).toMatchObject({ incoming: 0 })
    expect(await delivery(sql, 'change', { id, lines: [{ sku: 'MUG', quantity: 9 }] })).toMatchObject({
      outcome: 'ended',
      state: 'cancelled',
    })
  })

  test('names what is unknown, and a reference that exists', async () => {
    expect(await order('PO-7', [{ sku: 'MUG', quantity: 1 }])).toMatchObject({ outcome: 'exists', reference: 'PO-7' })
    expect(
      await order('PO-8', [
        { sku: 'MUG', quantity: 1 },
        { sku: 'NOPE', quantity: 1 },
      ]),
    ).toEqual({ outcome: 'unknown', line: 1, field: 'sku', value: 'NOPE' })
    expect(await order('PO-8', [{ sku: 'MUG', quantity: 1 }], 'moon')).toEqual({ outcome: 'unknown', field: 'location', value: 'moon' })
    expect(await delivery(sql, 'receive', { id: 999_999 })).toMatchObject({ outcome: 'unknown', field: 'id' })
  })
})

test('what is open, late, for a location or with a SKU can be listed, and what comes of a SKU', async () => {
  const late = made(await order('PO-L1', [{ sku: 'MUG', quantity: 7 }]))
  await delivery(sql, 'change', { id: late, expectedAt: '2026-01-01T00:00:00Z' })
  await order(
    'PO-L2',
    [
      { sku: 'MUG', quantity: 2 },
      { sku: 'CUP', quantity: 1 },
    ],
    'shop',
  )
  const now = new Date('2026-11-22T00:00:00Z')
  const names = async (filter: Parameters<typeof listDeliveries>[1]) =>
    (await listDeliveries(sql, filter, now, null, 50)).map(row => row.reference)
  expect(await names({ state: 'open' })).toEqual(['PO-L2', 'PO-L1'])
  expect(await names({ late: true })).toEqual(['PO-L1'])
  expect(await names({ location: 'shop' })).toEqual(['PO-L2'])
  expect(await names({ sku: 'CUP', state: 'open' })).toEqual(['PO-L2'])
  expect(await listIncoming(sql, { sku: 'MUG' }, now, 10)).toMatchObject([
    { kind: 'delivery', reference: 'PO-L1', location: 'main', units: 7, late: true },
    { kind: 'delivery', reference: 'PO-L2', location: 'shop', units: 2, late: false },
  ])
  await sql`delete from change`
  await sweepDue(sql, new Date('2026-01-01T00:00:00Z'), 100)
  // The day has come: whoever shows what is expected of it looks again.
  expect(await sql`select c.kind, v.sku from change c join variants v on v.id = c.variant_id`).toEqual([{ kind: 'stock', sku: 'MUG' }])
})
