import { expect, test } from 'vitest'
import { type ExchangeEndFacts, exchangeEnd } from '../../src/domain/orders/exchange-end.ts'

const at = new Date('2026-03-02T09:00:00Z')
const earlier = new Date('2026-03-01T09:00:00Z')
const later = new Date('2026-03-03T09:00:00Z')
const late: ExchangeEndFacts = {
  ...{ transition: 'cancel', cause: 'other', actor: 'rule', at, waits: true, returnBy: earlier, givenUpAt: null },
}

test.each([
  ['late', {}],
  // Given up afterwards: it had ended by then.
  ['late', { givenUpAt: later }],
  ['not_coming', { givenUpAt: at, actor: 'user:ana', returnBy: later }],
  ['sold_out', { cause: 'stock' }],
  ['wished', { cause: 'customer', actor: 'user:ana' }],
  ['wished', { transition: 'choose', cause: null, actor: 'buyer:7' }],
  ['not_collected', { transition: 'not_collected', cause: null, waits: false, returnBy: null }],
  ['other', { actor: 'user:ana' }],
  ['other', { returnBy: later }],
  ['other', { waits: false }],
] as const)('why an exchange came to nothing: %s, where %o', (end, more) => {
  expect(exchangeEnd({ ...late, ...more })).toBe(end)
})
