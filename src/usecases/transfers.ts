import type { ExpiredOnArrival } from '../../db/lots.ts'
import { type TransferAnswer, transferCommand } from '../../db/transfers.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { refuseFuture } from './past.ts'
import { refuseTwice } from './sku-once.ts'
import { stated } from './stated.ts'
import type { WriteToken } from './write-token.ts'

export type NewTransfer = {
  /** `T-` and our id when absent. */
  readonly reference?: string | undefined
  readonly from: string
  readonly to: string
  /** ISO 8601. */
  readonly expectedAt?: string | undefined
  readonly note?: string | undefined
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
}

/** Units of a SKU, of one lot of it where one is named. */
export type MovedLine = { readonly sku: string; readonly quantity: number; readonly lot?: string | undefined }

/** `to: 'unavailable'` puts them aside at once. */
export type ArrivedLine = MovedLine & { readonly to?: 'unavailable' | undefined; readonly reasonCode?: string | undefined }

export type TransferDone = {
  readonly id: number
  /** What of it asks for an eye: lots whose time is over already. */
  readonly warnings: readonly ExpiredOnArrival[]
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

/** Asks for goods to be moved. Nothing moves, and nothing is promised, before they are sent. Fault: invalid, conflict (the reference exists). */
export function requestTransfer(context: Context, key: string | null, transfer: NewTransfer): Promise<TransferDone> {
  refuseTwice(transfer.lines)
  if (transfer.from === transfer.to)
    throw new Fault('invalid', `Goods cannot be transferred from ${transfer.from} to itself.`, {
      field: 'to',
      value: transfer.to,
      expected: 'another location',
    })
  return run(context, 'transfer_request_1', key, transfer)
}

/**
 * Sends what was asked for, or a part of it, all lines or none: only units that are neither promised nor put aside. Lots travel, first expired
 * first unless they are named. Fault: insufficient_stock with what is missing (the same key may succeed later), not_found, invalid, conflict.
 */
export function sendTransfer(
  context: Context,
  key: string | null,
  id: number,
  sending: { readonly lines?: readonly MovedLine[] | undefined; readonly expectedAt?: string | undefined },
): Promise<TransferDone> {
  return run(context, 'transfer_send_1', key, { id, ...sending })
}

/**
 * Books what arrived, everything that is under way when no lines are given; never more than was sent, whatever keys are used. Whoever is short
 * at the goal gets it first. Fault: not_found, invalid, conflict (more than is under way, nothing is, it has ended).
 */
export async function receiveTransfer(
  context: Context,
  key: string | null,
  id: number,
  receipt: { readonly lines?: readonly ArrivedLine[] | undefined; readonly occurredAt?: string | undefined },
): Promise<TransferDone> {
  const { occurredAt, lines } = receipt
  refuseFuture(context, occurredAt, 'occurredAt')
  return run(context, 'transfer_receive_1', key, { id, lines, ...(occurredAt === undefined ? {} : { occurred_at: occurredAt }) })
}

/** What became of the units that did not arrive: lost, for a reason of the list, or still coming, by a new day. */
export type Resolution =
  | { readonly as: 'lost'; readonly reasonCode: string; readonly lines?: readonly MovedLine[] | undefined }
  | { readonly as: 'coming'; readonly expectedAt: string }

/** Settles what did not arrive. Fault: not_found, invalid, conflict. */
export function resolveTransfer(context: Context, key: string | null, id: number, resolution: Resolution): Promise<TransferDone> {
  return run(context, 'transfer_resolve_1', key, { id, ...resolution })
}

/** Cancels what was not sent yet. Fault: not_found, conflict (everything was sent, it has ended). */
export function cancelTransfer(context: Context, key: string | null, id: number): Promise<TransferDone> {
  return run(context, 'transfer_cancel_1', key, { id })
}

async function run(context: Context, name: Parameters<typeof transferCommand>[1], key: string | null, body: object): Promise<TransferDone> {
  const cmd = { ...command(context, name, key, body), ...stated(body) }
  return done(await carryOut(key, () => transferCommand(context.sql, name, cmd)))
}

function done(answer: TransferAnswer): TransferDone {
  switch (answer.outcome) {
    case 'requested':
    case 'changed':
    case 'sent':
    case 'coming':
    case 'received':
    case 'lost':
      return {
        id: answer.id,
        warnings: ('warnings' in answer ? answer.warnings : undefined) ?? [],
        replayed: answer.replayed === true,
        token: answer.token,
      }
    case 'exists':
      throw new Fault('conflict', `There is a transfer ${answer.reference} already, with the id ${answer.id}.`, {
        field: 'reference',
        value: answer.reference,
        id: answer.id,
      })
    case 'unknown':
      throw unknown(answer)
    case 'insufficient': {
      const words = answer.missing.map(
        one =>
          `${one.sku}${one.lot === undefined ? '' : `, lot ${one.lot}`}: ${one.asked} to be sent, ${Math.max(0, one.available)} free at ${one.location}`,
      )
      throw new Fault('insufficient_stock', `Not enough stock that is neither promised nor put aside. ${words.join('; ')}.`, {
        missing: answer.missing,
      })
    }
    case 'ended':
      throw new Fault('conflict', `Transfer ${answer.reference} was ${answer.state} already: nothing of it is under way.`, {
        state: answer.state,
      })
    case 'all_sent':
      throw new Fault('conflict', `All of transfer ${answer.reference} was sent already: receive it, or say what became of it.`, {
        state: answer.state,
      })
    case 'not_under_way':
      throw new Fault('conflict', `Nothing of transfer ${answer.reference} is under way: send it first.`, { state: answer.state })
    case 'not_on_transfer':
      throw new Fault('invalid', `${answer.sku} is not part of this transfer.`, {
        field: `lines.${answer.line}.sku`,
        value: answer.sku,
        expected: 'a SKU of the transfer',
      })
    case 'no_lots':
      throw new Fault('invalid', `${answer.sku} is not told apart by lot: leave the lot out, or switch lots on for it.`, {
        field: `lines.${answer.line}.lot`,
        value: answer.sku,
        expected: 'no lot',
      })
    case 'over':
      throw new Fault(
        'conflict',
        `${answer.rest} of ${answer.sku}${answer.lot === undefined ? '' : `, lot ${answer.lot},`} are left on this transfer; ${answer.asked} are more than that.`,
        { field: `lines.${answer.line}.quantity`, sku: answer.sku, asked: answer.asked, rest: answer.rest },
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

function unknown({ field, value, line }: Extract<TransferAnswer, { readonly outcome: 'unknown' }>): Fault {
  if (field === 'id') return new Fault('not_found', `There is no transfer ${String(value)}.`)
  const what = field === 'sku' ? 'SKU' : field === 'reasonCode' ? 'reason for this on the list, called' : 'location'
  return new Fault('invalid', `There is no ${what} ${String(value)}.`, {
    field: line === undefined ? field : `lines.${line}.${field}`,
    value,
  })
}
