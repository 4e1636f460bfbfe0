import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { booksIn, booksOf, POLICIES } from './stock-model/books.ts'
import { type Command, carryOut } from './stock-model/commands.ts'
import { perform, plain } from './stock-model/database-side.ts'
import { type Past, resolve } from './stock-model/resolve.ts'
import { emptyState, PLACES, POOLS, SKUS, TRACKED } from './stock-model/state.ts'
import { history, type Step } from './stock-model/steps.ts'

const LENGTH = 100
/** After so many commands all books are compared, and at the end. */
const COMPARE_EVERY = 10

const { sql } = await freshDatabase({ max: 2 })
await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, Object.fromEntries(PLACES.map(place => [place, 0]))])))
await sql`update variants set lot_tracked = true where sku = ${TRACKED}`
const accounts: Record<string, number> = {}
for (const [code, pool] of Object.entries(POOLS)) {
  accounts[code] = (await quietChannel(sql, code, pool)).accountId
  const { buffer, bufferPercent, cap, stopSellingAt } = POLICIES[code as keyof typeof POOLS]
  await sql`
    update channel_policies set buffer = ${buffer}, buffer_percent = ${bufferPercent}, cap = ${cap}, stop_selling_at = ${stopSellingAt}
    where channel_id = (select id from channels where code = ${code})`
}

/** What there is when a history begins. */
const OPENING: Command = {
  fn: 'stock_change_2',
  cmd: {
    ...{ scope: 'model', key: 'opening', kind: 'stock_change_2', hash: 'opening' },
    lines: PLACES.flatMap(location => ['MUG', 'LID', TRACKED].map(sku => ({ sku, location, quantity: 12, kind: 'receive' as const }))),
  },
}

/** How often each function answered what: that nothing of all this is left out by chance. */
const answered = new Map<string, number>()

/** What 100 histories cannot but come by, many times each. */
const OUTCOMES = Object.entries({
  bundle_set_1: ['done', 'cycle', 'unchanged'],
  delivery_create_1: ['created'],
  delivery_change_1: ['changed', 'ended'],
  lot_set_1: ['done', 'unknown'],
  delivery_end_1: ['changed', 'ended', 'nothing_received'],
  delivery_receive_1: ['received', 'ended'],
  order_cancel_1: ['cancelled', 'nothing_open'],
  order_ship_1: ['shipped', 'not_reserved', 'nothing_open'],
  orders_book_1: ['booked', 'updated', 'exists', 'stale', 'reread'],
  pass: ['done'],
  stock_change_2: ['done', 'replayed', 'adjust_below_zero', 'hide_beyond'],
  stock_end_hold_1: ['released', 'settled', 'ended'],
  stock_extend_hold_1: ['extended', 'ended'],
  stock_move_promise_2: ['moved', 'insufficient', 'ended'],
  stock_reserve_2: ['reserved', 'insufficient', 'unknown', 'replayed', 'key_conflict'],
  transfer_cancel_1: ['changed', 'ended'],
  transfer_receive_1: ['received', 'not_under_way', 'ended'],
  transfer_request_1: ['requested'],
  transfer_resolve_1: ['not_under_way', 'ended'],
  transfer_send_1: ['sent', 'insufficient', 'all_sent', 'ended'],
}).flatMap(([fn, outcomes]) => outcomes.map(outcome => `${fn} ${outcome}`))

function note(command: Command, answer: unknown): void {
  for (const one of Array.isArray(answer) ? answer : [answer]) {
    const { outcome, refused, replayed } = (one ?? {}) as { outcome?: string; refused?: string; replayed?: true }
    const what = `${command.fn} ${replayed ? 'replayed' : (outcome ?? refused ?? 'done')}`
    answered.set(what, (answered.get(what) ?? 0) + 1)
  }
}

/** Plays a history on both sides. Throws where they differ, with the command at which they did. */
async function play(steps: readonly Step[]): Promise<void> {
  await emptyBooks(sql)
  let state = emptyState()
  const past: Past = { commands: [], count: 0 }
  for (const [at, step] of [null, ...steps].entries()) {
    const command: Command | null = step === null ? OPENING : resolve(step, state, past)
    if (command) {
      past.commands.push(command)
      const carried = carryOut(state, command)
      state = carried.state
      const answer = await perform(sql, accounts, command, state.now)
      expect({ at, command, answer }).toEqual({ at, command, answer: plain(carried.answer) })
      note(command, answer)
    }
    if (at % COMPARE_EVERY === COMPARE_EVERY - 1 || at === steps.length)
      expect({ after: past.commands.at(-1), ...(await booksIn(sql, state.now)) }).toEqual({
        after: past.commands.at(-1),
        ...booksOf(state),
      })
  }
  // Whatever is over by now and was not looked at since.
  const sweep = { fn: 'pass', minutes: 0, sweep: true } as const
  state = carryOut(state, sweep).state
  await perform(sql, accounts, sweep, state.now)
  expect(await booksIn(sql, state.now)).toEqual(booksOf(state))
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
}

/** The shortest history that goes wrong, without the steps that were left out of it. */
function told(run: fc.RunDetails<[readonly (Step | null)[]]>): void {
  if (!run.failed) return
  const steps = run.counterexample?.[0].filter(step => step !== null) ?? []
  throw new Error(`seed ${run.seed}, after ${run.numRuns} runs:\n${steps.map(step => JSON.stringify(step)).join('\n')}`, {
    cause: run.errorInstance,
  })
}

test(
  'whatever happens to stock, the books say what a plain model says: holds, orders, bundles, lots, deliveries, transfers, time and repeated keys',
  async () => {
    const runs = repetitions('histories of 100 stock commands', 100, 5_000)
    await fc.assert(
      fc.asyncProperty(history(LENGTH), steps => play(steps.filter(step => step !== null))),
      { numRuns: runs, reporter: told, ...(isLong ? {} : { interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true }) },
    )
    expect(OUTCOMES.filter(outcome => !answered.has(outcome))).toEqual([])
  },
  isLong ? 14_400_000 : 300_000,
)
