import { type ChannelNumbers, readShown, type ShownNow } from '../../db/availability.ts'
import type { Sql } from '../../db/connect.ts'
import { type Snapshot, sees } from '../../db/snapshot.ts'
import { unknownToken } from './write-token.ts'

/** What a channel should show of a SKU, and since when we know. */
export type Remembered = {
  readonly numbers: ChannelNumbers
  /** It was true at this instant (ISO 8601, UTC) or later: taken before the database was asked. */
  readonly trueAsOf: string
}

/**
 * Answers what a channel should show of a SKU, from memory when that is true as of at most a second ago and holds the write `atLeast` (a
 * transaction; null: any). Null for an unknown SKU or channel. Fault: invalid, for a write that the database does not know.
 */
export type ShownCache = (sku: string, channel: string, atLeast: bigint | null) => Promise<Remembered | null>

export type ShownCacheOptions = {
  /** Asks the database; a test may stand in between. */
  readonly read?: (channel: string, skus: readonly string[]) => Promise<ShownNow>
  readonly now?: () => Date
  /** A clock that never goes back, in ms, by which entries age. */
  readonly elapsedMs?: () => number
  /** Most SKUs × channels that are remembered; those asked for longest ago go first. */
  readonly most?: number
}

type Entry = Remembered & { readonly snapshot: Snapshot; readonly askedAtMs: number }
type Waiting = {
  readonly sku: string
  readonly channel: string
  readonly resolve: (entry: Entry | null) => void
  readonly reject: (error: unknown) => void
}

/** Nothing older is answered from memory (DESIGN 4). */
const TRUE_FOR_MS = 1_000
// About 0.5 kB each.
const REMEMBERED_MOST = 20_000
const BATCH_MOST = 256
const READS_AT_ONCE = 2

/**
 * The one memory of a process for what channels should show. While reads are under way, further questions gather; then those of one channel
 * go together in one statement, so that a thousand SKUs asked for at once cost a handful. Reserving and publishing never look here.
 */
export function makeShownCache(sql: Sql, options: ShownCacheOptions = {}): ShownCache {
  const read = options.read ?? ((channel, skus) => readShown(sql, channel, skus))
  const now = options.now ?? (() => new Date())
  const elapsedMs = options.elapsedMs ?? (() => performance.now())
  const most = options.most ?? REMEMBERED_MOST
  const remembered = new Map<string, Entry>()
  let waiting: Waiting[] = []
  let underWay = 0

  function remember(key: string, entry: Entry): void {
    const known = remembered.get(key)
    // Of two reads at once the older may end last.
    if (known !== undefined && known.askedAtMs > entry.askedAtMs) return
    // A Map keeps the order of insertion: what was asked for last stands last.
    remembered.delete(key)
    remembered.set(key, entry)
    if (remembered.size <= most) return
    for (const oldest of remembered.keys()) {
      remembered.delete(oldest)
      break
    }
  }

  function takeBatch(): Waiting[] {
    const channel = waiting[0]?.channel
    const batch: Waiting[] = []
    const rest: Waiting[] = []
    for (const one of waiting) (one.channel === channel && batch.length < BATCH_MOST ? batch : rest).push(one)
    waiting = rest
    return batch
  }

  async function run(): Promise<void> {
    underWay++
    for (let batch = takeBatch(); batch.length > 0; batch = takeBatch()) {
      try {
        await answer(batch)
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    underWay--
  }

  async function answer(batch: readonly Waiting[]): Promise<void> {
    const channel = batch[0]?.channel ?? ''
    const trueAsOf = now().toISOString()
    const askedAtMs = elapsedMs()
    const { snapshot, rows } = await read(channel, [...new Set(batch.map(one => one.sku))])
    const found = new Map(rows.map(({ sku, ...numbers }) => [sku, { numbers, trueAsOf, askedAtMs, snapshot }]))
    for (const [sku, entry] of found) remember(keyOf(sku, channel), entry)
    for (const one of batch) one.resolve(found.get(one.sku) ?? null)
  }

  /** Asks with a statement that begins after this call, and so sees all that was written before it. */
  function ask(sku: string, channel: string): Promise<Entry | null> {
    return new Promise((resolve, reject) => {
      waiting.push({ sku, channel, resolve, reject })
      if (underWay < READS_AT_ONCE) void run()
    })
  }

  return async (sku, channel, atLeast) => {
    const key = keyOf(sku, channel)
    const known = remembered.get(key)
    if (known !== undefined && elapsedMs() - known.askedAtMs <= TRUE_FOR_MS && (atLeast === null || sees(known.snapshot, atLeast))) {
      remember(key, known)
      return known
    }
    const entry = await ask(sku, channel)
    if (entry !== null && atLeast !== null && !sees(entry.snapshot, atLeast)) throw unknownToken(atLeast)
    return entry
  }
}

// Neither a SKU nor a code holds a line break.
const keyOf = (sku: string, channel: string): string => `${channel}\n${sku}`
