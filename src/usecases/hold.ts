import { type EndAnswer, type HeldLine, holdCommand, type ReserveAnswer } from '../../db/reservations.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import type { WriteToken } from './write-token.ts'

export type Reserved = Extract<ReserveAnswer, { readonly outcome: 'reserved' }>

/** A reservation that was made; or the refusal: `insufficient_stock` with what is missing, `invalid` for an unknown name, `conflict` of keys. */
export function reserved(answer: ReserveAnswer): Reserved {
  switch (answer.outcome) {
    case 'reserved':
      return answer
    case 'insufficient': {
      const words = answer.missing.map(line => `${line.sku}: ${line.asked} asked, ${line.available} available`).join('; ')
      throw new Fault('insufficient_stock', `Not enough stock. ${words}.`, { missing: answer.missing })
    }
    case 'unknown':
      throw new Fault('invalid', `There is no ${answer.field} ${String(answer.value)}.`, {
        field: answer.line === undefined ? answer.field : `lines.${answer.line}.${answer.field}`,
        value: answer.value,
        expected: `a known ${answer.field}`,
      })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

export type HoldPart = readonly { readonly sku: string; readonly quantity: number }[]

export type Ended = { readonly lines: readonly HeldLine[]; readonly replayed: boolean; readonly token: WriteToken | undefined }

/** Ends a basket or a part of it. `release`: the units are free again; `settle`: they were handed over. Throws `not_found`, or `conflict` when nothing of it is open. */
export async function endHold(
  context: Context,
  key: string | null,
  basket: string,
  end: 'release' | 'settle',
  part?: HoldPart,
): Promise<Ended> {
  const head = command(context, `stock.${end}`, key, { basket, part })
  const cmd = { ...head, basket, end, ...(part === undefined ? {} : { lines: part }) }
  const answer = await carryOut(key, () => holdCommand(context.sql, 'stock_end_hold_1', cmd))
  if (answer.outcome !== 'released' && answer.outcome !== 'settled') return refused(answer)
  return { lines: answer.lines, replayed: answer.replayed === true, token: answer.token }
}

/**
 * Lets what is open of a hold last for so many seconds from now on (null: until somebody ends it). Throws `not_found`, or `conflict` when all of it
 * is over: somebody else may have the units already.
 Answers the write's token: what was over was put away.
 */
export async function extendHold(
  context: Context,
  key: string | null,
  basket: string,
  expiresInS: number | null,
): Promise<WriteToken | undefined> {
  const body = { basket, expiresInS }
  const cmd = { ...command(context, 'stock.extend', key, body), ...body }
  const answer = await carryOut(key, () => holdCommand(context.sql, 'stock_extend_hold_1', cmd))
  return answer.outcome === 'extended' ? answer.token : refused(answer)
}

export type HoldMove = {
  readonly basket: string
  /** Only this SKU; everything when absent. */
  readonly sku?: string | undefined
  readonly to: string
  /** Of the SKU; all of it when absent. */
  readonly quantity?: number | undefined
}

/** Moves a promise, all of it or nothing, to another location in one step: it is never without stock in between. Answers the write's token. */
export async function moveHold(context: Context, key: string | null, move: HoldMove): Promise<WriteToken | undefined> {
  const cmd = {
    ...command(context, 'stock.move', key, move),
    basket: move.basket,
    to: move.to,
    ...(move.sku === undefined ? {} : { sku: move.sku }),
    ...(move.quantity === undefined ? {} : { quantity: move.quantity }),
  }
  const answer = await carryOut(key, () => holdCommand(context.sql, 'stock_move_promise_2', cmd))
  return answer.outcome === 'moved' ? answer.token : refused(answer)
}

function refused(answer: EndAnswer): never {
  switch (answer.outcome) {
    case 'insufficient': {
      const words = answer.missing.map(line => `${line.sku} has ${line.available} available at ${line.location}, ${line.asked} are needed`)
      throw new Fault('insufficient_stock', `${words.join('; ')}.`, { missing: answer.missing })
    }
    case 'unknown':
      if (answer.field === 'basket') throw new Fault('not_found', 'There is no such reservation.')
      throw new Fault('invalid', `There is no ${answer.field === 'to' ? 'location' : 'SKU'} ${String(answer.value)}.`, {
        field: answer.field,
        value: answer.value,
      })
    case 'closed':
      throw new Fault('conflict', `Nothing can be promised at ${answer.location}: it is closed, or a platform's own.`, {
        field: 'to',
        value: answer.location,
        expected: 'an open location of yours',
      })
    case 'ended':
      throw new Fault(
        'conflict',
        'Nothing of this reservation is open any more, or nothing of what was named: it was settled, released, moved or timed out.',
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      throw new Error(`unexpected answer ${answer.outcome}`)
  }
}
