import { type CountAnswer, type CountCommand, type CountDone, countCommand, type EnteredLine } from '../../db/counts.ts'
import { Fault } from '../values/fault.ts'
import { carryOut } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { countRefusal } from './count-refusal.ts'

/** A SKU, or one lot of it. `lot` is left out where units are not told apart by lot, and may be for the lot of no name. */
export type LineNamed = { readonly sku: string; readonly lot?: string | undefined }

export type CountStart = {
  readonly location: string
  /** Only these; without them everything that lies there by the books. */
  readonly skus?: readonly string[] | undefined
  readonly note?: string | undefined
}

export type CountStarted = { readonly id: number; readonly lines: number; readonly replayed: boolean }

/** Starts a count of a location, or of chosen SKUs there. Throws `invalid` for a location or SKU that does not exist. */
export async function startCount(context: Context, key: string | null, start: CountStart): Promise<CountStarted> {
  const done = await run<CountDone & { readonly lines: number }>(context, 'count_start_1', 'count.start', key, {
    location: start.location,
    ...(start.skus === undefined ? {} : { skus: [...start.skus] }),
    ...(start.note === undefined ? {} : { note: start.note }),
  })
  return { id: done.count, lines: done.lines, replayed: done.replayed === true }
}

/** What somebody counted: `counted` states the number and replaces the one before, `add` adds to it (−n takes a slip back). Whole base units. */
export type CountEntry = LineNamed & {
  readonly counted?: number | undefined
  readonly add?: number | undefined
  /** The instant of looking (ISO 8601); now when absent. */
  readonly countedAt?: string | undefined
}

export type Entered = { readonly lines: readonly EnteredLine[]; readonly replayed: boolean }

/**
 * Notes what was counted, all entries or none; SKUs that nobody expected there are taken too. The answer says what is noted now, never what the
 * books say. Throws `invalid` (unknown SKU, a lot of a SKU without lots, a future instant, a sum below 0), `conflict` when the count was handed in.
 */
export async function enterCount(context: Context, key: string | null, count: number, entries: readonly CountEntry[]): Promise<Entered> {
  const done = await run<CountDone & { readonly lines: readonly EnteredLine[] }>(context, 'count_enter_1', 'count.enter', key, {
    count,
    entries: entries.map(({ sku, lot, counted, add, countedAt }) => ({
      sku,
      ...(lot === undefined ? {} : { lot }),
      ...(counted === undefined ? { add: add ?? 1 } : { counted }),
      ...(countedAt === undefined ? {} : { countedAt }),
    })),
  })
  return { lines: done.lines, replayed: done.replayed === true }
}

/** Hands a count in for review. Throws `conflict` when nothing was counted yet, or when it was handed in already. */
export async function submitCount(context: Context, key: string | null, count: number): Promise<void> {
  await run(context, 'count_submit_1', 'count.submit', key, { count })
}

/** Sends lines back to be counted once more: the count is open again. Throws `conflict` for a line that is decided. */
export async function recountLines(context: Context, key: string | null, count: number, lines: readonly LineNamed[]): Promise<void> {
  await run(context, 'count_recount_1', 'count.recount', key, { count, lines: lines.map(named) })
}

/** Ends a count without posting anything. Throws `conflict` when some lines were approved: then the rest is rejected. */
export async function cancelCount(context: Context, key: string | null, count: number): Promise<void> {
  await run(context, 'count_cancel_1', 'count.cancel', key, { count })
}

export const named = ({ sku, lot }: LineNamed) => ({ sku, ...(lot === undefined ? {} : { lot }) })

async function run<Done extends CountDone = CountDone>(
  context: Context,
  name: CountCommand,
  kind: string,
  key: string | null,
  body: Parameters<typeof countCommand>[2] & object,
): Promise<Done> {
  const cmd = { ...body, ...command(context, kind, key, body) }
  const answer: CountAnswer = await carryOut(key, () => countCommand(context.sql, name, cmd))
  if (answer.outcome !== 'done') throw countRefusal(answer)
  return answer as Done
}

/** The number in a count's address. Throws `not_found` for what is none. */
export function countNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new Fault('not_found', `There is no count ${text}.`, { field: 'count', value: text })
  return Number(text)
}
