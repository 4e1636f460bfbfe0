/**
 * The life of a fulfilment group, which is kept by the functions that move it: this table says what each of their transitions may lead to, and a property test holds
 * every history of groups against it.
 */
export const GROUP_STATES = ['waiting', 'picking', 'ready', 'sent', 'done', 'cancelled', 'rejected'] as const

export type GroupState = (typeof GROUP_STATES)[number]

const OPEN: readonly GroupState[] = ['waiting', 'picking', 'ready']

type Leads = Readonly<Partial<Record<GroupState, readonly GroupState[]>>>

const fromEach = (from: readonly GroupState[], to: readonly GroupState[]): Leads => Object.fromEntries(from.map(state => [state, to]))
/** It says something of a group and moves nothing. */
const stays = (of: readonly GroupState[]): Leads => Object.fromEntries(of.map(state => [state, [state]]))

const TRANSITIONS: Readonly<Record<string, Leads>> = {
  pick: { waiting: ['picking'] },
  /** More units came to it; what was packed is picked once more. */
  extend: { waiting: ['waiting'], picking: ['picking'], ready: ['picking'] },
  ready: { waiting: ['ready'], picking: ['ready'] },
  /** All that was left of it was handed over. */
  hand_over: fromEach(OPEN, ['done']),
  /** Its units are promised elsewhere, or not wanted any more. */
  release: fromEach(OPEN, ['cancelled']),
  /** Its location gives units up, or all of them. */
  reject: { waiting: ['waiting', 'rejected', 'done'], picking: ['picking', 'rejected', 'done'], ready: ['ready', 'rejected', 'done'] },
  /** It left for the store where its buyer collects it, came there (a group of that store goes on with it), or never did. */
  send: { ready: ['sent'] },
  receive: { sent: ['done'] },
  lose: { sent: ['cancelled'] },
  not_collected: { ready: ['done', 'cancelled'] },
  /** Also where nothing else was in it. */
  short_pick: stays(['picking', 'done', 'cancelled']),
  damaged_pick: stays(['picking', 'done', 'cancelled']),
  remind: stays(['ready']),
  keep_longer: stays(['ready']),
  arrive: stays(OPEN),
  /** Also where it ended by what its buyer is asked about. */
  choice_needed: stays(GROUP_STATES),
  /** Also what was picked of one that ended lies there to be put back. */
  put_back: stays(GROUP_STATES),
}

export const GROUP_TRANSITIONS: readonly string[] = ['route', ...Object.keys(TRANSITIONS)]

/** Whether the transition may lead a group from one state to the other. `from` null: it was not there before, which `route` alone ends. */
export function groupLeads(transition: string, from: GroupState | null, to: GroupState): boolean {
  if (from === null) return transition === 'route' && to === 'waiting'
  return TRANSITIONS[transition]?.[from]?.includes(to) ?? false
}
