import { changeStockRows, type StockAnswer, type StockLine } from '../../db/stock.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Command, type Context, command } from './context.ts'
import type { WriteToken } from './write-token.ts'

/**
 * What happens to the stock of a SKU at a location. `receive` and `return` add, `adjust` adds or takes, `sale` takes, `count` states what is
 * physically there, `safety` sets how many are kept back from every promise. Units are whole base units.
 */
export type StockChange = {
  readonly kind: 'receive' | 'adjust' | 'count' | 'sale' | 'return' | 'safety'
  readonly sku: string
  readonly location: string
  readonly quantity: number
  readonly reason?: string | undefined
}

export type StockChanged = { readonly lines: readonly StockLine[]; readonly replayed: boolean; readonly token: WriteToken }

/**
 * Changes stock, all lines or none, and answers the balances after it. Throws `invalid` for an unknown SKU or location, `insufficient_stock`
 * where an adjustment would take more than is there, `conflict` when the key was used for something else.
 */
export async function changeStock(
  context: Context,
  key: string | null,
  changes: readonly StockChange[],
  occurredAt?: string,
): Promise<StockChanged> {
  const lines = changes.map(change => ({ ...change, reason: change.reason ?? null }))
  return run(context, command(context, 'stock.change', key, { lines, occurredAt }), lines, occurredAt)
}

export type TillSale = {
  /** The till's own name; receipts are numbered within it. */
  readonly till: string
  readonly receipt: string
  /** The store that the goods left. */
  readonly location: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  /** When it was sold (ISO 8601); now when absent. */
  readonly occurredAt?: string | undefined
}

/**
 * Books what a till sold. Till and receipt are the key, whoever delivers it: the same receipt twice is booked once, another sale under the
 * same receipt is a `conflict`. Facts always post: where the books had fewer units, the missing ones are found first, visibly.
 */
export async function sellAtTill(context: Context, sale: TillSale): Promise<StockChanged> {
  const lines = sale.lines.map(line => ({
    kind: 'sale' as const,
    location: sale.location,
    reason: `till ${sale.till}, receipt ${sale.receipt}`,
    ...line,
  }))
  const head = command(context, 'stock.sale', sale.receipt, { lines, occurredAt: sale.occurredAt })
  return run(context, { ...head, scope: `till:${sale.till}` }, lines, sale.occurredAt)
}

async function run(
  context: Context,
  head: Command,
  lines: readonly {
    readonly kind: string
    readonly sku: string
    readonly location: string
    readonly quantity: number
    readonly reason: string | null
  }[],
  occurredAt: string | undefined,
): Promise<StockChanged> {
  const cmd = { ...head, lines, ...(occurredAt === undefined ? {} : { occurred_at: occurredAt }) }
  const answer = await carryOut(head.key, () => changeStockRows(context.sql, cmd))
  return changed(answer)
}

function changed(answer: StockAnswer): StockChanged {
  switch (answer.outcome) {
    case 'done':
      return { lines: answer.lines, replayed: answer.replayed === true, token: answer.token }
    case 'unknown':
      throw new Fault('invalid', `There is no ${answer.field === 'sku' ? 'SKU' : 'location'} ${String(answer.value)}.`, {
        field: `lines.${answer.line}.${answer.field}`,
        value: answer.value,
        expected: answer.field === 'sku' ? 'a SKU of the catalog' : 'the code of a location',
      })
    case 'below_zero':
      throw new Fault(
        'insufficient_stock',
        `${answer.sku} has ${answer.onHand} on hand at ${answer.location}; ${-answer.asked} cannot be taken off.`,
        {
          missing: [{ sku: answer.sku, location: answer.location, asked: -answer.asked, available: answer.onHand }],
        },
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
