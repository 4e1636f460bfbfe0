import { setTimeout as wait } from 'node:timers/promises'
import type { PushItem, PushOutcome } from '../connectors/contract.ts'
import {
  type HeldBack,
  markSent,
  noteResults,
  type SendResult,
  type SentValue,
  stillToSend,
  TURNED,
  turnedWork,
  type WorkRow,
} from '../db/publications.ts'
import { DANGER } from '../src/domain/sync/push-order.ts'
import { CONNECTIONS, isAccountTrouble, LeaseLost } from './account.ts'
import { atMost } from './at-most.ts'
import type { Bell } from './bell.ts'
import { dangerOf } from './call-order.ts'
import { failedResults, halved } from './failed-call.ts'
import { takeFromHand } from './hand.ts'
import type { Lane } from './lane.ts'
import { type Note, noteTogether } from './note-together.ts'
import { type PreparedItem, prepareItems, resultsOf, type Stopped, stopBelowFloor } from './push-items.ts'
import { checkInMs, readNow } from './read-back.ts'
import { needsRead, takeByLoss } from './take-by-loss.ts'
import { untilNoted } from './until-noted.ts'

/** Chunks under way at once: while one waits for the platform's answer, the next is read and prepared. */
const CHUNKS = 3

/** Smallest number of fields in a chunk, so that platforms that take one listing per call are still driven in parallel. */
const CHUNK_MIN = 20

/** Most fields in a chunk of prices that began or ended: each chunk takes the database some milliseconds, however long it is. */
const TURN_CHUNK_MAX = 200

/** Chunks of those under way at once while they can all go at once: they are noted as sent ahead, and wait for their instant together. */
const TURN_CHUNKS = 8

/** The answers of many small calls are noted together, as each statement takes the database some milliseconds. */
const NOTE_EVERY_MS = 50

/** How long a lane that may not send looks away at the most. */
const NOT_READY_MAX_MS = 250

type Step = () => Promise<boolean>

type Publishers = {
  readonly danger: Step
  readonly publish: Step
  readonly turn: Step
  /** Listings whose values are noted as sent by us. */
  readonly underWay: () => number[]
  /** Once the lane has ended: all that left is answered and noted, and the rest noted as not sent. */
  readonly ended: () => Promise<unknown>
}

/**
 * Makes the steps that send what waits: `danger` what is shown below its floor or sold out, `turn` the prices that began or ended at an instant, `publish` the
 * rest. The first two have chunks and calls of their own, because those of the others may be waiting just because calls are kept back for these.
 */
export function makePublishers(lane: Lane): Publishers {
  const { account } = lane
  const { connector, pace, row, leaseToken } = account
  const note = noteTogether(
    (results: readonly SendResult[]) => untilNoted(lane, () => noteResults(lane.deps.sql, row.id, leaseToken, results)),
    NOTE_EVERY_MS,
  )
  const busy = new Set<WorkRow>()
  const chunks = new Set<Promise<void>>()
  const skusOf = (rows: readonly WorkRow[]): string[] => [...new Set(rows.map(row => row.externalSku))]
  const byLoss = takeByLoss(lane, {
    // What is dangerous is another field than what is on its way with the same SKU: a call may overtake it.
    danger: () => ({
      ...{ skus: [], stock: skusOf([...busy].filter(isStock)), prices: skusOf([...busy].filter(row => !isStock(row))) },
      line: skusOf([...busy].filter(row => dangerOf(row) < DANGER.none)).length,
    }),
    // Prices may be noted as sent a while before their instant: their stock does not wait for it.
    rest: () => {
      const skus = skusOf([...busy].filter(row => !isTurned(row)))
      return { skus, stock: [], prices: skusOf([...busy].filter(isTurned)), line: skus.length }
    },
  })
  const usual = { note, chunks: () => CHUNKS, concurrency: connector.declares.pushConcurrency }
  const danger = makePublisher(lane, busy, chunks, { ...usual, bell: lane.dangerBell, take: byLoss.danger })
  const publish = makePublisher(lane, busy, chunks, { ...usual, bell: lane.pushBell, take: byLoss.rest })
  // Stock that is on its way is another field: a call with a price may overtake it.
  const pricesUnderWay = () => new Set([...busy].flatMap(one => (one.field === 'price' ? [one.externalSku] : [])))
  const takeTurned = takeFromHand(max => turnedWork(lane.deps.sql, row.id, max), pricesUnderWay)
  const turn = makePublisher(lane, busy, chunks, {
    ...{ bell: lane.turnBell, note, chunks: () => (skusOf([...busy].filter(isTurned)).length < atOnce() ? TURN_CHUNKS : CHUNKS) },
    // A platform that goes so many times faster takes as many more calls at once.
    concurrency: Math.min(connector.declares.pushConcurrency * account.scale, CONNECTIONS),
    take: max => takeTurned(Math.min(Math.max(max, atOnce()), TURN_CHUNK_MAX)),
  })
  // What can go at once is noted as sent at once.
  const atOnce = () => pace.left(connector.declares.pushOperation) * connector.declares.pushMax
  // Calls of one kind may wait long for those of the other: what they carry is noted as sent, and not lost.
  return { danger, publish, turn, underWay: () => [...new Set([...busy].map(row => row.listing))], ended: () => Promise.all(chunks) }
}

const isStock = (row: WorkRow): boolean => row.field === 'stock'
const isTurned = (row: WorkRow): boolean => row.urgency === TURNED

type Work = {
  readonly bell: Bell
  readonly note: Note<SendResult>
  /** Chunks, and calls, under way at once. */
  readonly chunks: () => number
  readonly concurrency: number
  readonly take: (max: number) => Promise<WorkRow[]>
}

/**
 * Makes a step that sends what waits. Work is taken in chunks; a chunk's doubtful stock is read before it is written
 * (never over an order that was not seen), then every field is noted as sent, the calls are made, and their answers noted.
 */
function makePublisher(lane: Lane, busy: Set<WorkRow>, chunks: Set<Promise<void>>, work: Work): Step {
  const { pace, connector } = lane.account
  const { declares } = connector
  const running = new Set<Promise<void>>()
  const call = atMost(work.concurrency)
  const chunkMax = Math.max(declares.readMax, declares.pushMax, CHUNK_MIN)
  let trouble: unknown = null

  return async () => {
    if (trouble !== null) {
      const thrown = trouble
      trouble = null
      throw thrown
    }
    if (running.size >= work.chunks()) {
      await Promise.race(running)
      return true
    }
    const ready = pace.ready(declares.pushOperation)
    // Nothing is noted as sent that could not leave; while one call tries whether the platform works again, it is the only one.
    if (ready.inMs > 0 || (ready.calls === 1 && running.size > 0)) {
      await wait(Math.min(ready.inMs, NOT_READY_MAX_MS) + 10, undefined, { signal: lane.signal })
      return true
    }
    const rows = await work.take(Math.min(chunkMax, ready.calls))
    if (rows.length === 0) {
      if (running.size === 0) return false
      // What a ring told of may be a SKU that is busy just now: look again as soon as a chunk is through.
      await Promise.race([...running, work.bell.wait(100, lane.signal)])
      return true
    }
    for (const row of rows) busy.add(row)
    const chunk = sendChunk(lane, rows, call, work.note)
      .catch((error: unknown) => {
        trouble = error
      })
      .finally(() => {
        for (const row of rows) busy.delete(row)
        running.delete(chunk)
        chunks.delete(chunk)
      })
    running.add(chunk)
    chunks.add(chunk)
    return true
  }
}

type Caller = ReturnType<typeof atMost>

async function sendChunk(lane: Lane, rows: readonly WorkRow[], call: Caller, note: Note<SendResult>): Promise<void> {
  const { deps, account } = lane
  const doubtful = new Set(rows.filter(needsRead))
  await readNow(lane, [...doubtful])
  const asked = rows.map(row => ({ listing: row.listing, field: row.field, ...(doubtful.has(row) ? { readSince: row.at } : {}) }))
  const sent = await markSent(deps.sql, account.row.id, account.leaseToken, asked)
  if (!sent) return
  for (const held of sent.held) warnOfHeld(lane, held)
  // What begins to show at one instant waits for it together, and for no other.
  const byInstant = [...Map.groupBy(sent.send, one => one.inMs ?? 0)]
  await allOf(
    byInstant.map(([inMs, values]) =>
      (async () => sendValues(lane, rows, inMs > 0 ? await atTheirInstant(lane, inMs, values, note) : values, call, note))(),
    ),
  )
}

async function sendValues(
  lane: Lane,
  rows: readonly WorkRow[],
  values: readonly SentValue[],
  call: Caller,
  note: Note<SendResult>,
): Promise<void> {
  const { go, stopped } = stopBelowFloor(rows, values)
  if (stopped.length > 0) await refuseStopped(lane, stopped, note)
  if (go.length === 0) return
  const prepared = new Map(prepareItems(rows, go).map(one => [one.item, one]))
  const { session, connector } = lane.account
  const groups = session.group([...prepared.keys()]).flatMap(group => halved(group, lane.suspects, connector.declares.pushMax))
  await allOf(groups.map(group => sendGroup(lane, group, prepared, call, note)))
}

/** Waits until all of them have ended, then throws what the first that failed threw. */
async function allOf(acts: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(acts)).find(end => end.status === 'rejected')
  if (failed) throw failed.reason
}

/** What was noted as sent ahead waits for its instant, and is asked about once more: what changed meanwhile has not left, and waits anew. */
async function atTheirInstant(
  lane: Lane,
  inMs: number,
  ahead: readonly SentValue[],
  note: Note<SendResult>,
): Promise<readonly SentValue[]> {
  const { deps, account } = lane
  await wait(inMs + 1, undefined, { signal: lane.signal })
  const still = await stillToSend(deps.sql, account.row.id, account.leaseToken, ahead)
  if (still === null) return []
  const right = new Set(still.map(one => one.listing))
  const gone = ahead.filter(one => !right.has(one.listing))
  const words = 'the price was changed before its instant'
  const retryAt = new Date().toISOString()
  await note(gone.map(({ listing, field }) => ({ ...{ listing, field, words, retryAt }, status: 'retry' })))
  return ahead.filter(one => right.has(one.listing))
}

function warnOfHeld(lane: Lane, { opened, ...held }: HeldBack): void {
  if (opened) lane.deps.log.warn(held, 'the guard holds values back until a person approves or rejects them')
}

async function refuseStopped(lane: Lane, stopped: readonly Stopped[], note: Note<SendResult>): Promise<void> {
  const { deps, account } = lane
  const results = stopped.map(({ sku, channelRef, amount, floor, ...result }) => {
    deps.log.error(
      { account: account.row.name, sku, channel: channelRef, price: amount, floor },
      'a price below its floor was stopped before its call',
    )
    return result
  })
  await note(results)
}

/** The call's place is free for the next as soon as it is answered, while the answer is noted. */
async function sendGroup(
  lane: Lane,
  group: readonly PushItem[],
  all: ReadonlyMap<PushItem, PreparedItem>,
  call: Caller,
  note: Note<SendResult>,
): Promise<void> {
  const { deps, account } = lane
  const prepared = group.flatMap(item => all.get(item) ?? [])
  if (prepared.length !== group.length) throw new Error(`${account.connector.platform}: group() must hand on the items that it was given`)
  let outcomes: readonly PushOutcome[]
  try {
    outcomes = await call(() => account.session.push(group))
  } catch (error) {
    // A call that never started did nothing; one that broke off may have arrived.
    const trouble = isAccountTrouble(error) ? error : null
    const maybeTookEffect = trouble?.maybeTookEffect ?? !(error instanceof LeaseLost || error === lane.signal.reason)
    const words = error instanceof Error ? error.message : 'the call failed'
    const { declares } = account.connector
    const answered = trouble?.answered === true && account.pace.ready(declares.pushOperation).calls > 1
    const at = { now: Date.now(), chance: deps.random(), scale: account.scale, pushMax: declares.pushMax }
    await note(failedResults(prepared, { words, maybeTookEffect, answered, afterMs: trouble?.afterMs ?? 0, ...at }, lane.suspects))
    // The values wait by themselves, and the pace knows what the platform does: more calls may go.
    if (trouble?.kind === 'down' || trouble?.kind === 'throttled') return
    throw error
  }
  for (const item of group) lane.suspects.delete(item.listing.externalSku)
  const verdict = { now: Date.now(), chance: deps.random(), checkInMs: checkInMs(account), scale: account.scale }
  await note(prepared.flatMap((one, at) => resultsOf(one, outcomes[at], verdict)))
}
