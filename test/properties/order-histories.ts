import type { Rules, Step } from './order-steps.ts'

const plainly: Rules = { notCollected: 'cancel', short: 'person', late: false, lies: { main: 8 } }
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
      { do: 'group', act: 'pick', fits: true, units: [0, 0, 1], all: false, nth: 0 },
    ],
  ],
  // A unit had left without being picked, and was looked for on the shelf once more: what is open was promised nowhere.
  [
    plainly,
    [
      { ...booked, cup: { ...cup, ordered: 2 } },
      { do: 'route' },
      { do: 'act', order: 'A', fn: 'order_ship_1', units: 1 },
      { do: 'group', act: 'pick', fits: false, units: [0, 2, 0], all: false, nth: 0 },
    ],
  ],
]
