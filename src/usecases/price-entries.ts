import { listPriceEntries, type PriceEntryFilter, type PriceEntryRow } from '../../db/price-entries.ts'
import { type HistoryPlace, type PriceListEvent, priceListHistory } from '../../db/price-list-history.ts'
import { priceListCommand, readPriceList } from '../../db/price-lists.ts'
import { Fault } from '../values/fault.ts'
import { parseDecimal } from '../values/money.ts'
import { UNITS_MOST } from '../values/units.ts'
import { carryOut } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { priceListRefusal, unknownList } from './price-list-refusal.ts'
import { stated } from './stated.ts'

/** What a list is to ask: of one SKU, one product (its handle), one category, or all. */
export type EntryStated = {
  readonly sku?: string | undefined
  readonly product?: string | undefined
  readonly category?: string | undefined
  readonly all?: true | undefined
  /** From this quantity on; 1 unless told. */
  readonly minQuantity?: number | undefined
  /** fixed: `value` is the price. percent, amount: `value` more (or less) than what it is over. margin: of the price, over cost. none: no price here.
   * remove: nothing said here any more, what speaks less closely holds. */
  readonly rule: 'fixed' | 'percent' | 'amount' | 'margin' | 'none' | 'remove'
  readonly over?: 'plain' | 'list' | 'cost' | undefined
  /** The code of the list that it leans on, with `over` list. */
  readonly baseList?: string | undefined
  /** Decimal text with at most 6 decimals. */
  readonly value?: string | undefined
}

export type EntriesSet = { readonly changed: number; readonly waiting: boolean; readonly version: number; readonly replayed: boolean }

/** The most entries of one command. */
export const ENTRIES_MOST = 5_000

/**
 * Sets and takes away entries of a list, all or none; what is the same stays. On a list marked four eyes they wait for approval. Throws `not_found`;
 * `invalid` (an unknown name, a rule that cannot be, goods named twice); `below_floor` with the arithmetic, for every channel that the list reaches
 * in the channel's own currency and tax display; `conflict` (the list was ended; lists that lean on each other in a circle or too deep).
 */
export async function setPriceEntries(
  context: Context,
  key: string | null,
  list: string,
  entries: readonly EntryStated[],
  why?: string,
): Promise<EntriesSet> {
  if (entries.length > ENTRIES_MOST)
    throw new Fault('invalid', `At most ${ENTRIES_MOST} entries go at once.`, { field: 'entries', value: entries.length })
  for (const [line, entry] of entries.entries()) refuseWrongEntry(entry, line, entries.length > 1)
  const body = { list, entries: entries.map(stated), ...(why === undefined ? {} : { why }) }
  const cmd = { ...body, ...command(context, 'price_list.entries', key, body) }
  const answer = await carryOut(key, () => priceListCommand(context.sql, 'price_list_entries_1', cmd))
  if (answer.outcome !== 'done') throw priceListRefusal(list, answer)
  return { changed: answer.changed, waiting: answer.waiting, version: answer.version, replayed: answer.replayed === true }
}

/** Entries of a list that stand or wait. Throws `not_found`. */
export async function findPriceEntries(
  { sql }: Context,
  list: string,
  filter: PriceEntryFilter,
  after: number,
  limit: number,
): Promise<PriceEntryRow[]> {
  if ((await readPriceList(sql, list)) === null) throw unknownList(list)
  return listPriceEntries(sql, list, filter, after, limit)
}

/** Who did what to a list, from what to what, and why, the newest first. `sku`: only what was said of it. Throws `not_found`. */
export async function historyOfPriceList(
  { sql }: Context,
  list: string,
  sku: string | null,
  before: HistoryPlace | null,
  limit: number,
): Promise<PriceListEvent[]> {
  if ((await readPriceList(sql, list)) === null) throw unknownList(list)
  return priceListHistory(sql, list, sku, before, limit)
}

const DECIMALS_MOST = 6
const VALUE_BELOW = 1e12

function refuseWrongEntry(entry: EntryStated, line: number, isOneOfMany: boolean): void {
  const { rule, over, baseList, value, minQuantity } = entry
  const wrong = (field: string, given: unknown, expected: string) =>
    new Fault(
      'invalid',
      `${isOneOfMany ? `Entry ${line} (${goodsOf(entry)})` : goodsOf(entry)}: ${field} ${given === undefined ? 'is missing' : `${String(given)} cannot be`}; ${expected}.`,
      {
        field: `entries.${line}.${field}`,
        ...(given === undefined ? {} : { value: given }),
        expected,
      },
    )
  const goods = [entry.sku, entry.product, entry.category, entry.all].filter(one => one !== undefined)
  if (goods.length !== 1) throw wrong('sku', entry.sku, 'exactly one of sku, product, category and all')
  if (minQuantity !== undefined && !(Number.isInteger(minQuantity) && minQuantity >= 1 && minQuantity <= UNITS_MOST))
    throw wrong('minQuantity', minQuantity, `a whole number from 1 to ${UNITS_MOST}`)
  const leans = rule === 'percent' || rule === 'amount' || rule === 'margin'
  if (leans && over === undefined) throw wrong('over', over, 'plain, list or cost: what the rule goes over')
  if (!leans && over !== undefined) throw wrong('over', over, `nothing: ${rule} goes over nothing`)
  if (rule === 'margin' && over !== 'cost') throw wrong('over', over, 'cost, for a margin')
  if ((over === 'list') !== (baseList !== undefined))
    throw wrong('baseList', baseList, over === 'list' ? 'the code of a list' : 'none without over list')
  if (rule === 'none' || rule === 'remove') {
    if (value !== undefined) throw wrong('value', value, `nothing: ${rule} has no value`)
    return
  }
  const number = value === undefined ? null : parseDecimal(value)
  if (number === null) throw wrong('value', value, 'a decimal number as text, like "12.90"')
  if (number.decimalPlaces() > DECIMALS_MOST || number.abs().gte(VALUE_BELOW))
    throw wrong('value', value, `at most ${DECIMALS_MOST} decimals, and 12 digits before the point`)
  if (rule === 'fixed' && number.lessThanOrEqualTo(0)) throw wrong('value', value, 'a price above 0')
  if (rule === 'margin' && number.gte(100)) throw wrong('value', value, 'a margin below 100 percent of the price')
  if (rule === 'percent' && number.lessThanOrEqualTo(-100)) throw wrong('value', value, 'more than -100 percent')
}

const goodsOf = ({ sku, product, category }: EntryStated): string => sku ?? product ?? category ?? 'all'
