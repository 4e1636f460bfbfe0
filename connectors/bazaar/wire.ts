import { z } from 'zod'

// What Bazaar answers, as far as it is read: loose on what we do not use, strict on what we do.

export const wireGood = z.looseObject({
  id: z.string(),
  sku: z.string(),
  title: z.string(),
  parent: z.string().nullable(),
  gtin: z.string().nullable(),
  quantity: z.int(),
  price: z.string(),
  currency: z.string(),
})

export const wireGoods = z.looseObject({ goods: z.array(wireGood), next: z.string().nullable() })

/** What one thing costs. Taxes come on top unless the order says otherwise. */
const wireCharge = z.looseObject({ price: z.string(), discount: z.string(), tax: z.string() })

/** One verdict for each change, in their order. */
export const wireVerdicts = z.looseObject({ verdicts: z.array(z.looseObject({ error: z.string().nullable() })) })

export const wireOrder = z.looseObject({
  id: z.string(),
  state: z.enum(['open', 'cancelled']),
  placedAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  currency: z.string(),
  total: z.string(),
  taxIncluded: z.boolean(),
  shipping: wireCharge,
  buyer: z.looseObject({ name: z.string(), email: z.string() }).nullable(),
  lines: z.array(
    z.looseObject({
      id: z.string(),
      good: z.string(),
      sku: z.string(),
      title: z.string(),
      quantity: z.int().positive(),
      price: z.string(),
      /** Of all its units. */
      charge: wireCharge,
    }),
  ),
})

/** Orders are read one by one, so that one that cannot be understood does not stop its neighbours. */
export const wireOrders = z.looseObject({ orders: z.array(z.unknown()), next: z.string().nullable() })

export type WireGood = z.infer<typeof wireGood>
export type WireOrder = z.infer<typeof wireOrder>
export type WireCharge = z.infer<typeof wireCharge>
