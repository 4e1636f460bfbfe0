import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { INCOMING_RULES } from '../../db/check-incoming.ts'
import { listIncoming, movementsOfCause } from '../../db/incoming.ts'
import { listTransfers, readTransfer, readTransferLines } from '../../db/transfers.ts'
import { possibleActs, stateOf, type TransferAct, type TransferState } from '../../src/domain/inventory/transfer.ts'
import { freshDatabase } from '../support/database.ts'
import { book, change, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { brokenRules, buckets, made, transfer } from '../support/supply.ts'

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { main: 20, shop: 0 }, LAMP: { main: 10, shop: 0 }, TEA: { main: 0, shop: 0 }, VASE: { main: 4, shop: 0 } })
await sql`update variants set lot_tracked = true where sku = 'TEA'`
const now = new Date('2026-11-22T00:00:00Z')

const request = (lines: Readonly<Record<string, number>>, more: Readonly<Record<string, string>> = {}) =>
  transfer(sql, 'request', {
    from: 'main',
    to: 'shop',
    lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity })),
    ...more,
  })
const free = async (sku: string) => Promise.all([buckets(sql, sku, 'main'), buckets(sql, sku, 'shop')])

afterEach(async () => {
  expect(await brokenRules(sql, INCOMING_RULES)).toEqual([])
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})

describe('a transfer', () => {
  test('leaves one location, is incoming at the other, and arrives', async () => {
    const id = made(await request({ MUG: 6 }, { reference: 'T-A' }))
    expect(await buckets(sql, 'MUG', 'main')).toMatchObject({ onHand: 20 })
    expect(await transfer(sql, 'send', { id, expectedAt: '2026-11-21T00:00:00Z' })).toMatchObject({ outcome: 'sent', state: 'sent' })
    expect(await free('MUG')).toMatchObject([
      { onHand: 14, incoming: 0 },
      { onHand: 0, incoming: 6 },
    ])
    expect(await readTransfer(sql, { id }, now)).toMatchObject({ from: 'main', to: 'shop', sent: 6, late: true })
    expect(await listIncoming(sql, { sku: 'MUG' }, now, 5)).toMatchObject([
      { kind: 'transfer', reference: 'T-A', location: 'shop', units: 6, late: true },
    ])
    expect(await transfer(sql, 'receive', { id })).toMatchObject({ outcome: 'received', state: 'received' })
    expect(await free('MUG')).toMatchObject([
      { onHand: 14, incoming: 0 },
      { onHand: 6, incoming: 0 },
    ])
    expect(await transfer(sql, 'receive', { id })).toEqual({ outcome: 'ended', reference: 'T-A', state: 'received' })
    expect((await movementsOfCause(sql, 'transfer', id, 20)).map(one => [one.location, one.kind, one.onHand, one.incoming])).toEqual([
      ['main', 'transfer_out', -6, 0],
      ['shop', 'transfer_sent', 0, 6],
      ['shop', 'transfer_in', 0, -6],
      ['shop', 'transfer_in', 6, 0],
    ])
  })

  test('sends only what is neither promised nor put aside, and names what is missing; the same key succeeds later', async () => {
    await reserve(sql, [{ key: 'lamps', lines: [{ sku: 'LAMP', quantity: 4, location: 'main' }] }])
    await sql`select stock_hide(v.id, p.id, 1, 'damage', null, '{}') from variants v, locations p where v.sku = 'LAMP' and p.code = 'main'`
    await sql`select stock_changed(array_agg(id)) from variants where sku = 'LAMP'`
    const id = made(await request({ LAMP: 6, MUG: 1 }))
    const ask = { id, key: 'send-lamps' }
    expect(await transfer(sql, 'send', ask)).toEqual({
      outcome: 'insufficient',
      missing: [{ sku: 'LAMP', location: 'main', asked: 6, available: 5 }],
    })
    expect(await free('MUG')).toMatchObject([{ onHand: 14 }, { incoming: 0 }])
    await change(sql, [{ sku: 'LAMP', location: 'main', quantity: 1, kind: 'receive' }])
    expect(await transfer(sql, 'send', ask)).toMatchObject({ outcome: 'sent' })
    expect(await transfer(sql, 'send', ask)).toMatchObject({ outcome: 'sent', replayed: true })
    expect(await buckets(sql, 'LAMP', 'main')).toEqual({ onHand: 5, reserved: 4, unavailable: 1, incoming: 0 })
    await transfer(sql, 'receive', { id })
  })

  test('is sent in parts, received short, and what is missing is lost or still coming', async () => {
    const id = made(await request({ MUG: 8 }))
    expect(await transfer(sql, 'send', { id, lines: [{ sku: 'MUG', quantity: 9 }] })).toMatchObject({
      outcome: 'over',
      sku: 'MUG',
      asked: 9,
      rest: 8,
    })
    await transfer(sql, 'send', { id, lines: [{ sku: 'MUG', quantity: 5 }] })
    expect(await transfer(sql, 'cancel', { id })).toMatchObject({ outcome: 'changed', state: 'sent' })
    expect(await transfer(sql, 'send', { id })).toMatchObject({ outcome: 'all_sent' })
    const parts = [
      { sku: 'MUG', quantity: 2 },
      { sku: 'MUG', quantity: 1, to: 'unavailable', reasonCode: 'damaged' },
    ]
    const before = await buckets(sql, 'MUG', 'shop')
    expect(await transfer(sql, 'receive', { id, lines: parts })).toMatchObject({
      outcome: 'received',
      state: 'sent',
      lines: [{ sku: 'MUG', quantity: 3, received: 3, lost: 0, underWay: 2 }],
    })
    expect(await buckets(sql, 'MUG', 'shop')).toEqual({ onHand: before.onHand + 3, reserved: 0, unavailable: 1, incoming: 2 })
    expect(await transfer(sql, 'receive', { id, lines: [{ sku: 'MUG', quantity: 3 }] })).toEqual({
      outcome: 'over',
      line: 0,
      sku: 'MUG',
      asked: 3,
      rest: 2,
    })
    expect(await transfer(sql, 'resolve', { id, as: 'coming', expectedAt: '2026-12-24T00:00:00Z' })).toMatchObject({
      outcome: 'coming',
      state: 'sent',
    })
    expect((await readTransfer(sql, { id }, now))?.expectedAt).toEqual(new Date('2026-12-24T00:00:00Z'))
    expect(await transfer(sql, 'resolve', { id, as: 'lost', reasonCode: 'found' })).toMatchObject({
      outcome: 'unknown',
      field: 'reasonCode',
      value: 'found',
    })
    expect(await transfer(sql, 'resolve', { id, as: 'lost', reasonCode: 'theft', lines: [{ sku: 'MUG', quantity: 1 }] })).toMatchObject({
      outcome: 'lost',
      state: 'sent',
    })
    expect(await transfer(sql, 'resolve', { id, as: 'lost', reasonCode: 'missing' })).toMatchObject({ outcome: 'lost', state: 'received' })
    expect(await buckets(sql, 'MUG', 'shop')).toMatchObject({ incoming: 0 })
    expect(await readTransferLines(sql, id)).toMatchObject([
      { sku: 'MUG', asked: 8, cancelled: 3, sent: 5, received: 3, lost: 2, underWay: 0 },
    ])
    const reasons = await sql`select reason_code, incoming from movements where kind = 'transfer_lost' order by id`
    expect(reasons.map(row => [row.reason_code, row.incoming])).toEqual([
      ['theft', -1],
      ['missing', -1],
    ])
  })

  test('serves whoever is short at its goal when it arrives, but not with what is put aside', async () => {
    const channel = await quietChannel(sql, 'web', ['shop'])
    await book(sql, channel, 'web', [{ id: 'V1', lines: [{ sku: 'VASE', ordered: 1 }] }])
    await book(sql, channel, 'web', [{ id: 'V2', lines: [{ sku: 'VASE', ordered: 2 }] }])
    const id = made(await request({ VASE: 3 }))
    await transfer(sql, 'send', { id })
    expect(await orderLine(sql, 'V1')).toMatchObject({ short: 1 })
    await transfer(sql, 'receive', {
      id,
      lines: [
        { sku: 'VASE', quantity: 1, to: 'unavailable' },
        { sku: 'VASE', quantity: 2 },
      ],
    })
    expect([await orderLine(sql, 'V1'), await orderLine(sql, 'V2')]).toMatchObject([
      { reserved: 1, short: 0 },
      { reserved: 1, short: 1 },
    ])
    expect(await buckets(sql, 'VASE', 'shop')).toEqual({ onHand: 3, reserved: 2, unavailable: 1, incoming: 0 })
  })

  test('carries its lots: first expired first, or those that are named, each with its expiry', async () => {
    await sql`
      select stock_post(v.id, p.id, 'receive', x.n, 0, jsonb_build_object('lot_id', stock_lot(v.id, p.id, x.code, x.at::timestamptz)))
      from (values ('LATE', 5, '2999-01-01'), ('SOON', 3, '2998-01-01'), ('NEVER', 4, null)) x(code, n, at), variants v, locations p where v.sku = 'TEA' and p.code = 'main'`
    await sql`select stock_changed(array_agg(id)) from variants where sku = 'TEA'`
    const id = made(await request({ TEA: 9 }))
    expect(await transfer(sql, 'send', { id, lines: [{ sku: 'TEA', quantity: 5, lot: 'NEVER' }] })).toEqual({
      outcome: 'insufficient',
      missing: [{ sku: 'TEA', location: 'main', lot: 'NEVER', asked: 5, available: 4 }],
    })
    await transfer(sql, 'send', {
      id,
      lines: [
        { sku: 'TEA', quantity: 4 },
        { sku: 'TEA', quantity: 2, lot: 'NEVER' },
      ],
    })
    expect((await readTransferLines(sql, id))[0]?.lots.map(lot => [lot.code, lot.sent, lot.underWay])).toEqual([
      ['SOON', 3, 3],
      ['LATE', 1, 1],
      ['NEVER', 2, 2],
    ])
    expect(await transfer(sql, 'receive', { id, lines: [{ sku: 'TEA', quantity: 2, lot: 'LATE' }] })).toEqual({
      outcome: 'over',
      line: 0,
      sku: 'TEA',
      lot: 'LATE',
      asked: 2,
      rest: 1,
    })
    await transfer(sql, 'receive', {
      id,
      lines: [
        { sku: 'TEA', quantity: 2 },
        { sku: 'TEA', quantity: 1, lot: 'LATE' },
      ],
    })
    await transfer(sql, 'resolve', { id, as: 'lost', reasonCode: 'missing', lines: [{ sku: 'TEA', quantity: 1, lot: 'NEVER' }] })
    const lots = await sql`
      select p.code as location, o.code, o.quantity, o.expires_at is null as never from lots o join locations p on p.id = o.location_id order by 1, o.expires_at nulls last`
    expect(lots.map(lot => [lot.location, lot.code, lot.quantity, lot.never])).toEqual([
      ['main', 'SOON', 0, false],
      ['main', 'LATE', 4, false],
      ['main', 'NEVER', 2, true],
      ['shop', 'SOON', 2, false],
      ['shop', 'LATE', 1, false],
    ])
    await transfer(sql, 'receive', { id })
    expect((await readTransferLines(sql, id))[0]).toMatchObject({ asked: 9, sent: 6, received: 5, lost: 1, underWay: 0 })
  })

  test('whose units came to be told apart by lot while they were under way arrives in the lot of no name', async () => {
    await layIn(sql, { OIL: { main: 5 } })
    const id = made(await request({ OIL: 5 }))
    await transfer(sql, 'send', { id })
    await sql`select lot_tracking_1(${sql.json({ actor: 'test', sku: 'OIL', on: true })})`
    expect((await readTransferLines(sql, id))[0]?.lots).toMatchObject([{ code: '', sent: 5, underWay: 5 }])
    expect(await transfer(sql, 'receive', { id })).toMatchObject({ outcome: 'received', state: 'received' })
    expect(await sql`select o.code, o.quantity from lots o join variants v on v.id = o.variant_id where v.sku = 'OIL'`).toEqual([
      { code: '', quantity: 5 },
    ])
  })

  test('sent in part before its units were told apart by lot and in part after arrives whole in the lot of no name', async () => {
    await layIn(sql, { SALT: { main: 6 } })
    const id = made(await request({ SALT: 6 }))
    await transfer(sql, 'send', { id, lines: [{ sku: 'SALT', quantity: 3 }] })
    await sql`select lot_tracking_1(${sql.json({ actor: 'test', sku: 'SALT', on: true })})`
    await transfer(sql, 'send', { id })
    const received = await transfer(sql, 'receive', { id, lines: [{ sku: 'SALT', quantity: 6, lot: '' }] })
    expect(received).toMatchObject({ outcome: 'received', state: 'received' })
    expect(await sql`select o.quantity from lots o join variants v on v.id = o.variant_id where v.sku = 'SALT' and o.quantity > 0`).toEqual(
      [{ quantity: 6 }],
    )
  })

  test('is cancelled as long as nothing of it was sent, and names what it does not know', async () => {
    const id = made(await request({ MUG: 2 }, { reference: 'T-C' }))
    expect(await transfer(sql, 'receive', { id })).toEqual({ outcome: 'not_under_way', reference: 'T-C', state: 'requested' })
    expect(await transfer(sql, 'cancel', { id })).toMatchObject({ state: 'cancelled' })
    expect(await transfer(sql, 'send', { id })).toEqual({ outcome: 'ended', reference: 'T-C', state: 'cancelled' })
    expect(await request({ MUG: 2 }, { reference: 'T-C' })).toMatchObject({ outcome: 'exists', id })
    expect(await request({ MUG: 2, NOPE: 1 })).toMatchObject({ outcome: 'unknown', field: 'sku', line: 1 })
    expect(await request({ MUG: 2 }, { to: 'moon' })).toMatchObject({ outcome: 'unknown', field: 'to', value: 'moon' })
    const other = made(await request({ MUG: 1 }))
    expect(await transfer(sql, 'send', { id: other, lines: [{ sku: 'LAMP', quantity: 1 }] })).toEqual({
      outcome: 'not_on_transfer',
      line: 0,
      sku: 'LAMP',
    })
    const names = async (filter: Parameters<typeof listTransfers>[1]) =>
      (await listTransfers(sql, filter, now, null, 50)).map(row => row.id)
    expect(await names({ state: 'requested' })).toEqual([other])
    expect(await names({ state: 'cancelled', sku: 'MUG', from: 'main', to: 'shop' })).toEqual([id])
    expect(await names({ late: true })).toEqual([])
  })
})

const OUTCOMES: Readonly<Record<TransferAct, (id: number, quantity: number) => ReturnType<typeof transfer>>> = {
  send: (id, quantity) => transfer(sql, 'send', { id, lines: [{ sku: 'FORK', quantity }] }),
  receive: (id, quantity) => transfer(sql, 'receive', { id, lines: [{ sku: 'FORK', quantity }] }),
  lose: (id, quantity) => transfer(sql, 'resolve', { id, as: 'lost', reasonCode: 'missing', lines: [{ sku: 'FORK', quantity }] }),
  postpone: id => transfer(sql, 'resolve', { id, as: 'coming', expectedAt: '2026-12-24T00:00:00Z' }),
  cancel: id => transfer(sql, 'cancel', { id }),
}

test('whatever is done in whatever order, the database allows what the rule allows, and the state is what the numbers make', async () => {
  await layIn(sql, { FORK: { main: 100_000, shop: 0 } })
  const acts = fc.constantFrom<TransferAct>('send', 'receive', 'lose', 'postpone', 'cancel')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(acts, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 8 }), async steps => {
      const id = made(await request({ FORK: 4 }))
      let units = { asked: 4, cancelled: 0, sent: 0, received: 0, lost: 0 }
      let state: TransferState = 'requested'
      for (const [act, quantity] of steps) {
        const isPossible = possibleActs(state, units).includes(act)
        const { outcome } = await OUTCOMES[act](id, quantity)
        expect(['ended', 'all_sent', 'not_under_way'].includes(outcome)).toBe(!isPossible)
        const [row] = await readTransferLines(sql, id)
        if (row === undefined) throw new Error('the transfer has no line')
        units = { asked: row.asked, cancelled: row.cancelled, sent: row.sent, received: row.received, lost: row.lost }
        state = (await readTransfer(sql, { id }, now))?.state ?? 'requested'
        expect(state).toBe(stateOf(units))
      }
    }),
    { numRuns: repetitions('histories of a transfer', 30, 1_000) },
  )
})
