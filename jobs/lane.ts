import { DEADLINE_MAX_MS } from '../connectors/http.ts'
import { askAccount, readAccounts, unstick } from '../db/accounts.ts'
import { intend, intendMoved, type Moved } from '../db/publications.ts'
import { type HeldAccount, type LeaseClock, openAccount } from './account.ts'
import { doActs } from './acts.ts'
import { makeBell } from './bell.ts'
import type { JobDeps } from './deps.ts'
import { DRIFT_LOOK_MS, makeDriftCheck } from './drift.ts'
import type { Suspects } from './failed-call.ts'
import { carryForcesOn, FORCES_EVERY_MS } from './forces.ts'
import { makeHealth, type Step } from './health.ts'
import { drainInbox } from './intake.ts'
import { loop } from './loop.ts'
import { movedBy } from './moved.ts'
import { pollOrders, readQueue, rereadOrders } from './poll.ts'
import { makePriceFeed } from './price-feed.ts'
import { makePublishers } from './publish.ts'
import { makeQuotaNote, QUOTA_EVERY_MS } from './quota.ts'
import { readBack } from './read-back.ts'
import { makePriceReckoner } from './reckon-prices.ts'
import { answerRequests } from './requests.ts'
import { makeReturnsReader } from './returns.ts'
import { subscribe } from './subscribe.ts'
import type { Tailer } from './tailer.ts'
import { keepCallsForTurns, TURNS_MS } from './turns.ts'

/** How often a lane makes sure that the platform still sends its webhooks; also once when it begins. */
const WEBHOOKS_EVERY_MS = 10 * 60_000

/** How often a lane looks whether it is time for reports of returns, ms. */
const RETURNS_LOOK_MS = 15_000

/** What the parts of a lane share. */
export type Lane = {
  readonly deps: JobDeps
  readonly account: HeldAccount
  readonly signal: AbortSignal
  /** What the platform may fail at. */
  readonly suspects: Suspects
  /** Something may wait to be sent. */
  readonly pushBell: ReturnType<typeof makeBell>
  /** Something of it may be dangerous. */
  readonly dangerBell: ReturnType<typeof makeBell>
  /** Prices may have begun or ended. */
  readonly turnBell: ReturnType<typeof makeBell>
  /** The inbox of the account has something. */
  readonly intakeBell: ReturnType<typeof makeBell>
}

/**
 * Runs the lane of one account for as long as its lease lasts: everything that this account is asked or told goes through here. Ends when the
 * signal is aborted; then no call is started any more.
 */
export async function runLane(
  deps: JobDeps,
  tailer: Tailer,
  accountId: number,
  lease: { readonly token: number; readonly clock: LeaseClock },
): Promise<void> {
  const { signal } = lease.clock
  const [row] = await readAccounts(deps.sql, accountId)
  if (!row) return
  const account = await openAccount(deps, row, lease.token, lease.clock)
  await unstick(deps.sql, accountId, 0)
  const bells = { pushBell: makeBell(), dangerBell: makeBell(), turnBell: makeBell(), intakeBell: makeBell() }
  const lane: Lane = { deps, account, signal, suspects: new Map(), ...bells }
  const actBell = makeBell()
  const askBell = makeBell()
  const subscribeBell = makeBell()
  const turnsBell = makeBell()
  const healthy = makeHealth(deps, account, signal)
  const prices = makePriceReckoner(lane)

  const leave = tailer.add({
    consumer: `account:${accountId}`,
    startOver: async () => {
      await intend(deps.sql, accountId, null)
      // After a restore our model of the platform is the backup's: it is looked at whole.
      if (row.observedAt !== null) await askAccount(deps.sql, accountId, 'compare', 'system')
      lane.dangerBell.ring()
      lane.turnBell.ring()
      lane.pushBell.ring()
    },
    take: async rows => {
      const concerns = rows.filter(change => change.accountId === null || change.accountId === accountId)
      const moved = movedBy(concerns)
      await reckonStock(lane, moved)
      for (const change of concerns) {
        if (change.kind === 'act') actBell.ring()
        if (change.kind === 'channel') {
          askBell.ring()
          subscribeBell.ring()
        }
        if (change.kind === 'inbox') lane.intakeBell.ring()
      }
      if (moved.prices?.length === 0) return undefined
      const isPrice = concerns.some(change => change.kind === 'price')
      return { aside: prices.reckon(moved.prices).then(() => (isPrice ? turnsBell.ring() : undefined)) }
    },
  })

  const { danger, publish, turn, underWay, ended } = makePublishers(lane)
  const feed = makePriceFeed(lane)
  const run = (name: string, step: Step, bell: ReturnType<typeof makeBell>, idleMs: number): Promise<void> =>
    loop(`${row.name}/${name}`, healthy(step), { bell, idleMs, signal, log: deps.log })
  const pollMs = account.connector.declares.pollEveryMs / account.scale
  try {
    await Promise.all([
      // Taking in needs no call, so trouble of the account does not hold it up.
      loop(`${row.name}/intake`, async () => (await drainInbox(deps, accountId)) > 0, {
        bell: lane.intakeBell,
        idleMs: 1_000,
        signal,
        log: deps.log,
      }),
      loop(`${row.name}/prices`, prices.step, { bell: prices.bell, idleMs: 1_000, signal, log: deps.log }),
      run('danger', danger, lane.dangerBell, 250),
      run('turn', turn, lane.turnBell, 250),
      run('publish', publish, lane.pushBell, 250),
      run('feed', feed.step, makeBell(), 500),
      // What cannot wait for its feed leaves it, whatever call the feed itself is waiting for.
      loop(`${row.name}/feed-release`, feed.release, { bell: makeBell(), idleMs: 500, signal, log: deps.log }),
      loop(`${row.name}/turns`, () => keepCallsForTurns(lane), { bell: turnsBell, idleMs: TURNS_MS, signal, log: deps.log }),
      loop(`${row.name}/forces`, () => carryForcesOn(lane), { bell: makeBell(), idleMs: FORCES_EVERY_MS, signal, log: deps.log }),
      loop(`${row.name}/quota`, makeQuotaNote(lane), { bell: makeBell(), idleMs: QUOTA_EVERY_MS, signal, log: deps.log }),
      loop(`${row.name}/unstick`, () => unstick(deps.sql, accountId, DEADLINE_MAX_MS + 5_000, underWay()).then(n => n > 0), {
        bell: makeBell(),
        idleMs: 5_000,
        signal,
        log: deps.log,
      }),
      run('read-back', () => readBack(lane), makeBell(), 250),
      run('drift', makeDriftCheck(lane), makeBell(), DRIFT_LOOK_MS),
      run('poll', () => pollOrders(lane).then(() => 'called'), makeBell(), pollMs),
      run('queue', () => readQueue(lane), makeBell(), Math.max(100, 1_000 / account.scale)),
      run('reread', () => rereadOrders(lane), makeBell(), 500),
      run('returns', makeReturnsReader(lane), makeBell(), Math.max(100, RETURNS_LOOK_MS / account.scale)),
      run('acts', () => doActs(lane), actBell, 1_000),
      run('requests', () => answerRequests(lane), askBell, 1_000),
      // A platform may have switched them off while nobody answered; polls bring the orders meanwhile.
      run('webhooks', () => subscribe(lane), subscribeBell, WEBHOOKS_EVERY_MS / account.scale),
    ])
  } finally {
    leave()
    await ended()
    await account.close()
  }
}

/** Brings the stock that listings should show in line with what changed. */
async function reckonStock(lane: Lane, { stock }: Moved): Promise<void> {
  if (stock?.length === 0) return
  await intendMoved(lane.deps.sql, lane.account.row.id, { stock, prices: [] })
  lane.dangerBell.ring()
  lane.pushBell.ring()
}
