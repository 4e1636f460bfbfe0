import { askCheck, driftCommand, takeDrift } from '../../db/drift.ts'
import { type ChannelDrift, channelDrift, type DriftRow, listDrifts } from '../../db/drift-list.ts'
import { Fault } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import type { PlatformShape } from './channels.ts'
import { type Context, command } from './context.ts'
import type { Scope } from './scopes.ts'
import { stated } from './stated.ts'

export type Winner = 'hub' | 'platform' | 'ask'

/** How a channel stands, with the time within which its platform's accepted values are proven (ms; null where the platform is not known here). */
export type DriftShown = ChannelDrift & { readonly provenWithinMs: number | null }

/** How a channel's drift stands: its checks, who wins, what is open, what is not proven. Fault: not_found. */
export async function showDrift(context: Context, channel: string, platforms: readonly PlatformShape[]): Promise<DriftShown> {
  const row = await channelDrift(context.sql, channel)
  if (row === null) throw new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
  const within = platforms.find(one => one.platform === row.platform)?.provenWithinMs
  return { ...row, provenWithinMs: within === undefined ? null : within / row.scale }
}

/** Asks for a check of the account that the channel belongs to; one that is open is joined. Answers its id. Fault: not_found. */
export async function askDriftCheck(context: Context, channel: string): Promise<number> {
  const { accountId } = await showDrift(context, channel, [])
  return askCheck(context.sql, accountId, context.actor)
}

/** The scope that it takes to let a platform's values become ours. */
export const scopeToTake = (field: DriftRow['field']): Scope => (field === 'price' ? 'prices:write' : 'stock:write')

/**
 * Says who wins where a channel shows something else, per field; what is not stated stays. It holds for what is found from now on. Faults: not_found, forbidden (to let
 * the platform win takes the scope to change that field), conflict (its stock is not the platform's own; key).
 */
export async function setDriftWinners(
  context: Context,
  key: string | null,
  channel: string,
  winners: { readonly stock?: Winner | undefined; readonly price?: Winner | undefined },
  may: (scope: Scope) => boolean,
): Promise<void> {
  for (const field of ['stock', 'price'] as const)
    if (winners[field] === 'platform') mustMay(may, field, `${channel}: to let the platform win`)
  const body = stated({ channel, ...winners })
  const answer = await carryOut(key, () =>
    driftCommand(context.sql, 'drift_policy_1', { ...command(context, 'drift.policy', key, body), ...body }),
  )
  if (answer.outcome === 'key_conflict') throw keyConflict()
  if (answer.outcome === 'unknown') throw new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
  if (answer.outcome === 'shared')
    throw new Fault(
      'conflict',
      `The stock that ${channel} shows is not the platform's own: it comes from several locations, or from one that serves other accounts too. Its number cannot become ours; choose hub or ask.`,
      { field: 'stock', value: 'platform', expected: 'hub or ask' },
    )
}

export type DriftDecision = { readonly winner: 'hub' | 'platform' | 'seen'; readonly note?: string | undefined }

/**
 * Decides on a difference: ours goes out, or theirs becomes ours (a price as the channel's typed price, units as an adjustment at the platform's own location, once all
 * orders until the look are known); one of a listing is only marked as seen. Answers it as it stands then. Faults: not_found, forbidden, conflict (it is over, or
 * theirs cannot become ours; key).
 */
export async function decideDrift(
  context: Context,
  key: string | null,
  id: number,
  decision: DriftDecision,
  may: (scope: Scope) => boolean,
): Promise<DriftRow> {
  const before = await findDrift(context, id)
  if (decision.winner === 'platform') mustMay(may, before.field, `Difference ${id}: to take the platform's value in`)
  const body = stated({ drift: id, ...decision })
  const answer = await carryOut(key, () =>
    driftCommand(context.sql, 'drift_decide_1', { ...command(context, 'drift.decide', key, body), ...body }),
  )
  switch (answer.outcome) {
    case 'key_conflict':
      throw keyConflict()
    case 'over':
      throw new Fault('conflict', `Difference ${id} is over already (${answer.state}).`, { field: 'id', value: id })
    case 'cannot': {
      const expected = answer.field === 'listing' ? 'seen' : 'hub or platform'
      throw new Fault('conflict', `Difference ${id} is one of ${answer.field}: it can only be ${expected}.`, {
        field: 'winner',
        value: decision.winner,
        expected,
      })
    }
  }
  if (decision.winner === 'platform') {
    const taken = await carryOut(null, () => takeDrift(context.sql, id, context.actor))
    if (taken.outcome === 'refused')
      throw new Fault(
        'conflict',
        `${before.sku} in ${before.channel}: the platform's value is not taken in: ${taken.words}. It is held as before.`,
        {
          field: 'winner',
          value: 'platform',
        },
      )
  }
  return findDrift(context, id)
}

/** One difference. Fault: not_found. */
export async function findDrift(context: Context, id: number): Promise<DriftRow> {
  const [row] = await listDrifts(context.sql, { id }, null, 1)
  if (row === undefined) throw new Fault('not_found', `There is no difference ${id}.`, { field: 'id', value: id })
  return row
}

function mustMay(may: (scope: Scope) => boolean, field: DriftRow['field'], what: string): void {
  const needs = scopeToTake(field)
  if (!may(needs)) throw new Fault('forbidden', `${what} needs ${needs}.`, { needs })
}
