import { expect, test } from 'vitest'
import { cureFor } from '../../src/domain/orders/cure.ts'

const none = { before: 0, elsewhere: [], incoming: [], substitutes: [], until: null }
const two = [
  { location: 'lyon', free: 1 },
  { location: 'malmo', free: 3 },
]

test.each([
  ['all of it lies elsewhere', { short: 3, elsewhere: two }, { cure: 'transfer', location: 'malmo', units: 3 }],
  [
    'it comes in parts',
    {
      short: 5,
      incoming: [
        { units: 3, at: 10 },
        { units: 2, at: 20 },
      ],
    },
    { cure: 'wait', units: 5, at: 20 },
  ],
  [
    'all of it comes, and a part lies elsewhere',
    { short: 5, elsewhere: two, incoming: [{ units: 9, at: 10 }] },
    { cure: 'wait', units: 9, at: 10 },
  ],
  [
    'it comes too late',
    { short: 5, elsewhere: two, incoming: [{ units: 9, at: 10 }], until: 9 },
    { cure: 'transfer', location: 'malmo', units: 3 },
  ],
  [
    'it comes after the channel wants it shipped, and nobody has it',
    { short: 5, incoming: [{ units: 9, at: 10 }], until: 9 },
    { cure: 'cancel', until: 9 },
  ],
  ['nobody said when it comes', { short: 1, incoming: [{ units: 9, at: null }] }, { cure: 'cancel', until: null }],
  ['what comes is for those before', { short: 1, before: 9, incoming: [{ units: 9, at: 10 }] }, { cure: 'cancel', until: null }],
  ['what is left of it is enough', { short: 1, before: 8, incoming: [{ units: 9, at: 10 }] }, { cure: 'wait', units: 1, at: 10 }],
  ['what lies elsewhere is for those before', { short: 1, before: 3, elsewhere: two }, { cure: 'transfer', location: 'lyon', units: 1 }],
  [
    'something else is all of it',
    {
      short: 2,
      elsewhere: two.slice(0, 1),
      substitutes: [
        { sku: 'A', free: 1 },
        { sku: 'B', free: 2 },
      ],
    },
    { cure: 'substitute', sku: 'B', units: 2 },
  ],
  [
    'it lies elsewhere, and something else here',
    { short: 3, elsewhere: two, substitutes: [{ sku: 'A', free: 9 }] },
    { cure: 'transfer', location: 'malmo', units: 3 },
  ],
  [
    'all of it comes, and something else is a part of it',
    { short: 3, incoming: [{ units: 3, at: 10 }], substitutes: [{ sku: 'A', free: 1 }] },
    { cure: 'wait', units: 3, at: 10 },
  ],
  [
    'nobody has it, and something else is a part of it',
    { short: 3, substitutes: [{ sku: 'A', free: 1 }] },
    { cure: 'substitute', sku: 'A', units: 1 },
  ],
  ['nobody has it', { short: 1 }, { cure: 'cancel', until: null }],
] as const)('the cure where %s', (_, facts, cure) => {
  expect(cureFor({ ...none, ...facts })).toEqual(cure)
})
