import type { JsonValue } from '../../db/connect.ts'
import { actOnGroup, type GroupAnswer, type GroupFunction, parcelPlaces } from '../../db/groups.ts'
import { pickUpPlace } from '../../db/pick-up-choice.ts'
import type { GroupState } from '../domain/fulfilment/group-life.ts'
import { readiness } from '../domain/fulfilment/promise.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { withPublicHolidays } from './public-holidays.ts'

/** Units of a line: taken from the shelf, not found there, or damaged. `sku` names the part of a bundle, `left` how many lie free where the clerk looked. */
export type Pick = {
  readonly lineId: number
  readonly picked?: number | undefined
  readonly short?: number | undefined
  readonly damaged?: number | undefined
  readonly sku?: string | undefined
  readonly left?: number | undefined
}

/** What people do with a fulfilment group. */
export type GroupDeed =
  | { readonly kind: 'pick'; readonly lines: readonly Pick[] }
  | { readonly kind: 'put_back'; readonly lines: readonly { readonly lineId: number; readonly quantity: number }[] }
  /** `all`: picked without a word of each. */
  | { readonly kind: 'ready'; readonly all?: boolean | undefined }
  | {
      readonly kind: 'hand_over'
      readonly proof: 'code' | 'identity'
      readonly code?: string | undefined
      readonly takenBy: 'buyer' | 'other'
    }
  /** The buyer waits there; null: not any more. */
  | { readonly kind: 'arrive'; readonly bay: string | null }
  /** Ready goods are kept longer for their buyer, as the rule says. */
  | { readonly kind: 'keep' }
  /** It leaves for the store where its buyer collects it. */
  | { readonly kind: 'send'; readonly tracking?: object | undefined }
  /** It came there; or it never does. */
  | { readonly kind: 'receive'; readonly lost?: boolean | undefined }
  /** The location cannot: its units are routed again, and not to it. */
  | { readonly kind: 'reject'; readonly reason: string }

/** How the group stands after it. */
export type Worked = {
  readonly groupId: number
  readonly state: GroupState
  /** The group that goes on with what came to a store; null: nothing of it was wanted any more. Absent otherwise. */
  readonly group?: number | null
}

const FUNCTIONS: Readonly<Record<GroupDeed['kind'], GroupFunction>> = {
  pick: 'fulfilment_pick_1',
  put_back: 'fulfilment_put_back_1',
  ready: 'fulfilment_ready_1',
  hand_over: 'fulfilment_hand_over_1',
  arrive: 'fulfilment_arrive_1',
  keep: 'pick_up_keep_longer_1',
  send: 'parcel_send_1',
  receive: 'parcel_receive_1',
  reject: 'fulfilment_reject_1',
}

/**
 * Does something with a group of a location. Keys count per location, not per person: what a device sends again after somebody else has switched to it
 * is the same act. Throws `not_found`, `insufficient_stock` (more than is open), `invalid` (the code, a bundle without its part), or `conflict` with
 * `detail.state` when the group or its order is in no state for it.
 */
export async function workOnGroup(
  context: Context,
  key: string | null,
  locationId: number,
  groupId: number,
  deed: GroupDeed,
): Promise<Worked> {
  // A group stays where it is, so this may be read ahead of the command.
  const places = await parcelPlaces(context.sql, groupId)
  if ((deed.kind === 'receive' ? places?.to : places?.from) !== locationId)
    throw new Fault('not_found', `There is no group ${groupId} here.`, { reason: 'unknown' })
  const { kind, ...stated } = deed
  const body = { groupId, locationId, ...Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined)) }
  const head = { ...command(context, `group.${kind}`, key, body), scope: `desk:${locationId}` }
  // What comes in is ready when the store can have it ready: not part of what was asked, as it moves with the clock.
  const promise = kind === 'receive' ? { readyBy: await readyBy(context, locationId) } : {}
  const cmd = { ...body, ...promise, ...head } as unknown as JsonValue
  return done(await carryOut(key, () => actOnGroup(context.sql, FUNCTIONS[kind], cmd)))
}

/** By when a store has ready what comes in now; null: it does not say when it works. */
async function readyBy(context: Context, locationId: number): Promise<string | null> {
  const at = context.now?.() ?? new Date()
  const stated = await pickUpPlace(context.sql, locationId)
  const [place] = stated === null ? [] : await withPublicHolidays([stated], at)
  return (place === undefined ? null : readiness(place, at)?.readyBy.toISOString()) ?? null
}

function done(answer: GroupAnswer): Worked {
  switch (answer.outcome) {
    case 'picked':
    case 'put_back':
    case 'ready':
    case 'handed_over':
    case 'arrived':
    case 'kept':
    case 'sent':
    case 'received':
      return answer
    case 'rejected':
      return { groupId: answer.group, state: answer.state }
    case 'unknown':
      throw new Fault('not_found', `There is no ${answer.field} ${String(answer.value)} here.`, { reason: 'unknown' })
    case 'closed':
    case 'ended':
      throw new Fault('conflict', `This cannot be worked on: it is ${answer.state}.`, { reason: 'closed', state: answer.state })
    case 'not_ready':
      throw new Fault('conflict', 'This is not ready to be handed over.', { reason: 'not_ready' })
    case 'not_picked':
      throw new Fault('conflict', `${answer.sku} (line ${answer.lineId}) has ${answer.picked} of ${answer.open} units picked.`, {
        ...{ reason: 'not_picked', picked: answer.picked, open: answer.open },
      })
    case 'too_many':
    case 'over':
      throw new Fault(
        'insufficient_stock',
        `${answer.sku === null ? `Line ${answer.lineId}` : `${answer.sku} (line ${answer.lineId})`} has ${answer.open} units open, not ${answer.asked}.`,
        {
          ...{ reason: 'too_many', open: answer.open, asked: answer.asked },
        },
      )
    case 'in_parts':
      throw new Error('whole groups are rejected here, and nothing of them is missing')
    case 'part_needed':
      throw new Fault('invalid', `Name the part: ${answer.parts.join(' or ')}.`, {
        field: 'sku',
        expected: answer.parts.join(', '),
        reason: 'part_needed',
      })
    case 'wrong_code':
      throw new Fault('invalid', `This is not the code; ${answer.left} tries are left.`, {
        field: 'code',
        reason: 'wrong_code',
        left: answer.left,
      })
    case 'code_locked':
      throw new Fault('conflict', 'Too many wrong codes: look at a paper with the name.', { reason: 'code_locked' })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
