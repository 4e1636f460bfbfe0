import type { PushItem, PushOutcome } from '../connectors/contract.ts'
import { type HeldBack, markSent, noteResults, type SendResult, TURNED, type WorkRow, waitingWork } from '../db/publications.ts'
import { mustReadFirst } from '../src/domain/sync/read-first.ts'
import { isAccountTrouble, LeaseLost } from './account.ts'
import { atMost } from './at-most.ts'
import type { Bell } from './bell.ts'
import type { Lane } from './lane.ts'
import { type Note, noteTogether } from './note-together.ts'
import { failedResults, type PreparedItem, prepareItems, resultsOf, type Stopped, stopBelowFloor } from './push-items.ts'
import { checkInMs, readNow } from './read-back.ts'
import { untilNoted } from './until-noted.ts'

/** Chunks under way at once: while one waits for the platform's answer, the next is read and prepared. */
const CHUNKS = 3

/** Smallest number of fields in a chunk, so that platforms that take one listing per call are still driven in parallel. */
const CHUNK_MIN = 20

/** Most fields in a chunk of prices that began or ended: each chunk takes the database some milliseconds, however long it is. */
const TURN_CHUNK_MAX = 200

type Step = () => Promise<boolean>

/**
 * Makes the steps that send what waits: `publish` all of it, `turn` the prices that began or ended at an instant. These have chunks and calls of
 * their own, because those of the others may be waiting just because calls are kept back for these.
 */
export function makePublishers(lane: Lane): { readonly publish: Step; readonly turn: Step; readonly underWay: () => number[] } {
  const { connector, pace, row, leaseToken } = lane.account
  const note = noteTogether((results: readonly SendResult[]) =>
    untilNoted(lane, () => noteResults(lane.deps.sql, row.id, leaseToken, results)),
  )
  const busy = new Set<WorkRow>()
  const skusOf = (rows: Iterable<WorkRow>): string[] => [...new Set([...rows].map(row => row.externalSku))]
  const publish = makePublisher(lane, busy, {
    bell: lane.pushBell,
    note,
    take: max => waitingWork(lane.deps.sql, lane.account.row.id, skusOf(busy), max),
  })
  // Stock that is on its way is another field: a call with a price may overtake it.
  const prices = () => [...busy].filter(row => row.field === 'price')
  const turn = makePublisher(lane, busy, {
    bell: lane.turnBell,
    note,
    take: max =>
      waitingWork(lane.deps.sql, lane.account.row.id, skusOf(prices()), Math.min(Math.max(max, atOnce()), TURN_CHUNK_MAX), TURNED),
  })
  // What can go at once is noted as sent at once.
  const atOnce = () => pace.left(connector.declares.pushOperation) * connector.declares.pushMax
  // Calls of one kind may wait long for those of the other: what they carry is noted as sent, and not lost.
  return { publish, turn, underWay: () => [...new Set([...busy].map(row => row.listing))] }
}

/**
 * Makes a step that sends what waits. Work is taken in chunks, most urgent first; a chunk's doubtful stock is read before it is written
 * (never over an order that was not seen), then every field is noted as sent, the calls are made, and their answers noted.
 */
function makePublisher(
  lane: Lane,
  busy: Set<WorkRow>,
  work: { readonly bell: Bell; readonly note: Note<SendResult>; readonly take: (max: number) => Promise<WorkRow[]> },
): Step {
  const { declares } = lane.account.connector
  const running = new Set<Promise<void>>()
  const call = atMost(declares.pushConcurrency)
  const chunkMax = Math.max(declares.readMax, declares.pushMax, CHUNK_MIN)
  let trouble: unknown = null

  return async () => {
    if (trouble !== null) {
      const thrown = trouble
      trouble = null
      throw thrown
    }
    if (running.size >= CHUNKS) {
      await Promise.race(running)
      return true
    }
    const rows = await work.take(chunkMax)
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
      })
    running.add(chunk)
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
  const { go, stopped } = stopBelowFloor(rows, sent.send)
  if (stopped.length > 0) await refuseStopped(lane, stopped, note)
  if (go.length === 0) return
  const prepared = new Map(prepareItems(rows, go).map(one => [one.item, one]))
  const groups = account.session.group([...prepared.keys()])
  const ends = await Promise.allSettled(groups.map(group => sendGroup(lane, group, prepared, call, note)))
  const failed = ends.find(end => end.status === 'rejected')
  if (failed) throw failed.reason
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

function needsRead(row: WorkRow): boolean {
  if (row.field === 'price') return false
  return mustReadFirst({ expected: row.expected, target: row.target ?? 0, readAgeMs: row.readAgeMs, doubtful: row.doubtful })
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
    const arrived = isAccountTrouble(error) ? error.maybeTookEffect : !(error instanceof LeaseLost)
    const words = error instanceof Error ? error.message : 'the call failed'
    await note(failedResults(prepared, words, arrived, Date.now()))
    throw error
  }
  const verdict = { now: Date.now(), chance: deps.random(), checkInMs: checkInMs(account), scale: account.scale }
  await note(prepared.flatMap((one, at) => resultsOf(one, outcomes[at], verdict)))
}
