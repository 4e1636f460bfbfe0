import { AccountTrouble, type FieldOutcome } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { type Facts, isTracked, locationOf } from './facts.ts'
import { READ_MAX, type Shop } from './listings.ts'
import { stockBefore, updateVariants } from './operations.ts'
import { type Stocked, stockShape, updatedShape, type Written } from './wire.ts'

/** So often a write is put right whose allocations changed under it; then it waits for its next turn. */
const CORRECTIONS = 3
const RETRY_MS = 2_000

/** What a variant is to show: units that may be sold, and prices in the server's smallest unit by currency. */
export type Row = { readonly id: string; readonly sku: string; readonly quantity?: number; readonly prices: ReadonlyMap<string, number> }
type RowOutcome = { readonly stock?: FieldOutcome; readonly prices: ReadonlyMap<string, FieldOutcome> }
/** A row with what of it Vendure has allocated. */
type Sent = { readonly row: Row; readonly stock: { readonly onHand: number; readonly allocated: number } | null }

/** One at a time for an account: what takes units off shelf and allocation together must not come between a look at them and the write that rests on it. */
export type Stocks = <T>(work: () => Promise<T>) => Promise<T>

export function makeStocks(): Stocks {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const turn = last.then(work)
    last = turn.catch(() => null)
    return turn
  }
}

/**
 * Shows what may be sold. Vendure counts what lies there and takes its own allocations off, so what goes out is the wanted number plus what is allocated just then:
 * an order that is placed meanwhile takes its units off by itself, and none is given back. Only what leaves meanwhile (a fulfilment lowers both numbers) would leave
 * too much: each answer tells what is allocated after the write, and where that is less, the row is written again, lower. Showing less is always safe.
 */
export async function written(shop: Shop, stocks: Stocks, rows: readonly Row[], rank: Rank): Promise<Map<string, RowOutcome>> {
  const done = new Map<string, RowOutcome>()
  const counted = rows.filter(row => row.quantity !== undefined)
  const run = async (): Promise<void> => {
    const facts = await shop.facts()
    const location = counted.length > 0 ? locationOf(shop.settings, facts) : ''
    const levels = await levelsOf(shop, counted, rank)
    let sent = rows.flatMap((row): Sent[] => prepared(row, levels.get(row.id), location, facts, done))
    const writing: Writing = { shop, location, done, rank, hasWritten: false }
    for (let round = 0; round <= CORRECTIONS && sent.length > 0; round += 1) sent = await write(writing, sent)
    for (const { row } of sent) note(done, row, { stock: again(row, 'its allocations changed with every write') })
  }
  await (counted.length > 0 ? stocks(run) : run())
  return done
}

async function levelsOf({ client }: Shop, rows: readonly Row[], rank: Rank): Promise<Map<string, Stocked>> {
  const found = new Map<string, Stocked>()
  for (let from = 0; from < rows.length; from += READ_MAX) {
    const ids = rows.slice(from, from + READ_MAX).map(row => row.id)
    const { productVariants } = await client.ask(
      stockBefore,
      { options: { take: READ_MAX, filter: { id: { in: ids } } } },
      stockShape,
      rank,
    )
    for (const one of productVariants.items) found.set(one.id, one)
  }
  return found
}

/** What is to be sent of a row; its stock is done already where Vendure has it, or cannot have it. */
function prepared(row: Row, now: Stocked | undefined, location: string, facts: Facts, done: Map<string, RowOutcome>): Sent[] {
  const { quantity, sku, prices } = row
  const priced: Sent[] = prices.size > 0 ? [{ row, stock: null }] : []
  if (quantity === undefined) return priced
  if (!now) {
    refuse(done, row, 'not_found', `${sku} is no longer in the channel (variant ${row.id}): match the listing anew.`)
    return []
  }
  if (!isTracked(now, facts)) {
    const words = `Vendure does not count the stock of ${sku}: let it track the inventory of this variant.`
    note(done, row, { stock: { status: 'rejected', code: 'not_tracked', words } })
    return priced
  }
  const level = now.stockLevels.find(one => one.stockLocationId === location)
  const allocated = level?.stockAllocated ?? 0
  if ((level?.stockOnHand ?? 0) - allocated !== quantity) return [{ row, stock: { onHand: quantity + allocated, allocated } }]
  note(done, row, { stock: { status: 'accepted', applied: true } })
  return priced
}

type Writing = {
  readonly shop: Shop
  readonly location: string
  readonly done: Map<string, RowOutcome>
  readonly rank: Rank
  hasWritten: boolean
}

/** All rows or none: one that Vendure names is left out, one that it does not is found by halving. Answers the rows that are to be written again. */
async function write(writing: Writing, sent: readonly Sent[]): Promise<Sent[]> {
  const { shop, location, done, rank } = writing
  const input = sent.map(({ row, stock }) => ({
    id: row.id,
    ...(stock ? { stockLevels: [{ stockLocationId: location, stockOnHand: stock.onHand }] } : {}),
    ...(row.prices.size > 0 ? { prices: [...row.prices].map(([currencyCode, price]) => ({ currencyCode, price })) } : {}),
  }))
  const answer = await shop.client.call(updateVariants, { input }, updatedShape, rank).catch((error: unknown) => {
    // What was written before stands, and its outcome is lost with the error.
    if (error instanceof AccountTrouble && writing.hasWritten)
      throw new AccountTrouble(error.kind, error.message, { afterMs: error.afterMs, maybeTookEffect: true, answered: error.answered })
    throw error
  })
  if (answer.status === 'ok') {
    writing.hasWritten = true
    const after = new Map(answer.data.updateProductVariants.map(one => [one.id, one]))
    return sent.flatMap(one => judged(one, after.get(one.row.id), location, done))
  }
  const named = answer.code === 'ENTITY_NOT_FOUND' ? /"([^"]+)"/.exec(answer.words)?.[1] : undefined
  const culprit = sent.find(({ row }) => row.id === named) ?? (sent.length === 1 ? sent[0] : undefined)
  if (culprit) {
    const isGone = answer.code === 'ENTITY_NOT_FOUND'
    const next = isGone ? 'It is no longer in the channel: match the listing anew.' : 'Look at the variant in Vendure.'
    refuse(done, culprit.row, isGone ? 'not_found' : answer.code, `Vendure refuses ${culprit.row.sku}: ${answer.words}. ${next}`)
    const rest = sent.filter(one => one !== culprit)
    return rest.length > 0 ? write(writing, rest) : []
  }
  const middle = Math.ceil(sent.length / 2)
  return [...(await write(writing, sent.slice(0, middle))), ...(await write(writing, sent.slice(middle)))]
}

function judged({ row, stock }: Sent, now: Written | undefined, location: string, done: Map<string, RowOutcome>): Sent[] {
  const prices = [...row.prices].map(([currency, price]): [string, FieldOutcome] => {
    const isShown = now?.prices.some(one => one.currencyCode === currency && one.price === price) === true
    return [currency, { status: 'accepted', applied: isShown }]
  })
  note(done, row, { prices: new Map(prices) })
  if (!stock) return []
  const level = now?.stockLevels.find(one => one.stockLocationId === location)
  if (level && level.stockOnHand === stock.onHand && level.stockAllocated < stock.allocated) {
    const allocated = level.stockAllocated
    return [{ row: { ...row, prices: new Map() }, stock: { onHand: (row.quantity ?? 0) + allocated, allocated } }]
  }
  // Where something was sold meanwhile, less shows than was asked for, which is right and is seen by reading.
  const isShown = level?.stockOnHand === stock.onHand && level.stockAllocated === stock.allocated
  note(done, row, { stock: { status: 'accepted', applied: isShown } })
  return []
}

function note(done: Map<string, RowOutcome>, { id }: Row, more: Partial<RowOutcome>): void {
  done.set(id, { prices: new Map(), ...done.get(id), ...more })
}

function refuse(done: Map<string, RowOutcome>, row: Row, code: string, words: string): void {
  const no: FieldOutcome = { status: 'rejected', code, words }
  note(done, row, {
    ...(row.quantity === undefined ? {} : { stock: no }),
    prices: new Map([...row.prices.keys()].map(currency => [currency, no])),
  })
}

const again = ({ sku }: Row, why: string): FieldOutcome => ({ status: 'retry', words: `${sku}: ${why}`, afterMs: RETRY_MS })
