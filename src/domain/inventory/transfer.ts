/**
 * How far a transfer is. `sent`: some of it is under way, or missing, or will follow. `received`: nothing is any more; some of it may have
 * been lost.
 */
export type TransferState = 'requested' | 'sent' | 'received' | 'cancelled'

/** What can be done with a transfer. `lose` and `postpone` settle what did not arrive; `cancel` means what was not sent yet. */
export type TransferAct = 'send' | 'receive' | 'lose' | 'postpone' | 'cancel'

/** Units of a transfer: of a line, or of all its lines. */
export type TransferUnits = {
  readonly asked: number
  readonly cancelled: number
  readonly sent: number
  readonly received: number
  readonly lost: number
}

/** Units that were asked for and will still be sent. */
export const waiting = (units: TransferUnits): number => units.asked - units.cancelled - units.sent

/** Units that left and have neither arrived nor been given up. */
export const underWay = (units: TransferUnits): number => units.sent - units.received - units.lost

/** The acts of each state, and which units each needs. What is not listed is refused. */
const ACTS: Readonly<Record<TransferState, Partial<Readonly<Record<TransferAct, (units: TransferUnits) => number>>>>> = {
  requested: { send: waiting, cancel: waiting },
  sent: { send: waiting, cancel: waiting, receive: underWay, lose: underWay, postpone: underWay },
  received: {},
  cancelled: {},
}

/** What can be done now, in the order of the table. */
export function possibleActs(state: TransferState, units: TransferUnits): TransferAct[] {
  return Object.entries(ACTS[state]).flatMap(([act, needs]) => (needs(units) > 0 ? [act as TransferAct] : []))
}

/** The state that the numbers make. The SQL function `transfer_settle` repeats this rule; a test holds the two equal. */
export function stateOf(units: TransferUnits): TransferState {
  if (units.sent === 0) return waiting(units) > 0 ? 'requested' : 'cancelled'
  return waiting(units) > 0 || underWay(units) > 0 ? 'sent' : 'received'
}
