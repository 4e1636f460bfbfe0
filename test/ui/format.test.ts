import { expect, test } from 'vitest'
import { documentText } from '../../src/ui/format.ts'

test('a price tells from when to when its sale is, as far as somebody said', () => {
  const text = (sale: object | null) => documentText({ currency: 'EUR', regular: '20', sale }, 'en', amount => `sale ${amount}`)
  expect(text(null)).toBe('EUR 20.00')
  expect(text({ amount: '15' })).toBe('EUR 20.00 · sale 15.00')
  expect(text({ amount: '15', from: '2030-06-01T00:00:00.000Z', to: '2030-06-08T12:30:00.000Z' })).toBe(
    'EUR 20.00 · sale 15.00 (2030-06-01 00:00 – 2030-06-08 12:30 UTC)',
  )
  expect(text({ amount: '15', from: null, to: '2030-06-08T00:00:00.000Z' })).toBe('EUR 20.00 · sale 15.00 (– 2030-06-08 00:00 UTC)')
})
