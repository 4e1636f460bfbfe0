import { type DeliveryRow, listDeliveries, readDelivery, readDeliveryLines } from '../../db/deliveries.ts'
import {
  cancelDelivery,
  changeDelivery,
  closeDelivery,
  createDelivery,
  type DeliveryDone,
  receiveDelivery,
} from '../usecases/deliveries.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import { Fault } from '../values/fault.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { instantOf, shownAt } from './instants.ts'
import { arrivalOf, costedLines, linesOf, required } from './lines.ts'
import { firstOf, LIMIT } from './listed.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'
import { warningsText } from './warnings.ts'

const LINES_MOST = 500
const LISTED_MOST = 200
const text = { type: 'string' } as const

/** `delivery add|list|show|change|receive|close|cancel`. */
export const deliveryCommands: readonly Command[] = [
  {
    name: 'delivery add',
    usage: 'REFERENCE SKU=UNITS[@COST]… --location CODE --expected INSTANT [--supplier NAME] [--currency CODE] [--note TEXT]',
    summary: 'Expect goods from a supplier',
    details: 'Its units are incoming until they are received or cancelled. COST is what one unit costs, in --currency.',
    examples: [
      'delivery add PO-118 TEA-GREEN=40@3.10 CUP-BLUE=12 --currency EUR --location MAIN --expected 2026-12-01T08:00Z --supplier "Leaf & Co"',
    ],
    options: { location: text, expected: text, supplier: text, currency: text, note: text, key: text },
    takes: [2, LINES_MOST + 1],
    database: 'migrated',
    run: add,
  },
  {
    name: 'delivery list',
    usage: '[--open] [--late] [--location CODE] [--sku SKU] [--limit N]',
    summary: 'Deliveries, the newest first',
    examples: ['delivery list --late'],
    options: { open: { type: 'boolean' }, late: { type: 'boolean' }, location: text, sku: text, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'delivery show',
    usage: 'REFERENCE',
    summary: 'One delivery with its lines',
    examples: ['delivery show PO-118'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => tell(call, (await find(call)).id),
  },
  {
    name: 'delivery change',
    usage: 'REFERENCE [SKU=UNITS[@COST]…] [--expected INSTANT] [--supplier NAME] [--currency CODE] [--note TEXT]',
    summary: 'Another day, other units, further goods',
    details: 'UNITS are what is ordered in all from now on, not units more. A SKU that is not on the delivery yet is added.',
    examples: ['delivery change PO-118 TEA-GREEN=60 --expected 2026-12-04T08:00Z'],
    options: { expected: text, supplier: text, currency: text, note: text, key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: change,
  },
  {
    name: 'delivery receive',
    usage:
      'REFERENCE [SKU=UNITS[@COST]…] [--close] [--lot CODE [--expires INSTANT]] [--unavailable [--reason CODE]] [--currency CODE] [--at INSTANT]',
    summary: 'Goods of a delivery came; orders that are short are served first',
    details: `Without SKUs: everything that is still to come. More or fewer units than expected may come, in any number of receipts.
With --close, what has not come by then will not come. With --key, asking again with the same key books nothing more.`,
    examples: ['delivery receive PO-118', 'delivery receive PO-118 TEA-GREEN=38 --lot L-2291 --expires 2028-05-01 --close'],
    options: {
      close: { type: 'boolean' },
      lot: text,
      expires: text,
      unavailable: { type: 'boolean' },
      reason: text,
      currency: text,
      at: text,
      key: text,
    },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: receive,
  },
  {
    name: 'delivery close',
    usage: 'REFERENCE',
    summary: 'The rest of a delivery will not come',
    examples: ['delivery close PO-118'],
    options: { key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => done(call, await closeDelivery(call.context, keyOf(call), (await find(call)).id)),
  },
  {
    name: 'delivery cancel',
    usage: 'REFERENCE [SKU=UNITS…]',
    summary: 'Cancel what is still to come of a delivery, or a part of it',
    examples: ['delivery cancel PO-118', 'delivery cancel PO-118 CUP-BLUE=4'],
    options: { key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: cancel,
  },
]

async function add(call: Call): Promise<ExitCode> {
  const [reference = '', ...words] = call.args
  const delivery = {
    reference,
    location: required(call, 'location'),
    expectedAt: instantOf(call, 'expected') ?? required(call, 'expected'),
    supplier: call.text('supplier'),
    note: call.text('note'),
    lines: costedLines(call, words),
  }
  return done(call, await createDelivery(call.context, keyOf(call), delivery))
}

async function list(call: Call): Promise<ExitCode> {
  const filter = {
    state: call.flag('open') ? ('open' as const) : undefined,
    late: call.flag('late'),
    location: call.text('location'),
    sku: call.text('sku'),
  }
  await refuseUnknown(call.context, filter)
  const { rows, more } = await firstOf(call, LISTED_MOST, limit => listDeliveries(call.context.sql, filter, call.wiring.now(), null, limit))
  call.answer(rows, rows.length === 0 ? 'No delivery.' : heads(rows) + more)
  return 0
}

async function change(call: Call): Promise<ExitCode> {
  const { id } = await find(call)
  const lines = costedLines(call, call.args.slice(1))
  const body = {
    expectedAt: instantOf(call, 'expected'),
    supplier: call.text('supplier'),
    note: call.text('note'),
    lines: lines.length === 0 ? undefined : lines,
  }
  if (Object.values(body).every(part => part === undefined)) throw wrongUsage('say what changes: units, --expected, --supplier or --note')
  return done(call, await changeDelivery(call.context, keyOf(call), id, body))
}

async function receive(call: Call): Promise<ExitCode> {
  const { id } = await find(call)
  const lines = costedLines(call, call.args.slice(1))
  const arrival = arrivalOf(call, lines)
  const receipt = {
    lines: lines.length === 0 ? undefined : lines.map(line => ({ ...line, ...arrival })),
    close: call.flag('close'),
    occurredAt: instantOf(call, 'at'),
  }
  return done(call, await receiveDelivery(call.context, keyOf(call), id, receipt))
}

async function cancel(call: Call): Promise<ExitCode> {
  const { id } = await find(call)
  const lines = linesOf(call.args.slice(1))
  return done(call, await cancelDelivery(call.context, keyOf(call), id, lines.length === 0 ? undefined : lines))
}

const keyOf = (call: Call): string => call.text('key') ?? ownKey()

async function find(call: Call): Promise<DeliveryRow> {
  const [reference = ''] = call.args
  const row = await readDelivery(call.context.sql, { reference }, call.wiring.now())
  if (row === null) throw new Fault('not_found', `There is no delivery ${reference}.`, { field: 'delivery', value: reference })
  return row
}

const done = (call: Call, { id, replayed, warnings }: DeliveryDone): Promise<ExitCode> => tell(call, id, replayed, warnings)

async function tell(call: Call, id: number, replayed = false, warnings: DeliveryDone['warnings'] = []): Promise<ExitCode> {
  const [row, lines] = await Promise.all([
    readDelivery(call.context.sql, { id }, call.wiring.now()),
    readDeliveryLines(call.context.sql, id),
  ])
  if (row === null) throw new Fault('not_found', `There is no delivery ${id}.`)
  const goods = lines.map(line => [line.sku, line.ordered, line.received, line.cancelled, line.rest, cost(line)])
  const shown = `${heads([row])}\n\n${table([['sku', 'ordered', 'received', 'cancelled', 'to come', 'unit cost'], ...goods])}`
  const again = replayed ? '\nThis was booked before; nothing was changed.' : ''
  call.answer({ ...row, lines, ...(warnings.length === 0 ? {} : { warnings }), replayed }, `${shown}${again}${warningsText(warnings)}`)
  return 0
}

const cost = ({ unitCost, currency }: { readonly unitCost: string | null; readonly currency: string | null }) =>
  unitCost === null ? null : `${unitCost} ${currency}`

function heads(rows: readonly DeliveryRow[]): string {
  const head = ['delivery', 'supplier', 'location', 'expected', 'state', 'ordered', 'received', 'cancelled', 'to come']
  const cells = rows.map(row => [
    row.reference,
    row.supplier,
    row.location,
    shownAt(row.expectedAt),
    row.late ? 'late' : row.state,
    row.ordered,
    row.received,
    row.cancelled,
    row.rest,
  ])
  return table([head, ...cells])
}
