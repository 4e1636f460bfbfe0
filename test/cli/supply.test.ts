import { beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { buckets } from '../support/supply.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const cli = cliOn(url)
beforeAll(() => layIn(sql, { TEA: { MAIN: 0, SHOP: 0 }, CUP: { MAIN: 8, SHOP: 0 } }))

const json = async (...words: string[]) => {
  const ran = await cli([...words, '--json'])
  return { code: ran.code, body: JSON.parse(ran.out) }
}

describe('deliveries on the command line', () => {
  test('are added, listed, received, changed and closed', async () => {
    const made = await json(
      'delivery',
      'add',
      'PO-1',
      'TEA=40@3.10',
      'CUP=2',
      '--currency',
      'EUR',
      '--location',
      'MAIN',
      '--expected',
      '2026-11-20T08:00Z',
    )
    expect(made).toMatchObject({
      code: 0,
      body: { reference: 'PO-1', rest: 42, late: true, lines: [{ sku: 'TEA', unitCost: '3.100000' }, { sku: 'CUP' }] },
    })
    expect((await cli(['delivery', 'list', '--late'])).out).toMatch(/PO-1 +– +MAIN +\S+ \S+ +late +42 +0 +0 +42/)
    expect(await json('delivery', 'receive', 'PO-1', 'TEA=30', '--key', 'k1')).toMatchObject({
      code: 0,
      body: { received: 30, replayed: false },
    })
    expect((await cli(['delivery', 'receive', 'PO-1', 'TEA=30', '--key', 'k1'])).out).toContain(
      'This was booked before; nothing was changed.',
    )
    await json('delivery', 'receive', 'PO-1', 'CUP=1', '--unavailable', '--reason', 'damaged')
    expect(await buckets(sql, 'CUP', 'MAIN')).toEqual({ onHand: 9, reserved: 0, unavailable: 1, incoming: 1 })
    expect(await json('delivery', 'change', 'PO-1', 'TEA=35')).toMatchObject({ body: { rest: 6 } })
    expect(await json('delivery', 'cancel', 'PO-1', 'TEA=1')).toMatchObject({ body: { rest: 5 } })
    expect(await json('delivery', 'close', 'PO-1')).toMatchObject({ body: { state: 'received', received: 31, cancelled: 6, rest: 0 } })
    expect(await buckets(sql, 'TEA', 'MAIN')).toMatchObject({ onHand: 30, incoming: 0 })
    expect(await json('stock', 'cost', 'TEA')).toMatchObject({ code: 0, body: { average: '3.100000', currency: 'EUR', units: 30 } })
    expect(await json('stock', 'cost', 'TEA')).toMatchObject({
      body: { value: '93.00', locations: [{ location: 'MAIN', units: 30, value: '93.00' }], underWay: { units: 0, value: '0.00' } },
    })
    expect((await cli(['stock', 'cost', 'TEA'])).out).toMatch(/location +units +worth\nMAIN +30 +93\.00 EUR\nall +30 +93\.00 EUR\n/)
    expect((await cli(['stock', 'cost', 'CUP'])).out).toMatch(/^No receipt has said yet what CUP cost\.\n\n.*\nMAIN +9 +–\n/)
    // What will not come is told in the list, too.
    expect((await cli(['delivery', 'list'])).out).toMatch(/ordered +received +cancelled +to come\nPO-1 .* received +37 +31 +6 +0\n/)
    expect(await json('delivery', 'show', 'PO-1')).toMatchObject({
      body: { state: 'received', lines: [{ received: 30 }, { received: 1 }] },
    })
  })
})

describe('transfers on the command line', () => {
  test('are added, sent, received, given up and listed', async () => {
    expect(await json('transfer', 'add', 'TEA=12', 'CUP=3', '--from', 'MAIN', '--to', 'SHOP', '--reference', 'T-A')).toMatchObject({
      code: 0,
      body: { state: 'requested' },
    })
    expect(await json('transfer', 'send', 'T-A', 'TEA=10')).toMatchObject({ body: { sent: 10 } })
    expect(await json('transfer', 'send', 'T-A', '--expected', '2026-11-30')).toMatchObject({ body: { sent: 15 } })
    expect(await json('transfer', 'receive', 'T-A', 'TEA=9')).toMatchObject({ body: { received: 9, state: 'sent' } })
    expect(await json('transfer', 'coming', 'T-A', '--expected', '2026-12-01')).toMatchObject({
      body: { expectedAt: '2026-12-01T00:00:00.000Z' },
    })
    expect(await json('transfer', 'lost', 'T-A', 'TEA=3', '--reason', 'missing')).toMatchObject({ body: { lost: 3 } })
    expect(await json('transfer', 'receive', 'T-A')).toMatchObject({ body: { state: 'received', received: 12 } })
    expect(await buckets(sql, 'CUP', 'SHOP')).toMatchObject({ onHand: 3, incoming: 0 })
    expect(await json('transfer', 'receive', 'T-A')).toMatchObject({ code: 1, body: { error: { code: 'conflict' } } })
    await json('transfer', 'add', 'CUP=99', '--from', 'MAIN', '--to', 'SHOP', '--reference', 'T-B')
    expect(await json('transfer', 'send', 'T-B')).toMatchObject({
      code: 1,
      body: { error: { code: 'insufficient_stock', missing: [{ sku: 'CUP', available: 5 }] } },
    })
    expect(await json('transfer', 'cancel', 'T-B')).toMatchObject({ body: { state: 'cancelled' } })
    expect((await cli(['transfer', 'list'])).out).toMatch(
      /asked +cancelled +sent +received +lost +under way\nT-B .*cancelled +99 +99 +0 +0 +0 +0\nT-A .*received +15 +0 +15 +12 +3 +0\n/,
    )
  })

  test.each<[string[], string]>([
    [['delivery', 'add', 'PO-2', 'TEA', '--location', 'MAIN', '--expected', '2026-12-01'], '"TEA" should be like SKU=12 or SKU=12@1.50'],
    [['delivery', 'add', 'PO-2', 'TEA=1@2', '--location', 'MAIN', '--expected', '2026-12-01'], '--currency says in which currency'],
    [['delivery', 'add', 'PO-2', 'TEA=1', '--expected', '2026-12-01'], '--location is missing'],
    [['delivery', 'add', 'PO-2', 'TEA=1', '--location', 'MAIN', '--expected', 'soon'], '--expected soon is no instant'],
    [['delivery', 'change', 'PO-1'], 'say what changes'],
    [['transfer', 'send', 'T-A', 'TEA=1', 'CUP=1', '--lot', 'L1'], '--lot goes with one SKU'],
    [['transfer', 'add', 'TEA=0', '--from', 'MAIN', '--to', 'SHOP'], '0 units of TEA'],
    [['transfer', 'list', '--state', 'gone'], '--state is one of requested'],
  ])('%j is wrong usage: exit code 2', async (words, complaint) => {
    const ran = await cli(words)
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(complaint)])
  })
})
