import { channelCommand } from '../../db/channels.ts'
import { replayInbox } from '../../db/intake.ts'
import { onceMore } from '../../db/once-more.ts'
import { Fault } from '../values/fault.ts'
import { type Context, command } from './context.ts'
import type { WriteToken } from './write-token.ts'

/**
 * Says by hand which SKU a listing is, or (null) that it is none of ours. The old mapping is kept with its period, what was to be shown for
 * the other SKU never goes out, and orders that waited for the match are taken up again. Answers the write's token. Faults: not_found, conflict.
 */
export async function matchListing(context: Context, listingId: number, sku: string | null, key: string | null): Promise<WriteToken> {
  const payload = { ...command(context, 'listing.match', key, { listingId, sku }), listingId, sku }
  const answer = await onceMore(() => channelCommand(context.sql, 'listing_match_1', payload))
  if (answer.outcome === 'unknown')
    throw new Fault('not_found', `there is no ${answer.field} ${answer.value}`, {
      field: String(answer.field),
      value: answer.value,
    })
  if (answer.outcome === 'key_conflict')
    throw new Fault('conflict', 'this idempotency key was used with another body', { field: 'Idempotency-Key', expected: 'a new key' })
  return String(answer.token)
}

/** Takes a message up again that was kept aside. Fault: not_found when none of this id is kept aside. */
export async function replayMessage(context: Context, id: number): Promise<void> {
  if (!(await replayInbox(context.sql, id, context.actor)))
    throw new Fault('not_found', `no message ${id} is kept aside`, { field: 'message', value: id })
}
