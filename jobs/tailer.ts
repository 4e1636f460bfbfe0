import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Sql } from '../db/connect.ts'
import { type ChangeRow, feedCluster, feedEnd, type Position, readCursor, readFeed, storeCursor } from '../db/feed.ts'
import { makeBell } from './bell.ts'
import { loop } from './loop.ts'

/** What reads the feed. Rows that it was handed come again after a crash, until the stored cursor has passed them. */
export type Reader = {
  /** Under this name the cursor is stored; null: begins at the feed's end and stores nothing. */
  readonly consumer: string | null
  /** The cursor is missing, of another cluster, or older than the feed: everything must be compared. Called before the first rows. */
  readonly startOver: () => Promise<void>
  /** Resolved once they were acted on; what takes longer goes on `aside`, and the stored cursor waits for it, while further rows are handed out. */
  readonly take: (rows: readonly ChangeRow[]) => Promise<Aside | undefined>
}

export type Aside = { readonly aside: Promise<void> }

export type Tailer = {
  /** Adds a reader; answers what removes it. */
  readonly add: (reader: Reader) => () => void
  /** Something was just written by this process: look now. */
  readonly ring: () => void
  readonly ended: Promise<void>
}

type Follower = {
  readonly reader: Reader
  cursor: Position | null
  /** Where the cursor stood before rows that are acted on aside. */
  readonly aside: Set<Position>
  seen: Map<string, bigint>
  stored: Position | null
  /** Under way while there is no cursor yet, or what came of it instead of one. */
  beginning: Promise<void> | null
  trouble: { readonly error: unknown } | null
}

const POLL_MS = 200
/** From one look to the next at the least: of a burst, each look hands out what came meanwhile, and reads all behind the cursor again. */
const GATHER_MS = 10
const PAGE = 5_000

/**
 * The one reader of the change feed in this process. Whatever is visible behind the lowest cursor is handed out at once; the cursor itself
 * only moves up to the horizon, below which no transaction is open any more, so that nothing can appear behind it (DESIGN 3.3).
 */
export function startTailer(sql: Sql, log: Logger, signal: AbortSignal, pollMs: number = POLL_MS): Tailer {
  const followers = new Set<Follower>()
  const bell = makeBell()
  let cluster: string | null = null

  const begin = async (follower: Follower): Promise<void> => {
    cluster ??= await feedCluster(sql)
    const stored = follower.reader.consumer === null ? null : await readCursor(sql, follower.reader.consumer, cluster)
    const end = stored ?? (await feedEnd(sql))
    // The end is taken before the compare: what is written meanwhile is seen twice rather than never.
    if (!stored) await follower.reader.startOver()
    follower.cursor = end
    follower.stored = stored
  }

  /** A compare of a large account takes long, and may fail: the others are handed what comes meanwhile. */
  const beginAside = (follower: Follower): void => {
    follower.beginning = begin(follower)
      .catch((error: unknown) => {
        follower.trouble = { error }
      })
      .finally(() => {
        follower.beginning = null
        bell.ring()
      })
  }

  const actAside = (follower: Follower, before: Position, { aside }: Aside): void => {
    follower.aside.add(before)
    aside
      .then(() => follower.aside.delete(before))
      .catch((error: unknown) => log.warn({ err: error, consumer: follower.reader.consumer }, 'changes were not acted on; they come again'))
  }

  const hand = async (follower: Follower, rows: readonly ChangeRow[], horizon: bigint, isWhole: boolean): Promise<void> => {
    const cursor = follower.cursor
    if (!cursor) return
    const fresh = rows.filter(row => isAfter(row, cursor) && !follower.seen.has(keyOf(row)))
    if (fresh.length > 0) {
      const going = await follower.reader.take(fresh)
      if (going) actAside(follower, { ...cursor }, going)
    }
    for (const row of fresh) follower.seen.set(keyOf(row), row.tx)
    const passed = rows.findLast(row => row.tx < horizon && isAfter(row, cursor))
    if (passed) {
      follower.cursor = { tx: passed.tx, seq: passed.seq }
      for (const [key, tx] of follower.seen) if (tx < passed.tx) follower.seen.delete(key)
    } else if (isWhole && rows.length === 0 && horizon - 1n > cursor.tx) {
      follower.cursor = { tx: horizon - 1n, seq: Number.MAX_SAFE_INTEGER }
      follower.seen.clear()
    }
  }

  const store = async (follower: Follower): Promise<void> => {
    const { consumer } = follower.reader
    // The first of them stands before all others.
    const [behind = follower.cursor] = follower.aside
    if (consumer === null || !behind || !cluster) return
    const isFar = !follower.stored || follower.stored.tx !== behind.tx || follower.stored.seq !== behind.seq
    if (!isFar) return
    await storeCursor(sql, consumer, cluster, behind)
    follower.stored = behind
  }

  let storedAt = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  const step = async (): Promise<boolean> => {
    const early = lookedAt + GATHER_MS - performance.now()
    if (early > 0) await wait(early)
    lookedAt = performance.now()
    const failed = new Map<Follower, unknown>()
    for (const follower of followers) {
      if (follower.trouble) failed.set(follower, follower.trouble.error)
      else if (!follower.cursor && !follower.beginning) beginAside(follower)
      follower.trouble = null
    }
    // Who comes to have a cursor from here on has missed pages of this round.
    const ready = [...followers].filter(follower => follower.cursor !== null)
    const cursors = ready.flatMap(follower => (follower.cursor ? [follower.cursor] : []))
    const lowest = cursors.reduce<Position | null>((low, cursor) => (low && !isAfter(low, cursor) ? low : cursor), null)
    // From the cursor every time, because rows may have appeared behind those that were seen; page by page to the end, because an open
    // transaction may hold the cursor back for long. The first page's horizon counts for all: what commits meanwhile may lie in a page before.
    let horizon: bigint | null = null
    for (let from: Position | null = lowest; from; ) {
      const page = await readFeed(sql, from, PAGE)
      horizon ??= page.horizon
      const isWhole = page.rows.length < PAGE
      const seenTo = horizon
      const isLast = isWhole && from === lowest
      // Side by side, so that no account waits for another's; one reader's trouble holds up no other, and its rows come again.
      await Promise.all(
        ready.map(async follower => {
          if (failed.has(follower)) return
          await hand(follower, page.rows, seenTo, isLast).catch((error: unknown) => failed.set(follower, error))
        }),
      )
      from = isWhole ? null : (page.rows.at(-1) ?? null)
    }
    // The stored cursor only saves work after a restart: once a second is enough.
    if (Date.now() - storedAt > 1_000) {
      for (const follower of followers) await store(follower)
      storedAt = Date.now()
    }
    for (const error of failed.values()) throw error
    return false
  }

  const ended = loop('tailer', step, { bell, idleMs: pollMs, signal, log }).then(async () => {
    await Promise.all([...followers].map(follower => follower.beginning))
    for (const follower of followers) await store(follower).catch(() => log.warn('a feed cursor was not stored; its rows come again'))
  })
  return {
    add: reader => {
      const follower: Follower = { reader, cursor: null, aside: new Set(), seen: new Map(), stored: null, beginning: null, trouble: null }
      followers.add(follower)
      bell.ring()
      return () => {
        followers.delete(follower)
      }
    },
    ring: bell.ring,
    ended,
  }
}

const keyOf = (row: ChangeRow): string => `${row.tx}:${row.seq}`

const isAfter = (a: Position, b: Position): boolean => a.tx > b.tx || (a.tx === b.tx && a.seq > b.seq)
