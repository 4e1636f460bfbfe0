import { type CountRow, countLines, listCounts, readCount } from '../../db/counts.ts'
import type { Context } from '../usecases/context.ts'
import { cancelCount, countNumber, enterCount, recountLines, startCount, submitCount } from '../usecases/count-stock.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import { onBehalfOf } from '../usecases/on-behalf.ts'
import { Fault } from '../values/fault.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { countDecisions } from './count-decide.ts'
import { counted } from './counted.ts'
import { instantOf, shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const LINES_MOST = 100_000

/** `count start|list|show|enter|submit|recount|cancel`, and what follows the review. */
export const countCommands: readonly Command[] = [
  {
    name: 'count start',
    usage: 'LOCATION [SKU…] [--note TEXT]',
    summary: 'Start a count of a location, or of some SKUs there; whoever counts is not told what the books say',
    details: 'Stock may be sold and received meanwhile: what is posted in the end is the difference at the instant of counting.',
    examples: ['count start MAIN', 'count start MAIN TEA-GREEN CUP-BLUE --note "shelf 4"'],
    options: { note: text, key: text },
    takes: [1, 501],
    database: 'migrated',
    run: async call => {
      const [location = '', ...skus] = call.args
      const note = call.text('note')
      const wish = { location, ...(skus.length === 0 ? {} : { skus }), ...(note === undefined ? {} : { note }) }
      const started = await startCount(call.context, call.text('key') ?? ownKey(), wish)
      call.answer(
        started,
        `Count ${started.id} of ${location} is open, with ${counted(started.lines, 'line')}: "concord count show ${started.id}" tells what to count.`,
      )
      return 0
    },
  },
  {
    name: 'count list',
    usage: '[--location CODE] [--state open|review|approved|cancelled] [--limit N]',
    summary: 'Counts, the newest first',
    examples: ['count list --state review'],
    options: { location: text, state: text, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: async call => {
      const filter = { location: call.text('location'), state: call.text('state') }
      await refuseUnknown(call.context, filter)
      const { rows: counts, more } = await firstOf(call, 200, limit => listCounts(call.context.sql, filter, null, limit))
      const rows = counts.map(one => [
        one.id,
        one.location,
        one.state,
        `${one.counted}/${one.lines}`,
        one.actor,
        shownAt(one.createdAt),
        one.note,
      ])
      call.answer(counts, table([['count', 'location', 'state', 'counted', 'by', 'started', 'note'], ...rows]) + more)
      return 0
    },
  },
  {
    name: 'count show',
    usage: 'COUNT',
    summary: 'What is to be counted and what was entered; not what the books say',
    examples: ['count show 12'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const count = await present(call)
      const lines = (await countLines(call.context.sql, count.id, 0, LINES_MOST)).map(({ id: _, ...line }) => line)
      const rows = lines.map(line => [line.sku, line.lot, line.title, line.counted, line.countedBy])
      call.answer({ ...count, items: lines }, `${head(count)}\n${table([['sku', 'lot', 'title', 'counted', 'by'], ...rows])}`)
      return 0
    },
  },
  {
    name: 'count enter',
    usage: 'COUNT SKU=UNITS… | SKU+=UNITS… [--lot LOT] [--at INSTANT] [--as EMAIL] [--key KEY]',
    summary: 'Enter what was counted, as often as needed; = states the number, += adds to it',
    details:
      'SKUs that nobody expected there may be entered too. --at is the instant of looking; now when absent. --as: who counted,\nof the users; whoever counted does not approve.',
    examples: [
      'count enter 12 TEA-GREEN=40 CUP-BLUE=7',
      'count enter 12 TEA-GREEN+=1',
      'count enter 12 MILK=6 --lot L2026-11 --at 2026-11-22T06:00:00Z',
    ],
    options: { lot: text, at: text, as: text, key: text },
    takes: [2, 501],
    database: 'migrated',
    run: enter,
  },
  {
    name: 'count submit',
    usage: 'COUNT [--as EMAIL]',
    summary: 'Hand a count in for review',
    examples: ['count submit 12'],
    options: { as: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      await submitCount(await counter(call), ownKey(), numberOf(call))
      return tell(call)
    },
  },
  ...countDecisions,
  {
    name: 'count recount',
    usage: 'COUNT SKU… [--lot LOT]',
    summary: 'Have lines counted once more; the count is open again',
    examples: ['count recount 12 TEA-GREEN'],
    options: { lot: text },
    takes: [2, 501],
    database: 'migrated',
    run: async call => {
      const lot = call.text('lot')
      const lines = call.args.slice(1).map(sku => ({ sku, ...(lot === undefined ? {} : { lot }) }))
      await recountLines(call.context, ownKey(), numberOf(call), lines)
      return tell(call)
    },
  },
  {
    name: 'count cancel',
    usage: 'COUNT',
    summary: 'End a count without posting anything',
    examples: ['count cancel 12'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      await cancelCount(call.context, ownKey(), numberOf(call))
      return tell(call)
    },
  },
]

async function enter(call: Call): Promise<ExitCode> {
  const [lot, countedAt] = [call.text('lot'), instantOf(call, 'at')]
  const entries = call.args.slice(1).map(word => {
    const [, sku = '', adds, units = ''] = /^(.+?)(\+)?=(-?\d+)$/.exec(word) ?? []
    if (sku === '') throw wrongUsage(`"${word}" is neither SKU=UNITS nor SKU+=UNITS`)
    return {
      sku,
      ...(adds === undefined ? { counted: wholeUnits(units, false) } : { add: wholeUnits(units, true) }),
      ...(lot === undefined ? {} : { lot }),
      ...(countedAt === undefined ? {} : { countedAt }),
    }
  })
  const entered = await enterCount(await counter(call), call.text('key') ?? ownKey(), numberOf(call), entries)
  const rows = entered.lines.map(line => [line.sku, line.lot, line.counted, shownAt(line.countedAt)])
  call.answer(entered, table([['sku', 'lot', 'counted', 'at'], ...rows]))
  return 0
}

/** Who counts: the user that `--as` names, else whoever types. */
async function counter(call: Call): Promise<Context> {
  const as = call.text('as')
  return as === undefined ? call.context : (await onBehalfOf(call.context, as, 'stock:write')).context
}

/** The count that the first word names. */
const numberOf = (call: Call): number => countNumber(call.args[0] ?? '')

async function present(call: Call): Promise<CountRow> {
  const count = await readCount(call.context.sql, numberOf(call))
  if (count === null) throw new Fault('not_found', `There is no count ${call.args[0]}.`, { field: 'count', value: call.args[0] })
  return count
}

async function tell(call: Call): Promise<ExitCode> {
  const count = await present(call)
  call.answer(count, head(count))
  return 0
}

const WORDS = { open: 'is open', review: 'waits for review', approved: 'is on the books', cancelled: 'is cancelled' } as const

const head = (count: CountRow): string =>
  `Count ${count.id} of ${count.location} ${WORDS[count.state]}: ${count.counted} of ${counted(count.lines, 'line')} ${count.lines === 1 ? 'was' : 'were'} counted.`
