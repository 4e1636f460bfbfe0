import { type Call, wrongUsage } from './command.ts'

/** The option of a list that says how much of it is told. */
export const LIMIT = { limit: { type: 'string' } } as const

/** So far what is left is counted. */
const COUNTED_MOST = 10_000

/**
 * The first rows of a list, as many as `--limit` says, and a line that tells how many are left: empty where none is. With `--json` the line goes where progress goes,
 * so that a pipe gets rows only. Throws a `UsageError`.
 */
export async function firstOf<Row>(
  call: Call,
  usual: number,
  read: (limit: number) => Promise<readonly Row[]>,
): Promise<{ readonly rows: readonly Row[]; readonly more: string }> {
  const given = call.text('limit') ?? `${usual}`
  if (!/^[1-9]\d{0,3}$/.test(given)) throw wrongUsage(`--limit ${given} is no number from 1 to 9999`)
  const limit = Number(given)
  const found = await read(limit + 1)
  if (found.length <= limit) return { rows: found, more: '' }
  const all = await read(COUNTED_MOST)
  const left = `${all.length === COUNTED_MOST ? 'more than ' : ''}${all.length - limit} more (--limit ${Math.min(all.length, COUNTED_MOST - 1)})`
  if (call.isJson) call.terminal.err.write(`… and ${left}\n`)
  return { rows: found.slice(0, limit), more: `\n… and ${left}` }
}
