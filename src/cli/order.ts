import { type OrderReturn, orderReturns } from '../../db/order-life.ts'
import {
  listOrders,
  type OrderFilter,
  type OrderLineRow,
  type OrderRow,
  readOrder,
  readOrderActs,
  readOrderLines,
} from '../../db/reads-orders.ts'
import { ORDER_STATES } from '../domain/orders/life.ts'
import {
  type Acted,
  acknowledgeOrder,
  askAgain,
  cancelOrder,
  type OrderPart,
  readyOrder,
  shipOrder,
  type Tracking,
} from '../usecases/act-on-order.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import { orderAmounts } from '../usecases/order-amounts.ts'
import { type RefundWish, refundOrder } from '../usecases/refund-order.ts'
import { CANCEL_CAUSES, REFUND_CAUSES } from '../values/act-cause.ts'
import { Fault } from '../values/fault.ts'
import { amount, isCurrency } from '../values/money.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { amountLines } from './order-amounts.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { table } from './terminal.ts'

export const LINES_MOST = 500
const LISTED_MOST = 200
const text = { type: 'string' } as const
export const WHICH = `ORDER is our number of it, or CHANNEL/ID with the channel's own id.`
const PARTS = `${WHICH} Without SKUs, all that is open. A SKU that stands on several
lines is named by its line, as "order show" tells it: line:17=1.`

/** `order list|show|acknowledge|ready|ship|cancel|refund|retry`. */
export const orderCommands: readonly Command[] = [
  {
    name: 'order list',
    usage: `[--channel CODE] [--state ${ORDER_STATES.join('|')}] [--id ID] [--short] [--limit N]`,
    summary: 'Orders of all channels, the newest booked first',
    details: `--id is the channel's own id of an order. --short: those with units that nobody has. ${LISTED_MOST} unless told.`,
    examples: ['order list --short', 'order list --channel my-shop --state accepted'],
    options: { channel: text, state: text, id: text, short: { type: 'boolean' }, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'order show',
    usage: 'ORDER',
    summary: 'One order with its lines, what came back, and what was told to the platform',
    details: `${WHICH} Who bought it is not shown.`,
    examples: ['order show 1042', 'order show my-shop/4711'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => tellOrder(call, (await findOrder(call)).id),
  },
  {
    name: 'order ship',
    usage: 'ORDER [SKU=UNITS…] [--carrier NAME --number NUMBER [--url URL]] [--key KEY]',
    summary: 'Hand over promised units, and tell the platform',
    details: PARTS,
    examples: ['order ship 1042 --carrier DHL --number 00340434161094000000', 'order ship my-shop/4711 TEA-GREEN=1'],
    options: { carrier: text, number: text, url: text, key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: async call => {
      const [{ id }, tracking] = [await findOrder(call), trackingOf(call)]
      const shipment = { lines: await partsOf(call, id), tracking }
      return tellOrder(call, id, await shipOrder(call.context, call.text('key') ?? ownKey(), id, shipment))
    },
  },
  {
    name: 'order cancel',
    usage: `ORDER [SKU=UNITS…] [--cause ${CANCEL_CAUSES.join('|')}] [--reason TEXT] [--key KEY]`,
    summary: 'Cancel open units, and tell the platform',
    details: `${PARTS} --cause is told in the platform's own words.`,
    examples: ['order cancel 1042 --cause stock --reason "the last one broke"', 'order cancel my-shop/4711 TEA-GREEN=1'],
    options: { cause: text, reason: text, key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      const wish = { lines: await partsOf(call, id), cause: causeOf(call, CANCEL_CAUSES), reason: call.text('reason') }
      return tellOrder(call, id, await cancelOrder(call.context, call.text('key') ?? ownKey(), id, wish))
    },
  },
  {
    name: 'order acknowledge',
    usage: 'ORDER [--key KEY]',
    summary: 'Tell the platform that the order is accepted',
    details: `${WHICH} Where the platform takes it; "order show" tells its answer.`,
    examples: ['order acknowledge 1042'],
    options: { key: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      return tellOrder(call, id, await acknowledgeOrder(call.context, call.text('key') ?? ownKey(), id))
    },
  },
  {
    name: 'order retry',
    usage: 'ORDER ACT [--key KEY]',
    summary: 'Ask the platform again for what it refused',
    details: `${WHICH} ACT is the number of a refused ship or cancel,
as "order show" tells it. Mend first what the platform named.`,
    examples: ['order retry 1042 77'],
    options: { key: text },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      const act = Number(call.args[1])
      if (!Number.isSafeInteger(act) || act < 1) throw wrongUsage(`"${call.args[1]}" is no number of an act; "order show" tells it`)
      return tellOrder(call, id, await askAgain(call.context, call.text('key') ?? ownKey(), id, act))
    },
  },
  {
    name: 'order ready',
    usage: 'ORDER [SKU=UNITS…] [--key KEY]',
    summary: 'Tell the platform that promised units may be picked up',
    details: `${PARTS} Stock stays where it is.`,
    examples: ['order ready 1042'],
    options: { key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      return tellOrder(call, id, await readyOrder(call.context, call.text('key') ?? ownKey(), id, { lines: await partsOf(call, id) }))
    },
  },
  {
    name: 'order refund',
    usage: `ORDER [SKU=AMOUNT | SKU=AMOUNT/UNITS…] [--shipping AMOUNT] --cause ${REFUND_CAUSES.join('|')} [--reason TEXT] [--key KEY]`,
    summary: 'Give money back through the platform',
    details: `${WHICH} AMOUNT is what goes back for a line in all, tax included, UNITS how many units it is for.
Never more than was paid. Stock stays where it is: goods that come back are booked as a return.`,
    examples: [
      'order refund 1042 TEA-GREEN=2.50 --cause faulty',
      'order refund my-shop/4711 TEA-GREEN=9.80/1 --shipping 3.90 --cause returned',
    ],
    options: { shipping: text, cause: text, reason: text, key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: async call => {
      const [{ id }, cause] = [await findOrder(call), causeOf(call, REFUND_CAUSES)]
      if (cause === undefined) throw wrongUsage(`--cause is one of ${REFUND_CAUSES.join(', ')}`)
      const wish = { lines: await moneyOf(call, id), shipping: call.text('shipping'), cause, reason: call.text('reason') }
      return tellOrder(call, id, await refundOrder(call.context, call.text('key') ?? ownKey(), id, wish))
    },
  },
]

async function list(call: Call): Promise<ExitCode> {
  const state = call.text('state')
  if (state !== undefined && !ORDER_STATES.some(one => one === state)) throw wrongUsage(`--state is one of ${ORDER_STATES.join(', ')}`)
  const filter: OrderFilter = { channel: call.text('channel'), state, externalId: call.text('id'), short: call.flag('short') }
  await refuseUnknown(call.context, filter)
  const { rows, more } = await firstOf(call, LISTED_MOST, limit => listOrders(call.context.sql, filter, null, limit))
  call.answer(rows, rows.length === 0 ? 'No order.' : heads(rows) + more)
  return 0
}

/** The order that the first word means. */
export async function findOrder(call: Call): Promise<OrderRow> {
  const [word = ''] = call.args
  const [, channel, externalId] = /^([^/]+)\/(.+)$/.exec(word) ?? []
  if (channel === undefined && !/^[1-9]\d{0,14}$/.test(word)) throw wrongUsage(`"${word}" is no number of an order, and not CHANNEL/ID`)
  const { sql } = call.context
  const row = channel === undefined ? await readOrder(sql, Number(word)) : (await listOrders(sql, { channel, externalId }, null, 1))[0]
  if (!row) throw new Fault('not_found', `There is no order ${word}; "order list" tells which there are.`)
  return row
}

/** The units of lines that the words after the order name; undefined for all that is open. */
export async function partsOf(call: Call, orderId: number): Promise<OrderPart | undefined> {
  const words = call.args.slice(1)
  if (words.length === 0) return undefined
  const lines = await readOrderLines(call.context.sql, orderId)
  return words.map(word => {
    const [, name, units = ''] = /^(.+)=(\d+)$/.exec(word) ?? []
    const quantity = name === undefined ? 0 : wholeUnits(units, false)
    if (name === undefined || quantity === 0) throw wrongUsage(`"${word}" is not SKU=UNITS`)
    return { lineId: lineOf(lines, name, '1'), quantity }
  })
}

/** What goes back for each line that the words after the order name. */
async function moneyOf(call: Call, orderId: number): Promise<RefundWish['lines']> {
  const words = call.args.slice(1)
  if (words.length === 0) return []
  const lines = await readOrderLines(call.context.sql, orderId)
  return words.map(word => {
    const [, name, money = '', units = '0'] = /^(.+)=([\d.]+)(?:\/(\d+))?$/.exec(word) ?? []
    if (name === undefined) throw wrongUsage(`"${word}" is not SKU=AMOUNT or SKU=AMOUNT/UNITS`)
    return { lineId: lineOf(lines, name, '2.50'), quantity: wholeUnits(units, false), amount: money }
  })
}

/** The line that a SKU, or `line:17`, means. */
export function lineOf(lines: readonly OrderLineRow[], name: string, example: string): number {
  const meant = lines.filter(line => `line:${line.id}` === name || (line.matchedSku ?? line.sku) === name)
  const [line] = meant
  if (line === undefined) throw new Fault('invalid', `${name} is not part of this order.`, { field: 'lines', value: name })
  if (meant.length > 1)
    throw wrongUsage(
      `${name} stands on several lines: name one, as ${meant.map(one => `line:${one.id}${example === '' ? '' : `=${example}`}`).join(' or ')}`,
    )
  return line.id
}

function causeOf<Cause extends string>(call: Call, causes: readonly Cause[]): Cause | undefined {
  const word = call.text('cause')
  const cause = causes.find(one => one === word)
  if (word !== undefined && cause === undefined) throw wrongUsage(`--cause is one of ${causes.join(', ')}`)
  return cause
}

function trackingOf(call: Call): Tracking | undefined {
  const [carrier, number, url] = [call.text('carrier'), call.text('number'), call.text('url')]
  if (url !== undefined && !/^https?:\/\/\S+$/.test(url)) throw wrongUsage(`--url ${url} is no address of the web`)
  if (carrier !== undefined && number !== undefined) return { carrier, number, ...(url === undefined ? {} : { url }) }
  if (carrier !== undefined || number !== undefined || url !== undefined) throw wrongUsage('--carrier and --number go together')
  return undefined
}

/** The order as it is now, after what was done. */
export async function tellOrder(call: Call, id: number, acted?: Pick<Acted, 'replayed'>): Promise<ExitCode> {
  const { sql } = call.context
  const read = [
    readOrder(sql, id),
    readOrderLines(sql, id),
    readOrderActs(sql, id),
    orderAmounts(call.context, id),
    orderReturns(sql, id),
  ] as const
  const [row, lines, acts, amounts, returns] = await Promise.all(read)
  if (row === null) throw new Fault('not_found', `There is no order ${id}.`)
  const numbers = ['ordered', 'reserved', 'short', 'shipped', 'cancelled', 'returned'] as const
  const goods = lines.map(line => [line.id, skuOf(line), ...numbers.map(name => line[name])])
  const told = acts.map(act => [act.id, act.kind, act.state, act.reason, shownAt(act.createdAt)])
  const parts = [
    heads([row]),
    table([['line', 'sku', ...numbers], ...goods]),
    ...(amounts === null ? [] : [amountLines(amounts, lines)]),
    ...(returns.length === 0
      ? []
      : [table([['return', 'state', 'line', 'announced', 'to stock', 'unavailable', 'scrapped', 'since'], ...returns.flatMap(backOf)])]),
    ...(told.length === 0 ? [] : [table([['act', 'told the platform', 'state', 'reason', 'at'], ...told])]),
    ...(acted?.replayed ? ['This was done before; nothing was changed.'] : []),
  ]
  call.answer({ ...row, lines, amounts, returns, acts, ...(acted === undefined ? {} : { acted }) }, parts.join('\n\n'))
  return 0
}

const backOf = ({ id, state, createdAt, lines }: OrderReturn) =>
  lines.map(line => [id, state, line.lineId, line.announced, line.toStock, line.unavailable, line.scrapped, shownAt(createdAt)])

/** What is handed over instead of another line says of which; that one, how many of it are. */
const skuOf = (line: OrderLineRow): string =>
  `${line.matchedSku ?? line.sku}${line.insteadOf === null ? '' : ` for line ${line.insteadOf}`}${line.substituted === 0 ? '' : `, ${line.substituted} more below`}`

const heads = (rows: readonly OrderRow[]): string =>
  table([
    ['order', 'channel', 'number', 'state', 'placed', 'ship by', 'total', 'short'],
    ...rows.map(row => [
      row.id,
      row.channel,
      row.number,
      row.state,
      shownAt(row.placedAt),
      row.shipBy === null ? null : shownAt(row.shipBy),
      totalOf(row),
      row.short,
    ]),
  ])

// A platform may send a currency that no list knows.
const totalOf = ({ total, currency }: OrderRow): string | null =>
  total === null ? null : `${isCurrency(currency) ? amount(total, currency) : total} ${currency}`
