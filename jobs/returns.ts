import { createHash } from 'node:crypto'
import { type ReturnsDeclaration, type ReturnsReport, type UnitsBack, unitsBackShape } from '../connectors/returns.ts'
import { databaseNow } from '../db/listings.ts'
import { type ReturnTaken, settleReturns, takeReturns } from '../db/returns.ts'
import { keepMessage } from './keep-message.ts'
import type { Lane } from './lane.ts'
import { unreadable } from './trouble-words.ts'

/** Returns that are taken in as one statement. */
const AT_ONCE = 200

/** Where the reading of a channel's returns is. All of it can be found again at the platform, so a lost one is harmless. */
type Reading = {
  readonly channel: string
  nextAt: number
  report: string | null
  askedAt: number
  lookAt: number
  knowsWhatWasAsked: boolean
}

/**
 * Makes the step that reads returns where the platform tells them in reports: each channel's in its turn, out of a report that was asked for lately if there is one, by
 * whomever, else out of a new one. Every report tells everything of some weeks again; what was taken is known by its key, so nothing of this is kept between two holders.
 */
export function makeReturnsReader(lane: Lane): () => Promise<boolean | 'called'> {
  const { account } = lane
  const { returns } = account.session
  const declared = account.connector.declares.returnsReport
  if (returns === undefined || declared === undefined) return async () => false
  const readings = account.row.channels.map(
    ({ ref }): Reading => ({ channel: ref, nextAt: 0, report: null, askedAt: 0, lookAt: 0, knowsWhatWasAsked: false }),
  )
  return async () => {
    const now = performance.now()
    const due = readings.find(one => (one.report === null ? one.nextAt : one.lookAt) <= now)
    return due === undefined ? false : step(lane, returns, declared, due)
  }
}

async function step(lane: Lane, returns: ReturnsReport, declared: ReturnsDeclaration, reading: Reading): Promise<boolean | 'called'> {
  const { deps, account } = lane
  const { scale } = account
  const now = performance.now()
  const rest = (): 'called' => {
    Object.assign(reading, { report: null, nextAt: now + declared.everyMs / scale, knowsWhatWasAsked: true })
    return 'called'
  }
  if (reading.report === null) {
    const since = new Date((await databaseNow(deps.sql)).getTime() - declared.everyMs / scale)
    // After a start, and where an answer was lost, there may be one.
    const known = reading.knowsWhatWasAsked ? null : await returns.requestedSince(reading.channel, since)
    reading.knowsWhatWasAsked = false
    const report = known ?? (await returns.request(reading.channel))
    if (report === null) {
      deps.log.warn(
        { account: account.row.name, channel: reading.channel },
        `${account.row.platform} makes no report of returns for this account`,
      )
      rest()
      // Nothing is known to work by it: the credentials may have been refused.
      return false
    }
    Object.assign(reading, { report, askedAt: now, lookAt: now })
    return 'called'
  }
  const seen = await returns.look(reading.report)
  if (seen.status === 'waiting') {
    if (now - reading.askedAt > declared.lateMs / scale) return rest()
    reading.lookAt = now + declared.lookEveryMs / scale
    return 'called'
  }
  if (seen.status === 'none') return rest()
  const read = await returns.read(seen.file)
  if ('words' in read) {
    deps.log.error({ account: account.row.name, channel: reading.channel }, read.words)
    await keepMessage(lane, {
      ...kept(`return-file:${read.words}`, 'RETURN_ROW', { reason: read.words }),
      refusedFor: unreadable(read.words),
    })
    return rest()
  }
  for (const row of read.unreadable)
    await keepMessage(lane, {
      ...kept(`return-row:${row.raw}`, 'RETURN_ROW', { reason: row.reason, raw: row.raw }),
      refusedFor: unreadable(row.reason),
    })
  for (let from = 0; from < read.returns.length; from += AT_ONCE) await take(lane, read.returns.slice(from, from + AT_ONCE))
  return rest()
}

/** Books what is new; keeps aside what cannot be booked, and settles what was kept aside and could be. */
async function take(lane: Lane, returns: readonly UnitsBack[]): Promise<void> {
  const { deps, account } = lane
  const taken = await bookReturns(deps.sql, account.row, returns)
  for (const { told, reason } of taken) {
    if (reason !== null) await keepMessage(lane, { ...kept(deliveryOf(told), 'RETURN', told), refusedFor: reason })
  }
  const settled = taken.filter(one => one.reason === null).map(one => digest(deliveryOf(one.told)))
  await settleReturns(deps.sql, account.row.id, settled)
}

/** Takes returns back, each once, and says of each why it needs a person; null: it needs none. */
export async function bookReturns(
  sql: Lane['deps']['sql'],
  account: { readonly id: number; readonly name: string },
  returns: readonly UnitsBack[],
): Promise<{ readonly told: UnitsBack; readonly reason: string | null }[]> {
  const answers = await takeReturns(
    sql,
    account.id,
    returns.map(one => ({
      ...{ key: one.key, orderId: one.externalOrderId, lineId: one.externalLineId, sku: one.sku, units: one.quantity, on: one.arrivedOn },
    })),
    `channel:${account.name}`,
  )
  return returns.map((told, at) => ({ told, reason: reasonOf(told, answers[at]) }))
}

function reasonOf(told: UnitsBack, answer: ReturnTaken | undefined): string | null {
  const units = `${told.quantity} of ${told.sku} came back on ${told.arrivedOn} from order ${told.externalOrderId}`
  switch (answer?.outcome) {
    case 'unknown_order':
      return `return: ${units}, which is not in the books; count them in by hand if they may be sold`
    case 'unknown_line':
      return `return: ${units}, which has no such line; count them in by hand if they may be sold`
    case 'not_shipped':
      return `return: ${units}, but by the books ${answer.free ?? 0} of it are away; it is taken in once they have left`
    default:
      return null
  }
}

/** What a return that was kept aside tells, or why its row cannot be read. */
export function readKept(topic: string, body: string): UnitsBack | { readonly reason: string } {
  const kept = JSON.parse(body) as UnitsBack | { readonly reason?: unknown }
  return topic === 'RETURN' ? unitsBackShape.parse(kept) : { reason: 'reason' in kept ? String(kept.reason) : 'no reason was kept' }
}

const deliveryOf = (told: UnitsBack): string => `return:${told.key}`

/** Keys and rows may be long; what names a message is not. */
const digest = (name: string): string => createHash('sha256').update(name).digest('base64url')

const kept = (name: string, topic: string, body: object) => ({
  ...{ source: 'report' as const, deliveryId: digest(name), topic, body: JSON.stringify(body) },
})
