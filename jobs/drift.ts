import type { BulkPage, ListingKey } from '../connectors/contract.ts'
import {
  askDueCheck,
  type CheckPlace,
  driftsToTake,
  endCheck,
  moveCheck,
  nextParent,
  noteGoneInCheck,
  noteLook,
  type OpenCheck,
  openCheck,
  settleDrifts,
  takeDrift,
  unseenListings,
} from '../db/drift.ts'
import { databaseNow } from '../db/listings.ts'
import { noteGone } from '../db/publications.ts'
import { makeReportCheck } from './drift-report.ts'
import type { Lane } from './lane.ts'
import { observed } from './observe.ts'
import { keyOf } from './push-items.ts'
import { restMs } from './rest.ts'

/** How often a lane looks whether a check was asked for, and what became of the differences that are open. */
export const DRIFT_LOOK_MS = 1_000

/** A whole account is looked at by itself so often, ms on a real platform; sandboxes run scaled. */
const CHECK_EVERY_MS = 24 * 3_600_000

const TAKEN_AT_ONCE = 20

/**
 * Makes the step of the drift check: settles the differences that are open, takes in what the platform wins, and makes the next call of the check that runs. Where it
 * is stands in the database, so that whoever has the account next goes on there.
 */
export function makeDriftCheck(lane: Lane): () => Promise<boolean | 'called'> {
  const { sql } = lane.deps
  const { row, scale, connector, session } = lane.account
  const { report: declared } = connector.declares
  const byReport = declared && session.report ? makeReportCheck(lane, declared, session.report, lookAtStrange(lane)) : null
  let settleAt = Number.NEGATIVE_INFINITY
  return async () => {
    const began = performance.now()
    if (began >= settleAt) {
      await settleDrifts(sql, row.id)
      await takeIn(lane)
      await askDueCheck(sql, row.id, CHECK_EVERY_MS / scale)
      settleAt = performance.now() + restMs(performance.now() - began, DRIFT_LOOK_MS)
    }
    const check = await openCheck(sql, row.id)
    if (check === null) return false
    if (byReport !== null && check.phase === 'report') return byReport.step(check)
    const isNew = check.phase === 'page' && check.place === null && check.calls === 0
    return (byReport !== null && isNew && (await byReport.choose(check))) || next(lane, check)
  }
}

async function takeIn(lane: Lane): Promise<void> {
  const { deps, account } = lane
  for (const id of await driftsToTake(deps.sql, account.row.id, TAKEN_AT_ONCE)) {
    const answer = await takeDrift(deps.sql, id, `channel:${account.row.name}`)
    if (answer.outcome === 'refused')
      deps.log.warn({ account: account.row.name, drift: id }, `the platform's value is not taken in: ${answer.words}`)
  }
}

async function next(lane: Lane, check: OpenCheck): Promise<boolean | 'called'> {
  const { bulk } = lane.account.session
  const at = await databaseNow(lane.deps.sql)
  if (check.phase === 'page') {
    const seen = await bulk.page(check.place)
    const after = bulk.family === undefined ? 'missed' : 'family'
    await note(lane, check, at, seen, { phase: seen.next === null ? after : 'page', place: seen.next, parent: null })
    return true
  }
  if (check.phase === 'family' && bulk.family !== undefined) {
    const parent = check.place === null ? await nextParent(lane.deps.sql, lane.account.row.id, check.parent) : check.parent
    if (parent === null) {
      await moveCheck(lane.deps.sql, check, { phase: 'missed', place: null, parent: null })
      return true
    }
    const seen = await bulk.family(parent, check.place)
    await note(lane, check, at, seen, { phase: 'family', place: seen.next, parent })
    return true
  }
  return lookByName(lane, check)
}

async function note(lane: Lane, check: OpenCheck, at: Date, seen: BulkPage, moved: CheckPlace): Promise<void> {
  const { deps, account } = lane
  const listings = seen.listings.map(listing => ({ ...observed(listing), at, modifiedAt: listing.modifiedAt ?? null }))
  const withinMs = account.connector.declares.applyWithinMs / account.scale
  const differs = await noteLook(deps.sql, check, withinMs, listings, moved, `channel:${account.row.name}`)
  if (differs !== null && differs > 0) lane.pushBell.ring()
}

/**
 * What the check has not seen is asked for by name before it counts as gone: what moved from one page to another while they were read, and all that a report did not
 * confirm. Nobody waits for it.
 */
async function lookByName(lane: Lane, check: OpenCheck): Promise<boolean | 'called'> {
  const { deps, account } = lane
  const unseen = await unseenListings(deps.sql, account.row.id, check.beganAt, account.connector.declares.readMax)
  const [first] = unseen
  if (first === undefined) {
    await endCheck(deps.sql, check.id)
    return 'called'
  }
  const shown = await account.session.readListings(unseen.map(keyOf), { spare: true })
  const found = new Set(shown.map(nameOf))
  const missed = unseen.filter(row => !found.has(nameOf(row))).map(row => ({ listing: row.listing, at: first.at }))
  await note(lane, check, first.at, { listings: shown, next: null }, { phase: 'missed', place: null, parent: null })
  const gone = await noteGone(deps.sql, missed)
  await noteGoneInCheck(
    deps.sql,
    check.id,
    missed.map(row => row.listing),
    first.at,
  )
  if (gone.length > 0) deps.log.warn({ account: account.row.name, listings: gone }, 'listings are gone from the platform')
  return true
}

const nameOf = (listing: Pick<ListingKey, 'channelRef' | 'externalId'>): string => `${listing.channelRef}\n${listing.externalId}`

/** Listings that a report names and our books do not know: a report tells too little of them. */
function lookAtStrange(lane: Lane): (check: OpenCheck, channelRef: string, skus: readonly string[]) => Promise<void> {
  return async (check, channelRef, skus) => {
    const at = await databaseNow(lane.deps.sql)
    const keys = skus.map(sku => ({ channelRef, externalId: sku, externalParentId: null, externalSku: sku, productType: null }))
    const listings = await lane.account.session.readListings(keys, { spare: true })
    await note(lane, check, at, { listings, next: null }, { phase: check.phase, place: check.place, parent: check.parent })
  }
}
