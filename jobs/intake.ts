import type { MessageReading, Session } from '../connectors/contract.ts'
import type { UnitsBack } from '../connectors/returns.ts'
import { type AccountRow, readAccounts } from '../db/accounts.ts'
import { reopenIfKnown } from '../db/coverage.ts'
import { endInbox, type InboxRow, type InboxVerdict, postponeInbox, takeInbox } from '../db/intake.ts'
import { isOfSurroundings } from '../db/once-more.ts'
import { askReread, type Booked, type PlainRoute } from '../db/orders.ts'
import { forgetBuyer } from '../db/people.ts'
import { bookReadied, type ReadiedOrders, readyOrders } from '../src/usecases/book-orders.ts'
import { plainRoutes } from '../src/usecases/route-plain.ts'
import { buyerMark } from '../src/values/buyer-mark.ts'
import { unsealText } from '../src/values/sealed.ts'
import { openReader } from './account.ts'
import type { JobDeps } from './deps.ts'
import { bookReturns, readKept } from './returns.ts'
import { troubleOf, unreadable } from './trouble-words.ts'

/** Booked by one statement: of many orders each SKU's balance and listings are written once. */
const BATCH = 300
/** Of fewer, booking is over before the next were understood. */
const AHEAD_LEAST = 50
/** The next sets read what they book while one has its stock locked. */
const UNDER_WAY_MOST = 2

/**
 * Understands the waiting messages of an account and books the orders they tell of. Safe to run twice at once and to be killed anywhere: a
 * message is finished only after its orders are booked, and booking it again changes nothing. Answers how many messages were handled.
 */
export async function drainInbox(deps: JobDeps, accountId: number): Promise<number> {
  const [account] = await readAccounts(deps.sql, accountId)
  if (!account) return 0
  let handled = 0
  const underWay: Promise<void>[] = []
  try {
    for (;;) {
      const taken = await takeAndRead(deps, account)
      if (taken.read.length === 0) break
      // What is told beside orders may be of those that are only being booked.
      const alone = taken.read.some(({ reading }) => reading.kind !== 'orders')
      if (alone) await orPostponed(deps, taken, ended(underWay, 0))
      const ending = bookAndNote(deps, account, taken)
      // What it fails of is found when it is its turn.
      ending.catch(() => {})
      underWay.push(ending)
      handled += taken.read.length
      // Where few wait, more may come together meanwhile.
      await ended(underWay, alone || taken.read.length < AHEAD_LEAST ? 0 : UNDER_WAY_MOST - 1)
    }
    await ended(underWay, 0)
  } finally {
    await Promise.allSettled(underWay)
  }
  return handled
}

/** Waits until at most so many are under way, the oldest first. */
async function ended(underWay: Promise<void>[], most: number): Promise<void> {
  while (underWay.length > most) await underWay.shift()
}

async function bookAndNote(deps: JobDeps, account: AccountRow, taken: Understood): Promise<void> {
  const booking = bookReadied(contextOf(deps, account), account.id, taken.orders, { routes: taken.routes })
  await note(deps, account, taken, await orPostponed(deps, taken, booking))
}

/** What must be done before messages are noted; where it fails, they wait for a moment. */
function orPostponed<T>(deps: JobDeps, { read }: Understood, act: Promise<T>): Promise<T> {
  return act.catch(async (error: unknown) => {
    await postpone(deps, read)
    throw error
  })
}

/** `return`: units that came back, of a report that was kept aside. */
type Reading = MessageReading | { readonly kind: 'return'; readonly told: UnitsBack }
type Read = { readonly row: InboxRow; readonly reading: Reading }
/** Messages that were taken, the orders that they tell of, each with the message it came in, and which of them are routed as they are booked. */
type Understood = {
  readonly read: readonly Read[]
  readonly orders: ReadiedOrders
  readonly rowOf: readonly number[]
  readonly routes: readonly PlainRoute[]
}

async function takeAndRead(deps: JobDeps, account: AccountRow): Promise<Understood> {
  const rows = await takeInbox(deps.sql, account.id, BATCH)
  if (rows.length === 0) return { read: [], orders: { stated: [], refusals: [], documents: [] }, rowOf: [], routes: [] }
  const routing = plainRoutes(deps.sql, account.id)
  // It is awaited below.
  routing.catch(() => {})
  const session = await openReader(deps, account)
  const read = await Promise.all(rows.map(async (row): Promise<Read> => ({ row, reading: await readRow(deps, session, row) })))
  const told = read.flatMap(({ row, reading }) => (reading.kind === 'orders' ? reading.orders.map(order => ({ row, order })) : []))
  const orders = await readyOrders(
    contextOf(deps, account),
    account.id,
    told.map(one => one.order),
    { fresh: false },
  )
  return { read, orders, rowOf: told.map(({ row }) => row.id), routes: await routing }
}

const contextOf = (deps: JobDeps, account: AccountRow) => ({ sql: deps.sql, keyring: deps.keyring, actor: `channel:${account.name}` })

const postpone = (deps: JobDeps, read: readonly Read[]): Promise<void> =>
  postponeInbox(
    deps.sql,
    read.map(({ row }) => row.id),
    2_000,
  )

/** Notes what became of messages whose orders are booked. */
async function note(deps: JobDeps, account: AccountRow, { read, orders, rowOf }: Understood, booked: readonly Booked[]): Promise<void> {
  const trouble = new Map<number, string>()
  orders.stated.forEach((order, at) => {
    const words = troubleOf(account.name, order, booked[at])
    if (words) trouble.set(rowOf[at] ?? 0, words)
  })
  const verdicts: InboxVerdict[] = []
  for (const { row, reading } of read)
    verdicts.push(
      await verdict(deps, account, row, reading, trouble.get(row.id)).catch((error: unknown): InboxVerdict => {
        if (isOfSurroundings(error)) throw error
        // Kept aside, to be taken up again by a person: what came with it is done.
        return {
          id: row.id,
          state: 'refused',
          reason: `refused: the message cannot be acted on: ${error instanceof Error ? error.message : String(error)}`,
        }
      }),
    )
  await endInbox(deps.sql, verdicts)
  await reopenIfKnown(
    deps.sql,
    account.id,
    booked.flatMap(result => result.unmatched ?? []),
  )
}

/** What one message tells. A message that cannot be opened or breaks its reader must not hold up those behind it. */
async function readRow(deps: JobDeps, session: Session, row: InboxRow): Promise<Reading> {
  // What a poll kept aside is read from the platform again, by the order's id.
  if (row.source === 'poll') return { kind: 'reread', externalIds: [row.topic] }
  try {
    const body = await unsealText(deps.keyring, 'inbox', row.body)
    if (row.source !== 'report') return session.readMessage(row.topic, body)
    const kept = readKept(row.topic, body)
    return 'reason' in kept ? { kind: 'unreadable', reason: kept.reason } : { kind: 'return', told: kept }
  } catch (error) {
    return { kind: 'unreadable', reason: `the message cannot be opened: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function verdict(
  deps: JobDeps,
  account: AccountRow,
  row: InboxRow,
  reading: Reading,
  trouble: string | undefined,
): Promise<InboxVerdict> {
  switch (reading.kind) {
    case 'orders':
      return trouble ? { id: row.id, state: 'refused', reason: trouble } : { id: row.id, state: 'done', reason: null }
    case 'reread':
      await askReread(deps.sql, account.id, reading.externalIds)
      return { id: row.id, state: 'done', reason: 'to be read from the platform' }
    case 'return': {
      const [booked] = await bookReturns(deps.sql, account, [reading.told])
      return booked?.reason ? { id: row.id, state: 'refused', reason: booked.reason } : { id: row.id, state: 'done', reason: null }
    }
    case 'listings':
      return { id: row.id, state: 'ignored', reason: 'tells of listings; the lane reads them itself' }
    case 'forget': {
      // Stored before it is acted on, so that it is acknowledged at once; the platform tells of everybody, most never bought here.
      const removed = await forgetBuyer(deps.sql, account.id, await buyerMark(account.id, reading.account))
      return removed > 0
        ? { id: row.id, state: 'done', reason: `personal data of ${removed} ${removed === 1 ? 'order' : 'orders'} was removed` }
        : { id: row.id, state: 'ignored', reason: 'an account was closed of somebody who is not known here' }
    }
    case 'nothing':
      return { id: row.id, state: 'ignored', reason: reading.why }
    case 'unreadable':
      return { id: row.id, state: 'refused', reason: unreadable(reading.reason) }
  }
}
