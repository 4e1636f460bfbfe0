import { channelOfListing, type ForceRow, forceStep, pushCommand, readForce } from '../../db/force.ts'
import { Fault } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'

/** How a field stands for people. `drifting`: the platform shows something else than it should by what it took. */
export const STANDS = ['intended', 'sent', 'accepted', 'applied', 'refused', 'drifting', 'quarantined'] as const
export type FieldStands = (typeof STANDS)[number]

/** Which of a channel's fields: all that is not narrowed. */
export type Selection = {
  readonly field?: 'stock' | 'price' | undefined
  readonly skus?: readonly string[] | undefined
  readonly listing?: number | undefined
  readonly state?: FieldStands | undefined
  readonly category?: string | undefined
}

/** Listings that one statement takes: it holds its locks for some 50 ms. */
export const FORCED_AT_ONCE = 250

/** Whoever asks waits for no longer than this, beyond a statement; it ends before the holder of the account takes over. */
const WAITS_MS = 2_000

/**
 * Sends what the hub intends now, though the platform has it already; a value that was refused is tried again. Guard, floors, instants and the order of danger
 * hold as ever. Some hundreds of listings in each statement; when that lasts for longer than two seconds or breaks off, the holder of the account goes on with it:
 * `endedAt` is null then, and whoever asks again under the key is told how far it is. Faults: not_found, conflict (paused, or publishing is off; key).
 */
export async function forcePush(
  context: Context,
  key: string | null,
  channel: string,
  selection: Selection,
  waitsMs = WAITS_MS,
): Promise<ForceRow> {
  const body = stated({ channel, ...selection })
  const answer = await carryOut(key, () =>
    pushCommand(context.sql, 'publication_force_1', { ...command(context, 'channel.force', key, body), ...body }),
  )
  refuse(answer, channel)
  const force = Number(answer.force)
  const until = performance.now() + waitsMs
  while ((await carryOut(null, () => forceStep(context.sql, force, FORCED_AT_ONCE))) && performance.now() < until);
  const row = await readForce(context.sql, force)
  if (row === null)
    throw new Fault('not_found', `What was asked under this key is too long ago to be told.`, { field: 'force', value: force })
  return row
}

/** Sends a value again that the platform refused. Faults: not_found when that field is not refused, conflict (paused, or publishing is off). */
export async function retryPublication(context: Context, listing: number, field: 'stock' | 'price'): Promise<void> {
  const channel = await channelOfListing(context.sql, listing)
  const tried = channel === null ? null : await forcePush(context, null, channel, { listing, field, state: 'refused' })
  if (tried === null || tried.again === 0)
    throw new Fault('not_found', `the ${field} of listing ${listing} is not refused`, { field: 'listing', value: listing })
}

/**
 * Compares the whole account of a channel with its platform: everything is read and judged anew, and what differs goes out. Answers the number of the request, for
 * `readAsked`; an open one is joined. Faults: not_found, conflict of keys.
 */
export async function resetChannel(context: Context, key: string | null, channel: string): Promise<number> {
  const answer = await carryOut(key, () =>
    pushCommand(context.sql, 'channel_reset_1', { ...command(context, 'channel.reset', key, { channel }), channel }),
  )
  refuse(answer, channel)
  return Number(answer.request)
}

function refuse(answer: Readonly<Record<string, unknown>>, channel: string): void {
  const field = String(answer.field ?? '')
  switch (answer.outcome) {
    case 'key_conflict':
      throw keyConflict()
    case 'unknown':
      throw new Fault('not_found', `There is no ${field === 'sku' ? 'SKU' : field} ${answer.value}.`, { field, value: answer.value })
    case 'paused': {
      const next = answer.what === 'channel' ? `"concord channel resume ${channel}"` : `resume account ${answer.account}`
      throw new Fault('conflict', `${channel}: its ${answer.what} is paused, so nothing is sent: ${next} first.`, {
        field: 'channel',
        value: channel,
      })
    }
    case 'off': {
      const what = answer.field === 'stock' ? 'stock' : answer.field === 'price' ? 'prices' : 'stock and prices'
      throw new Fault(
        'conflict',
        `${channel} is only observed in ${what}: turn the switch on first ("concord channel publish ${channel}").`,
        {
          field: 'channel',
          value: channel,
        },
      )
    }
  }
}
