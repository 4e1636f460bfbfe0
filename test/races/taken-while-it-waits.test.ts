import { expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { type ReserveCommand, reserveMany } from '../../db/reserve.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn, reserve } from '../support/goods.ts'

const { sql } = await freshDatabase({ max: 4 })

const wish = (key: string, sku: string, quantity: number): ReserveCommand => ({
  ...{ scope: 'test', key, kind: 'stock.reserve', hash: key, actor: 'anna' },
  lines: [{ sku, quantity, location: null }],
})

/** Asks while another command has taken units of the same SKU and has not committed yet; answers what came of it. */
async function askedMeanwhile(sku: string, taken: number, wishes: readonly ReserveCommand[]) {
  const answers = await sql.begin(async tx => {
    await reserve(tx as unknown as Sql, [{ key: `first-${sku}`, lines: [{ sku, quantity: taken }] }])
    const asked = reserveMany(sql, wishes)
    await expect
      .poll(
        async () =>
          await sql`select from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`,
      )
      .not.toEqual([])
    return { asked }
  })
  return (await answers.asked).map(answer => ({ ...answer, token: undefined }))
}

test('a batch that waited while the last units went is decided by what is left', async () => {
  await layIn(sql, { GONE: { main: 3 } })
  expect(await askedMeanwhile('GONE', 3, [wish('late', 'GONE', 1)])).toEqual([
    { outcome: 'insufficient', missing: [{ sku: 'GONE', asked: 1, available: 0 }] },
  ])
  expect(await balance(sql, 'GONE', 'main')).toEqual({ onHand: 3, reserved: 3 })
})

test('a batch of which only a part still fits promises that part, and one that moves on to the next location says so', async () => {
  await layIn(sql, { SOME: { main: 3, shop: 1 } })
  const answers = await askedMeanwhile('SOME', 2, [wish('one', 'SOME', 1), wish('two', 'SOME', 1), wish('three', 'SOME', 1)])
  expect(answers).toMatchObject([
    { outcome: 'reserved', lines: [{ location: 'main' }] },
    { outcome: 'reserved', lines: [{ location: 'shop' }] },
    { outcome: 'insufficient' },
  ])
  expect([await balance(sql, 'SOME', 'main'), await balance(sql, 'SOME', 'shop')]).toEqual([
    { onHand: 3, reserved: 3 },
    { onHand: 1, reserved: 1 },
  ])
})

test('a batch that waited while enough was left goes the short way', async () => {
  await layIn(sql, { PLENTY: { main: 10 } })
  expect(await askedMeanwhile('PLENTY', 2, [wish('more', 'PLENTY', 8)])).toMatchObject([{ outcome: 'reserved' }])
  expect(await balance(sql, 'PLENTY', 'main')).toEqual({ onHand: 10, reserved: 10 })
  const [kept] = await sql`select answer from commands where key = 'more'`
  expect(kept).toEqual({ answer: [null, 'main'] })
})
