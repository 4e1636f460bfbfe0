import { z } from 'zod'
import { amount } from '../../../src/values/money.ts'
import type { SandboxEdit } from '../../sandbox.ts'
import { recordPrice } from '../../sandbox-prices.ts'
import { errorOf, refuse } from './gate.ts'
import { dayOf, itemOf, type OfferRow, offerOf, offersOf, setQuantity, type World } from './world.ts'

const ROWS_MAX = 25
/** Revisions of a listing in a calendar day, by whatever call. */
export const REVISIONS_MAX = 250
export const USED_UP = `Any User error. You have reached the limit of ${REVISIONS_MAX} revisions of this listing for today.`

const rowShape = z.object({
  sku: z.string().optional(),
  shipToLocationAvailability: z.object({ quantity: z.int().min(0) }).optional(),
  offers: z
    .array(
      z.object({
        offerId: z.string(),
        availableQuantity: z.int().min(0).optional(),
        price: z.object({ value: z.string(), currency: z.string() }).optional(),
      }),
    )
    .optional(),
})
type Row = z.infer<typeof rowShape>
const bulkShape = z.object({ requests: z.array(rowShape).min(1).max(ROWS_MAX) })

const changeShape = z.object({
  sku: z.string(),
  quantity: z.int().nullable(),
  offer: z.object({ id: z.string(), available: z.int().nullable(), price: z.string().nullable() }).nullable(),
})
type Change = z.infer<typeof changeShape>

/** The bulk update: each row by itself, 200 where all were taken, else 207 with the errors inside. */
export function updatePrices(world: World, body: unknown): Response {
  const { store, options } = world
  const asked = bulkShape.safeParse(body)
  if (!asked.success) return refuse(400, 25709, `Invalid value for requests. ${z.prettifyError(asked.error)}`)
  const { requests } = asked.data
  if (options.oneSkuPerCall === true && requests.length > 1)
    return refuse(400, 25002, 'Any User error. Only one SKU can be updated per call.')
  const operation = 'bulkUpdatePriceQuantity'
  const isPartial = store.strikes('partial', operation)
  const isDropped = store.strikes('not-applied', operation)
  const isLate = store.strikes('late', operation)
  const responses: object[] = []
  let isDead = false
  requests.forEach((row, at) => {
    if (isDead) return
    const sku = row.sku ?? offerOf(world, row.offers?.[0]?.offerId ?? '')?.sku ?? ''
    isDead = store.strikes('poison', operation, sku)
    if (isDead) return
    const said = { sku, ...(row.offers?.[0] ? { offerId: row.offers[0].offerId } : {}) }
    const wrong =
      isPartial && at % 2 === 0 ? 'Any User error. The listing cannot be revised for now.' : store.change(() => objection(world, row))
    if (wrong !== null) {
      responses.push({ ...said, statusCode: 400, errors: [errorOf(25002, wrong)] })
      return
    }
    const change = changeOf(world, row, sku)
    if (isLate) store.later('revision', sku, change, store.lateMs)
    else if (!isDropped) apply(world, change)
    responses.push({ ...said, statusCode: 200 })
  })
  // What stood before it is done.
  if (isDead) return refuse(500, 25001, 'A system error has occurred.')
  const isWhole = responses.every(one => 'statusCode' in one && one.statusCode === 200)
  return Response.json({ responses }, { status: isWhole ? 200 : 207 })
}

/** Why a row is refused; a row that is taken uses up a revision of its listing. */
function objection(world: World, row: Row): string | null {
  if (row.shipToLocationAvailability && (row.sku === undefined || !itemOf(world, row.sku)))
    return 'Any User error. The SKU could not be found.'
  const listings = new Set<string>()
  for (const asked of row.offers ?? []) {
    const offer = offerOf(world, asked.offerId)
    if (!offer || (row.sku !== undefined && offer.sku !== row.sku)) return 'Any User error. The offer could not be found.'
    if (offer.status !== 'PUBLISHED') return 'Any User error. The offer is not published: use updateOffer.'
    if (asked.price && asked.price.currency !== world.options.marketplace.currency)
      return `Invalid value for currency. It is ${world.options.marketplace.currency}.`
    if (asked.price && !(Number(asked.price.value) > 0)) return 'Invalid value for price. It must be above 0.'
    listings.add(offer.listing_id)
  }
  if (row.shipToLocationAvailability && row.offers === undefined)
    for (const offer of offersOf(world, row.sku ?? '')) if (offer.status === 'PUBLISHED') listings.add(offer.listing_id)
  return [...listings].every(listing => revised(world, listing)) ? null : USED_UP
}

/** Counts a revision; false where the day's are used up. */
export function revised({ store, options }: World, listing: string): boolean {
  const day = dayOf(options.now())
  const used = store.one<{ count: number }>('select count from revision where listing_id = ? and day = ?', listing, day)?.count ?? 0
  if (used >= REVISIONS_MAX * options.scale) return false
  store.run('insert into revision values (?, ?, 1) on conflict (listing_id, day) do update set count = count + 1', listing, day)
  return true
}

function changeOf(world: World, row: Row, sku: string): Change {
  const asked = row.offers?.[0]
  const { currency } = world.options.marketplace
  return {
    sku,
    quantity: row.shipToLocationAvailability?.quantity ?? null,
    offer: asked
      ? { id: asked.offerId, available: asked.availableQuantity ?? null, price: asked.price ? amount(asked.price.value, currency) : null }
      : null,
  }
}

/** Makes a change live; also one that takes effect late. */
export function apply(world: World, data: unknown): void {
  const { store } = world
  const { sku, quantity, offer } = changeShape.parse(data)
  store.change(() => {
    if (offer && offer.available !== null) store.run('update offer set available = ? where id = ?', offer.available, offer.id)
    if (quantity !== null) setQuantity(world, sku, quantity, { cause: 'push', ref: sku })
    if (offer && offer.price !== null) setPrice(world, offer.id, offer.price)
  })
}

function setPrice(world: World, id: string, regular: string): void {
  const offer: OfferRow | undefined = offerOf(world, id)
  if (!offer) return
  world.store.run('update offer set price = ? where id = ?', regular, id)
  const taken = { channelRef: offer.marketplace, regular, sale: null, from: null, to: null, lateMs: 0 }
  recordPrice(world.store, { sku: offer.sku, ref: id, data: { regular, before: offer.price } }, taken)
}

/** Somebody edits the listing in Seller Hub. */
export function edit(world: World, { sku, quantity, prices }: SandboxEdit): void {
  if (!itemOf(world, sku)) throw new Error(`there is no item ${sku}`)
  if (quantity !== undefined) setQuantity(world, sku, quantity, { cause: 'edited', ref: sku })
  const regular = prices?.[world.options.marketplace.id]
  if (regular !== undefined) for (const offer of offersOf(world, sku)) setPrice(world, offer.id, regular)
}
