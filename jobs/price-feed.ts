import { AccountTrouble } from '../connectors/contract.ts'
import type { Feed, FeedDeclaration } from '../connectors/feed.ts'
import { DEADLINE_MAX_MS } from '../connectors/http.ts'
import {
  endFeed,
  feedLate,
  feedStarted,
  feedStarting,
  fillFeed,
  knownFeeds,
  lookAfterFeeds,
  type OpenFeed,
  openFeed,
  releaseFromFeed,
} from '../db/price-feeds.ts'
import { isAccountTrouble } from './account.ts'
import { makeBell } from './bell.ts'
import type { Lane } from './lane.ts'
import { clearMs, makeFeedChoice } from './price-feed-choice.ts'
import { feedContents, noteForAll, noteOutcomes } from './price-feed-contents.ts'
import { restMs } from './rest.ts'
import { untilNoted } from './until-noted.ts'

/** How often a lane looks whether a feed is worth it, or what became of one, ms at the platform's own pace. */
const LOOK_MS = 15_000
const LOOK_MIN_MS = 250
/** Looking takes the database one part in so many of the time, at the most. */
const LOOK_SHARE = 15
/** A feed that nobody waits for any more is looked at less often. */
const LATE_LOOKS = 10

/** How often a lane looks for what cannot wait for its feed, at the most. */
const RELEASE_MS = 500

/** Fields that are noted in one statement: each holds its rows for some tens of milliseconds. */
const CHUNK = 250

/** A feed that cannot be handed over for so long is given up, ms at the platform's own pace. */
const FILLING_MAX_MS = 10 * 60_000

/** Clocks differ: a feed whose start was not answered is looked for from so long before. */
const SKEW_MS = 60_000
/** The platform lists a feed so long after its start at the latest. */
const LISTED_MS = DEADLINE_MAX_MS + 2_000

type Step = () => Promise<boolean | 'called'>

/**
 * Makes the step that sends a large backlog of prices as one feed where that ends first, and the one that takes out of it what cannot wait. Where a feed is stands in
 * the database before each call, so whoever has the account next goes on there; a start whose answer was lost is looked for at the platform, never repeated.
 */
export function makePriceFeed(lane: Lane): { readonly step: Step; readonly release: () => Promise<boolean> } {
  const { session, connector } = lane.account
  const { feed } = session
  const declared = connector.declares.feed
  if (!feed || !declared) return { step: async () => false, release: async () => false }
  const work: Work = { lane, feed, declared, choose: makeFeedChoice(lane, declared) }
  let lookAt = 0
  const step = async (): Promise<boolean | 'called'> => {
    const { deps, account } = lane
    await lookAfterFeeds(deps.sql, account.row.id, connector.declares.applyWithinMs / account.scale)
    const open = await openFeed(deps.sql, account.row.id)
    const isIdle = open === null || open.state === 'started' || open.state === 'late'
    if (isIdle && performance.now() < lookAt) return false
    lookAt = performance.now() + Math.max(LOOK_MIN_MS, LOOK_MS / account.scale) * (open?.state === 'late' ? LATE_LOOKS : 1)
    const began = performance.now()
    try {
      const found = await next(work, open)
      // A backlog that stays large is not counted all the time.
      if (!found) lookAt = Math.max(lookAt, performance.now() + LOOK_SHARE * (performance.now() - began))
      return found
    } catch (error) {
      // An application that may not use feeds is no reason to stop everything else: credentials that are refused show in the other calls, too.
      if (isAccountTrouble(error) && error.kind === 'auth') throw new AccountTrouble('down', error.message, { afterMs: error.afterMs })
      throw error
    }
  }
  const release = async (): Promise<boolean> => {
    const open = await openFeed(lane.deps.sql, lane.account.row.id)
    const began = performance.now()
    if (open !== null && (await releaseFromFeed(lane.deps.sql, open.id)) > 0)
      for (const bell of [lane.dangerBell, lane.turnBell, lane.pushBell]) bell.ring()
    await makeBell().wait(restMs(performance.now() - began, RELEASE_MS), lane.signal)
    return true
  }
  return { step, release }
}

type Work = {
  readonly lane: Lane
  readonly feed: Feed
  readonly declared: FeedDeclaration
  readonly choose: () => Promise<boolean>
}

async function next(work: Work, open: OpenFeed | null): Promise<boolean | 'called'> {
  if (open === null) return (await work.choose()) ? fill(work) : false
  switch (open.state) {
    case 'filling':
      if (open.ageMs < FILLING_MAX_MS / work.lane.account.scale) return fill(work)
      return giveUp(work, open.id, 'refused', 'it could not be handed over')
    case 'starting':
      return find(work, open)
    case 'started':
    case 'late':
      return look(work, open)
  }
}

/** Notes what waits as sent, in parts, and hands it over. */
async function fill(work: Work): Promise<boolean | 'called'> {
  const { lane, declared } = work
  const { deps, account } = lane
  const ids = [account.row.id, account.leaseToken] as const
  for (;;) {
    const filled = await fillFeed(deps.sql, ...ids, clearMs(account, declared), CHUNK)
    if (filled === null) return false
    for (const { opened, ...held } of filled.held)
      if (opened) deps.log.warn(held, 'the guard holds values back until a person approves or rejects them')
    if (filled.tried > 0 && filled.items + CHUNK <= declared.itemsMax) continue
    // What changed since, or may not go any more, leaves it while that is still possible.
    await releaseFromFeed(deps.sql, filled.feed)
    return handOver(work, filled.feed)
  }
}

async function handOver(work: Work, id: number): Promise<boolean | 'called'> {
  const { lane, feed } = work
  const { deps, account } = lane
  if (!(await feedStarting(deps.sql, account.row.id, account.leaseToken, id))) return false
  const contents = await feedContents(deps.sql, id)
  if (contents.length === 0) return endFeed(deps.sql, account.row.id, account.leaseToken, id, 'empty', null)
  let document: string
  try {
    document = await feed.upload(contents.map(one => one.item))
  } catch (error) {
    await untilNoted(lane, () => feedStarted(deps.sql, id, null))
    throw error
  }
  const started = await feed.start(document).catch(async (error: unknown) => {
    if (isAccountTrouble(error) && !error.maybeTookEffect) await untilNoted(lane, () => feedStarted(deps.sql, id, null))
    throw error
  })
  if (started.status === 'refused') return giveUp(work, id, 'refused', started.words)
  await untilNoted(lane, () => feedStarted(deps.sql, id, started.status === 'started' ? started.feed : null))
  if (started.status === 'retry') throw new AccountTrouble('throttled', started.words, { afterMs: started.afterMs })
  deps.log.info({ account: account.row.name, feed: started.feed, listings: contents.length }, 'prices go as one feed')
  return 'called'
}

/** A start that was not answered: the platform's list tells whether it arrived. Of several feeds none is taken for ours. */
async function find(work: Work, { id, startingAt, ageMs }: OpenFeed): Promise<boolean | 'called'> {
  const { lane, feed } = work
  const { deps, account } = lane
  if (startingAt === null || ageMs < LISTED_MS) return false
  const known = new Set(await knownFeeds(deps.sql, account.row.id))
  const found = (await feed.startedSince(new Date(startingAt.getTime() - SKEW_MS))).filter(one => !known.has(one))
  const [only] = found
  if (found.length === 0) return giveUp(work, id, 'refused', 'it never arrived at the platform')
  if (only === undefined || found.length > 1)
    return endFeed(deps.sql, account.row.id, account.leaseToken, id, 'lost', 'the platform has several feeds of that time')
  await untilNoted(lane, () => feedStarted(deps.sql, id, only))
  return 'called'
}

async function look(work: Work, open: OpenFeed): Promise<boolean | 'called'> {
  const { lane, feed, declared } = work
  const { deps, account } = lane
  if (open.externalId === null) throw new Error(`feed ${open.id} was started under no id`)
  const ids = [account.row.id, account.leaseToken, open.id] as const
  const seen = await feed.look(open.externalId)
  switch (seen.status) {
    case 'queued':
    case 'working': {
      if (open.state === 'started' && open.ageMs < declared.lateMs / account.scale) return 'called'
      if (seen.status === 'queued' && (await feed.cancel(open.externalId)))
        return giveUp(work, open.id, 'cancelled', 'it waited for too long')
      while ((await feedLate(deps.sql, ...ids, CHUNK)) > 0) lane.pushBell.ring()
      return 'called'
    }
    case 'cancelled':
      return giveUp(work, open.id, 'cancelled', 'the platform took it back')
    case 'fatal':
      await endFeed(deps.sql, ...ids, 'fatal', 'the platform broke it off')
      lane.pushBell.ring()
      return 'called'
    case 'done': {
      const contents = await feedContents(deps.sql, open.id)
      const outcomes = await feed.verdicts(
        seen.report,
        contents.map(one => one.item),
      )
      if (await noteOutcomes(lane, open.id, contents, outcomes, CHUNK)) await endFeed(deps.sql, ...ids, 'done', null)
      lane.pushBell.ring()
      return 'called'
    }
  }
}

/** Nothing of it happened: its prices go by themselves. */
async function giveUp(work: Work, id: number, outcome: 'refused' | 'cancelled', words: string): Promise<'called'> {
  const { lane } = work
  const { deps, account } = lane
  deps.log.warn({ account: account.row.name, outcome }, `a feed of prices ends: ${words}`)
  if (await noteForAll(lane, id, { status: 'retry', words, afterMs: 0 }, CHUNK))
    await endFeed(deps.sql, account.row.id, account.leaseToken, id, outcome, words)
  lane.pushBell.ring()
  return 'called'
}
