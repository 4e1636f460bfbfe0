import { z } from '@hono/zod-openapi'

export const OrderOut = z
  .object({
    id: z.int(),
    channel: z.string(),
    externalId: z.string(),
    number: z.string(),
    state: z.string(),
    platformState: z.string(),
    currency: z.string(),
    total: z.string().nullable(),
    placedAt: z.string(),
    shipBy: z.string().nullable().openapi({ description: 'By when the platform wants it shipped, where it says so.' }),
    bookedAt: z.string(),
    updatedAt: z.string(),
    short: z.int().openapi({ description: 'Units that nobody has at present.' }),
    exchangeOf: z.int().nullable().openapi({
      description: 'Our number of the order whose goods come back for this one; null where its channel sold it.',
    }),
  })
  .openapi('Order')

const LineOut = z.object({
  id: z.int(),
  externalLineId: z.string(),
  insteadOf: z
    .int()
    .nullable()
    .openapi({ description: 'Our id of the line that was sold, where this is what is handed over instead of units of it.' }),
  matchedSku: z.string().nullable().openapi({ description: 'Our SKU; null while nobody knows which it is.' }),
  sku: z.string().openapi({ description: 'The SKU as the channel knows it.' }),
  title: z.string(),
  unitPrice: z.string().nullable(),
  ordered: z.int().openapi({ description: 'Units that are handed over as this SKU.' }),
  substituted: z
    .int()
    .openapi({ description: 'Further units of what was sold, which are handed over as other SKUs by lines of their own.' }),
  reserved: z.int(),
  short: z.int(),
  shipped: z.int(),
  cancelled: z.int(),
  returned: z.int(),
  shortCause: z.string().nullable(),
})

const Charge = z.object({ price: z.string(), discount: z.string(), tax: z.string(), total: z.string() }).openapi('Charge', {
  description: 'What one thing comes to: `price` less `discount`, with `tax` on top unless it is included, is `total`.',
})

const AmountsOut = z
  .object({
    taxIncluded: z.boolean().openapi({ description: 'Whether `price` and `discount` hold the tax.' }),
    goods: Charge,
    shipping: Charge,
    fees: Charge,
    discount: z.string().openapi({ description: 'Taken off the order as a whole, besides those of goods and shipping.' }),
    tax: z.string().openapi({ description: 'All of its taxes.' }),
    total: z.string(),
    giftCards: z.string().nullable().openapi({ description: 'Of the total; null where the channel does not tell.' }),
    paid: z.string().nullable().openapi({ description: 'Before anything went back; null where the channel does not tell.' }),
    difference: z.string().nullable().openapi({ description: 'The most that any sum is missed by; null where all of it adds up.' }),
    isAmiss: z.boolean().openapi({ description: 'Whether that is more than rounding may leave.' }),
    lines: z.record(z.string(), Charge).openapi({ description: 'By `externalLineId`: for all units that were ordered.' }),
  })
  .openapi('OrderAmounts')

const ActOut = z.object({
  id: z.int(),
  kind: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  actor: z.string(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
})

const HoldOut = z.object({
  id: z.int(),
  kind: z.string(),
  reason: z.string().nullable(),
  byRule: z.boolean(),
  actor: z.string(),
  putAt: z.string(),
  endedAt: z.string().nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
})

const EventOut = z.object({
  id: z.int(),
  groupId: z.int().nullable().openapi({ description: 'Only where it happened to a fulfilment group.' }),
  transition: z.string(),
  fromState: z.string().nullable(),
  toState: z.string().nullable(),
  reason: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()).nullable(),
  actor: z.string(),
  at: z.string(),
})

const GroupOut = z.object({
  id: z.int(),
  location: z.string(),
  method: z.string(),
  state: z.string(),
  readyBy: z.string().nullable(),
  deliverBy: z.string().nullable(),
  collectBy: z.string().nullable().openapi({ description: 'Until when it is kept for its buyer.' }),
  lines: z.array(
    z.object({
      lineId: z.int(),
      assigned: z.int(),
      picked: z.int(),
      done: z.int(),
      released: z.int(),
      toPutBack: z.int().openapi({ description: 'Picked, and no longer to be handed over.' }),
    }),
  ),
})

const ReturnOut = z.object({
  id: z.int(),
  state: z.string(),
  location: z.string().nullable(),
  reason: z.string().nullable(),
  actor: z.string(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  lines: z.array(z.object({ lineId: z.int(), announced: z.int(), toStock: z.int(), unavailable: z.int(), scrapped: z.int() })),
})

const ExchangeOut = z.object({
  returnId: z.int(),
  returnState: z.string(),
  replacementId: z.int(),
  number: z.string(),
  state: z.string().openapi({ description: 'Of the order that goes out.' }),
  waits: z.boolean(),
  returnBy: z.string().nullable(),
  announced: z.int().openapi({ description: 'How many units are to come back.' }),
  came: z.int().openapi({ description: 'How many of them came.' }),
  goesOn: z.int().nullable().openapi({
    description:
      'How many of the units that wait go out for those that came, once `returnBy` is over and the others are cancelled. Null where more than one line comes back or goes out, or no whole units come to it: somebody has to cancel the rest, and let the order go.',
  }),
  difference: z.string().openapi({ description: 'What the buyer is to pay more, or (below 0) is to get back.' }),
  actor: z.string(),
  createdAt: z.string(),
})

const Person = z.object({
  name: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  address: z.record(z.string(), z.string()).optional(),
  language: z.string().optional().openapi({ description: 'The language that the buyer reads, as a tag, where the platform tells it.' }),
  account: z.string().optional().openapi({ description: 'Who the buyer is at the platform, where it tells.' }),
})

export const OrderWithLines = OrderOut.extend({
  lines: z.array(LineOut),
  amounts: AmountsOut.nullable().openapi({
    description: "What it costs, as its channel states it, in the order's currency; null where nobody told.",
  }),
  acts: z.array(ActOut),
  holds: z.array(HoldOut),
  groups: z.array(GroupOut).openapi({ description: 'What is handed over together, from where and how.' }),
  returns: z.array(ReturnOut),
  exchanges: z.array(ExchangeOut).openapi({ description: 'What goes out for goods that come back, with the return of each.' }),
  events: z.array(EventOut).openapi({ description: 'Its life, the oldest first.' }),
  person: Person.nullable().optional().openapi({ description: 'Only with the scope orders:people.' }),
}).openapi('OrderWithLines')

export const Acted = z
  .object({
    actId: z.int(),
    lines: z.array(z.object({ lineId: z.int(), externalLineId: z.string(), quantity: z.int() })),
    replayed: z.boolean(),
  })
  .openapi('OrderActed')
