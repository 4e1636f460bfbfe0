import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { close, connect } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { buckets, made, transfer } from '../support/supply.ts'

const { sql, url } = await freshDatabase({ max: 12 })
const rounds = repetitions('transfer received twice', 8, 200)

/** Five units under way from main to shop, and a second hub's connections. */
async function underWay(sku: string): Promise<number> {
  await layIn(sql, { [sku]: { main: 5, shop: 0 } })
  const id = made(await transfer(sql, 'request', { from: 'main', to: 'shop', lines: [{ sku, quantity: 5 }] }))
  await transfer(sql, 'send', { id })
  return id
}

test('two receipts of one key are one receipt, whichever hub they reach', async () => {
  const other = connect(url, { max: 6 })
  for (let round = 0; round < rounds; round++) {
    const id = await underWay(`SAME-${round}`)
    const ask = { id, key: `truck-${round}`, hash: 'h' }
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => transfer(n % 2 === 0 ? sql : other, 'receive', ask)))
    expect(answers.map(answer => answer.outcome)).toEqual(Array(6).fill('received'))
    expect(answers.filter(answer => !('replayed' in answer))).toHaveLength(1)
    expect(await buckets(sql, `SAME-${round}`, 'shop')).toEqual({ onHand: 5, reserved: 0, unavailable: 0, incoming: 0 })
  }
  await close(other, 1)
})

test('two receipts of different keys: one books what was sent, the other is told that it was received', async () => {
  const other = connect(url, { max: 6 })
  for (let round = 0; round < rounds; round++) {
    const id = await underWay(`TWO-${round}`)
    const answers = await Promise.all([
      transfer(sql, 'receive', { id, key: `a${round}` }),
      transfer(other, 'receive', { id, key: `b${round}` }),
    ])
    expect(answers.map(answer => answer.outcome).sort()).toEqual(['ended', 'received'])
    expect(await buckets(sql, `TWO-${round}`, 'shop')).toEqual({ onHand: 5, reserved: 0, unavailable: 0, incoming: 0 })
  }
  await close(other, 1)
})

test('receipts in part that make more than was sent: what fits is booked, the rest is named', async () => {
  const other = connect(url, { max: 6 })
  for (let round = 0; round < rounds; round++) {
    const sku = `PART-${round}`
    const id = await underWay(sku)
    const lines = [{ sku, quantity: 3 }]
    const answers = await Promise.all([transfer(sql, 'receive', { id, lines }), transfer(other, 'receive', { id, lines })])
    expect(answers.toSorted((a, b) => (a.outcome < b.outcome ? -1 : 1))).toMatchObject([
      { outcome: 'over', sku, asked: 3, rest: 2 },
      { outcome: 'received', state: 'sent' },
    ])
    expect(await buckets(sql, sku, 'shop')).toEqual({ onHand: 3, reserved: 0, unavailable: 0, incoming: 2 })
  }
  await close(other, 1)
})

test('received here while given up there: every unit is one or the other', async () => {
  const other = connect(url, { max: 6 })
  for (let round = 0; round < rounds; round++) {
    const sku = `LOST-${round}`
    const id = await underWay(sku)
    const lines = [{ sku, quantity: 4 }]
    const [received, lost] = await Promise.all([
      transfer(sql, 'receive', { id, lines }),
      transfer(other, 'resolve', { id, as: 'lost', reasonCode: 'missing', lines }),
    ])
    expect([received.outcome, lost.outcome].filter(outcome => outcome === 'over')).toHaveLength(1)
    expect(await buckets(sql, sku, 'shop')).toMatchObject({ onHand: received.outcome === 'received' ? 4 : 0, incoming: 1 })
  }
  await close(other, 1)
})

test('sent twice while it is cancelled: no unit leaves twice, and none that was cancelled', async () => {
  const other = connect(url, { max: 6 })
  for (let round = 0; round < rounds; round++) {
    const sku = `SEND-${round}`
    await layIn(sql, { [sku]: { main: 9, shop: 0 } })
    const id = made(await transfer(sql, 'request', { from: 'main', to: 'shop', lines: [{ sku, quantity: 5 }] }))
    const [first, second, cancelled] = await Promise.all([
      transfer(sql, 'send', { id }),
      transfer(other, 'send', { id }),
      transfer(other, 'cancel', { id }),
    ])
    const outcomes = [first.outcome, second.outcome]
    const sent = outcomes.filter(outcome => outcome === 'sent').length
    expect(sent).toBe(cancelled.outcome === 'changed' ? 0 : 1)
    expect(await buckets(sql, sku, 'main')).toMatchObject({ onHand: 9 - 5 * sent })
    expect(await buckets(sql, sku, 'shop')).toMatchObject({ incoming: 5 * sent })
  }
  await close(other, 1)
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
