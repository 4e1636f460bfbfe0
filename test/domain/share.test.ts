import { describe, expect, test } from 'vitest'
import { Decimal } from '../../src/domain/pricing/numbers.ts'
import { shareDiscount, shareOut, taxLines } from '../../src/domain/pricing/share.ts'

const of = (...amounts: string[]) => amounts.map(amount => new Decimal(amount))
const shared = (total: string, weights: readonly Decimal[], digits: number) =>
  shareOut(new Decimal(total), weights, digits).map(part => part.toFixed(digits))

describe('an amount shared over lines', () => {
  test('gives the cent that is left to the line that lost most by rounding down, of equals to the first', () => {
    expect(shared('10.00', of('1', '1', '1'), 2)).toEqual(['3.34', '3.33', '3.33'])
    expect(shared('0.05', of('3', '7'), 2)).toEqual(['0.02', '0.03'])
    expect(shared('100', of('50', '30', '20.5'), 0)).toEqual(['50', '30', '20'])
    expect(shared('1.000', of('1', '2', '4'), 3)).toEqual(['0.143', '0.286', '0.571'])
  })

  test('may be negative, and nothing is shared as nothing', () => {
    expect(shared('-10.00', of('1', '1', '1'), 2)).toEqual(['-3.34', '-3.33', '-3.33'])
    expect(shareOut(new Decimal('-0.01'), of('1', '1'), 2).map(part => Object.is(part.toNumber(), -0))).toEqual([false, false])
    expect([shared('0', of('5', '3'), 2), shareOut(new Decimal(0), [], 2)]).toEqual([['0.00', '0.00'], []])
  })

  test('goes to all alike where no line weighs anything, and never to a line without weight beside others', () => {
    expect(shared('0.10', of('0', '0', '0'), 2)).toEqual(['0.04', '0.03', '0.03'])
    expect(shared('0.10', of('0', '1', '0'), 2)).toEqual(['0.00', '0.10', '0.00'])
  })

  test('cannot have more decimals than its currency, or no line', () => {
    expect(() => shareOut(new Decimal('0.5'), of('1'), 0)).toThrow('no more decimals')
    expect(() => shareOut(new Decimal('1'), [], 2)).toThrow('goes to somebody')
    expect(() => shareOut(new Decimal('1'), of('-1'), 2)).toThrow('less than nothing')
  })
})

test('a discount is never more than the lines come to', () => {
  expect(shareDiscount(new Decimal('5'), of('9.99', '0.01'), 2).map(String)).toEqual(['5', '0'])
  expect(shareDiscount(new Decimal('50'), of('9.99', '0.01'), 2).map(String)).toEqual(['9.99', '0.01'])
})

describe('the tax of lines', () => {
  const lines = [
    { amount: new Decimal('0.99'), percent: new Decimal('19') },
    { amount: new Decimal('0.99'), percent: new Decimal('19') },
    { amount: new Decimal('0.99'), percent: new Decimal('19.0') },
    { amount: new Decimal('10.00'), percent: new Decimal('7') },
  ]
  const told = (isIncluded: boolean) =>
    taxLines(lines, isIncluded, 2).map(({ net, tax, gross }) => [net, tax, gross].map(one => one.toFixed(2)).join(' '))

  test('is rounded once for all lines of a rate: three times 0.99 hold 0.47, not three times 0.16', () => {
    expect(told(true)).toEqual(['0.83 0.16 0.99', '0.83 0.16 0.99', '0.84 0.15 0.99', '9.35 0.65 10.00'])
  })

  test('comes on top where the amounts do not hold it: 0.56, not three times 0.19', () => {
    expect(told(false)).toEqual(['0.99 0.19 1.18', '0.99 0.19 1.18', '0.99 0.18 1.17', '10.00 0.70 10.70'])
  })
})
