import { expect, test } from 'vitest'
import { nearest } from '../../src/values/near.ts'

const NAMES = ['TEA-GREEN', 'TEA-GREY', 'TEA', 'CUP-BLUE', 'CUP-BLACK', 'CUP']

test.each([
  ['a letter is missing', 'TEA-GREN', ['TEA-GREEN', 'TEA-GREY']],
  ['a letter is wrong', 'CUP-BLUR', ['CUP-BLUE']],
  ['a letter is too many', 'TEEA', ['TEA']],
  ['neighbours are swapped', 'ETA-GREEN', ['TEA-GREEN']],
  ['capital letters are small', 'cup-blue', ['CUP-BLUE']],
  ['only the beginning was typed', 'cup-bl', ['CUP-BLUE', 'CUP-BLACK']],
  ['it is too far from all', 'MUG', []],
  ['a short word is half wrong', 'TXY', []],
])('a name is near where %s', (_, typed, names) => {
  expect(nearest(typed, NAMES)).toEqual(names)
})

test('at most three are told, the likeliest first', () => {
  expect(nearest('AB-10', ['AB-14', 'AB-13', 'AB-12', 'BA-1', 'AB-1'])).toEqual(['AB-1', 'AB-12', 'AB-13'])
})
