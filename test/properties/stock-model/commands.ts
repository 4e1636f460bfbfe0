import { type SetBundle, setBundle } from './bundles.ts'
import { type Change, changeStock } from './changes.ts'
import {
  type ChangeDelivery,
  type CreateDelivery,
  changeDelivery,
  createDelivery,
  type EndDelivery,
  endDelivery,
  type ReceiveDelivery,
  receiveDelivery,
} from './deliveries.ts'
import { type EndHold, type ExtendHold, endHold, extendHold, type MovePromise, movePromise } from './holds.ts'
import { claim, type Keyed, keep } from './keys.ts'
import { type SetLot, setLot } from './lots.ts'
import { type ActOnOrder, bookOrders, cancelOrder, type Stated, shipOrder } from './orders.ts'
import { expire } from './promises.ts'
import { type Request, reserveBatch } from './reserve.ts'
import { type Answer, type Refusal, SKUS, type State } from './state.ts'
import {
  type ActOnTransfer,
  cancelTransfer,
  loseTransfer,
  type RequestTransfer,
  receiveTransfer,
  requestTransfer,
  sendTransfer,
} from './transfers.ts'

/** A command as the database gets it, by the name of its function; what is kept under a number there goes by its reference here. */
export type Command =
  | { readonly fn: 'stock_change_2'; readonly cmd: Keyed & { readonly lines: readonly Change[] } }
  | { readonly fn: 'stock_reserve_2'; readonly requests: readonly Request[] }
  | { readonly fn: 'stock_end_hold_1'; readonly cmd: Keyed & EndHold }
  | { readonly fn: 'stock_extend_hold_1'; readonly cmd: Keyed & ExtendHold }
  | { readonly fn: 'stock_move_promise_2'; readonly cmd: Keyed & MovePromise }
  | { readonly fn: 'orders_book_1'; readonly orders: readonly Stated[] }
  | { readonly fn: 'order_ship_1' | 'order_cancel_1'; readonly cmd: ActOnOrder }
  | { readonly fn: 'bundle_set_1'; readonly cmd: Keyed & SetBundle }
  | { readonly fn: 'delivery_create_1'; readonly cmd: Keyed & CreateDelivery }
  | { readonly fn: 'delivery_change_1'; readonly cmd: Keyed & ChangeDelivery }
  | { readonly fn: 'lot_set_1'; readonly cmd: Keyed & SetLot }
  | { readonly fn: 'delivery_receive_1'; readonly cmd: Keyed & ReceiveDelivery }
  | { readonly fn: 'delivery_end_1'; readonly cmd: Keyed & EndDelivery }
  | { readonly fn: 'transfer_request_1'; readonly cmd: Keyed & RequestTransfer }
  | {
      readonly fn: 'transfer_send_1' | 'transfer_receive_1' | 'transfer_resolve_1' | 'transfer_cancel_1'
      readonly cmd: Keyed & ActOnTransfer
    }
  | { readonly fn: 'pass'; readonly minutes: number; readonly sweep: boolean }

/** Outcomes after which a key is used up; after all others the same command may succeed later. */
const FINAL = new Set([
  ...['done', 'released', 'settled', 'extended', 'moved', 'shipped', 'cancelled', 'unchanged'],
  ...['created', 'received', 'changed', 'requested', 'sent', 'lost'],
])

/** Carries out one command on the model. Answers the state after it, and what the database must answer; a refusal leaves the state as it was. */
export function carryOut(before: State, command: Command): { readonly state: State; readonly answer: unknown } {
  const state = structuredClone(before)
  if (command.fn === 'pass') {
    state.now += command.minutes * 60_000
    if (command.sweep) expire(state, SKUS)
    return { state, answer: null }
  }
  if (command.fn === 'stock_reserve_2') return { state, answer: reserveBatch(state, command.requests) }
  if (command.fn === 'orders_book_1') return { state, answer: bookOrders(state, command.orders) }
  const known = claim(state, command.cmd)
  if (known) return { state, answer: known }
  try {
    const answer = decide(state, command)
    return { state, answer: FINAL.has(String(answer.outcome)) ? keep(state, command.cmd, answer) : answer }
  } catch (error) {
    if (error instanceof Error) throw error
    const { refused, detail } = error as Refusal
    return { state: before, answer: { refused, ...detail } }
  }
}

type Single = Exclude<Command, { readonly fn: 'pass' | 'stock_reserve_2' | 'orders_book_1' }>

function decide(state: State, { fn, cmd }: Single): Answer {
  switch (fn) {
    case 'stock_change_2':
      return changeStock(state, cmd.lines)
    case 'stock_end_hold_1':
      return endHold(state, cmd)
    case 'stock_extend_hold_1':
      return extendHold(state, cmd)
    case 'stock_move_promise_2':
      return movePromise(state, cmd)
    case 'order_ship_1':
      return shipOrder(state, cmd)
    case 'order_cancel_1':
      return cancelOrder(state, cmd)
    case 'bundle_set_1':
      return setBundle(state, cmd)
    case 'delivery_create_1':
      return createDelivery(state, cmd)
    case 'delivery_change_1':
      return changeDelivery(state, cmd)
    case 'lot_set_1':
      return setLot(state, cmd)
    case 'delivery_receive_1':
      return receiveDelivery(state, cmd)
    case 'delivery_end_1':
      return endDelivery(state, cmd)
    case 'transfer_request_1':
      return requestTransfer(state, cmd)
    case 'transfer_send_1':
      return sendTransfer(state, cmd)
    case 'transfer_receive_1':
      return receiveTransfer(state, cmd)
    case 'transfer_resolve_1':
      return loseTransfer(state, cmd)
    case 'transfer_cancel_1':
      return cancelTransfer(state, cmd)
  }
}
