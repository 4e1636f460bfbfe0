import type { JsonValue } from '../../db/connect.ts'
import { type ExchangeAnswer, exchange, type HandOver } from '../../db/exchanges.ts'
import { sellingChannel } from '../../db/holds.ts'
import { pickUpPlace } from '../../db/pick-up-choice.ts'
import { readOrder } from '../../db/reads-orders.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { amount, currencyDigits, isCurrency, parseDecimal } from '../values/money.ts'
import type { OrderPart } from './act-on-order.ts'
import { noStore } from './buyer-choice.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import type { ReturnedLine } from './change-order.ts'
import { type Context, command } from './context.ts'
import { readPerson } from './read-person.ts'
import { routeOrder } from './route-order.ts'
import { sealPerson } from './seal-person.ts'
import { stated } from './stated.ts'
import type { WriteToken } from './write-token.ts'

/** Goods that come back, or will, and what goes out for them. */
export type ExchangeWish = {
  /** Units that are still to come; or, in `received`, that came and somebody looked at. One of the two. */
  readonly announced?: OrderPart | undefined
  readonly received?: readonly ReturnedLine[] | undefined
  /** Where they came, or are expected. */
  readonly location?: string | undefined
  readonly replacement: {
    readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
    readonly handOver: HandOver
    /** The store, unless it is sent. */
    readonly location?: string | undefined
  }
  /** Of announced goods: what goes out waits for them until `returnBy`, its stock promised; else it goes at once. */
  readonly waits?: boolean | undefined
  /** ISO 8601: until when announced goods are to be back. */
  readonly returnBy?: string | undefined
  /** What the buyer is to pay more, or (below 0) is to get back, in the order's currency. It is noted, not charged. */
  readonly difference?: string | undefined
  readonly reason?: string | undefined
}

export type Exchanged = {
  readonly returnId: number
  readonly replacementId: number
  readonly number: string
  /** Of the order whose goods come back, and of the one that goes out. */
  readonly state: string
  readonly replacementState: string
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

/**
 * Exchanges goods of an order: the return, and an order of the hub's own in the same channel that goes out for it, promised stock in the same statement: all of it or nothing is
 * done. Its platform is told nothing of that order. Throws `not_found`, `insufficient_stock`, or `invalid`: more units than are with the buyer, or units whose money went back.
 */
export async function exchangeOrder(context: Context, key: string | null, orderId: number, wish: ExchangeWish): Promise<Exchanged> {
  const order = await readOrder(context.sql, orderId)
  if (order === null) throw new Fault('not_found', `There is no order ${orderId}.`)
  refuseUnclear(wish, context.now?.() ?? new Date())
  const { handOver, location } = wish.replacement
  if (handOver === 'collect' && (await pickUpPlace(context.sql, location ?? '')) === null)
    throw noStore(location ?? '', 'replacement.location')
  const body = {
    ...{ orderId, received: wish.received !== undefined, lines: wish.received ?? wish.announced, waits: wish.waits ?? false },
    replacement: stated(wish.replacement),
    ...stated({
      location: wish.location,
      returnBy: wish.returnBy,
      reason: wish.reason,
      difference: exact(wish.difference, order.currency),
    }),
  }
  const person = await readPerson(context, orderId)
  const sealed = person === null ? {} : await sealPerson(context, person)
  const noAddress = handOver === 'ship' && Object.values(person?.address ?? {}).every(part => part.trim() === '')
  const cmd = { ...body, ...sealed, noAddress, ...command(context, 'order.exchange', key, body) } as unknown as JsonValue
  const { answer, token } = await carryOut(key, () => exchange(context.sql, cmd))
  const done = read(answer, wish.received === undefined ? 'announced' : 'received')
  const channel = handOver === 'collect' && done.replacementState === 'accepted' ? await sellingChannel(context.sql, order.channel) : null
  // With its group it is on the store's desk at once. Whoever routes finds it otherwise.
  if (channel !== null) await routeOrder(context, { id: done.replacementId, channelId: channel.id })
  return { ...done, token }
}

/** What does not fit together about waiting for goods: the console says it in the words of its own fields (`detail.reason`). */
export type ExchangeUnclear = 'no_until' | 'over' | 'back' | 'at_once'

/** What cannot be meant, before anything is asked of the books. */
function refuseUnclear({ announced, received, location, replacement, waits, returnBy }: ExchangeWish, now: Date): void {
  const wrong = (field: string, message: string, reason?: ExchangeUnclear): Fault =>
    new Fault('invalid', message, { field, ...stated({ reason }) })
  if ((announced === undefined) === (received === undefined))
    throw wrong('received', 'Say which units come back: announced ones, or received ones that somebody has looked at.')
  if (received !== undefined && location === undefined) throw wrong('location', 'Say where the goods came to.')
  const units = received?.map(line => line.toStock + line.unavailable + line.scrapped) ?? announced?.map(line => line.quantity) ?? []
  if (units.every(n => n === 0)) throw wrong(received === undefined ? 'announced' : 'received', 'Say how many units come back.')
  if (replacement.lines.length === 0) throw wrong('replacement.lines', 'Say what goes out for them.')
  if ((replacement.handOver === 'ship') !== (replacement.location === undefined))
    throw wrong('replacement.location', 'Name the store that hands it over; what is sent is routed.')
  if (received !== undefined && (waits || returnBy !== undefined))
    throw wrong('waits', 'These goods are back: there is nothing to wait for.', 'back')
  if (waits && returnBy === undefined) throw wrong('returnBy', 'Say by returnBy until when it waits for the goods.', 'no_until')
  if (waits && replacement.handOver === 'counter') throw wrong('waits', 'What is handed over at once does not wait.', 'at_once')
  if (returnBy !== undefined && new Date(returnBy) <= now) throw wrong('returnBy', `${returnBy} is over.`, 'over')
}

/** The difference with its currency's digits; it is never rounded. */
function exact(text: string | undefined, currency: string): string | undefined {
  if (text === undefined) return undefined
  const value = parseDecimal(text)
  const digits = isCurrency(currency) ? currencyDigits(currency) : 2
  if (value === null || value.decimalPlaces() > digits)
    throw new Fault('invalid', `${text} is no amount of ${currency} with at most ${digits} decimals.`, { field: 'difference', value: text })
  return isCurrency(currency) ? amount(value, currency) : value.toFixed(digits)
}

/** How what the books do not know is called where it was stated. */
const FIELDS: Readonly<Record<string, string>> = { sku: 'replacement.lines.sku', store: 'replacement.location' }

/** `back`: what the request calls the units that come back. */
function read(answer: ExchangeAnswer, back: 'announced' | 'received'): Omit<Exchanged, 'token'> {
  switch (answer.outcome) {
    case 'exchanged': {
      const { number, state, replacementState, replayed } = answer
      return { returnId: answer.return, replacementId: answer.replacement, number, state, replacementState, replayed: replayed === true }
    }
    case 'unknown':
      if (answer.field === 'order' || answer.field === 'line')
        throw new Fault('not_found', `There is no ${answer.field} ${String(answer.value)}.`)
      throw new Fault('invalid', `There is no ${answer.field === 'sku' ? 'SKU' : 'open location'} ${String(answer.value)}.`, {
        ...{ field: FIELDS[answer.field] ?? answer.field, value: answer.value },
      })
    case 'too_many':
      throw new Fault(
        'invalid',
        `${answer.sku} (line ${answer.lineId}) has ${answer.out} units that can come back, not ${answer.asked}: what is announced already comes by its own return.`,
        { field: back, reason: 'too_many' },
      )
    case 'paid_back':
      throw new Fault(
        'invalid',
        `Of ${answer.sku} (line ${answer.lineId}) ${answer.left} units are left to exchange, not ${answer.asked}: for the others money went back, or something went out.`,
        { field: back, reason: 'paid_back' },
      )
    case 'insufficient': {
      const words = answer.missing.map(one => `${one.sku}: ${one.available} of ${one.asked}`).join(', ')
      throw new Fault('insufficient_stock', `Not all of it can be promised (${words}): nothing was exchanged.`, {
        field: 'replacement.lines',
        missing: answer.missing.map(one => ({ ...one })),
      })
    }
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
