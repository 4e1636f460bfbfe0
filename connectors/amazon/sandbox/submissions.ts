import { z } from 'zod'
import { amount } from '../../../src/values/money.ts'
import type { SandboxEdit } from '../../sandbox.ts'
import { recordPrice, SCHEDULE_LATE_MS } from '../../sandbox-prices.ts'
import { refuse } from './gate.ts'
import { listingOf, offersOf, setQuantity, type World } from './world.ts'

export type Issue = {
  readonly code: string
  readonly message: string
  readonly attributeNames: readonly string[]
  readonly marketplaceIds?: readonly string[]
}
/** Which call carries a submission, for faults aimed at it. */
type Carrier = 'patchListingsItem' | 'createFeed'

const STOCK = 'fulfillment_availability'
const PRICE = 'purchasable_offer'

const schedule = z.array(
  z.object({
    schedule: z.array(z.object({ value_with_tax: z.number(), start_at: z.string().optional(), end_at: z.string().optional() })).min(1),
  }),
)
const stockShape = z.array(z.object({ fulfillment_channel_code: z.literal('DEFAULT'), quantity: z.int().min(0) })).length(1)
const offersShape = z.array(
  z.object({
    marketplace_id: z.string(),
    currency: z.string(),
    audience: z.literal('ALL'),
    our_price: schedule.min(1),
    discounted_price: schedule.optional(),
  }),
)
const patchShape = z.object({
  productType: z.string().min(1),
  patches: z
    .array(z.object({ op: z.enum(['add', 'replace', 'merge', 'delete']), path: z.string(), value: z.array(z.unknown()).optional() }))
    .min(1),
})

const submissionShape = z.object({
  submissionId: z.string(),
  /** `lead`: whether the handling time beside the quantity survives. */
  stock: z.object({ quantity: z.int(), keepsLead: z.boolean() }).nullable(),
  offers: offersShape,
  /** How late the dates of its sales are acted on. */
  lateMs: z.int().default(0),
})
export type Accepted = z.infer<typeof submissionShape>

/** Takes a patch: checks it as a whole, answers ACCEPTED or INVALID, and queues what it changes. */
export function submit(world: World, sku: string, marketplaceIds: readonly string[], body: unknown): Response {
  const judged = judge(world, sku, marketplaceIds, body, 'patchListingsItem')
  if (judged === null) return refuse(400, 'InvalidInput', 'Invalid request body: it is no list of patches.')
  const { issues, accepted } = judged
  const { submissionId } = accepted
  const told = issues.map(one => ({ ...one, severity: 'ERROR', categories: ['INVALID_ATTRIBUTE'] }))
  if (issues.length > 0) return Response.json({ sku, status: 'INVALID', submissionId, issues: told })
  world.store.change(() => queue(world, sku, accepted, 'patchListingsItem'))
  return Response.json({ sku, status: 'ACCEPTED', submissionId, issues: [] })
}

/** What is wrong with a patch, and what it would change; null where it is no patch at all. */
export function judge(
  world: World,
  sku: string,
  marketplaceIds: readonly string[],
  body: unknown,
  carrier: Carrier,
): { readonly issues: readonly Issue[]; readonly accepted: Accepted } | null {
  const patch = patchShape.safeParse(body)
  if (!patch.success) return null
  const submissionId = crypto.randomUUID().replaceAll('-', '')
  const accepted: { -readonly [K in keyof Accepted]: Accepted[K] } = { submissionId, stock: null, offers: [], lateMs: 0 }
  const issues: Issue[] = listingOf(world, sku) ? [] : [issue('13013', `The SKU ${sku} is not in the seller's catalog.`, [])]
  for (const { op, path, value } of patch.data.patches) {
    if (path === `/attributes/${STOCK}` && (op === 'merge' || op === 'replace')) {
      const stock = stockShape.safeParse(value)
      if (stock.success) accepted.stock = { quantity: stock.data[0]?.quantity ?? 0, keepsLead: op === 'merge' }
      else issues.push(issue('99022', `The value of '${STOCK}' is invalid: ${z.prettifyError(stock.error)}`, [STOCK]))
    } else if (path === `/attributes/${PRICE}` && op === 'replace') {
      const offers = offersShape.safeParse(value)
      if (!offers.success)
        issues.push(issue('4000001', `The provided value for '${PRICE}' is invalid: ${z.prettifyError(offers.error)}`, [PRICE]))
      else {
        issues.push(...offers.data.flatMap(offer => offerIssues(world, offer, marketplaceIds)))
        accepted.offers = offers.data
      }
    } else issues.push(issue('4000003', `The operation '${op}' is not supported for '${path}'.`, [path.replace('/attributes/', '')]))
  }
  if (world.store.strikes('partial', carrier)) {
    const attribute = accepted.offers.length > 0 ? PRICE : STOCK
    issues.push(issue('18155', `The value of '${attribute}' is refused for now.`, [attribute]))
  }
  if (issues.length === 0 && accepted.offers.length > 0 && world.store.strikes('schedule-late', carrier)) accepted.lateMs = SCHEDULE_LATE_MS
  return { issues, accepted }
}

function offerIssues(world: World, offer: z.infer<typeof offersShape>[number], marketplaceIds: readonly string[]): Issue[] {
  const marketplace = world.options.marketplaces.find(one => one.id === offer.marketplace_id)
  const regular = offer.our_price[0]?.schedule[0]?.value_with_tax ?? 0
  const sale = offer.discounted_price?.[0]?.schedule[0]
  const wrong = (code: string, words: string) => [issue(code, words, [PRICE], offer.marketplace_id)]
  if (!marketplace || !marketplaceIds.includes(offer.marketplace_id))
    return wrong('4000001', `The marketplace ${offer.marketplace_id} is not part of this request.`)
  if (offer.currency !== marketplace.currency)
    return wrong('4000001', `The currency ${offer.currency} is not sold in; it must be ${marketplace.currency}.`)
  if (regular <= 0) return wrong('18155', `The price ${regular} must be above 0.`)
  if (!sale) return []
  if (sale.start_at === undefined || sale.end_at === undefined || !(Date.parse(sale.start_at) < Date.parse(sale.end_at)))
    return wrong('99022', "A discounted price needs 'start_at' and, after it, 'end_at'.")
  if (sale.value_with_tax <= 0 || sale.value_with_tax >= regular)
    return wrong('18155', `The discounted price ${sale.value_with_tax} must be below ${regular}.`)
  return []
}

function issue(code: string, message: string, attributeNames: string[], marketplaceId?: string): Issue {
  const where = marketplaceId === undefined ? {} : { marketplaceIds: [marketplaceId] }
  return { code, message, attributeNames, ...where }
}

/** Values of one SKU take effect in the order in which they came, so none is due before the one ahead of it. */
export function queue(world: World, sku: string, accepted: Accepted, carrier: Carrier): void {
  const { store, options } = world
  store.record('submission', {
    sku,
    ref: accepted.submissionId,
    data: { stock: accepted.stock?.quantity ?? null, offers: accepted.offers.length },
  })
  if (store.strikes('not-applied', carrier)) return
  const delayMs = carrier === 'patchListingsItem' && store.strikes('late', carrier) ? store.lateMs : store.lag()
  const ahead = store.one<{ at: number | null }>("select max(at_ms) as at from due where kind = 'submission' and ref = ?", sku)?.at ?? 0
  store.later('submission', sku, accepted, Math.max(delayMs, ahead - options.now().getTime()))
}

/** Makes a queued submission live. Shows how an absolute quantity runs over the units that were sold while it waited: Amazon does so too. */
export function apply(world: World, sku: string, data: unknown): void {
  const { submissionId, stock, offers, lateMs } = submissionShape.parse(data)
  const row = listingOf(world, sku)
  if (!row) return
  if (stock) {
    setQuantity(world, sku, stock.quantity, { cause: 'push', ref: submissionId })
    if (!stock.keepsLead) world.store.run('update listing set lead_days = null where sku = ?', sku)
  }
  const before = offersOf(world, sku)
  for (const offer of offers) {
    const sale = offer.discounted_price?.[0]?.schedule[0]
    const regular = offer.our_price[0]?.schedule[0]?.value_with_tax ?? 0
    const shown = {
      marketplace: offer.marketplace_id,
      regular: amount(String(regular), offer.currency),
      sale: sale ? amount(String(sale.value_with_tax), offer.currency) : null,
      from: sale?.start_at ? new Date(sale.start_at).toISOString() : null,
      to: sale?.end_at ? new Date(sale.end_at).toISOString() : null,
    }
    const was = before.find(one => one.marketplace === offer.marketplace_id)?.regular ?? null
    world.store.run(
      'insert or replace into offer values (?, ?, ?, ?, ?, ?, ?)',
      sku,
      shown.marketplace,
      shown.regular,
      shown.sale,
      shown.from,
      shown.to,
      lateMs,
    )
    const { marketplace, ...period } = shown
    recordPrice(world.store, { sku, ref: submissionId, data: { ...shown, before: was } }, { channelRef: marketplace, ...period, lateMs })
  }
  world.store.run('update listing set updated_ms = ? where sku = ?', world.options.now().getTime(), sku)
}

/** Somebody edits the listing in Seller Central. */
export function edit(world: World, { sku, quantity, prices }: SandboxEdit): void {
  const { store, options } = world
  if (!listingOf(world, sku)) throw new Error(`there is no listing ${sku}`)
  if (quantity !== undefined) setQuantity(world, sku, quantity, { cause: 'edited', ref: sku })
  for (const [channelRef, regular] of Object.entries(prices ?? {})) {
    store.run('insert or replace into offer values (?, ?, ?, null, null, null, 0)', sku, channelRef, regular)
    recordPrice(store, { sku, data: { regular } }, { channelRef, regular, sale: null, from: null, to: null, lateMs: 0 })
  }
  store.run('update listing set updated_ms = ? where sku = ?', options.now().getTime(), sku)
}
