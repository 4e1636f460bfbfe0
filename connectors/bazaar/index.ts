import { z } from 'zod'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { type Charge, chargeOf, inMinor, minorDigits, NO_CHARGE, type OrderAmounts } from '../../src/values/order-amounts.ts'
import {
  AccountTrouble,
  type BulkPage,
  type ChannelAccess,
  type Connector,
  type FieldOutcome,
  type PushItem,
  type PushOutcome,
  type RemoteListing,
  type Session,
  type Tools,
  type Unreadable,
} from '../contract.ts'
import type { Rank } from '../pace.ts'
import { type Call, makeCall } from './client.ts'
import { type WireCharge, type WireGood, type WireOrder, wireGoods, wireOrder, wireOrders, wireVerdicts } from './wire.ts'

const PUSH_MAX = 50
const READ_MAX = 50
const BUCKET = { ratePerS: 10, burst: 20 } as const
const APPLY_MS = 60_000

const settings = z.object({ url: z.url() })
const credentials = z.object({ token: z.string().min(1) })

/** Bazaar: stock and prices of one shop, and its orders by polling. What is not declared here is not offered anywhere, and its cases of the contract are skipped. */
export const bazaar: Connector = {
  platform: 'bazaar',
  title: 'Bazaar',
  settings,
  credentials,
  limits: { call: { kind: 'bucket', ...BUCKET } },
  declares: {
    stockBasis: 'sellable',
    stockPerAccount: true,
    acceptedIsNotApplied: true,
    saleDates: false,
    saleBeside: false,
    referencePrice: false,
    acts: [],
    cancelsParts: false,
    returns: 'none',
    arrival: 'poll',
    pushMax: PUSH_MAX,
    readMax: READ_MAX,
    pushConcurrency: 2,
    pollEveryMs: 30_000,
    pollOverlapMs: 60_000,
    pollBlindMs: 5_000,
    applyWithinMs: APPLY_MS,
    orderStates: { open: 'reserve', cancelled: 'cancel' },
    pushOperation: 'call',
    pushLatencyMs: 100,
    pushBucket: BUCKET,
  },
  open: (account, tools) => {
    const [channel] = account.channels
    if (channel === undefined) throw new Error('an account of Bazaar has one channel: its shop')
    return session(settings.parse(account.settings).url, credentials.parse(account.credentials).token, channel, tools)
  },
}

function session(url: string, token: string, channel: ChannelAccess, tools: Tools): Session {
  const call = makeCall(url, token, tools)
  const page = async (place: string | null, rank: Rank = {}): Promise<BulkPage> => {
    const found = await call('GET', `/goods?after=${encodeURIComponent(place ?? '')}`, wireGoods, { rank })
    return { listings: (found?.goods ?? []).map(good => listingOf(good, channel)), next: found?.next ?? null }
  }
  return {
    test: async () => {
      const refused = await page(null).then(() => null, ifTrouble)
      return {
        ok: refused === null,
        findings: [{ what: 'token', ok: refused === null, words: refused?.message ?? 'the token is accepted' }],
      }
    },
    listings: async function* () {
      let place: string | null = null
      do {
        const part: BulkPage = await page(place)
        yield part.listings
        place = part.next
      } while (place !== null)
    },
    bulk: { page: place => page(place, { spare: true }) },
    readListings: async (keys, rank = {}) => {
      const found = await call('POST', '/goods/read', wireGoods, { body: { skus: keys.map(key => key.externalSku) }, rank })
      return (found?.goods ?? []).map(good => listingOf(good, channel))
    },
    group: items => Array.from({ length: Math.ceil(items.length / PUSH_MAX) }, (_, n) => items.slice(n * PUSH_MAX, (n + 1) * PUSH_MAX)),
    push: items => push(call, items),
    orders: async function* (changedAfter) {
      for (let place: string | null = changedAfter.toISOString(); place !== null; ) {
        const part: z.infer<typeof wireOrders> | null = await call('GET', `/orders?after=${encodeURIComponent(place)}`, wireOrders)
        const read = (part?.orders ?? []).map(order => orderOf(order, channel))
        yield { orders: read.filter(one => 'lines' in one), unreadable: read.filter(one => 'reason' in one) }
        place = part?.next ?? null
      }
    },
    order: async externalId => {
      const found = await call('GET', `/orders/${encodeURIComponent(externalId)}`, z.unknown())
      return found === null ? null : orderOf(found, channel)
    },
    readMessage: topic => ({ kind: 'nothing', why: `Bazaar sends no messages, and so none of ${topic}` }),
    act: async ({ kind }) => ({
      status: 'refused',
      code: 'not_offered',
      words: `Bazaar has no call for "${kind}": do it in Bazaar itself`,
    }),
    actHappened: async () => false,
  }
}

/** All changes in one call; of each it tells whether it was taken, not whether it is live. */
async function push(call: Call, items: readonly PushItem[]): Promise<PushOutcome[]> {
  const changes = items.map(({ listing, stock, prices }) => ({
    sku: listing.externalSku,
    ...(stock ? { quantity: stock.quantity } : {}),
    ...(prices?.[0] ? { price: prices[0].price.regular } : {}),
  }))
  const rank = { first: items.some(item => item.first === true), urgent: items.some(item => item.urgent === true) }
  const answer = await call('POST', '/goods/changes', wireVerdicts, { body: { changes }, writes: true, rank })
  return items.map((item, at) => ofEachField(item, outcomeOf(answer?.verdicts[at])))
}

function outcomeOf(verdict: { readonly error: string | null } | undefined): FieldOutcome {
  if (verdict === undefined) return { status: 'retry', words: 'Bazaar did not answer for this item', afterMs: 1000 }
  return verdict.error === null ? { status: 'accepted', applied: false } : { status: 'rejected', code: 'refused', words: verdict.error }
}

function ofEachField(item: PushItem, outcome: FieldOutcome): PushOutcome {
  return { ...(item.stock ? { stock: outcome } : {}), ...(item.prices ? { prices: item.prices.map(() => outcome) } : {}) }
}

function listingOf({ id, sku, title, parent, gtin, quantity, price, currency }: WireGood, channel: ChannelAccess): RemoteListing {
  const key = { channelRef: channel.ref, externalId: id, externalParentId: parent, externalSku: sku, productType: null }
  return { ...key, title, gtin, state: 'active', quantity, price: { currency, regular: price, sale: null } }
}

function orderOf(raw: unknown, channel: ChannelAccess): ChannelOrder | Unreadable {
  const read = wireOrder.safeParse(raw)
  if (!read.success) {
    const id = z.looseObject({ id: z.string() }).safeParse(raw)
    return { externalId: id.success ? id.data.id : null, reason: z.prettifyError(read.error), raw: JSON.stringify(raw) }
  }
  const { id, state, placedAt, changedAt, currency, total, buyer, lines } = read.data
  return {
    ...{ externalId: id, number: id, channelRef: channel.ref, stamp: changedAt, placedAt },
    ...{ effect: state === 'open' ? 'reserve' : 'cancel', platformState: state, currency, total, amounts: amountsOf(read.data) },
    person: buyer === null ? null : { name: buyer.name, email: buyer.email },
    lines: lines.map(line => ({
      ...{ externalLineId: line.id, listingRef: line.good, sku: line.sku, title: line.title, unitPrice: line.price },
      ...{ ordered: line.quantity, cancelled: state === 'cancelled' ? line.quantity : 0, shipped: 0, returned: 0 },
    })),
  }
}

/** Bazaar states no totals but the order's: those of the parts are reckoned. */
function amountsOf({ currency, total, taxIncluded, shipping, lines }: WireOrder): OrderAmounts {
  const digits = minorDigits(currency)
  const charge = ({ price, discount, tax }: WireCharge): Charge =>
    chargeOf({ price: inMinor(price, digits), discount: inMinor(discount, digits), tax: inMinor(tax, digits) }, taxIncluded)
  const byLine = Object.fromEntries(lines.map(line => [line.id, charge(line.charge)]))
  return { digits, taxIncluded, lines: byLine, shipping: charge(shipping), fees: NO_CHARGE, discount: 0, total: inMinor(total, digits) }
}

function ifTrouble(error: unknown): AccountTrouble {
  if (error instanceof AccountTrouble) return error
  throw error
}
