import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

const { sql } = await freshDatabase({ max: 16 })
const channels = [await quietChannel(sql, 'one'), await quietChannel(sql, 'two')]
const codes = ['one', 'two']

test('webhook-twice: the same order from a webhook and a poll at once is booked once', async () => {
  await layIn(sql, { TWICE: { main: 100 } })
  for (const code of codes) await addPool(code)
  const times = repetitions('webhook twice', 20, 500)
  for (let round = 0; round < times; round++) {
    const order = { id: `W${round}`, lines: [{ sku: 'TWICE', ordered: 1 }] }
    const answers = await Promise.all([0, 1, 2].map(() => book(sql, channel(0), 'one', [order])))
    expect(answers.map(([answer]) => answer?.outcome).sort()).toEqual(['booked', 'exists', 'exists'])
    if (round >= 90) await change(sql, [{ sku: 'TWICE', location: 'main', quantity: 1, kind: 'receive' }])
  }
  expect((await balance(sql, 'TWICE', 'main')).reserved).toBe(times)
})

test('cancel before create: whatever the order of messages, the last version stands', async () => {
  await layIn(sql, { LATE: { main: 50 } })
  const versions = [
    { stamp: '2026-01-01T00:00:00Z', lines: [{ sku: 'LATE', ordered: 5 }] },
    { stamp: '2026-01-01T00:00:01Z', lines: [{ sku: 'LATE', ordered: 5, cancelled: 2 }] },
    { stamp: '2026-01-01T00:00:02Z', effect: 'cancel', lines: [{ sku: 'LATE', ordered: 5 }] },
  ]
  const times = repetitions('orders out of order', 10, 200)
  for (let round = 0; round < times; round++) {
    const shuffled = fc.sample(fc.shuffledSubarray(versions, { minLength: 3 }), { seed: round, numRuns: 1 })[0] ?? versions
    await Promise.all(shuffled.map(version => book(sql, channel(0), 'one', [{ id: `L${round}`, ...version }])))
    expect(await orderLine(sql, `L${round}`)).toMatchObject({ cancelled: 5, reserved: 0, short: 0 })
  }
  expect(await balance(sql, 'LATE', 'main')).toEqual({ onHand: 50, reserved: 0 })
})

test('orders, holds, counts, receipts, sales and cancellations at once leave clean books', async () => {
  await layIn(sql, { A: { main: 30, shop: 5 }, B: { main: 10 }, C: { shop: 3 } })
  const skus = ['A', 'B', 'C']
  const act = fc.record({
    what: fc.constantFrom('order', 'cancel', 'settle', 'hold', 'count', 'receive', 'sale'),
    n: fc.nat(39),
    sku: fc.constantFrom(...skus),
    quantity: fc.integer({ min: 1, max: 6 }),
    place: fc.constantFrom('main', 'shop'),
  })
  const runs = repetitions('stock storms', 4, 100)
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 60, maxLength: 120 }), async acts => {
      storm += 1
      await Promise.all(acts.map((one, at) => perform(one, at)))
      expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
    }),
    { numRuns: runs },
  )
})

let storm = 0
type Act = { readonly what: string; readonly n: number; readonly sku: string; readonly quantity: number; readonly place: string }

async function perform(act: Act, at: number): Promise<void> {
  const { sku, quantity, place } = act
  const at2 = new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString()
  const side = act.n % 2
  switch (act.what) {
    case 'order':
    case 'cancel':
    case 'settle': {
      const effect = act.what === 'order' ? 'reserve' : act.what
      const lines = [
        { sku, ordered: 6 },
        { sku: 'B', ordered: 1 },
      ]
      await book(sql, channel(side), codes[side] ?? '', [{ id: `S${storm}-${act.n}`, effect, stamp: at2, fresh: true, lines }])
      return
    }
    case 'hold':
      await reserve(sql, [
        {
          key: `s${storm}-${at}`,
          lines: [
            { sku, quantity },
            { sku: 'A', quantity: 1 },
          ],
        },
      ])
      return
    case 'count':
      await change(sql, [{ sku, location: place, quantity: quantity * 2, kind: 'count' }])
      return
    default:
      await change(sql, [{ sku, location: place, quantity, kind: act.what }])
  }
}

function channel(at: number): { accountId: number } {
  return channels[at] ?? { accountId: 0 }
}

/** The channels were made before there were locations: gives them all that there are now. */
async function addPool(code: string): Promise<void> {
  await sql`select channel_set_1(${sql.json({ actor: 'test', channel: code, locations: ['main'] })})`
}
