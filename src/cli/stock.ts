import { randomUUID } from 'node:crypto'
import { changeStock, type StockChange, type StockChanged, sellAtTill } from '../usecases/change-stock.ts'
import { UNITS_MOST } from '../values/units.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { table } from './terminal.ts'

const keyed = { key: { type: 'string' }, reason: { type: 'string' }, at: { type: 'string' } } as const

/** `sale` and `stock set|adjust|receive|safety`. */
export const stockCommands: readonly Command[] = [
  {
    name: 'sale',
    usage: 'SKU[=UNITS]… --till TILL --receipt NUMBER --location CODE [--at INSTANT]',
    summary: 'Book what a till sold; till and receipt are the key: the same receipt twice is booked once',
    details: `Units are 1 unless written. What left the shop is a fact: where the books had fewer units, the missing ones are found first, visibly.`,
    examples: ['sale TEA-GREEN=2 CUP-BLUE --till T1 --receipt 4711 --location SHOP'],
    options: { till: { type: 'string' }, receipt: { type: 'string' }, location: { type: 'string' }, at: { type: 'string' } },
    takes: [1, 500],
    database: 'migrated',
    run: sale,
  },
  stockCommand('set', 'count', 'State what is physically at a location', 'QUANTITY', '12'),
  stockCommand('adjust', 'adjust', 'Add or take units (-3: three fewer)', 'UNITS', '-3'),
  stockCommand('receive', 'receive', 'Book a receipt; orders that are short are served first', 'UNITS', '40'),
  stockCommand('safety', 'safety', 'Set how many units a location keeps back from every promise', 'UNITS', '2'),
]

function stockCommand(word: string, kind: StockChange['kind'], summary: string, unit: string, example: string): Command {
  return {
    name: `stock ${word}`,
    usage: `SKU LOCATION ${unit} [--reason TEXT] [--key KEY]`,
    summary,
    details: 'With --key, asking again with the same key and the same units changes nothing more.',
    examples: [`stock ${word} TEA-GREEN MAIN ${example} --reason "found in the back room"`],
    options: keyed,
    takes: [3, 3],
    database: 'migrated',
    run: async call => {
      const [sku = '', location = '', units = ''] = call.args
      const reason = call.text('reason')
      const change: StockChange = {
        kind,
        sku,
        location,
        quantity: wholeUnits(units, kind === 'adjust'),
        ...(reason === undefined ? {} : { reason }),
      }
      return tell(call, await changeStock(call.context, call.text('key') ?? ownKey(), [change], instant(call)))
    },
  }
}

async function sale(call: Call): Promise<ExitCode> {
  const must = (name: string) => call.text(name) ?? missing(name)
  const occurredAt = instant(call)
  const lines = call.args.map(word => {
    const [, sku = word, units = '1'] = /^(.+)=(\d+)$/.exec(word) ?? []
    return { sku, quantity: wholeUnits(units, false) }
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
  const rows = changed.lines.map(line => [line.sku, line.location, line.onHand, line.reserved, line.available])
  const head = table([['sku', 'location', 'on hand', 'reserved', 'available'], ...rows])
  call.answer(changed, changed.replayed ? `${head}\nThis was booked before; nothing was changed.` : head)
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

/** The option `--at` as ISO text in UTC. */
export function instant(call: Call): string | undefined {
  const text = call.text('at')
  if (text === undefined) return undefined
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw wrongUsage(`--at ${text} is no instant, such as 2026-11-22T12:00:00Z`)
  return at.toISOString()
}

function missing(name: string): never {
  throw wrongUsage(`--${name} is missing`)
}
