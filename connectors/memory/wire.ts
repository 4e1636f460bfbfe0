import { z } from 'zod'

/** The shapes of the reference platform: our own words as they are, so that the connector shows the contract and nothing else. */
const person = z.looseObject({ name: z.string().optional(), email: z.string().optional() })

export const wirePrice = z.object({
  currency: z.string(),
  regular: z.string(),
  sale: z
    .object({
      amount: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      // What the sale is measured by; shown beside it.
      reference: z.string().nullable().optional(),
    })
    .nullable(),
})

export const wireListing = z.object({
  channelRef: z.string(),
  externalId: z.string(),
  externalParentId: z.string().nullable(),
  externalSku: z.string(),
  productType: z.string().nullable(),
  title: z.string(),
  gtin: z.string().nullable(),
  state: z.enum(['active', 'inactive']),
  quantity: z.int().nullable(),
  price: wirePrice,
})

const charge = z.object({ price: z.int(), discount: z.int(), tax: z.int(), total: z.int() })
const amounts = z.object({
  ...{ digits: z.int(), taxIncluded: z.boolean(), lines: z.record(z.string(), charge), shipping: charge, fees: charge },
  ...{ discount: z.int(), total: z.int() },
})

export const wireOrder = z.object({
  externalId: z.string(),
  number: z.string(),
  channelRef: z.string(),
  stamp: z.iso.datetime(),
  placedAt: z.iso.datetime(),
  shipBy: z.iso.datetime().nullable(),
  effect: z.enum(['ignore', 'reserve', 'settle', 'cancel', 'foreign']),
  platformState: z.string(),
  currency: z.string(),
  total: z.string().nullable(),
  amounts: amounts.optional(),
  person: person.nullable(),
  lines: z.array(
    z.object({
      externalLineId: z.string(),
      listingRef: z.string().nullable(),
      sku: z.string(),
      title: z.string(),
      ordered: z.int(),
      cancelled: z.int(),
      shipped: z.int(),
      returned: z.int(),
      unitPrice: z.string().nullable(),
    }),
  ),
  acts: z.array(z.string()),
  refundedCents: z.int(),
})

export const wireListings = z.object({ listings: z.array(wireListing), next: z.int().nullable() })
export const wireOrders = z.object({ orders: z.array(wireOrder), next: z.string().nullable() })
export const wireVerdicts = z.object({ verdicts: z.array(z.object({ refused: z.string().nullable() })) })
export const wireAct = z.object({ refused: z.string().nullable() })
export const wireMessages = z.object({
  messages: z.array(z.object({ id: z.string(), receipt: z.string(), topic: z.string(), body: z.string() })),
})
export const wireMessage = z.object({ externalId: z.string() })
export const wireDocument = z.object({ document: z.string() })
export const wireFeed = z.object({ feed: z.string() })
export const wireFeeds = z.object({ feeds: z.array(z.string()) })
export const wireFeedLook = z.object({ status: z.enum(['queued', 'working', 'done', 'cancelled', 'fatal']) })
export const wireNothing = z.object({})

export type WireListing = z.infer<typeof wireListing>
export type WireOrder = z.infer<typeof wireOrder>
