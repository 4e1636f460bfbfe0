import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { close, connect } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { buckets, delivery, made, transfer } from '../support/supply.ts'

const { sql, url } = await freshDatabase({ max: 16 })
const other = connect(url, { max: 8 })
await layIn(sql, { NONE: { main: 0, store: 0 } })
const channel = await quietChannel(sql, 'web', ['main'])

const WAITING = 20
const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString()

/** Orders of one unit, placed at these minutes. */
const sell = (db: typeof sql, sku: string, minutes: readonly number[]) =>
  book(
    db,
    channel,
    'web',
    minutes.map(n => ({ id: `${sku}/${n}`, placedAt: minute(n), lines: [{ sku, ordered: 1 }] })),
  )

/** The minutes at which the orders were placed that have their unit. */
async function served(sku: string): Promise<number[]> {
  const rows = await sql<{ name: string }[]>`
    select o.external_id as name from order_lines l join orders o on o.id = l.order_id where l.sku = ${sku} and l.reserved = 1 order by o.placed_at`
  return rows.map(row => Number(row.name.split('/')[1]))
}

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index)

test('twenty orders wait, a receipt comes while twenty more are booked: the oldest get it, and nothing is lost', async () => {
  const rounds = repetitions('receipt meets waiting shorts', 3, 60)
  for (let round = 0; round < rounds; round++) {
    const sku = `VASE-${round}`
    await layIn(sql, { [sku]: { main: 0, store: 5 } })
    // Booked in another order than they were placed in.
    await sell(
      sql,
      sku,
      upTo(WAITING).map(n => (n * 7) % WAITING),
    )
    const id = made(
      await delivery(sql, 'create', {
        reference: `PO-${round}`,
        location: 'main',
        expectedAt: '2026-01-02T00:00:00Z',
        lines: [{ sku, quantity: 20 }],
      }),
    )
    const newer = upTo(WAITING).map(n => WAITING + n)
    await Promise.all([
      delivery(other, 'receive', { id, lines: [{ sku, quantity: 15 }], key: `r${round}` }),
      ...newer.map((n, at) => sell(at % 2 === 0 ? sql : other, sku, [n])),
    ])
    expect(await served(sku)).toEqual(upTo(15))
    expect(await buckets(sql, sku, 'main')).toEqual({ onHand: 15, reserved: 15, unavailable: 0, incoming: 5 })

    // The rest of the delivery and a transfer arrive at once.
    const move = made(await transfer(sql, 'request', { from: 'store', to: 'main', lines: [{ sku, quantity: 5 }] }))
    await transfer(sql, 'send', { id: move })
    await Promise.all([delivery(sql, 'receive', { id }), transfer(other, 'receive', { id: move })])
    expect(await served(sku)).toEqual(upTo(25))
    expect(await buckets(sql, sku, 'main')).toEqual({ onHand: 25, reserved: 25, unavailable: 0, incoming: 0 })
    const [left] = await sql<{ short: number }[]>`select sum(short)::int as short from order_lines where sku = ${sku}`
    expect(left?.short).toBe(2 * WAITING - 25)
  }
})

test('three receipts of a delivery at once: two are all that was ordered, and the third is told that it has ended', async () => {
  const rounds = repetitions('two receipts of a delivery', 5, 100)
  for (let round = 0; round < rounds; round++) {
    const sku = `CUP-${round}`
    await layIn(sql, { [sku]: { main: 0 } })
    const id = made(
      await delivery(sql, 'create', {
        reference: `PO-C${round}`,
        location: 'main',
        expectedAt: '2026-01-02T00:00:00Z',
        lines: [{ sku, quantity: 5 }],
      }),
    )
    const parts = (quantity: number) => ({ id, lines: [{ sku, quantity }] })
    const answers = await Promise.all([
      delivery(sql, 'receive', parts(4)),
      delivery(other, 'receive', parts(3)),
      delivery(other, 'receive', parts(2)),
    ])
    const booked = answers
      .map((answer, at) => (answer.outcome === 'received' ? ([4, 3, 2][at] ?? 0) : 0))
      .reduce((sum, units) => sum + units, 0)
    // Any two of them are all that was ordered: then the delivery has ended, and the third is refused.
    expect([5, 6, 7]).toContain(booked)
    expect(answers.filter(answer => answer.outcome === 'ended')).toHaveLength(1)
    expect(await buckets(sql, sku, 'main')).toMatchObject({ onHand: booked, incoming: 0 })
  }
})

test('the books are clean afterwards', async () => {
  await close(other, 1)
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
