import type { Rules, Step } from './order-steps.ts'

const plainly: Rules = { notCollected: 'cancel', short: 'person', late: false }
const cup = { ordered: 1, cancelled: 0, shipped: 0, returned: 0, collectAt: null }
const booked: Step = { do: 'book', order: 'A', effect: 'reserve', cup, plate: null, set: null, address: false }

/** Histories that once left the tables, each by what it let in. */
export const FOUND: [Rules, Step[]][] = [
  // The last unit was damaged: its group had ended, and was said to be picked afterwards.
  [
    plainly,
    [
      booked,
      { do: 'route' },
      { do: 'count', sku: 'CUP', place: 'main', units: 1 },
      { do: 'group', order: 'A', act: 'pick', units: [0, 0, 1], all: false, nth: 0 },
    ],
  ],
]
