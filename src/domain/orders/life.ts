/**
 * The life of an order: what state it can be in, and which named transition leads where. The state itself is reckoned from facts, in one place
 * (`order_states` in SQL); this table says what may come of each cause, and a property test holds every history against it.
 */
export const ORDER_STATES = [
  /** Known, nothing promised: not paid yet. */
  'received',
  /** Stock is promised, or short; some of it waits to be routed. */
  'accepted',
  /** Waits though it need not: for the payment, an address, a look. Its stock stays promised. */
  'held',
  /** All of it stands in groups that nobody has begun. */
  'routed',
  /** Somebody picks it, or some of it was handed over. */
  'in_fulfilment',
  'fulfilled',
  'cancelled',
  /** All that was handed over came back. */
  'returned',
  /** Not ours to fill. */
  'foreign',
] as const

export type OrderState = (typeof ORDER_STATES)[number]

/** States of orders of which something is still to be done. */
export const OPEN_STATES = ['accepted', 'held', 'routed', 'in_fulfilment'] as const satisfies readonly OrderState[]

/** States of orders of which nothing is to be done any more. */
export const ENDED_STATES = ['fulfilled', 'returned', 'cancelled', 'foreign'] as const satisfies readonly OrderState[]

type Leads = Readonly<Partial<Record<OrderState, readonly OrderState[]>>>

/** What left does not come back as if it had never left: with units handed over, an order is none of these by its facts any more. */
const UNTOUCHED: readonly OrderState[] = ['accepted', 'routed', 'cancelled']
const all = (except: readonly OrderState[] = []): OrderState[] => ORDER_STATES.filter(state => !except.includes(state))

const TRANSITIONS = {
  /** Its channel states it anew, in whatever state; what we had routed only we know. */
  restate: {
    received: all(['routed']),
    foreign: all(['routed']),
    cancelled: all(['routed']),
    accepted: all(),
    held: all(),
    routed: all(),
    in_fulfilment: all(),
    fulfilled: all(UNTOUCHED),
    returned: all(UNTOUCHED),
  },
  /** Some of it left. */
  ship: {
    accepted: ['in_fulfilment', 'fulfilled'],
    routed: ['in_fulfilment', 'fulfilled'],
    in_fulfilment: ['in_fulfilment', 'fulfilled'],
  },
  /** We cancel what is open, or some of it. */
  cancel: {
    accepted: ['accepted', 'routed', 'cancelled'],
    held: ['held', 'cancelled', 'fulfilled', 'returned'],
    routed: ['routed', 'accepted', 'cancelled'],
    in_fulfilment: ['in_fulfilment', 'accepted', 'routed', 'fulfilled', 'returned', 'cancelled'],
  },
  hold: { accepted: ['held'], routed: ['held'], in_fulfilment: ['held'], held: ['held'] },
  let_go: { held: ['accepted', 'routed', 'in_fulfilment', 'held'] },
  /** Promised units turned out not to be there. */
  lose: { routed: ['accepted'], in_fulfilment: ['accepted', 'routed'] },
  /** What it was held for has come. */
  fill: { held: ['accepted', 'routed', 'in_fulfilment'] },
  /** A promise went to another location. */
  move: { routed: ['accepted'], in_fulfilment: ['accepted', 'routed'], accepted: ['routed'] },
  /** Found later, because somebody else had the order just then. */
  settle: {
    routed: ['accepted'],
    in_fulfilment: ['accepted', 'routed'],
    held: ['accepted', 'routed', 'in_fulfilment'],
    accepted: ['routed'],
  },
  route: { accepted: ['accepted', 'routed'], routed: ['routed'], in_fulfilment: ['in_fulfilment'] },
  /** Another SKU is handed over instead of what is short. */
  substitute: { accepted: ['accepted'], held: ['held'], in_fulfilment: ['in_fulfilment', 'accepted'] },
  pick: { routed: ['in_fulfilment'], accepted: ['in_fulfilment'], in_fulfilment: ['in_fulfilment'] },
  ready: { routed: ['in_fulfilment'], accepted: ['in_fulfilment'], in_fulfilment: ['in_fulfilment'], held: ['held'] },
  hand_over: {
    accepted: ['in_fulfilment', 'fulfilled'],
    routed: ['in_fulfilment', 'fulfilled'],
    in_fulfilment: ['in_fulfilment', 'fulfilled'],
  },
  /** Goods came to the store where their buyer collects them. */
  receive: { in_fulfilment: ['in_fulfilment', 'accepted', 'routed', 'fulfilled', 'returned', 'cancelled'], held: ['held'] },
  /** A group gives its units up: they are to be routed anew. */
  reject: {
    routed: ['accepted', 'routed'],
    in_fulfilment: ['in_fulfilment', 'accepted', 'routed'],
    accepted: ['accepted', 'routed'],
    held: ['held'],
  },
  /** Its buyer has some of it handed over otherwise, or not at all. */
  choose: {
    accepted: ['accepted', 'routed', 'in_fulfilment', 'cancelled'],
    routed: ['accepted', 'routed', 'cancelled'],
    in_fulfilment: ['in_fulfilment', 'accepted', 'routed', 'fulfilled', 'returned', 'cancelled'],
    held: ['held', 'fulfilled', 'returned', 'cancelled'],
  },
  /** Nobody came for it in time: cancelled, or sent instead. */
  not_collected: { in_fulfilment: ['in_fulfilment', 'accepted', 'routed', 'fulfilled', 'returned', 'cancelled'] },
  /** Goods are said to come back, or not to after all. */
  announce: {
    fulfilled: ['fulfilled'],
    in_fulfilment: ['in_fulfilment'],
    held: ['held'],
    /** Called off once its platform had told that all is back. */
    returned: ['returned'],
    foreign: ['foreign'],
    received: ['received'],
  },
  /** Goods came back, or are said to, and others go out for them. */
  exchange: {
    fulfilled: ['fulfilled', 'returned'],
    in_fulfilment: ['in_fulfilment'],
    held: ['held'],
    foreign: ['foreign'],
    received: ['received'],
  },
  /** Goods came back. */
  return: {
    fulfilled: ['fulfilled', 'returned'],
    in_fulfilment: ['in_fulfilment'],
    held: ['held'],
    returned: ['returned'],
    foreign: ['foreign'],
    received: ['received'],
  },
} as const satisfies Readonly<Record<string, Leads>>

export const ORDER_TRANSITIONS: readonly string[] = ['book', ...Object.keys(TRANSITIONS)]

/** Whether the transition may lead from one state to the other. `from` null: the order was not known before, which `book` alone ends. */
export function leads(transition: string, from: OrderState | null, to: OrderState): boolean {
  if (from === null) return transition === 'book' && to !== 'routed'
  if (!Object.hasOwn(TRANSITIONS, transition)) return false
  const table: Leads = TRANSITIONS[transition as keyof typeof TRANSITIONS]
  return table[from]?.includes(to) ?? false
}
