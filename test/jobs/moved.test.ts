import { expect, test } from 'vitest'
import { movedBy } from '../../jobs/moved.ts'

test.each([
  ['a stock change reckons no price', [{ kind: 'stock', variantId: 1 }], { stock: [1], prices: [] }],
  ['a price change reckons no stock', [{ kind: 'price', variantId: 1 }], { stock: [], prices: [1] }],
  ['a listing that was matched may show both', [{ kind: 'listing', variantId: 1 }], { stock: [1], prices: [1] }],
  ['a list or a rate may change any price, and no stock', [{ kind: 'price', variantId: null }], { stock: [], prices: null }],
  ['a channel that was set up anew may show anything', [{ kind: 'channel', variantId: null }], { stock: null, prices: null }],
  ['an order by itself changes neither', [{ kind: 'order', variantId: null }], { stock: [], prices: [] }],
] as const)('%s', (_title, changes, moved) => {
  expect(movedBy([...changes])).toEqual(moved)
})

test('of many changes each SKU is looked at once, and a list beside them still reaches any price', () => {
  const stock = [1, 2, 1].map(variantId => ({ kind: 'stock' as const, variantId }))
  expect(movedBy([...stock, { kind: 'price', variantId: 2 }])).toEqual({ stock: [1, 2], prices: [2] })
  expect(movedBy([...stock, { kind: 'price', variantId: null }])).toEqual({ stock: [1, 2], prices: null })
})
