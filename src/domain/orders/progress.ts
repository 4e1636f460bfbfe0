import type { OrderState } from './life.ts'

/** How far an order is, as its buyer would say it. */
export type Progress =
  /** Not paid yet. */
  | 'received'
  | 'confirmed'
  /** Held: somebody looks at it first. */
  | 'checking'
  | 'preparing'
  /** Something of it can be collected now. */
  | 'ready'
  /** Some of it left, the rest has not. */
  | 'partly'
  | 'sent'
  | 'collected'
  /** All of it left, some by parcel and some over the counter. */
  | 'complete'
  | 'cancelled'
  | 'returned'
  /** The platform sends it from its own stock. */
  | 'elsewhere'

type Group = { readonly method: 'ship' | 'collect' | 'ship_to_store'; readonly state: string }

/** How far an order is, by its state and its groups. */
export function progressOf(state: OrderState, groups: readonly Group[]): Progress {
  switch (state) {
    case 'received':
    case 'cancelled':
    case 'returned':
      return state
    case 'foreign':
      return 'elsewhere'
    case 'held':
      return 'checking'
    case 'fulfilled':
      return left(groups.filter(group => group.state === 'done'))
    default:
      if (groups.some(group => group.method !== 'ship' && group.state === 'ready')) return 'ready'
      if (groups.some(group => group.state === 'done')) return 'partly'
      if (state === 'in_fulfilment')
        return groups.some(group => ['picking', 'ready', 'sent'].includes(group.state)) ? 'preparing' : 'partly'
      return 'confirmed'
  }
}

function left(done: readonly Group[]): Progress {
  const collected = done.filter(group => group.method !== 'ship').length
  if (collected === 0) return 'sent'
  return collected === done.length ? 'collected' : 'complete'
}

/** The steps that an order goes through, and at which of them it is; null where it is off that way, or goes two ways at once. */
export function stepsOf(progress: Progress, groups: readonly Group[]): { readonly steps: readonly Progress[]; readonly at: number } | null {
  const methods = new Set(groups.map(group => (group.method === 'ship' ? 'ship' : 'collect')))
  if (methods.size > 1) return null
  const steps: readonly Progress[] = methods.has('collect')
    ? ['confirmed', 'preparing', 'ready', 'collected']
    : ['confirmed', 'preparing', 'sent']
  const at = steps.indexOf(progress)
  return at < 0 ? null : { steps, at }
}
