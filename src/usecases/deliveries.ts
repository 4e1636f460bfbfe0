import { type DeliveryAnswer, deliveryCommand } from '../../db/deliveries.ts'
import type { ExpiredOnArrival } from '../../db/lots.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { refuseFuture } from './past.ts'
import { refuseTwice } from './sku-once.ts'
import { stated } from './stated.ts'
import type { WriteToken } from './write-token.ts'

/** What is ordered of a SKU: units in all and, where it is known, what one costs (decimal text and its currency, both or neither). */
export type OrderedLine = {
  readonly sku: string
  readonly quantity: number
  readonly unitCost?: string | undefined
  readonly currency?: string | undefined
}

/** Units that came. `to: 'unavailable'` puts them aside at once; a cost overrides that of the line. */
export type ReceivedLine = OrderedLine & {
  readonly lot?: string | undefined
  /** ISO 8601. */
  readonly expiresAt?: string | undefined
  readonly to?: 'unavailable' | undefined
  readonly reasonCode?: string | undefined
}

export type NewDelivery = {
  readonly reference: string
  readonly supplier?: string | undefined
  readonly location: string
  /** ISO 8601. */
  readonly expectedAt: string
  readonly note?: string | undefined
  readonly lines: readonly OrderedLine[]
}

export type DeliveryChange = {
  readonly expectedAt?: string | undefined
  readonly supplier?: string | undefined
  readonly note?: string | undefined
  /** Units in all from now on, not units more; a SKU that is not on the delivery yet is added. */
  readonly lines?: readonly OrderedLine[] | undefined
}

export type DeliveryReceipt = {
  /** Everything that is still to come when absent. A SKU may stand in several lines. */
  readonly lines?: readonly ReceivedLine[] | undefined
  /** What has not come by now will not come. */
  readonly close?: boolean | undefined
  readonly occurredAt?: string | undefined
}

export type DeliveryDone = {
  readonly id: number
  /** What of it asks for an eye: lots whose time is over already. */
  readonly warnings: readonly ExpiredOnArrival[]
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

/** Notes goods that a supplier will bring: they are incoming at the location. Fault: invalid, conflict (the reference exists, the key was used). */
export function createDelivery(context: Context, key: string | null, delivery: NewDelivery): Promise<DeliveryDone> {
  refuseTwice(delivery.lines)
  return run(context, 'delivery_create_1', key, delivery)
}

/** Changes the day, the supplier, the note, or what is ordered. Fault: not_found, invalid, conflict (it has ended). */
export function changeDelivery(context: Context, key: string | null, id: number, change: DeliveryChange): Promise<DeliveryDone> {
  refuseTwice(change.lines ?? [])
  return run(context, 'delivery_change_1', key, { id, ...change })
}

/**
 * Books what came, all lines or none: less is incoming, more is on hand, whoever is short gets it first, oldest order first. More and fewer
 * units than expected may come, in any number of receipts. Fault: not_found, invalid, conflict (it has ended).
 */
export async function receiveDelivery(context: Context, key: string | null, id: number, receipt: DeliveryReceipt): Promise<DeliveryDone> {
  const { occurredAt, ...rest } = receipt
  refuseFuture(context, occurredAt, 'occurredAt')
  return run(context, 'delivery_receive_1', key, { id, ...rest, ...(occurredAt === undefined ? {} : { occurred_at: occurredAt }) })
}

/** Closes a delivery of which something came: the rest will not. Fault: not_found, conflict (nothing came, it has ended). */
export function closeDelivery(context: Context, key: string | null, id: number): Promise<DeliveryDone> {
  return run(context, 'delivery_end_1', key, { id, act: 'close' })
}

export type CancelledLine = { readonly sku: string; readonly quantity?: number | undefined }

/** Cancels what is still to come, or a part of it. What came stays. Fault: not_found, invalid, conflict (more than is to come, it has ended). */
export function cancelDelivery(context: Context, key: string | null, id: number, lines?: readonly CancelledLine[]): Promise<DeliveryDone> {
  refuseTwice(lines ?? [])
  return run(context, 'delivery_end_1', key, { id, act: 'cancel', lines })
}

async function run(context: Context, name: Parameters<typeof deliveryCommand>[1], key: string | null, body: object): Promise<DeliveryDone> {
  const cmd = { ...command(context, name, key, body), ...stated(body) }
  return done(await carryOut(key, () => deliveryCommand(context.sql, name, cmd)))
}

function done(answer: DeliveryAnswer): DeliveryDone {
  switch (answer.outcome) {
    case 'created':
    case 'changed':
    case 'received':
      return {
        id: answer.id,
        warnings: ('warnings' in answer ? answer.warnings : undefined) ?? [],
        replayed: answer.replayed === true,
        token: answer.token,
      }
    case 'exists':
      throw new Fault('conflict', `There is a delivery ${answer.reference} already, with the id ${answer.id}.`, {
        field: 'reference',
        value: answer.reference,
        id: answer.id,
      })
    case 'unknown':
      throw unknown(answer)
    case 'ended':
      throw new Fault(
        'conflict',
        `Delivery ${answer.reference} was ${answer.state}: nothing of it is to come any more. Goods beyond it are a delivery of their own, or a receipt.`,
        {
          state: answer.state,
        },
      )
    case 'nothing_received':
      throw new Fault('conflict', `Nothing of delivery ${answer.reference} has come: cancel it instead of closing it.`)
    case 'not_on_delivery':
      throw atLine(
        answer.line,
        'sku',
        answer.sku,
        `${answer.sku} is not on this delivery: add it to the delivery first.`,
        'a SKU of the delivery',
      )
    case 'no_lots':
      throw atLine(
        answer.line,
        'lot',
        answer.sku,
        `${answer.sku} is not told apart by lot: leave the lot out, or switch lots on for it.`,
        'no lot',
      )
    case 'too_few':
      throw new Fault('invalid', `${answer.least} of ${answer.sku} came or were cancelled already: fewer cannot have been ordered.`, {
        ...{ field: `lines.${answer.line}.quantity`, value: answer.sku, expected: `at least ${answer.least}` },
        ...{ sku: answer.sku, least: answer.least },
      })
    case 'over':
      throw new Fault('conflict', `${answer.rest} of ${answer.sku} are still to come; ${answer.asked} cannot be cancelled.`, {
        field: `lines.${answer.line}.quantity`,
        sku: answer.sku,
        asked: answer.asked,
        rest: answer.rest,
      })
    case 'cost_currency':
      throw new Fault(
        'conflict',
        `The cost of ${answer.sku} is kept in ${answer.has}: state it in ${answer.has}, not in ${answer.given}.`,
        {
          field: 'currency',
          value: answer.given,
          expected: answer.has,
        },
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

function unknown({ field, value, line }: Extract<DeliveryAnswer, { readonly outcome: 'unknown' }>): Fault {
  if (field === 'id') return new Fault('not_found', `There is no delivery ${String(value)}.`)
  const what = field === 'sku' ? 'SKU' : field === 'reasonCode' ? 'reason for this on the list, called' : 'location'
  return new Fault('invalid', `There is no ${what} ${String(value)}.`, {
    field: line === undefined ? field : `lines.${line}.${field}`,
    value,
  })
}

const atLine = (line: number, field: string, value: string, words: string, expected: string) =>
  new Fault('invalid', words, { field: `lines.${line}.${field}`, value, expected })
