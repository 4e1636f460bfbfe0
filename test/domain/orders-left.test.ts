import { expect, test } from 'vitest'
import { leftToHandOver, type PromisedLine, unitsIn } from '../../src/domain/orders/left.ts'

const line = (id: number, given: Partial<PromisedLine>): PromisedLine => ({
  ...{ id, reserved: 0, shipped: 0, isCollected: false, toldReady: 0 },
  ...given,
})

test('of an order that is collected in part, the one part is left to send and the other to be told ready', () => {
  const left = leftToHandOver([line(1, { reserved: 2, isCollected: true }), line(2, { reserved: 3 })])
  expect(left).toEqual({ send: [{ lineId: 2, quantity: 3 }], tell: [{ lineId: 1, quantity: 2 }] })
})

test('what was sent or told already is not counted again', () => {
  const sent = leftToHandOver([line(1, { reserved: 2, isCollected: true, toldReady: 1 }), line(2, { shipped: 3 })])
  expect(sent).toEqual({ send: [], tell: [{ lineId: 1, quantity: 1 }] })
  const collected = leftToHandOver([line(1, { reserved: 1, shipped: 2, isCollected: true, toldReady: 2 }), line(2, { reserved: 1 })])
  expect(unitsIn(collected.tell)).toBe(1)
})

test('an order that is marked neither way, or collected as a whole, may go either way', () => {
  expect(leftToHandOver([line(1, { reserved: 2 })]).tell).toEqual([{ lineId: 1, quantity: 2 }])
  expect(leftToHandOver([line(1, { reserved: 2, isCollected: true })]).send).toEqual([{ lineId: 1, quantity: 2 }])
})
