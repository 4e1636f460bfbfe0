import type { MessageReading, Session } from '../connectors/contract.ts'
import type { UnitsBack } from '../connectors/returns.ts'
import { type AccountRow, readAccounts } from '../db/accounts.ts'
import { reopenIfKnown } from '../db/coverage.ts'
import { endInbox, type InboxRow, type InboxVerdict, postponeInbox, takeInbox } from '../db/intake.ts'
import { askReread } from '../db/orders.ts'
import { forgetBuyer } from '../db/people.ts'
import { bookOrders } from '../src/usecases/book-orders.ts'
import { buyerMark } from '../src/values/buyer-mark.ts'
import { unsealText } from '../src/values/sealed.ts'
import { openReader } from './account.ts'
import type { JobDeps } from './deps.ts'
import { bookReturns, readKept } from './returns.ts'
import { troubleOf, unreadable } from './trouble-words.ts'

/** Booked by one statement: of many orders each SKU's balance and listings are written once. */
const BATCH = 200

/**
 * Understands the waiting messages of an account and books the orders they tell of. Safe to run twice at once and to be killed anywhere: a
 * message is finished only after its orders are booked, and booking it again changes nothing. Answers how many messages were handled.
 */
export async function drainInbox(deps: JobDeps, accountId: number): Promise<number> {
  const [account] = await readAccounts(deps.sql, accountId)
  if (!account) return 0
  let handled = 0
  let ahead: Promise<readonly Read[]> | null = null
  for (;;) {
    const read: readonly Read[] = await (ahead ?? takeAndRead(deps, account))
    if (read.length === 0) return handled
    // While these are booked, the next are understood; where few wait, more may come together meanwhile.
    ahead = read.length === BATCH ? takeAndRead(deps, account) : null
    // What it fails of is found when it is its turn.
    ahead?.catch(() => {})
    await handle(deps, account, read).catch(async (error: unknown) => {
      const next = await ahead?.catch(() => [])
      await postpone(deps, [...read, ...(next ?? [])])
      throw error
    })
    handled += read.length
  }
}

async function takeAndRead(deps: JobDeps, account: AccountRow): Promise<readonly Read[]> {
  const rows = await takeInbox(deps.sql, account.id, BATCH)
  if (rows.length === 0) return []
  const session = await openReader(deps, account)
  return Promise.all(rows.map(async row => ({ row, reading: await readRow(deps, session, row) })))
}

const postpone = (deps: JobDeps, read: readonly Read[]): Promise<void> =>
  postponeInbox(
    deps.sql,
    read.map(({ row }) => row.id),
    2_000,
  )

/** `return`: units that came back, of a report that was kept aside. */
type Reading = MessageReading | { readonly kind: 'return'; readonly told: UnitsBack }
type Read = { readonly row: InboxRow; readonly reading: Reading }

async function handle(deps: JobDeps, account: AccountRow, read: readonly Read[]): Promise<void> {
  const verdicts: InboxVerdict[] = []
  const withOrders = read.flatMap(({ row, reading }) => (reading.kind === 'orders' ? reading.orders.map(order => ({ row, order })) : []))
  const context = { sql: deps.sql, keyring: deps.keyring, actor: `channel:${account.name}` }
  const booked = await bookOrders(
    context,
    account.id,
    withOrders.map(one => one.order),
    { fresh: false },
  )

  const trouble = new Map<number, string>()
  withOrders.forEach(({ row, order }, at) => {
    const words = troubleOf(account.name, order, booked[at])
    if (words) trouble.set(row.id, words)
  })
  for (const { row, reading } of read) verdicts.push(await verdict(deps, account, row, reading, trouble.get(row.id)))
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
