import { type CountOutcome, type CountState, countCommand } from '../../db/counts.ts'
import { carryOut } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { countRefusal } from './count-refusal.ts'
import { type LineNamed, named } from './count-stock.ts'
import type { WriteToken } from './write-token.ts'

export type CountDecision = {
  readonly decision: 'approved' | 'rejected'
  /** Only these lines; without them all that is left, and the count ends. */
  readonly lines?: readonly (LineNamed & { readonly reasonCode?: string | undefined })[] | undefined
  /** Why, of the list of reasons; for lines that have none of their own. Needed where a line that is approved differs from the books. */
  readonly reasonCode?: string | undefined
  /** What nobody counted: `leave` it alone (unless told), or take it that none is there (`zero`), at the instant of handing in. */
  readonly uncounted?: 'leave' | 'zero' | undefined
}

export type CountDecided = CountOutcome & {
  readonly id: number
  readonly state: CountState
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

// A statement of so many lines holds its locks for some 50 ms.
const LINES_AT_ONCE = 100

/**
 * Approves or rejects what was counted. Approving posts counted − book, both at the instant of counting: what was sold or received since then
 * stays so. A large count goes in several statements; when it breaks off between two, asking again goes on where it stopped. `mayApproveOwn`: an
 * administrator may approve what they counted or handed in themselves; for everybody else that throws `forbidden`. Throws `invalid` for a reason
 * that is missing or not of the list, `conflict` when the count is not in review or a line is decided already.
 */
export async function decideCount(
  context: Context,
  key: string | null,
  count: number,
  decision: CountDecision,
  mayApproveOwn: boolean,
): Promise<CountDecided> {
  const body = {
    count,
    decision: decision.decision,
    uncounted: decision.uncounted ?? 'leave',
    ...(decision.reasonCode === undefined ? {} : { reasonCode: decision.reasonCode }),
    ...(decision.lines === undefined
      ? {}
      : {
          lines: decision.lines.map(line => ({
            ...named(line),
            ...(line.reasonCode === undefined ? {} : { reasonCode: line.reasonCode }),
          })),
        }),
  }
  const cmd = { ...body, ...command(context, 'count.decide', key, body), own: mayApproveOwn, limit: LINES_AT_ONCE }
  for (;;) {
    const answer = await carryOut(key, () => countCommand(context.sql, 'count_decide_1', cmd))
    if (answer.outcome !== 'done') throw countRefusal(answer)
    if (!('more' in answer)) throw new Error('a decision about a count was answered without saying whether there is more')
    if (answer.more) continue
    const { approved, rejected, found, missing } = answer
    return { id: count, state: answer.state, approved, rejected, found, missing, replayed: answer.replayed === true, token: answer.token }
  }
}
