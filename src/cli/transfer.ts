import { listTransfers, readTransfer, readTransferLines, type TransferRow } from '../../db/transfers.ts'
import { underWay } from '../domain/inventory/transfer.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import {
  cancelTransfer,
  receiveTransfer,
  requestTransfer,
  resolveTransfer,
  sendTransfer,
  type TransferDone,
} from '../usecases/transfers.ts'
import { Fault } from '../values/fault.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { instantOf, shownAt } from './instants.ts'
import { arrivalOf, linesOf, required } from './lines.ts'
import { firstOf, LIMIT } from './listed.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'
import { warningsText } from './warnings.ts'

const LINES_MOST = 500
const LISTED_MOST = 200
const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const

/** `transfer add|list|show|send|receive|lost|coming|cancel`. */
export const transferCommands: readonly Command[] = [
  {
    name: 'transfer add',
    usage: 'SKU=UNITS… --from CODE --to CODE [--reference NAME] [--expected INSTANT] [--note TEXT]',
    summary: 'Ask for goods to be moved to another location',
    details: 'Nothing moves, and nothing is promised, before they are sent. Without --reference it gets a name of ours, such as T-17.',
    examples: ['transfer add TEA-GREEN=12 CUP-BLUE=3 --from MAIN --to SHOP'],
    options: { from: text, to: text, reference: text, expected: text, note: text, key: text },
    takes: [1, LINES_MOST],
    database: 'migrated',
    run: add,
  },
  {
    name: 'transfer list',
    usage: '[--state requested|sent|received|cancelled] [--late] [--from CODE] [--to CODE] [--sku SKU] [--limit N]',
    summary: 'Transfers between locations, the newest first',
    examples: ['transfer list --state sent'],
    options: { state: text, late: flag, from: text, to: text, sku: text, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'transfer show',
    usage: 'REFERENCE',
    summary: 'One transfer with its lines',
    examples: ['transfer show T-17'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => tell(call, (await find(call)).id),
  },
  {
    name: 'transfer send',
    usage: 'REFERENCE [SKU=UNITS…] [--lot CODE] [--expected INSTANT]',
    summary: 'Send what was asked for, or a part of it',
    details: 'Only units that are neither promised nor put aside. Lots that are not named leave first expired, first out.',
    examples: ['transfer send T-17', 'transfer send T-17 TEA-GREEN=6 --lot L-2291'],
    options: { lot: text, expected: text, key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: send,
  },
  {
    name: 'transfer receive',
    usage: 'REFERENCE [SKU=UNITS…] [--lot CODE] [--unavailable [--reason CODE]] [--at INSTANT]',
    summary: 'What was sent arrived, in full or short; orders that are short are served first',
    details: 'Without SKUs: everything that is under way. Never more than was sent, however often it is asked.',
    examples: ['transfer receive T-17', 'transfer receive T-17 CUP-BLUE=1 --unavailable --reason damaged'],
    options: { lot: text, unavailable: flag, reason: text, at: text, key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: receive,
  },
  {
    name: 'transfer lost',
    usage: 'REFERENCE [SKU=UNITS…] --reason CODE [--lot CODE]',
    summary: 'Give up units that did not arrive',
    details: 'Without SKUs: everything that is under way. The reason is one of the list, such as missing.',
    examples: ['transfer lost T-17 CUP-BLUE=1 --reason missing'],
    options: { reason: text, lot: text, key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: lose,
  },
  {
    name: 'transfer coming',
    usage: 'REFERENCE --expected INSTANT',
    summary: 'Expect units that did not arrive by another day',
    examples: ['transfer coming T-17 --expected 2026-12-04T08:00Z'],
    options: { expected: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: expectLater,
  },
  {
    name: 'transfer cancel',
    usage: 'REFERENCE',
    summary: 'Cancel what was not sent yet',
    examples: ['transfer cancel T-17'],
    options: { key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => done(call, await cancelTransfer(call.context, keyOf(call), (await find(call)).id)),
  },
]

async function add(call: Call): Promise<ExitCode> {
  const transfer = {
    reference: call.text('reference'),
    from: required(call, 'from'),
    to: required(call, 'to'),
    expectedAt: instantOf(call, 'expected'),
    note: call.text('note'),
    lines: linesOf(call.args),
  }
  return done(call, await requestTransfer(call.context, keyOf(call), transfer))
}

const STATES = ['requested', 'sent', 'received', 'cancelled'] as const

async function list(call: Call): Promise<ExitCode> {
  const named = call.text('state')
  const state = STATES.find(one => one === named)
  if (named !== undefined && state === undefined) throw wrongUsage(`--state is one of ${STATES.join(', ')}`)
  const filter = { state, late: call.flag('late'), from: call.text('from'), to: call.text('to'), sku: call.text('sku') }
  await refuseUnknown(call.context, filter)
  const { rows, more } = await firstOf(call, LISTED_MOST, limit => listTransfers(call.context.sql, filter, call.wiring.now(), null, limit))
  call.answer(rows, rows.length === 0 ? 'No transfer.' : heads(rows) + more)
  return 0
}

async function send(call: Call): Promise<ExitCode> {
  const { id } = await find(call)
  return done(call, await sendTransfer(call.context, keyOf(call), id, { lines: partsOf(call), expectedAt: instantOf(call, 'expected') }))
}

async function receive(call: Call): Promise<ExitCode> {
  const { id } = await find(call)
  const lines = linesOf(call.args.slice(1))
  const arrival = arrivalOf(call, lines)
  const receipt = {
    lines: lines.length === 0 ? undefined : lines.map(line => ({ ...line, ...arrival })),
    occurredAt: instantOf(call, 'at'),
  }
  return done(call, await receiveTransfer(call.context, keyOf(call), id, receipt))
}

async function lose(call: Call): Promise<ExitCode> {
  const { id } = await find(call)
  const resolution = { as: 'lost' as const, reasonCode: required(call, 'reason'), lines: partsOf(call) }
  return done(call, await resolveTransfer(call.context, keyOf(call), id, resolution))
}

async function expectLater(call: Call): Promise<ExitCode> {
  const { id } = await find(call)
  const expectedAt = instantOf(call, 'expected') ?? required(call, 'expected')
  return done(call, await resolveTransfer(call.context, keyOf(call), id, { as: 'coming', expectedAt }))
}

function partsOf(call: Call) {
  const lines = linesOf(call.args.slice(1))
  const lot = call.text('lot')
  if (lot !== undefined && lines.length !== 1) throw wrongUsage('--lot goes with one SKU: one command for each lot')
  return lines.length === 0 ? undefined : lines.map(line => ({ ...line, ...(lot === undefined ? {} : { lot }) }))
}

const keyOf = (call: Call): string => call.text('key') ?? ownKey()

async function find(call: Call): Promise<TransferRow> {
  const [reference = ''] = call.args
  const row = await readTransfer(call.context.sql, { reference }, call.wiring.now())
  if (row === null) throw new Fault('not_found', `There is no transfer ${reference}.`, { field: 'transfer', value: reference })
  return row
}

const done = (call: Call, { id, replayed, warnings }: TransferDone): Promise<ExitCode> => tell(call, id, replayed, warnings)

async function tell(call: Call, id: number, replayed = false, warnings: TransferDone['warnings'] = []): Promise<ExitCode> {
  const [row, lines] = await Promise.all([
    readTransfer(call.context.sql, { id }, call.wiring.now()),
    readTransferLines(call.context.sql, id),
  ])
  if (row === null) throw new Fault('not_found', `There is no transfer ${id}.`)
  const goods = lines.map(line => [line.sku, line.asked, line.cancelled, line.sent, line.received, line.lost, line.underWay])
  const shown = `${heads([row])}\n\n${table([['sku', 'asked', 'cancelled', 'sent', 'received', 'lost', 'under way'], ...goods])}`
  const again = replayed ? '\nThis was booked before; nothing was changed.' : ''
  call.answer({ ...row, lines, ...(warnings.length === 0 ? {} : { warnings }), replayed }, `${shown}${again}${warningsText(warnings)}`)
  return 0
}

function heads(rows: readonly TransferRow[]): string {
  const head = ['transfer', 'from', 'to', 'expected', 'state', 'asked', 'cancelled', 'sent', 'received', 'lost', 'under way']
  const cells = rows.map(row => [
    row.reference,
    row.from,
    row.to,
    shownAt(row.expectedAt),
    row.late ? 'late' : row.state,
    row.asked,
    row.cancelled,
    row.sent,
    row.received,
    row.lost,
    underWay(row),
  ])
  return table([head, ...cells])
}
