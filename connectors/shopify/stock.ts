import { randomUUID } from 'node:crypto'
import { AccountTrouble, type FieldOutcome, type PushItem } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { gid } from './access.ts'
import type { Client } from './client.ts'
import { activate, setQuantities, stockBefore } from './operations.ts'
import { indexOf, rejected } from './prices.ts'
import { activateShape, availableOf, setQuantitiesShape, stockShape, type UserError } from './wire.ts'

/** Shopify takes no longer list. */
export const ROWS_MAX = 250
/** Rounds until what keeps moving is left to the next push. */
const ROUNDS_MAX = 5
const RETRY_MS = 2_000

/** One row: what is to be shown, and what is there now, which Shopify compares before it sets. */
type Row = { readonly item: PushItem; readonly inventoryItemId: string; readonly quantity: number; readonly from: number }
type Verdicts = Map<PushItem, FieldOutcome>

/**
 * Shows absolute quantities at one location. Each is compared with what was there a moment ago, and that with what the hub believed, so that a sale in between is
 * never overwritten: what fell is only lowered further; what would raise it waits until the hub has seen why it fell.
 */
export async function pushStock(client: Client, location: string, items: readonly PushItem[], how: Rank): Promise<Verdicts> {
  const done: Verdicts = new Map()
  let rows: Row[] = []
  for (const read of await stockNow(client, location, items, how)) {
    if (read.now === 'unstocked') done.set(read.item, await stockThere(client, location, read.item, read.inventoryItemId, how))
    else if (typeof read.now !== 'number') done.set(read.item, read.now)
    else if (read.now === quantityOf(read.item)) done.set(read.item, { status: 'accepted', applied: true })
    else if (hasFallen(read.item, read.now)) done.set(read.item, unraised(read.item, read.now))
    else rows.push({ item: read.item, inventoryItemId: read.inventoryItemId, quantity: quantityOf(read.item), from: read.now })
  }
  for (let round = 0; rows.length > 0 && round < ROUNDS_MAX; round += 1) rows = await setOnce(client, location, rows, done, how)
  for (const { item } of rows) done.set(item, unseen(item, 'it keeps changing at Shopify'))
  return done
}

const quantityOf = (item: PushItem): number => item.stock?.quantity ?? 0

/** To be raised, although less is there than the hub knew when it worked out by how much. */
const hasFallen = (item: PushItem, now: number): boolean => now < quantityOf(item) && now < (item.stock?.expected ?? 0)

function unraised(item: PushItem, now: number): FieldOutcome {
  return unseen(item, `it fell to ${now} just now, and is not raised to ${quantityOf(item)} before the hub knows why`)
}

type Now = { readonly item: PushItem; readonly inventoryItemId: string; readonly now: number | 'unstocked' | FieldOutcome }

async function stockNow(client: Client, location: string, items: readonly PushItem[], how: Rank): Promise<Now[]> {
  const ids = [...new Set(items.map(item => gid('ProductVariant', item.listing.externalId)))]
  const { nodes } = await client.ask(stockBefore, { ids, location: gid('Location', location) }, stockShape, how)
  const found = new Map(nodes.flatMap(node => (node ? [[node.id, node.inventoryItem] as const] : [])))
  return items.map((item): Now => {
    const { externalId, externalSku } = item.listing
    const stocked = found.get(externalId)
    const no = (code: string, words: string): Now => ({ item, inventoryItemId: '', now: { status: 'rejected', code, words } })
    if (!stocked) return no('not_found', `${externalSku} is no longer in the shop (variant ${externalId}): match the listing anew.`)
    if (!stocked.tracked)
      return no('not_tracked', `Shopify does not track the stock of ${externalSku}: switch on "Inventory tracked" for it in Shopify.`)
    const now = stocked.inventoryLevel && availableOf(stocked.inventoryLevel)
    if (now === null) return { item, inventoryItemId: stocked.id, now: 'unstocked' }
    return { item, inventoryItemId: stocked.id, now }
  })
}

/** An item that is not stocked at the location has nothing to set: it is stocked there with its quantity. Nothing to sell is shown already. */
async function stockThere(client: Client, location: string, item: PushItem, inventoryItemId: string, how: Rank): Promise<FieldOutcome> {
  const available = quantityOf(item)
  if (available === 0) return { status: 'accepted', applied: true }
  const variables = { item: inventoryItemId, location: gid('Location', location), available, key: randomUUID() }
  const { inventoryActivate: answer } = await client.ask(activate, variables, activateShape, how)
  const [error] = answer.userErrors
  if (error) return rejected(item, { ...error, code: error.code ?? 'not_activated' })
  return { status: 'accepted', applied: answer.inventoryLevel !== null && availableOf(answer.inventoryLevel) === available }
}

/** One call: all of its rows or none. Answers the rows that are to be sent again without those that were refused. */
async function setOnce(client: Client, location: string, rows: readonly Row[], done: Verdicts, how: Rank): Promise<Row[]> {
  const quantities = rows.map(({ inventoryItemId, quantity, from }) => ({
    ...{ inventoryItemId, locationId: gid('Location', location), quantity, changeFromQuantity: from },
  }))
  const variables = { input: { name: 'available', reason: 'correction', quantities }, key: randomUUID() }
  const { inventorySetQuantities: answer } = await client.ask(setQuantities, variables, setQuantitiesShape, how)
  if (answer.userErrors.length === 0) {
    const changes = answer.inventoryAdjustmentGroup?.changes ?? []
    const after = new Map(changes.flatMap(({ item, quantityAfterChange: quantity }) => (item ? [[item.id, quantity] as const] : [])))
    for (const { item, inventoryItemId, quantity } of rows)
      done.set(item, { status: 'accepted', applied: after.get(inventoryItemId) === quantity })
    return []
  }
  const ofAll = answer.userErrors.find(error => indexOf(error) < 0)
  if (ofAll) return ofWhole(rows, ofAll, done)
  const errors = new Map(answer.userErrors.map(error => [indexOf(error), error]))
  const stale: Row[] = []
  for (const [at, row] of rows.entries()) {
    const error = errors.get(at)
    if (error && isStale(error)) stale.push(row)
    else if (error) done.set(row.item, rejected(row.item, error))
  }
  return [...rows.filter((_, at) => !errors.has(at)), ...(await decided(client, location, stale, done, how))]
}

const isStale = ({ code }: UserError): boolean => code === 'CHANGE_FROM_QUANTITY_STALE' || code === 'COMPARE_QUANTITY_STALE'

/** What changed between our reading and our writing is read again. */
async function decided(client: Client, location: string, stale: readonly Row[], done: Verdicts, how: Rank): Promise<Row[]> {
  if (stale.length === 0) return []
  const items = stale.map(row => row.item)
  return (await stockNow(client, location, items, how)).flatMap(({ item, inventoryItemId, now }): Row[] => {
    const quantity = quantityOf(item)
    if (now === quantity) done.set(item, { status: 'accepted', applied: true })
    else if (typeof now === 'number' && quantity < now) return [{ item, inventoryItemId, quantity, from: now }]
    else if (typeof now === 'number') done.set(item, unraised(item, now))
    else done.set(item, now === 'unstocked' ? again(item, 'it was taken from the location just now') : now)
    return []
  })
}

/** An error that names no row. */
function ofWhole(rows: readonly Row[], error: UserError, done: Verdicts): Row[] {
  if (error.code === 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH')
    throw new AccountTrouble('down', `Shopify knows the key of a call with other rows: ${error.message}`)
  // Each call has a key of its own, so what another attempt does under this one cannot be ours.
  const isPassing = error.code === 'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED' || error.code === 'IDEMPOTENCY_CONCURRENT_REQUEST'
  for (const { item } of rows) done.set(item, isPassing ? again(item, error.message) : rejected(item, error))
  return []
}

function again({ listing }: PushItem, why: string) {
  return { status: 'retry', words: `${listing.externalSku}: ${why}`, afterMs: RETRY_MS } as const
}

/** It is looked at before it is sent again. */
const unseen = (item: PushItem, why: string): FieldOutcome => ({ ...again(item, why), unseen: true })
