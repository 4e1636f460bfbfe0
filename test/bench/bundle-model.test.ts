import { expect, test } from 'vitest'
import { whatIsWrong } from './bundle-model.ts'

const race = { left: { A: { north: 2 }, B: { north: 1 } }, bundles: { PAIR: { A: 1, B: 1 } } }
const one = (name: string, from: string | null) => ({ name, from })

test('a race is exact when all that could be sold was sold, and no more', () => {
  const wants = [one('PAIR', 'north'), one('PAIR', null), one('B', null), one('A', 'north'), one('A', null)]
  expect(whatIsWrong({ ...race, wants, reserved: { A: { north: 2 }, B: { north: 1 } } })).toEqual([])
})

test('a part that was sold twice is found', () => {
  const wants = [one('PAIR', 'north'), one('B', 'north')]
  expect(whatIsWrong({ ...race, wants, reserved: { A: { north: 1 }, B: { north: 2 } } })).toEqual(['2 of 1 B were sold at north'])
})

test('books that say something else are found', () => {
  const wants = [one('PAIR', 'north')]
  expect(whatIsWrong({ ...race, wants, reserved: { A: { north: 1 } } })).toEqual(['buyers have 1 B at north, the books say 0'])
})

test('a refusal of what is still there is found', () => {
  const wants = [one('A', 'north'), one('PAIR', null)]
  expect(whatIsWrong({ ...race, wants, reserved: { A: { north: 1 }, B: {} } })).toEqual([
    'PAIR was refused, though north has {"A":1,"B":1} left',
  ])
})

test('a promise from nowhere is found', () => {
  const wants = [one('A', 'moon')]
  expect(whatIsWrong({ ...race, wants, reserved: {} })).toEqual(['1 were promised from a location that has none'])
})
