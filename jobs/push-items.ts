import type { FieldOutcome, ListingKey, PushItem, PushOutcome, ShownPrice } from '../connectors/contract.ts'
import { type SendItem, type SendResult, type SentValue, TURNED, type WorkRow } from '../db/publications.ts'
import { belowFloor } from '../src/domain/pricing/floor.ts'
import { backoffMs } from '../src/domain/sync/backoff.ts'
import { DANGER } from '../src/domain/sync/push-order.ts'

/** One thing to send, and which of our fields each part of it is. */
export type PreparedItem = {
  readonly item: PushItem
  readonly stock: SendItem | null
  readonly prices: readonly SendItem[]
  /** Prices that just began or ended: they are looked at again, whatever the answer itself shows. */
  readonly turned: ReadonlySet<SendItem>
  readonly attempts: number
}

/** A price that would go out below its floor: it never does. */
export type Stopped = SendResult & { readonly sku: string; readonly channelRef: string; readonly amount: string; readonly floor: string }

/**
 * The last look before the call: which of the values to send stand below their floor. They are refused with the reason; everything else of the
 * same SKU goes on.
 */
export function stopBelowFloor(
  rows: readonly WorkRow[],
  sent: readonly SentValue[],
): { readonly go: readonly SentValue[]; readonly stopped: readonly Stopped[] } {
  const stopped: Stopped[] = []
  const go = sent.filter(one => {
    const below = one.field === 'price' ? belowFloor(one.value as unknown as ShownPrice, one.floor ?? null, one.floorAhead ?? null) : null
    const row = rows.find(other => other.listing === one.listing && other.field === one.field)
    if (below === null || row === undefined) return true
    const words = `${row.externalSku} must not be shown at ${below.amount}: its floor there is ${below.floor}. Set the price or the floor anew.`
    const field: SendItem = { listing: one.listing, field: one.field }
    stopped.push({ ...field, status: 'rejected', code: 'below_floor', words, sku: row.externalSku, channelRef: row.channelRef, ...below })
    return false
  })
  return { go, stopped }
}

/**
 * Puts the fields of one SKU together, so that one call can carry its stock and the prices of several marketplaces. Where each channel has a stock of its own, each
 * further stock is an item by itself.
 */
export function prepareItems(rows: readonly WorkRow[], sent: readonly SentValue[]): PreparedItem[] {
  const values = new Map(sent.map(one => [`${one.listing}/${one.field}`, one]))
  const going = rows.filter(row => values.has(`${row.listing}/${row.field}`))
  return [...Map.groupBy(going, row => row.externalSku).values()].flatMap(group => {
    const [, ...others] = group.filter(row => row.field === 'stock')
    return [group.filter(row => !others.includes(row)), ...others.map(row => [row])].map(part => prepare(part, values))
  })
}

function prepare(rows: readonly WorkRow[], values: ReadonlyMap<string, SentValue>): PreparedItem {
  const stock = rows.find(row => row.field === 'stock')
  const prices = rows.filter(row => row.field === 'price')
  const first = stock ?? prices[0]
  if (!first) throw new Error('a SKU without fields')
  const sentOf = (row: WorkRow): SentValue | undefined => values.get(`${row.listing}/${row.field}`)
  const sentValue = (row: WorkRow): SentValue['value'] => sentOf(row)?.value ?? {}
  const priceFields = prices.map(row => ({ listing: row.listing, field: 'price' as const }))
  return {
    item: {
      listing: keyOf(first),
      ...(stock ? { stock: { quantity: Number(sentValue(stock).quantity), ...expectedOf(sentOf(stock)) } } : {}),
      ...(prices.length > 0
        ? { prices: prices.map(row => ({ channelRef: row.channelRef, price: sentValue(row) as unknown as ShownPrice })) }
        : {}),
      ...(prices.some(row => row.urgency === TURNED) ? { urgent: true } : {}),
      ...(rows.some(row => row.urgency < DANGER.none) ? { first: true } : {}),
    },
    stock: stock ? { listing: stock.listing, field: 'stock' } : null,
    prices: priceFields,
    turned: new Set(priceFields.filter((_, at) => prices[at]?.urgency === TURNED)),
    attempts: Math.max(...rows.map(row => row.attempts)) + 1,
  }
}

const expectedOf = (sent: SentValue | undefined): { readonly expected?: number } =>
  sent?.expected === undefined ? {} : { expected: sent.expected }

/** The connector's way of naming a listing. */
export function keyOf(row: WorkRow): ListingKey {
  const { channelRef, externalId, externalParentId, externalSku, productType } = row
  return { channelRef, externalId, externalParentId, externalSku, productType }
}

/** Prices that turn at one instant are all sent before the first of them is looked at again, where that is a matter of seconds. */
const TURNS_FIRST_MS = 3_000

/** The longest pause of a value that the platform wants later, ms at the platform's own pace: its own trouble, or only too many calls. */
const AGAIN_MAX_MS = 300_000
const THROTTLED_MAX_MS = 20_000

/** So often what is dangerous is tried again as soon as the platform takes it. */
const SOON_ATTEMPTS = 3

/** How answers become the next state of each field. `checkInMs`: when an accepted value is first looked at. */
export type Verdict = { readonly now: number; readonly chance: number; readonly checkInMs: number; readonly scale: number }

/** Turns one item's outcome into results for our fields, part by part. A missing outcome is an unknown one. */
export function resultsOf(prepared: PreparedItem, outcome: PushOutcome | undefined, verdict: Verdict): SendResult[] {
  const results: SendResult[] = []
  if (prepared.stock) results.push(resultOf(prepared.stock, outcome?.stock, prepared, verdict))
  prepared.prices.forEach((field, at) => {
    const result = resultOf(field, outcome?.prices?.[at], prepared, verdict)
    const isSeenAgain = result.status === 'accepted' && prepared.turned.has(field)
    results.push(isSeenAgain ? { ...result, checkAt: instantIn(verdict, Math.max(verdict.checkInMs, TURNS_FIRST_MS)) } : result)
  })
  return results
}

const instantIn = (verdict: Verdict, ms: number): string => new Date(verdict.now + ms).toISOString()

function resultOf(field: SendItem, outcome: FieldOutcome | undefined, { item, attempts }: PreparedItem, verdict: Verdict): SendResult {
  const at = (ms: number): string => instantIn(verdict, ms)
  if (!outcome) return { ...field, status: 'unknown', words: 'the platform did not say what became of it', retryAt: at(0) }
  switch (outcome.status) {
    case 'accepted':
      return outcome.applied
        ? { ...field, status: 'accepted', applied: true }
        : { ...field, status: 'accepted', checkAt: at(verdict.checkInMs) }
    case 'rejected':
      return { ...field, status: 'rejected', code: outcome.code, words: outcome.words }
    case 'retry': {
      const pause = backoffMs(attempts, verdict.chance, {
        firstMs: 1_000 / verdict.scale,
        maxMs: (outcome.throttled ? THROTTLED_MAX_MS : AGAIN_MAX_MS) / verdict.scale,
        floorMs: outcome.afterMs,
      })
      // What is dangerous is not left standing behind others for a turn that somebody else had.
      const isSoon = item.first === true && attempts <= SOON_ATTEMPTS
      const retryAt = at(isSoon ? outcome.afterMs : pause)
      // That it did not arrive is certain; what is there is not.
      if (outcome.unseen) return { ...field, status: 'unknown', code: 'unseen', words: outcome.words, retryAt }
      return { ...field, status: 'retry', words: outcome.words, retryAt }
    }
  }
}
