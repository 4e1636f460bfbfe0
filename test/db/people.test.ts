import { expect, test } from 'vitest'
import { bookOrders } from '../../db/orders.ts'
import { forgetBuyer } from '../../db/people.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel, toBook } from '../support/goods.ts'

test('a buyer who wants to be forgotten stays so, whatever is told of his orders later; others keep theirs', async () => {
  const { sql } = await freshDatabase()
  await layIn(sql, { MUG: { main: 9 } })
  const { accountId } = await quietChannel(sql, 'shop')
  const mark = (name: string) => Buffer.from(name.padEnd(32, '.'))
  const told = (id: string, name: string, stamp: string, ordered: number) => ({
    ...toBook(accountId, 'shop', { id, stamp, lines: [{ sku: 'MUG', ordered }] }),
    ...{ sealedKey: btoa('key'), sealedBody: btoa('body'), buyerMark: mark(name).toString('base64') },
  })
  const known = async () =>
    (await sql<{ id: string }[]>`select o.external_id as id from order_people p join orders o on o.id = p.order_id order by 1`).map(
      one => one.id,
    )
  await bookOrders(sql, [told('A', 'ada', '2026-01-01T00:00:00Z', 1), told('B', 'bo', '2026-01-01T00:00:00Z', 1)], 'test')
  expect(await known()).toEqual(['A', 'B'])

  expect(await forgetBuyer(sql, accountId, mark('ada'))).toBe(1)
  // Read before the notice came, and booked after it: the same, and a newer one.
  await bookOrders(sql, [told('A', 'ada', '2026-01-01T00:00:00Z', 1), told('B', 'bo', '2026-01-01T00:00:00Z', 1)], 'test')
  await bookOrders(sql, [told('A', 'ada', '2026-01-02T00:00:00Z', 2), told('B', 'bo', '2026-01-02T00:00:00Z', 2)], 'test')
  expect(await known()).toEqual(['B'])
  expect(await forgetBuyer(sql, accountId, mark('ada'))).toBe(0)
})
