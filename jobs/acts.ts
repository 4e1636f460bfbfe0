import type { Act, ActOutcome } from '../connectors/contract.ts'
import { type ActRow, type ActStand, dueActs, markActSent, noteAct } from '../db/acts.ts'
import { backoffMs } from '../src/domain/sync/backoff.ts'
import { isAccountTrouble, LeaseLost } from './account.ts'
import type { Lane } from './lane.ts'
import { untilNoted } from './until-noted.ts'

/**
 * Carries out acts: each is noted as sent before its call. When the answer is lost the act is `unknown` and is resolved by reading the
 * platform's order, never by sending again blindly.
 */
export async function doActs(lane: Lane): Promise<boolean> {
  const due = await dueActs(lane.deps.sql, lane.account.row.id, 20)
  for (const row of due) await (row.state === 'unknown' ? resolve(lane, row) : send(lane, row))
  return due.length > 0
}

async function send(lane: Lane, row: ActRow): Promise<void> {
  const { deps, account } = lane
  const { declares, title } = account.connector
  if (!declares.acts.includes(row.kind)) {
    const words = `${title} does not take "${row.kind}" through its API: do it in ${title} itself`
    await noteAct(deps.sql, row, 'refused', { code: 'not_supported', words }, null)
    return
  }
  if (!(await markActSent(deps.sql, row.id, account.leaseToken))) return
  const sent: ActStand = { id: row.id, state: 'sent', attempts: row.attempts + 1 }
  let outcome: ActOutcome
  try {
    outcome = await account.session.act(actOf(row))
  } catch (error) {
    const words = error instanceof Error ? error.message : 'the call failed'
    const arrived = isAccountTrouble(error) ? error.maybeTookEffect : !(error instanceof LeaseLost)
    await untilNoted(lane, () =>
      noteAct(deps.sql, sent, arrived ? 'unknown' : 'intended', { code: arrived ? 'unknown' : 'trouble', words }, pause(lane, row)),
    )
    throw error
  }
  switch (outcome.status) {
    case 'confirmed':
      return untilNoted(lane, () => noteAct(deps.sql, sent, 'confirmed', null, null))
    case 'refused':
      return untilNoted(lane, () => noteAct(deps.sql, sent, 'refused', { code: outcome.code, words: outcome.words }, null))
    case 'retry':
      return untilNoted(lane, () =>
        noteAct(deps.sql, sent, 'intended', { code: 'retry', words: outcome.words }, Math.max(outcome.afterMs, pause(lane, row))),
      )
    case 'unknown':
      return untilNoted(lane, () => noteAct(deps.sql, sent, 'unknown', { code: 'unknown', words: outcome.words }, pause(lane, row)))
  }
}

/** It happened: confirmed. It did not: it is sent (again), under the same key. */
async function resolve(lane: Lane, row: ActRow): Promise<void> {
  const happened = await lane.account.session.actHappened(actOf(row))
  if (happened) await noteAct(lane.deps.sql, row, 'confirmed', null, null)
  else await noteAct(lane.deps.sql, row, 'intended', null, pause(lane, row))
}

function pause(lane: Lane, row: ActRow): number {
  const { scale } = lane.account
  return backoffMs(row.attempts + 1, lane.deps.random(), { firstMs: 2_000 / scale, maxMs: 600_000 / scale })
}

function actOf(row: ActRow): Act {
  const { tracking, cause, reason, code, refund } = row.body
  return {
    key: row.key,
    kind: row.kind,
    externalOrderId: row.externalOrderId,
    channelRef: row.channelRef,
    lines: row.body.lines.map(({ externalLineId, quantity }) => ({ externalLineId, quantity })),
    ...(tracking ? { tracking: { ...tracking, shippedAt: row.createdAt.toISOString() } } : {}),
    ...(cause ? { cause } : {}),
    ...(reason ? { reason } : {}),
    ...(code ? { code } : {}),
    // What a whole order gives back the platform knows by itself.
    ...(refund && !refund.whole
      ? {
          refund: { currency: refund.currency, amounts: refund.amounts, shipping: refund.shipping, decidedAt: row.createdAt.toISOString() },
        }
      : {}),
  }
}
