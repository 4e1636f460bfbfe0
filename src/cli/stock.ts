import { randomUUID } from 'node:crypto'
import { changeStock, type StockChange, type StockChanged, sellAtTill } from '../usecases/change-stock.ts'
import { UNITS_MOST } from '../values/units.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { expiryOf, instantOf } from './instants.ts'
import { table } from './terminal.ts'
import { warningsText } from './warnings.ts'

const text = { type: 'string' } as const
const keyed = { key: text, reason: text } as const

/** Options beyond units, by the verb that takes them. */
const MORE: Readonly<Record<string, string>> = {
  'reason-code': '[--reason-code CODE]',
  lot: '[--lot LOT]',
  expires: '[--expires DAY]',
  cost: '[--cost "AMOUNT CURRENCY"]',
  to: '[--to stock|unavailable]',
  at: '[--at INSTANT]',
}

/** `sale` and `stock set|adjust|receive|sale|damage|restore|return|safety`. */
export const stockCommands: readonly Command[] = [
  {
    name: 'sale',
    usage: 'SKU[=UNITS]… --till TILL --receipt NUMBER --location CODE [--at INSTANT]',
    summary: 'Book what a till sold; till and receipt are the key: the same receipt twice is booked once',
    details: `Units are 1 unless written; below 0, they came back at the till. What left the shop is a fact: where the books had fewer units, the missing ones are found first, visibly.`,
    examples: [
      'sale TEA-GREEN=2 CUP-BLUE --till T1 --receipt 4711 --location SHOP',
      'sale TEA-GREEN=-1 --till T1 --receipt 4712 --location SHOP',
    ],
    options: { till: text, receipt: text, location: text, at: text },
    takes: [1, 500],
    database: 'migrated',
    run: sale,
  },
  stockCommand('set', 'count', 'State what is physically at a location', 'QUANTITY', '12', ['reason-code']),
  stockCommand('adjust', 'adjust', 'Add or take units (-3: three fewer)', 'UNITS', '-3 --reason-code missing', ['reason-code', 'lot']),
  stockCommand('receive', 'receive', 'Book a receipt; orders that are short are served first', 'UNITS', '40 --cost "4.20 EUR"', [
    'lot',
    'expires',
    'cost',
  ]),
  stockCommand('sale', 'sale', 'Book units that were sold outside of every channel', 'UNITS', '1', ['lot']),
  stockCommand('damage', 'damage', 'Put units aside: damaged, held, recalled', 'UNITS', '2 --reason-code damaged', ['reason-code', 'lot']),
  stockCommand('restore', 'restore', 'Bring units that were put aside back for sale', 'UNITS', '2 --reason-code repaired', [
    'reason-code',
    'lot',
  ]),
  stockCommand('return', 'return', 'Goods came back, for sale again or aside', 'UNITS', '1 --to unavailable --reason-code damaged', [
    ...['reason-code', 'lot', 'expires', 'to'],
  ]),
  stockCommand('safety', 'safety', 'Set how many units a location keeps back from every promise', 'UNITS', '2', []),
]

function stockCommand(
  word: string,
  kind: StockChange['kind'],
  summary: string,
  unit: string,
  example: string,
  more: readonly string[],
): Command {
  // Safety stock holds from now on; everything else happened at some time.
  const options = kind === 'safety' ? more : [...more, 'at']
  return {
    name: `stock ${word}`,
    usage: ['SKU', 'LOCATION', unit, '[--reason TEXT]', ...options.map(option => MORE[option] ?? ''), '[--key KEY]'].join(' '),
    summary,
    details: `With --key, asking again with the same key and the same units changes nothing more.${
      more.includes('reason-code') ? `\nCodes: "concord reason list --act ${kind}".` : ''
    }`,
    examples: [`stock ${word} TEA-GREEN MAIN ${example}`],
    options: { ...keyed, ...Object.fromEntries(options.map(option => [option, text])) },
    takes: [3, 3],
    database: 'migrated',
    run: async call => {
      const [sku = '', location = '', units = ''] = call.args
      const change = { kind, sku, location, quantity: wholeUnits(units, kind === 'adjust'), ...told(call) }
      return tell(call, await changeStock(call.context, call.text('key') ?? ownKey(), [change], instantOf(call, 'at')))
    },
  }
}

/** What the options say beyond units; only what was given. */
function told(call: Call): Partial<StockChange> {
  const [reason, reasonCode, lot, to] = [call.text('reason'), call.text('reason-code'), call.text('lot'), call.text('to')]
  const [cost, expiresAt] = [call.text('cost'), expiryOf(call)]
  if (to !== undefined && to !== 'stock' && to !== 'unavailable') throw wrongUsage('--to is stock or unavailable')
  if (expiresAt !== undefined && lot === undefined) throw wrongUsage('--expires needs the --lot that it belongs to')
  const [, unitCost, currency] = /^(\d{1,12}(?:\.\d{1,6})?) ?([A-Z]{3})$/.exec(cost ?? '') ?? []
  if (cost !== undefined && unitCost === undefined) throw wrongUsage(`--cost "${cost}" is no amount with its currency, such as "4.20 EUR"`)
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(lot === undefined ? {} : { lot }),
    ...(expiresAt === undefined || expiresAt === null ? {} : { expiresAt }),
    ...(unitCost === undefined || currency === undefined ? {} : { unitCost, currency }),
    ...(to === undefined ? {} : { to }),
  }
}

async function sale(call: Call): Promise<ExitCode> {
  const must = (name: string) => call.text(name) ?? missing(name)
  const occurredAt = instantOf(call, 'at')
  const lines = call.args.map(word => {
    const [, sku = word, units = '1'] = /^(.+)=(-?\d+)$/.exec(word) ?? []
    return { sku, quantity: wholeUnits(units, true) }
  })
  const sold = {
    till: must('till'),
    receipt: must('receipt'),
    location: must('location'),
    lines,
    ...(occurredAt === undefined ? {} : { occurredAt }),
  }
  return tell(call, await sellAtTill(call.context, sold))
}

function tell(call: Call, changed: StockChanged): ExitCode {
  const rows = changed.lines.map(line => [line.sku, line.location, line.onHand, line.reserved, line.unavailable, line.available])
  const head = table([['sku', 'location', 'on hand', 'reserved', 'unavailable', 'available'], ...rows])
  const again = changed.replayed ? '\nThis was booked before; nothing was changed.' : ''
  call.answer(changed, `${head}${again}${warningsText(changed.warnings)}`)
  return 0
}

/** A key of our own, so that a connection that is lost meanwhile can be asked again. */
export const ownKey = (): string => `cli-${randomUUID()}`

/** Units as typed. Usage error: no whole number, below 0 where that may not be, or too many. */
export function wholeUnits(text: string, mayBeNegative: boolean): number {
  if (!/^[+-]?\d{1,9}$/.test(text) || (!mayBeNegative && Number(text) < 0)) {
    throw wrongUsage(`"${text}" is no ${mayBeNegative ? 'whole number of units' : 'number of units from 0'}`)
  }
  if (Math.abs(Number(text)) > UNITS_MOST) throw wrongUsage(`${text} units are more than ${UNITS_MOST}, the most of one line`)
  return Number(text)
}

function missing(name: string): never {
  throw wrongUsage(`--${name} is missing`)
}
