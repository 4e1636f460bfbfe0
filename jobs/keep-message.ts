import { createHash } from 'node:crypto'
import { keepAsideAgain } from '../db/coverage.ts'
import { inboxPut } from '../db/inbox.ts'
import { endInbox } from '../db/intake.ts'
import { seal } from '../src/values/sealed.ts'
import type { Lane } from './lane.ts'

export type KeptMessage = {
  readonly source: 'queue' | 'poll' | 'report'
  /** The platform's id of the message; without one, the same content is the same message. */
  readonly deliveryId?: string
  /** For a poll the order's id, so that a replay reads that order again. */
  readonly topic: string
  readonly body: string
  /** Keeps it aside at once, with this reason, for a person. */
  readonly refusedFor?: string
}

/** Stores a message in the inbox once, sealed. What was taken up again and is still of no use is kept aside again. */
export async function keepMessage(lane: Lane, message: KeptMessage): Promise<void> {
  const { deps, account } = lane
  const own = createHash('sha256')
    .update(`${message.topic}\n${message.body}\n${message.refusedFor ?? ''}`)
    .digest('base64url')
  const deliveryId = message.deliveryId ?? `poll:${own}`
  const id = await inboxPut(deps.sql, {
    accountId: account.row.id,
    source: message.source,
    deliveryId,
    topic: message.topic,
    sealedBody: await seal(deps.keyring, 'inbox', message.body),
  })
  if (message.refusedFor === undefined) return
  const kept = id ?? (await keepAsideAgain(deps.sql, account.row.id, deliveryId, message.refusedFor))
  if (kept === null) return
  deps.log.warn({ account: account.row.name, inbox: kept }, message.refusedFor)
  if (id !== null) await endInbox(deps.sql, [{ id, state: 'refused', reason: message.refusedFor }])
}
