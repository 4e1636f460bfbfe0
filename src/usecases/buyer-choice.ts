import type { JsonValue } from '../../db/connect.ts'
import { type Choice, type ChoiceAnswer, type ChoiceLine, choose, isCancellable, openChoice, pickUpPlace } from '../../db/pick-up-choice.ts'
import { readiness } from '../domain/fulfilment/promise.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Actor, type Context, command } from './context.ts'
import { withPublicHolidays } from './public-holidays.ts'
import { hasAddress } from './read-person.ts'
import { stated as asStated } from './stated.ts'

/** Who a buyer is to the books: whoever has the link of his order. The link itself is never written down. */
export const buyerOf = (orderId: number): Actor => `buyer:${orderId}`

export const isBuyer = (actor: Actor): boolean => actor.startsWith('buyer:')

/** What was chosen, and for which units. */
export type Chosen = {
  readonly choice: Choice
  readonly lines: readonly ChoiceLine[]
  /** The groups that were made for it: at another store. */
  readonly groups: readonly number[]
  readonly replayed: boolean
}

/** What a buyer may choose about: units to be collected that a store failed to get ready, and whether their platform lets them be cancelled. */
export type OpenChoice = { readonly why: string; readonly lines: readonly ChoiceLine[]; readonly mayCancel: boolean }

/** What the buyer of an order may choose about; null where nothing is to be chosen. */
export async function readChoice(context: Pick<Context, 'sql'>, orderId: number): Promise<OpenChoice | null> {
  const asked = (await openChoice(context.sql, orderId)).filter(line => line.why !== null)
  const [first] = asked
  if (first?.why == null) return null
  const lines = asked.map(({ why: _, ...line }) => line)
  return { why: first.why, lines, mayCancel: await isCancellable(context.sql, orderId, lines) }
}

/** `ready`: also what lies ready, which goes back to the shelf there; people here choose that for a buyer who asks. */
export type ChoiceOf = { readonly ready?: boolean | undefined; readonly reason?: string | undefined }

/**
 * The units are promised at another store at once, and picked there: all of them, or nothing is done. Throws `not_found`, `invalid` for a store that hands nothing out,
 * `insufficient_stock`, or `conflict`: nothing is to be chosen any more, or that store failed before or takes nothing on.
 */
export async function chooseAnotherStore(
  context: Context,
  key: string | null,
  orderId: number,
  store: string,
  of: ChoiceOf = {},
): Promise<Chosen> {
  const at = context.now?.() ?? new Date()
  const stated = await pickUpPlace(context.sql, store)
  if (stated === null) throw noStore(store)
  const [place = stated] = await withPublicHolidays([stated], at)
  const units = (await openChoice(context.sql, orderId, of.ready)).reduce((sum, line) => sum + line.quantity, 0)
  const ready = readiness(place, at, Math.max(1, units))
  if (ready === null) throw new Fault('conflict', `${store} takes nothing on in the next weeks.`, { field: 'store', value: store })
  return decide(context, key, orderId, 'store', {
    ...{ store, locationId: place.id, ...asStated({ ready: of.ready }) },
    ...{ readyBy: ready.readyBy.toISOString(), workOn: ready.workOn },
  })
}

/**
 * The units are sent instead: they stay promised and are routed anew, and not to where they failed. Throws `not_found`, or `conflict` when nothing is to be chosen, or
 * the buyer left no address (`no_address`).
 */
export async function shipInstead(context: Context, key: string | null, orderId: number, { ready }: ChoiceOf = {}): Promise<Chosen> {
  const isOpen = (await openChoice(context.sql, orderId, ready)).length > 0
  if (isOpen && !(await hasAddress(context, orderId)))
    throw new Fault(
      'conflict',
      `Order ${orderId} has no address to send to: let its buyer take another store, or have the channel state one.`,
      {
        reason: 'no_address',
      },
    )
  return decide(context, key, orderId, 'ship', asStated({ ready }))
}

/** The units are not wanted any more: free again, and the platform cancels them. Throws `not_found`, or `conflict` when nothing is to be chosen. */
export function cancelPickUp(context: Context, key: string | null, orderId: number, { ready, reason }: ChoiceOf = {}): Promise<Chosen> {
  return decide(context, key, orderId, 'cancel', asStated({ ready, reason }))
}

async function decide(
  context: Context,
  key: string | null,
  orderId: number,
  choice: Choice,
  more: Readonly<Record<string, unknown>>,
): Promise<Chosen> {
  if (isBuyer(context.actor) && context.actor !== buyerOf(orderId)) throw new Fault('not_found', `There is no order ${orderId} here.`)
  // A promise moves with the clock: what is asked twice is the same all the same.
  const { readyBy: _, workOn: __, ...asked } = more
  const head = command(context, 'order.choose', key, { orderId, choice, ...asked })
  const cmd = { ...head, orderId, choice, asked: isBuyer(context.actor), ...more } as unknown as JsonValue
  return chosen(await carryOut(key, () => choose(context.sql, cmd)), String(more.store ?? ''))
}

const NO_STORE = {
  failed: 'gave this order up before',
  hazard: 'may not hand dangerous goods of this kind to buyers',
  full: 'takes no more on for that day',
} as const

function chosen(answer: ChoiceAnswer, store: string): Chosen {
  switch (answer.outcome) {
    case 'chosen':
      return { choice: answer.choice, lines: answer.lines, groups: answer.groups, replayed: answer.replayed === true }
    case 'unknown':
      throw new Fault('not_found', `There is no ${answer.field} ${String(answer.value)}.`)
    case 'nothing_to_choose':
      throw new Fault('conflict', `Nothing of this order is to be chosen any more: it is ${answer.state}.`, {
        reason: 'nothing_to_choose',
        state: answer.state,
      })
    case 'no_store':
      if (answer.why === 'closed') throw noStore(store)
      throw new Fault('conflict', `${store} ${NO_STORE[answer.why]}.`, { field: 'store', value: store, reason: answer.why })
    case 'insufficient':
      throw new Fault('insufficient_stock', `${store} has ${answer.available} of ${answer.sku}; ${answer.asked} are needed.`, {
        missing: [{ sku: answer.sku, asked: answer.asked, available: answer.available }],
      })
    case 'not_cancellable':
      throw new Fault(
        'conflict',
        'The platform of this order does not cancel these units: cancel at the platform what it lets you, or choose otherwise.',
        {
          reason: 'not_cancellable',
        },
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

/** The refusal of a store that hands nothing out; `field` is where it was named. */
export const noStore = (store: string, field = 'store'): Fault =>
  new Fault('invalid', `Nothing can be collected at ${store}.`, { field, value: store, expected: 'an open store where buyers collect' })
