import type { ExpiredOnArrival } from '../../db/lots.ts'
import { changeStockRows, knownCommand, type StockAnswer, type StockLine } from '../../db/stock.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Command, type Context, command } from './context.ts'
import { beginDryRun } from './dry-run.ts'
import { refuseFuture } from './past.ts'
import type { WriteToken } from './write-token.ts'

/**
 * What happens to the stock of a SKU at a location. `receive` and `return` add, `adjust` adds or takes, `sale` takes, `count` states what is
 * physically there, `damage` puts units aside and `restore` brings them back for sale, `safety` sets how many are kept back from every
 * promise. Units are whole base units.
 */
export type StockChange = {
  readonly kind: 'receive' | 'adjust' | 'count' | 'sale' | 'return' | 'damage' | 'restore' | 'safety'
  readonly sku: string
  readonly location: string
  readonly quantity: number
  /** In one's own words. */
  readonly reason?: string | undefined
  /** A reason of the list that is on for this kind. */
  readonly reasonCode?: string | undefined
  /** The lot, where units of the SKU are told apart: it goes first, or the units arrive in it. */
  readonly lot?: string | undefined
  /** When units that arrive expire (ISO 8601), where their lot is new or has no expiry yet. */
  readonly expiresAt?: string | undefined
  /** What one received unit cost: decimal text, with its currency. */
  readonly unitCost?: string | undefined
  readonly currency?: string | undefined
  /** Where a return goes: back for sale unless told, or aside. */
  readonly to?: 'stock' | 'unavailable' | undefined
}

export type StockChanged = {
  readonly lines: readonly StockLine[]
  /** What of it asks for an eye: lots whose time is over already. */
  readonly warnings: readonly ExpiredOnArrival[]
  readonly replayed: boolean
  readonly token: WriteToken
}

/**
 * Changes stock, all lines or none, and answers the balances after it. `occurredAt` is when it happened (ISO 8601); now when absent. Throws `invalid` for
 * an unknown SKU, location or reason, for an instant that has not come or that goes with safety stock, `insufficient_stock`
 * where more would be taken, put aside or restored than is there, `conflict` for a cost in another currency than the SKU's, or when the key was used for
 * something else.
 */
export async function changeStock(
  context: Context,
  key: string | null,
  changes: readonly StockChange[],
  occurredAt?: string,
): Promise<StockChanged> {
  refuseFuture(context, occurredAt, 'occurredAt')
  if (occurredAt !== undefined && changes.some(change => change.kind === 'safety'))
    throw new Fault('invalid', `Safety stock holds from now on, so occurredAt ${occurredAt} cannot go with it: leave it out.`, {
      ...{ field: 'occurredAt', value: occurredAt, expected: 'no instant' },
    })
  const lines = changes.map(written)
  return run(context, command(context, 'stock.change', key, { lines, occurredAt }), lines, occurredAt)
}

export type TillSale = {
  /** The till's own name; receipts are numbered within it. */
  readonly till: string
  readonly receipt: string
  /** The store that the goods left. */
  readonly location: string
  /** Units below 0 came back at the till, and are for sale again. */
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly lot?: string | undefined }[]
  /** When it was sold (ISO 8601); now when absent. */
  readonly occurredAt?: string | undefined
}

/**
 * Books what a till sold and took back. Till and receipt are the key, whoever delivers it: the same receipt twice is booked once, another sale under the
 * same receipt is a `conflict`; an instant that has not come is `invalid`. Facts always post: where the books had fewer units, the missing ones are found first, visibly.
 */
export async function sellAtTill(context: Context, sale: TillSale): Promise<StockChanged> {
  refuseFuture(context, sale.occurredAt, 'occurredAt')
  const { head, lines } = saleOf(context, sale)
  return run(context, head, lines, sale.occurredAt)
}

/** What `sellAtTill` would answer or throw, and books nothing; `replayed`: the receipt is booked. */
export async function tryAtTill(context: Context, sale: TillSale): Promise<Pick<StockChanged, 'replayed'>> {
  // A dry run knows no keys.
  const { scope, key, kind, hash } = saleOf(context, sale).head
  const known = await knownCommand(context.sql, scope, key ?? '')
  if (known === null) return sellAtTill(beginDryRun(context, { limit: 1 }).context, sale)
  if (known.kind !== kind || known.hash !== hash) throw keyConflict()
  return { replayed: true }
}

function saleOf(context: Context, { till, receipt, location, lines: sold, occurredAt }: TillSale) {
  const reason = `till ${till}, receipt ${receipt}`
  const lines = sold.map(line =>
    written({ kind: line.quantity < 0 ? 'return' : 'sale', location, reason, ...line, quantity: Math.abs(line.quantity) }),
  )
  const head = command(context, 'stock.sale', receipt, { lines, occurredAt })
  return { head: { ...head, scope: `till:${till}` }, lines }
}

type Written = ReturnType<typeof written>

/** What was left out stays out, so that a key which an older release took still fits. */
function written(change: StockChange) {
  const { kind, sku, location, quantity, reason, ...more } = change
  const told = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)) as Readonly<Record<string, string>>
  return { kind, sku, location, quantity, reason: reason ?? null, ...told }
}

async function run(context: Context, head: Command, lines: readonly Written[], occurredAt: string | undefined): Promise<StockChanged> {
  const cmd = { ...head, lines, ...(occurredAt === undefined ? {} : { occurred_at: occurredAt }) }
  const answer = await carryOut(head.key, () => changeStockRows(context.sql, cmd))
  return changed(answer)
}

function changed(answer: StockAnswer): StockChanged {
  switch (answer.outcome) {
    case 'done':
      return { lines: answer.lines, warnings: answer.warnings ?? [], replayed: answer.replayed === true, token: answer.token }
    case 'unknown': {
      if (answer.field === 'lot')
        throw new Fault(
          'invalid',
          `This SKU keeps no lots, so lot ${String(answer.value)} cannot be named: leave it out, or keep lots of the SKU first.`,
          {
            field: `lines.${answer.line}.lot`,
            value: answer.value,
            expected: 'no lot',
          },
        )
      const [name, expected] = NAMES[answer.field] ?? [answer.field, 'what is known here']
      throw new Fault(
        'invalid',
        `There is no ${name} ${String(answer.value)}${answer.field === 'reasonCode' ? ' for this, or it is switched off' : ''}.`,
        {
          field: `lines.${answer.line}.${answer.field}`,
          value: answer.value,
          expected,
        },
      )
    }
    case 'below_zero':
      throw new Fault(
        'insufficient_stock',
        `${answer.sku} has ${answer.onHand} on hand at ${answer.location}; ${-answer.asked} cannot be taken off.`,
        {
          missing: [{ sku: answer.sku, location: answer.location, asked: -answer.asked, available: answer.onHand }],
        },
      )
    case 'hide_beyond':
      throw new Fault(
        'insufficient_stock',
        `${answer.sku} has ${answer.available} units ${answer.kind === 'restore' ? 'unavailable' : 'that are not unavailable already'} at ${answer.location}; ${answer.asked} were named.`,
        { missing: [{ sku: answer.sku, location: answer.location, asked: answer.asked, available: answer.available }] },
      )
    case 'lot_beyond':
      throw new Fault(
        'insufficient_stock',
        `Lot ${answer.lot} of ${answer.sku} has ${answer.available} units ${answer.kind === 'restore' ? 'unavailable' : 'for sale'} at ${answer.location}; ${answer.asked} were named. Name another lot for the rest, or none.`,
        { missing: [{ sku: answer.sku, location: answer.location, asked: answer.asked, available: answer.available }] },
      )
    case 'cost_currency':
      throw new Fault(
        'conflict',
        `The cost of ${answer.sku} is kept in ${answer.has}: state it in ${answer.has}, not in ${answer.given}.`,
        {
          field: 'currency',
          value: answer.given,
          expected: answer.has,
        },
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  sku: ['SKU', 'a SKU of the catalog'],
  location: ['location', 'the code of a location'],
  reasonCode: ['reason', 'a reason of the list that is on for this'],
}
