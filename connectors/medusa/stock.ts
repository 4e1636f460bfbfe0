import { AccountTrouble, type FieldOutcome, type PushItem } from '../contract.ts'
import type { Rank } from '../pace.ts'
import type { Client } from './client.ts'
import { levelAt, type Part } from './listings.ts'
import { levelsShape, type Variant, type Written } from './wire.ts'

const BATCH = '/admin/inventory-items/location-levels/batch'
/** So often a write is put right whose reservations changed under it; then it waits for its next turn. */
const CORRECTIONS = 3
const RETRY_MS = 2_000

export type Verdicts = Map<PushItem, FieldOutcome>

/** One row of a batch: so many units to lie there, of which so many are Medusa's own reservations. */
type Row = { readonly item: PushItem; readonly part: Part; readonly reserved: number; readonly isNew: boolean }

/**
 * Shows what may be sold. Medusa counts what lies there and takes its own reservations off, so what goes out is the wanted number plus what is reserved just then:
 * an order that is placed meanwhile takes its units off by itself, and none is given back. Only what leaves meanwhile (a fulfilment lowers both numbers) would leave
 * too much: each answer tells what is reserved after the write, and where that is less, the row is written again, lower. Showing less is always safe.
 */
export async function pushStock(
  client: Client,
  location: string,
  items: readonly PushItem[],
  variants: ReadonlyMap<string, Variant>,
  rank: Rank,
): Promise<Verdicts> {
  const done: Verdicts = new Map()
  let rows = items.flatMap((item): Row[] => {
    const found = partOf(item, variants.get(item.listing.externalId))
    if (!found.part) {
      done.set(item, found.refused)
      return []
    }
    const { part } = found
    const level = levelAt(part, location)
    // Nothing to sell is shown already where the item is not stocked.
    if (!level && quantityOf(item) === 0) done.set(item, { status: 'accepted', applied: true })
    else return [{ item, part, reserved: level?.reserved_quantity ?? 0, isNew: level === undefined }]
    return []
  })
  let hasWritten = false
  for (let round = 0; round <= CORRECTIONS && rows.length > 0; round += 1) {
    try {
      rows = await write(client, location, rows, done, rank)
    } catch (error) {
      // What was written before stands, and its outcome is lost with the error.
      if (error instanceof AccountTrouble && hasWritten)
        throw new AccountTrouble(error.kind, error.message, { afterMs: error.afterMs, maybeTookEffect: true, answered: error.answered })
      throw error
    }
    hasWritten = true
  }
  for (const { item } of rows) done.set(item, again(item, 'its reservations changed with every write'))
  return done
}

/** All rows or none, so one that is refused is found by halving. Answers the rows that are to be written again. */
async function write(client: Client, location: string, rows: readonly Row[], done: Verdicts, rank: Rank): Promise<Row[]> {
  const entry = (row: Row) => ({ inventory_item_id: row.part.inventory_item_id, location_id: location, stocked_quantity: stockedOf(row) })
  const body = { create: rows.filter(row => row.isNew).map(entry), update: rows.filter(row => !row.isNew).map(entry), delete: [] }
  const answer = await client.call('POST', BATCH, levelsShape, { body, rank })
  if (answer.status === 'ok') return judged(rows, [...answer.data.created, ...answer.data.updated], location, done)
  const [only] = rows
  if (rows.length === 1 && only) {
    done.set(only.item, rejected(only, answer.code, answer.words))
    return []
  }
  const middle = Math.ceil(rows.length / 2)
  const lower = await write(client, location, rows.slice(0, middle), done, rank)
  try {
    return [...lower, ...(await write(client, location, rows.slice(middle), done, rank))]
  } catch (error) {
    if (error instanceof AccountTrouble)
      throw new AccountTrouble(error.kind, error.message, { afterMs: error.afterMs, maybeTookEffect: true, answered: error.answered })
    throw error
  }
}

function judged(rows: readonly Row[], written: readonly Written[], location: string, done: Verdicts): Row[] {
  const after = new Map(written.filter(one => one.location_id === location).map(one => [one.inventory_item_id, one]))
  return rows.flatMap((row): Row[] => {
    const level = after.get(row.part.inventory_item_id)
    if (level && level.reserved_quantity < row.reserved) return [{ ...row, reserved: level.reserved_quantity, isNew: false }]
    // Where something is reserved, a fulfilment of just now may still write its own number over ours (medusa#16576): that is looked at again.
    const isShown = level?.stocked_quantity === stockedOf(row) && level.reserved_quantity === 0
    done.set(row.item, { status: 'accepted', applied: isShown })
    return []
  })
}

const quantityOf = ({ stock }: PushItem): number => stock?.quantity ?? 0

const stockedOf = ({ item, part, reserved }: Row): number => quantityOf(item) * part.required_quantity + reserved

type Counted = { readonly part: Part } | { readonly part?: never; readonly refused: FieldOutcome }

/** The one inventory item whose stock is a listing's, or why there is none. */
function partOf({ listing }: PushItem, variant: Variant | undefined): Counted {
  const { externalId, externalSku } = listing
  const no = (code: string, words: string): Counted => ({ refused: { status: 'rejected', code, words } })
  if (!variant) return no('not_found', `${externalSku} is no longer on the server (variant ${externalId}): match the listing anew.`)
  const [part, another] = variant.inventory_items
  if (!variant.manage_inventory || !part)
    return no('not_managed', `Medusa does not count the stock of ${externalSku}: switch on "Manage inventory" for the variant.`)
  if (another)
    return no(
      'inventory_kit',
      `${externalSku} is an inventory kit of ${variant.inventory_items.length} items: publish the stock of its parts instead.`,
    )
  return { part }
}

function rejected({ item }: Row, code: string, words: string): FieldOutcome {
  return { status: 'rejected', code, words: `Medusa refuses ${item.listing.externalSku}: ${words}. Look at its inventory in Medusa.` }
}

function again({ listing }: PushItem, why: string): FieldOutcome {
  return { status: 'retry', words: `${listing.externalSku}: ${why}`, afterMs: RETRY_MS }
}
