import { EXCEPTION_KINDS, type ExceptionKind } from '../../db/pages-exceptions.ts'
import type { Cure } from '../domain/orders/cure.ts'
import { EXCEPTION_TEXT } from '../usecases/exception-text.ts'
import { readExceptions } from '../usecases/exceptions.ts'
import { type Command, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { table } from './terminal.ts'

const LISTED_MOST = 200

/** The command that carries an order on, where its kind alone says so; what is short has its cures. */
const STEPS: Readonly<Record<Exclude<ExceptionKind, 'short'>, (order: number) => string>> = {
  held: order => `order let-go ${order}`,
  unmatched: () => 'match the SKU on the page of its channel',
  refused: order => `order show ${order}, then order retry ${order} ACT`,
  late: order => `order ship ${order}, or at the desk`,
  due: order => `order ship ${order}, or at the desk`,
  put_back: () => 'put it back at the desk',
  amiss: order => `compare: order show ${order}`,
  not_back: order => `order return ${order} … --return ID, or order not-coming ${order} ID`,
  stuck: order => `mend what it says: order show ${order}`,
}

/** `order exceptions`: orders that need a person. */
export const orderExceptionsCommand: Command = {
  name: 'order exceptions',
  usage: `[--kind ${EXCEPTION_KINDS.join('|')}] [--limit N]`,
  summary: 'Orders that do not go on by themselves: first what its platform wants shipped soon, then the oldest',
  details: `stuck: what the hub does of itself failed three times; it is tried again, an hour apart at the most. Each has its next sensible step.
${LISTED_MOST} unless told.`,
  examples: ['order exceptions', 'order exceptions --kind stuck'],
  options: { kind: { type: 'string' }, ...LIMIT },
  takes: [0, 0],
  database: 'migrated',
  run: async call => {
    const word = call.text('kind')
    const kind = EXCEPTION_KINDS.find(one => one === word) ?? null
    if (word !== undefined && kind === null) throw wrongUsage(`--kind is one of ${EXCEPTION_KINDS.join(', ')}`)
    const { rows, more } = await firstOf(call, LISTED_MOST, limit => readExceptions(call.context, limit, kind))
    const lines = rows.map(row => [
      row.orderId,
      row.channel,
      row.number,
      EXCEPTION_TEXT[row.kind],
      row.units === 0 ? null : row.units,
      shownAt(row.since),
      row.shipBy === null ? null : shownAt(row.shipBy),
      row.about.join(', '),
      row.kind === 'short' ? row.cures.map(one => cureWords(one.cure)).join(', ') : STEPS[row.kind](row.orderId),
    ])
    const head = ['order', 'channel', 'number', 'what', 'units', 'since', 'ship by', 'about', 'next step']
    call.answer(rows, rows.length === 0 ? 'Every order goes on by itself.' : table([head, ...lines]) + more)
    return 0
  },
}

function cureWords(cure: Cure): string {
  if (cure.cure === 'transfer') return `bring ${cure.units} from ${cure.location}`
  if (cure.cure === 'substitute') return `hand over ${cure.units} ${cure.sku} instead`
  if (cure.cure === 'wait') return `wait for ${cure.units} until ${shownAt(new Date(cure.at))}`
  return cure.until === null ? 'cancel' : `cancel by ${shownAt(new Date(cure.until))}`
}
