import type { Session } from '../connectors/contract.ts'
import { noteWebhooks, publishesAnything } from '../db/accounts.ts'
import { unsealText } from '../src/values/sealed.ts'
import type { Lane } from './lane.ts'

/**
 * Makes sure that the platform tells us of orders, where it can and can reach us: platforms switch webhooks off that nobody answered. A
 * channel that is only observed is not written to at all, so until something is published its orders come by polls.
 */
export async function subscribe(lane: Lane): Promise<'called' | false> {
  const { deps, account } = lane
  const { session, row } = account
  if (session.ensureQueue) return fill(lane, session.ensureQueue)
  if (!session.ensureWebhooks || deps.publicUrl === null || row.webhookSecret === null) return false
  if (!(await publishesAnything(deps.sql, row.id))) return false
  const secret = await unsealText(deps.keyring, 'webhook-secret', row.webhookSecret)
  const done = await session.ensureWebhooks(`${deps.publicUrl}/webhooks/${row.webhookToken}`, secret)
  await noteWebhooks(deps.sql, row.id)
  if (done !== 'present') deps.log.info({ account: row.name }, `webhooks ${done}`)
  return 'called'
}

/** The same of a queue that we read. */
async function fill({ deps, account }: Lane, ensureQueue: NonNullable<Session['ensureQueue']>): Promise<'called' | false> {
  const { row } = account
  if (!(await publishesAnything(deps.sql, row.id))) return false
  const done = await ensureQueue()
  if (done === 'elsewhere') deps.log.warn({ account: row.name }, `${row.platform} sends its messages to another queue: see channel test`)
  else await noteWebhooks(deps.sql, row.id)
  if (done === 'created' || done === 'revived') deps.log.info({ account: row.name }, `queue ${done}`)
  return 'called'
}
