import type { ReviewPart } from '../../db/counts.ts'
import { countNumber } from '../usecases/count-stock.ts'
import { type CountDecision, decideCount } from '../usecases/decide-count.ts'
import { onBehalfOf } from '../usecases/on-behalf.ts'
import { reviewCount } from '../usecases/review-count.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const LINES_MOST = 100_000
const AS = `--as: in the name of a user ("concord user add"), who must be allowed to approve; without it, as an administrator.`
const PARTS: readonly ReviewPart[] = ['differences', 'uncounted', 'all']

/** `count review|approve|reject`: what somebody else than the counter does. */
export const countDecisions: readonly Command[] = [
  {
    name: 'count review',
    usage: 'COUNT [--part differences|uncounted|all]',
    summary: 'A count that was handed in, beside the books: units and what they are worth',
    examples: ['count review 12', 'count review 12 --part uncounted'],
    options: { part: text },
    takes: [1, 1],
    database: 'migrated',
    run: review,
  },
  deciding('approve', 'approved', 'Put the differences of a count on the books, all of it or some SKUs'),
  deciding('reject', 'rejected', 'Set what was counted aside, all of it or some SKUs; nothing is posted'),
]

async function review(call: Call): Promise<ExitCode> {
  const part = PARTS.find(one => one === (call.text('part') ?? 'differences'))
  if (part === undefined) throw wrongUsage(`--part is one of ${PARTS.join(', ')}`)
  const { totals, lines } = await reviewCount(call.context, countNumber(call.args[0] ?? ''), part, 0, LINES_MOST)
  const items = lines.map(({ id: _, difference, ...line }) => ({ ...line, ...{ difference: difference.units, value: difference.value } }))
  const rows = items.map(line => [line.sku, line.lot, line.counted, line.book, line.difference, line.value, line.currency, line.decision])
  const worth = totals.values.map(({ value, currency }) => `${value} ${currency}`)
  const sums = [
    `${counted(totals.lines, 'line')}: differing ${totals.differing}, not counted ${totals.uncounted}`,
    `${counted(totals.found, 'unit')} found, ${totals.missing} missing`,
    ...(worth.length === 0 ? [] : [`worth ${worth.join(', ')}`]),
    ...(totals.withoutCost === 0 ? [] : [`${totals.withoutCost} without a known cost`]),
  ]
  const head = ['sku', 'lot', 'counted', 'books', 'difference', 'value', 'currency', 'decided']
  call.answer({ totals, items }, `${sums.join('; ')}.\n${table([head, ...rows])}`)
  return 0
}

function deciding(word: string, decision: CountDecision['decision'], summary: string): Command {
  const isApproval = decision === 'approved'
  return {
    name: `count ${word}`,
    usage: `COUNT [SKU…] [--lot LOT] [--reason-code CODE]${isApproval ? ' [--uncounted leave|zero]' : ''} [--as EMAIL] [--key KEY]`,
    summary,
    details: isApproval
      ? `Where a line differs, --reason-code is a code of "concord reason list --act count". What nobody counted is left alone unless told.
${AS}`
      : `A count of which nothing is approved ends as cancelled.\n${AS}`,
    examples: [
      `count ${word} 12${isApproval ? ' --reason-code miscount' : ''}`,
      `count ${word} 12 TEA-GREEN${isApproval ? ' --reason-code miscount' : ''}`,
    ],
    options: { lot: text, 'reason-code': text, as: text, key: text, ...(isApproval ? { uncounted: text } : {}) },
    takes: [1, 501],
    database: 'migrated',
    run: async call => {
      const [id = '', ...skus] = call.args
      const [lot, reasonCode, uncounted] = [call.text('lot'), call.text('reason-code'), call.text('uncounted')]
      if (uncounted !== undefined && uncounted !== 'leave' && uncounted !== 'zero') throw wrongUsage('--uncounted is leave or zero')
      const as = call.text('as')
      // Whoever has the database administers, unless they do it in somebody's name.
      const { context, role } = as === undefined ? { ...call, role: 'admin' } : await onBehalfOf(call.context, as, 'stock:approve')
      const { token: _, ...decided } = await decideCount(
        context,
        call.text('key') ?? ownKey(),
        countNumber(id),
        {
          decision,
          ...(skus.length === 0 ? {} : { lines: skus.map(sku => ({ sku, ...(lot === undefined ? {} : { lot }) })) }),
          ...(reasonCode === undefined ? {} : { reasonCode }),
          ...(uncounted === undefined ? {} : { uncounted }),
        },
        role === 'admin',
      )
      const { state, approved, rejected, found, missing } = decided
      call.answer(
        decided,
        `Count ${id} (${state}): ${counted(approved, 'line')} approved, ${rejected} rejected; ${counted(found, 'unit')} found, ${missing} missing.`,
      )
      return 0
    },
  }
}
