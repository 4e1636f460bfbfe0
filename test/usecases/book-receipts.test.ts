import { expect, test } from 'vitest'
import { bookReceipts } from '../../src/usecases/book-receipts.ts'
import { ANY_STORE } from '../../src/usecases/own-store.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { TEA: { shop: 5 }, CUP: { shop: 2 } })
const web = await quietChannel(sql, 'web', ['shop'])

const file = (...rows: string[]) => ({
  source: async function* () {
    yield Buffer.from(['till,receipt,location,sku,quantity,sold_at', ...rows].join('\n'))
  },
  encoding: 'utf-8' as const,
  delimiter: ',',
  dryRun: false,
  own: ANY_STORE,
})
const DAY = [
  'T1,1,shop,TEA,2,2026-01-02T10:00:00Z',
  'T1,1,shop,CUP,3,2026-01-02T10:00:00Z',
  'T1,2,shop,TEA,-1,2026-01-02T11:00:00Z',
  'T2,1,shop,NONE,1,',
  'T2,2,shop,TEA,zero,',
]

test("a till's day is booked once, with what came back; what left though it was promised makes orders short, and what cannot be is told", async () => {
  await book(sql, web, 'web', [
    {
      id: 'W',
      lines: [
        { sku: 'TEA', ordered: 4 },
        { sku: 'CUP', ordered: 1 },
      ],
    },
  ])
  const first = await bookReceipts(context, file(...DAY))
  expect(first).toMatchObject({
    ...{ booked: 2, known: 0, refused: 2 },
    errors: [
      { row: 5, column: 'sku', till: 'T2', receipt: '1' },
      { row: 6, receipt: '2', column: 'quantity', words: '"zero" is no number of units' },
    ],
  })
  // The third cup was not on the books: it was found and sold, and the promised one is gone.
  expect([await balance(sql, 'TEA', 'shop'), await balance(sql, 'CUP', 'shop')]).toEqual([
    { onHand: 4, reserved: 4 },
    { onHand: 0, reserved: 0 },
  ])
  expect([await orderLine(sql, 'W', '1'), await orderLine(sql, 'W', '2')]).toMatchObject([{ reserved: 4, short: 0 }, { short: 1 }])
  const again = await bookReceipts(context, file(...DAY.slice(0, 3), 'T2,1,shop,TEA,1,'))
  expect(again).toEqual({ booked: 1, known: 2, refused: 0, errors: [] })
  expect(await balance(sql, 'TEA', 'shop')).toEqual({ onHand: 3, reserved: 3 })
  // Another sale under a receipt that is known is none.
  expect(await bookReceipts(context, file('T1,1,shop,TEA,1,'))).toMatchObject({
    booked: 0,
    refused: 1,
    errors: [{ row: 2, till: 'T1', receipt: '1', code: 'other_sale', words: 'Another sale was booked as receipt 1.' }],
  })
})

test('a file that lacks a column books nothing', async () => {
  const lacking = {
    ...file(),
    source: async function* () {
      yield Buffer.from('till,receipt,sku,quantity\nT9,1,TEA,1')
    },
  }
  await expect(bookReceipts(context, lacking)).rejects.toThrow('location')
})
