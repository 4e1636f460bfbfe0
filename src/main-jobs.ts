import { askAccount, readAccounts } from '../db/accounts.ts'
import { accountsWithInbox } from '../db/intake.ts'
import type { JobDeps } from '../jobs/deps.ts'
import { sweepAllDue } from '../jobs/due.ts'
import { takeUpImports } from '../jobs/imports.ts'
import { drainInbox } from '../jobs/intake.ts'
import { preparePartitions } from '../jobs/partitions.ts'
import { purge, trim } from '../jobs/purge.ts'
import { type JobKind, jobKinds, type Queues, type Rung } from '../jobs/queues.ts'
import { check } from './usecases/check.ts'
import { keepBuffersByRisk } from './usecases/risk.ts'

const S = 1_000
const MIN = 60 * S

/** How often each kind is rung for, over all processes. Lanes do most of it sooner by themselves: these are the nets below. */
const EVERY_MS: Partial<Readonly<Record<JobKind, number>>> = {
  due: 10 * S,
  'sweep-inbox': 5 * S,
  compare: 60 * MIN,
  check: 60 * MIN,
  purge: 60 * MIN,
  partitions: 6 * 60 * MIN,
  trim: 10 * MIN,
  imports: MIN,
  risk: 5 * MIN,
}

/** Hangs a handler behind every kind of job, and notes down what is rung for by the clock. Resolves when all of them listen. */
export async function workJobs(queues: Queues, deps: JobDeps): Promise<void> {
  const { sql, log } = deps
  const handlers: Readonly<Record<JobKind, (job: Rung) => Promise<unknown>>> = {
    intake: ({ accountId }) => (accountId === null ? drainAll(deps) : drainInbox(deps, accountId)),
    'sweep-inbox': () => drainAll(deps),
    due: () => sweepAllDue(sql, new Date()),
    compare: ({ accountId }) => compare(deps, accountId),
    check: async () => {
      const report = await check({ sql, keyring: deps.keyring, actor: 'system' })
      if (!report.ok) log.error({ violations: report.violations }, 'the books do not add up: run "concord check" for the report')
    },
    purge: () => purge(deps, new Date()),
    partitions: () => preparePartitions(deps, new Date()),
    trim: () => trim(deps, new Date()),
    imports: () => takeUpImports(deps, new Date()),
    risk: () => keepBuffersByRisk({ sql }, new Date()),
  }
  const listening = jobKinds.map(kind =>
    queues.work(kind, async job => {
      await handlers[kind](job)
    }),
  )
  await Promise.all(listening)
  for (const [kind, everyMs] of Object.entries(EVERY_MS)) await queues.every(kind as JobKind, everyMs)
}

async function drainAll(deps: JobDeps): Promise<void> {
  for (const accountId of await accountsWithInbox(deps.sql)) await drainInbox(deps, accountId)
}

/** Has an account, or all that are not paused, compared whole with their platforms: it finds what nobody told us of. */
async function compare({ sql }: JobDeps, accountId: number | null): Promise<void> {
  const accounts = (await readAccounts(sql, accountId)).filter(account => account.state !== 'paused')
  for (const { id } of accounts) await askAccount(sql, id, 'compare', 'system')
}
