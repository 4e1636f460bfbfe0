import { expect, test } from 'vitest'
import type { JsonValue } from '../../db/connect.ts'
import { sweepDue } from '../../db/due.ts'
import { freshDatabase } from '../support/database.ts'
import { book, change, layIn, orderLine, quietChannel } from '../support/goods.ts'

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { main: 3 }, CUP: { main: 1 } })
const channel = await quietChannel(sql, 'shop')
await sql`update channel_policies set sell_ahead = true`

const NOW = '2026-06-01T12:00:00.000Z'
async function agree(sku: string, terms: JsonValue, head: Readonly<Record<string, JsonValue>> = {}): Promise<Record<string, unknown>> {
  const cmd = { actor: 'user:ana', kind: 'stock.terms', hash: JSON.stringify(terms), scope: 'ana', now: NOW, ...head, sku, terms }
  const [row] = await sql<{ answer: Record<string, unknown> }[]>`select variant_terms_1(${sql.json(cmd)}) as answer`
  return row?.answer ?? {}
}
async function shown(sku: string, at: string): Promise<readonly unknown[]> {
  const [row] = await sql`
    select s.atp, s.ahead, s.shown from channel_shown_2(${[channel.channelId]}::bigint[], array(select id from variants where sku = ${sku}), ${at}) s`
  return [row?.atp, row?.ahead, row?.shown]
}
const changes = async (): Promise<number> => (await sql`select 1 from change where kind = 'stock'`).length

test('are versioned: a row is closed, the next one opened, and who did it is noted', async () => {
  expect(await agree('MUG', { kind: 'backorder', limit: 5, availableFrom: null })).toEqual({
    ...{ outcome: 'done', changed: true },
    terms: { kind: 'backorder', limit: 5, availableFrom: null },
  })
  const before = await changes()
  expect(await agree('MUG', { kind: 'backorder', limit: 5, availableFrom: null })).toMatchObject({ changed: false })
  expect(await changes()).toBe(before)
  await agree('MUG', { kind: 'backorder', limit: 8, availableFrom: null })
  expect(await changes()).toBe(before + 1)
  const rows = await sql`select quantity_limit as limit, valid_to is null as current, actor from selling_terms order by id`
  expect(rows.map(row => [row.limit, row.current, row.actor])).toEqual([
    [5, false, 'user:ana'],
    [8, true, 'user:ana'],
  ])
  const [note] = await sql`select subject, detail from audit where act = 'selling_terms' order by id desc limit 1`
  expect(note).toMatchObject({ subject: 'MUG', detail: { from: { limit: 5 }, to: { limit: 8 } } })
})

test('answer the same for the same key, and refuse another body', async () => {
  const first = await agree('CUP', { kind: 'backorder', limit: 2, availableFrom: null }, { key: 'k-1' })
  expect(await agree('CUP', { kind: 'backorder', limit: 2, availableFrom: null }, { key: 'k-1' })).toEqual({ ...first, replayed: true })
  expect(await agree('CUP', null, { key: 'k-1' })).toEqual({ outcome: 'key_conflict' })
  expect(await agree('NOPE', null)).toEqual({ outcome: 'unknown', value: 'NOPE' })
})

test('let orders be short up to the limit, and a receipt serves them first', async () => {
  expect(await shown('MUG', NOW)).toEqual([3, 8, 11])
  await book(sql, channel, 'shop', [{ id: 'o-1', lines: [{ sku: 'MUG', ordered: 9 }] }])
  expect(await orderLine(sql, 'o-1')).toMatchObject({ reserved: 3, short: 6 })
  expect(await shown('MUG', NOW)).toEqual([0, 2, 2])
  await book(sql, channel, 'shop', [{ id: 'o-2', lines: [{ sku: 'MUG', ordered: 5 }] }])
  expect(await shown('MUG', NOW)).toEqual([0, 0, 0])
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 10, kind: 'receive' }])
  expect(await orderLine(sql, 'o-1')).toMatchObject({ reserved: 9, short: 0 })
  expect(await shown('MUG', NOW)).toEqual([0, 7, 7])
})

test('of a pre-order end on its day, and the channels are worked out anew', async () => {
  await agree('CUP', { kind: 'preorder', limit: 4, availableFrom: '2026-06-10T00:00:00Z' })
  expect(await shown('CUP', '2026-06-09T23:59:59Z')).toEqual([1, 4, 5])
  expect(await shown('CUP', '2026-06-10T00:00:00Z')).toEqual([1, 0, 1])
  const before = await changes()
  expect(await sweepDue(sql, new Date('2026-06-09T23:59:59Z'), 10)).toBe(0)
  expect(await sweepDue(sql, new Date('2026-06-10T00:00:01Z'), 10)).toBe(1)
  expect(await changes()).toBe(before + 1)
})

test('that are ended sell only what is there', async () => {
  expect(await agree('MUG', null)).toEqual({ outcome: 'done', changed: true, terms: null })
  expect(await shown('MUG', NOW)).toEqual([0, 0, 0])
  expect(await agree('MUG', null)).toMatchObject({ changed: false })
})
