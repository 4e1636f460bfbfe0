import { listOrders, type OrderFilter, type OrderRow, readOrder, readOrderActs, readOrderLines } from '../../db/reads-orders.ts'
import { type Acted, cancelOrder, type OrderPart, shipOrder, type Tracking } from '../usecases/act-on-order.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import { Fault } from '../values/fault.ts'
import { amount, isCurrency } from '../values/money.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { table } from './terminal.ts'

const LINES_MOST = 500
const LISTED_MOST = 200
const STATES = ['received', 'accepted', 'fulfilled', 'cancelled', 'foreign'] as const
const text = { type: 'string' } as const
const WHICH = `ORDER is our number of it, or CHANNEL/ID with the channel's own id.`
const PARTS = `${WHICH} Without SKUs, all that is open. A SKU that stands on several
lines is named by its line, as "order show" tells it: line:17=1.`

/** `order list|show|ship|cancel`. */
export const orderCommands: readonly Command[] = [
  {
    name: 'order list',
    usage: `[--channel CODE] [--state ${STATES.join('|')}] [--id ID] [--short]`,
    summary: 'Orders of all channels, the newest booked first',
    details: `--id is the channel's own id of an order. --short: those with units that nobody has. At most ${LISTED_MOST}.`,
    examples: ['order list --short', 'order list --channel my-shop --state accepted'],
    options: { channel: text, state: text, id: text, short: { type: 'boolean' } },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'order show',
    usage: 'ORDER',
    summary: 'One order with its lines, and what was told to the platform',
    details: `${WHICH} Who bought it is not shown.`,
    examples: ['order show 1042', 'order show my-shop/4711'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => tell(call, (await find(call)).id),
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
      const [{ id }, tracking] = [await find(call), trackingOf(call)]
      const shipment = { lines: await partsOf(call, id), tracking }
      return tell(call, id, await shipOrder(call.context, call.text('key') ?? ownKey(), id, shipment))
    },
  },
  {
    name: 'order cancel',
    usage: 'ORDER [SKU=UNITS…] [--reason TEXT] [--key KEY]',
    summary: 'Cancel open units, and tell the platform',
    details: PARTS,
    examples: ['order cancel 1042 --reason "out of stock"', 'order cancel my-shop/4711 TEA-GREEN=1'],
    options: { reason: text, key: text },
    takes: [1, LINES_MOST + 1],
    database: 'migrated',
    run: async call => {
      const { id } = await find(call)
      const wish = { lines: await partsOf(call, id), reason: call.text('reason') }
      return tell(call, id, await cancelOrder(call.context, call.text('key') ?? ownKey(), id, wish))
    },
  },
]

async function list(call: Call): Promise<ExitCode> {
  const state = call.text('state')
  if (state !== undefined && !STATES.some(one => one === state)) throw wrongUsage(`--state is one of ${STATES.join(', ')}`)
  const filter: OrderFilter = { channel: call.text('channel'), state, externalId: call.text('id'), short: call.flag('short') }
  await refuseUnknown(call.context, filter)
  const rows = await listOrders(call.context.sql, filter, null, LISTED_MOST)
  call.answer(rows, rows.length === 0 ? 'No order.' : heads(rows))
  return 0
}

async function find(call: Call): Promise<OrderRow> {
  const [word = ''] = call.args
  const [, channel, externalId] = /^([^/]+)\/(.+)$/.exec(word) ?? []
  if (channel === undefined && !/^[1-9]\d{0,14}$/.test(word)) throw wrongUsage(`"${word}" is no number of an order, and not CHANNEL/ID`)
  const { sql } = call.context
  const row = channel === undefined ? await readOrder(sql, Number(word)) : (await listOrders(sql, { channel, externalId }, null, 1))[0]
  if (!row) throw new Fault('not_found', `There is no order ${word}; "order list" tells which there are.`)
  return row
}

/** The units of lines that the words after the order name; undefined for all that is open. */
async function partsOf(call: Call, orderId: number): Promise<OrderPart | undefined> {
  const words = call.args.slice(1)
  if (words.length === 0) return undefined
  const lines = await readOrderLines(call.context.sql, orderId)
  return words.map(word => {
    const [, name, units = ''] = /^(.+)=(\d+)$/.exec(word) ?? []
    const quantity = name === undefined ? 0 : wholeUnits(units, false)
    if (name === undefined || quantity === 0) throw wrongUsage(`"${word}" is not SKU=UNITS`)
    const meant = lines.filter(line => `line:${line.id}` === name || (line.matchedSku ?? line.sku) === name)
    const [line] = meant
    if (line === undefined) throw new Fault('invalid', `${name} is not part of this order.`, { field: 'lines', value: name })
    if (meant.length > 1)
      throw wrongUsage(`${name} stands on several lines: name one, as ${meant.map(one => `line:${one.id}=1`).join(' or ')}`)
    return { lineId: line.id, quantity }
  })
}

function trackingOf(call: Call): Tracking | undefined {
  const [carrier, number, url] = [call.text('carrier'), call.text('number'), call.text('url')]
  if (url !== undefined && !/^https?:\/\/\S+$/.test(url)) throw wrongUsage(`--url ${url} is no address of the web`)
  if (carrier !== undefined && number !== undefined) return { carrier, number, ...(url === undefined ? {} : { url }) }
  if (carrier !== undefined || number !== undefined || url !== undefined) throw wrongUsage('--carrier and --number go together')
  return undefined
}

async function tell(call: Call, id: number, acted?: Acted): Promise<ExitCode> {
  const { sql } = call.context
  const [row, lines, acts] = await Promise.all([readOrder(sql, id), readOrderLines(sql, id), readOrderActs(sql, id)])
  if (row === null) throw new Fault('not_found', `There is no order ${id}.`)
  const numbers = ['ordered', 'reserved', 'short', 'shipped', 'cancelled', 'returned'] as const
  const goods = lines.map(line => [line.id, line.matchedSku ?? line.sku, ...numbers.map(name => line[name])])
  const told = acts.map(act => [act.kind, act.state, act.reason, shownAt(act.createdAt)])
  const parts = [
    heads([row]),
    table([['line', 'sku', ...numbers], ...goods]),
    ...(told.length === 0 ? [] : [table([['told the platform', 'state', 'reason', 'at'], ...told])]),
    ...(acted?.replayed ? ['This was done before; nothing was changed.'] : []),
  ]
  call.answer({ ...row, lines, acts, ...(acted === undefined ? {} : { acted }) }, parts.join('\n\n'))
  return 0
}

const heads = (rows: readonly OrderRow[]): string =>
  table([
    ['order', 'channel', 'number', 'state', 'placed', 'total', 'short'],
    ...rows.map(row => [row.id, row.channel, row.number, row.state, shownAt(row.placedAt), totalOf(row), row.short]),
  ])

// A platform may send a currency that no list knows.
const totalOf = ({ total, currency }: OrderRow): string | null =>
  total === null ? null : `${isCurrency(currency) ? amount(total, currency) : total} ${currency}`
