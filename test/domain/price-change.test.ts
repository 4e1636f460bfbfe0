import { expect, test } from 'vitest'
import { percentText, priceChange } from '../../src/domain/pricing/change.ts'

const price = (regular: string, sale: { amount: string; from: string | null } | null = null, currency = 'EUR') => ({
  currency,
  regular,
  sale,
})

test.each([
  ['a regular price', price('10'), price('9'), '−10 %'],
  ['a sale in force', price('10'), price('10', { amount: '6.9', from: null }), '−31 %'],
  ['a sale to come', price('10'), price('10', { amount: '6.9', from: '2030-06-01T00:00:00Z' }), '−31 %'],
  ['the end of a sale', price('10', { amount: '5', from: null }), price('10'), '+100 %'],
  ['a regular price above a sale that stays', price('10', { amount: '5', from: null }), price('12', { amount: '5', from: null }), '+20 %'],
  ['nothing', price('10'), price('10'), '+0 %'],
  ['another currency', price('10'), price('10', null, 'SEK'), '–'],
])('the change of %s', (_, before, after, text) => {
  expect(percentText(priceChange(before, after))).toBe(text)
})
