import { AccountTrouble, type ListingKey, type PushItem, type PushOutcome, type Session } from '../../connectors/contract.ts'
import { makePace, PATIENCE_MS, type Pace } from '../../connectors/pace.ts'
import type { SendResult, WorkRow } from '../../db/publications.ts'
import { atMost } from '../../jobs/at-most.ts'
import { failedResults, halved, type Suspects } from '../../jobs/failed-call.ts'
import { type PreparedItem, prepareItems, resultsOf } from '../../jobs/push-items.ts'
import type { FaultyPlatform } from './faulty-platform.ts'
import type { VirtualTime } from './virtual-time.ts'

// A lane in virtual time: the real connector, pace, breaker and rules of retries, over books that are kept in memory. What the books themselves decide
// (orders, withholding, the guard) is PostgreSQL's, and is tried against PostgreSQL.

export type Row = {
  readonly sku: string
  readonly listing: number
  readonly key: ListingKey
  intended: number
  /** What the platform took or showed last. */
  accepted: number | null
  sent: number | null
  sentAt: number
  state: 'intended' | 'sent' | 'accepted' | 'applied' | 'refused'
  /** To be looked at from this instant on; null: not. */
  checkAt: number | null
  /** The answer to the last call was lost: it is looked at before it is sent again. */
  unknown: boolean
  retryAt: number
  attempts: number
}

export type Books = { readonly rows: Row[]; lease: number }

const CHUNK_MIN = 20
const CHUNKS = 3
const FIRST_CHECK_MS = 15_000

/** Says what a SKU should show from now on. */
export function intendRow(row: Row, quantity: number): void {
  row.intended = quantity
  if (row.state === 'refused') row.state = 'intended'
}

const waits = (row: Row): boolean => row.state !== 'sent' && row.state !== 'refused' && row.intended !== row.accepted

/** What a lane needs of a platform. */
export type LanePlatform = Pick<FaultyPlatform, 'connector' | 'access' | 'http' | 'now'>

export type LaneWays = {
  /** False: calls go as soon as they are wanted, to show what the pace is good for. */
  readonly isPaced?: boolean
  /** What else goes on with the session meanwhile. */
  readonly beside?: (session: Session) => Promise<void>
  /** How finely the loops look for work at the least, ms. */
  readonly idleMs?: number
}

/** Runs the lane of the platform until the signal; a successor takes what was left in `sent` for lost. */
export async function runVirtualLane(
  books: Books,
  platform: LanePlatform,
  time: VirtualTime,
  random: () => number,
  signal: AbortSignal,
  { isPaced = true, beside = async () => {}, idleMs = 0 }: LaneWays = {},
): Promise<void> {
  books.lease += 1
  const lease = books.lease
  for (const row of books.rows)
    if (row.state === 'sent') Object.assign(row, { state: 'intended', unknown: true, checkAt: time.now(), retryAt: time.now() })
  const { connector } = platform
  const { declares } = connector
  const kept = makePace(connector.limits, { timer: time.timer, signal, patienceMs: PATIENCE_MS, jitterMs: 50, random })
  const pace: Pace = isPaced ? kept : { ...kept, take: async () => {}, pause: () => {} }
  const session: Session = connector.open(platform.access, {
    pace,
    now: platform.now,
    http: call => (signal.aborted ? Promise.reject(signal.reason) : platform.http(call)),
  })
  const suspects: Suspects = new Map()
  const call = atMost(declares.pushConcurrency)

  const note = (results: readonly SendResult[]): void => {
    if (books.lease !== lease) return
    for (const result of results) {
      const row = books.rows[result.listing]
      if (row?.state !== 'sent') continue
      if (result.status === 'accepted') {
        const checkAt = result.checkAt === undefined ? null : Date.parse(result.checkAt)
        Object.assign(row, { state: result.applied ? 'applied' : 'accepted', accepted: row.sent, attempts: 0, unknown: false, checkAt })
      } else if (result.status === 'rejected') row.state = 'refused'
      else {
        const retryAt = Date.parse(result.retryAt ?? '')
        const isUnknown = result.status === 'unknown'
        Object.assign(row, { state: 'intended', retryAt, unknown: isUnknown, checkAt: isUnknown ? time.now() : row.checkAt })
      }
    }
  }

  const look = async (rows: readonly Row[]): Promise<void> => {
    const beganAt = time.now()
    const shown = await session.readListings(rows.map(row => row.key))
    for (const row of rows) {
      const now = shown.find(one => one.externalSku === row.sku)
      // What was read before the last call left says nothing of it.
      if (!now || row.state === 'sent' || row.sentAt >= beganAt || books.lease !== lease) continue
      const isLate = row.state === 'accepted' && now.quantity !== row.accepted
      if (isLate) row.checkAt = time.now() + 2_000
      else
        Object.assign(row, {
          accepted: now.quantity,
          checkAt: null,
          unknown: false,
          state: row.state === 'accepted' ? 'applied' : row.state,
        })
    }
  }

  const sendGroup = async (group: readonly PushItem[], all: ReadonlyMap<PushItem, PreparedItem>): Promise<void> => {
    const prepared = group.flatMap(item => all.get(item) ?? [])
    let outcomes: readonly PushOutcome[]
    try {
      outcomes = await call(() => session.push(group))
    } catch (error) {
      const trouble = asTrouble(error)
      const answered = trouble.answered === true && pace.ready(declares.pushOperation).calls > 1
      const at = { now: time.now(), chance: random(), scale: 1, pushMax: declares.pushMax, afterMs: trouble.afterMs ?? 0 }
      const words = error instanceof Error ? error.message : ''
      note(failedResults(prepared, { words, maybeTookEffect: trouble.maybeTookEffect ?? false, answered, ...at }, suspects))
      return
    }
    for (const item of group) suspects.delete(item.listing.externalSku)
    const verdict = { now: time.now(), chance: random(), checkInMs: FIRST_CHECK_MS, scale: 1 }
    note(prepared.flatMap((one, at) => resultsOf(one, outcomes[at], verdict)))
  }

  const publish = async (): Promise<void> => {
    const running = new Set<Promise<void>>()
    while (!signal.aborted) {
      const ready = pace.ready(declares.pushOperation)
      if (ready.inMs > 0 || (ready.calls === 1 && running.size > 0) || running.size >= CHUNKS) {
        await time.sleep(Math.max(idleMs, Math.min(Math.max(ready.inMs, 20), 250)))
        continue
      }
      const due = books.rows.filter(row => waits(row) && !row.unknown && row.retryAt <= time.now())
      const rows = due.slice(0, Math.min(Math.max(declares.readMax, declares.pushMax, CHUNK_MIN), ready.calls))
      if (rows.length === 0) {
        await time.sleep(Math.max(idleMs, 100))
        continue
      }
      for (const row of rows) Object.assign(row, { state: 'sent', sent: row.intended, sentAt: time.now(), attempts: row.attempts + 1 })
      const work = rows.map(workRow)
      const sent = rows.map(row => ({ listing: row.listing, field: 'stock' as const, value: { quantity: row.intended } }))
      const prepared = new Map(prepareItems(work, sent).map(one => [one.item, one]))
      const groups = session.group([...prepared.keys()]).flatMap(group => halved(group, suspects, declares.pushMax))
      const chunk = Promise.all(groups.map(group => sendGroup(group, prepared))).then(() => void running.delete(chunk))
      running.add(chunk)
    }
    // As a lane that ends in good order waits for what it has under way.
    await Promise.all(running)
  }
  const readBack = async (): Promise<void> => {
    let failures = 0
    while (!signal.aborted) {
      const due = books.rows
        .filter(row => row.state !== 'sent' && row.checkAt !== null && row.checkAt <= time.now())
        .slice(0, declares.readMax)
      const trouble = due.length === 0 ? null : await look(due).then(() => null, asTrouble)
      if (trouble === null) failures = 0
      else if (trouble.untried !== true) failures += 1
      // As a step of the account does (health.ts): who was turned away is there when the platform may be tried again.
      const pauseMs = trouble?.untried === true ? Math.max(trouble.afterMs ?? 0, 1_000) : Math.min(25_000, 1_000 * 2 ** failures)
      await time.sleep(Math.max(idleMs, trouble === null ? (due.length === 0 ? 250 : 20) : pauseMs))
    }
  }
  await Promise.all([publish(), readBack(), beside(session)])
}

/** What the platform's trouble says; nothing where it is an error of another kind. */
const asTrouble = (error: unknown): Partial<AccountTrouble> => (error instanceof AccountTrouble ? error : {})

const workRow = (row: Row): WorkRow => ({
  ...{ listing: row.listing, field: 'stock', ...row.key, target: row.intended, expected: row.accepted, readAgeMs: null },
  ...{ doubtful: false, attempts: row.attempts, urgency: 50, loss: 0, at: new Date(0) },
})
