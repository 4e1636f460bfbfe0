import { z } from '@hono/zod-openapi'
import { Currency, Instant, Money, Sku, SomeUnits, text } from '../shapes.ts'
import { Warnings } from './stock-change-shape.ts'

// One statement must hold its locks for less than 50 ms.
export const LINES_MOST = 500

const cost = {
  unitCost: Money.optional().openapi({ description: 'What one unit costs; with its currency. Receipts keep the weighted average of it.' }),
  currency: Currency.optional(),
}

const hasBoth = (line: { unitCost?: string | undefined; currency?: string | undefined }) =>
  (line.unitCost === undefined) === (line.currency === undefined)
const BOTH = { message: 'unitCost and currency go together' }

export const OrderedLines = z
  .array(z.strictObject({ sku: Sku, quantity: SomeUnits, ...cost }).refine(hasBoth, BOTH))
  .min(1)
  .max(LINES_MOST)

/** What goods that come may say of themselves, beside how many they are. */
export const Aside = {
  lot: text(100).optional().openapi({ description: 'For SKUs that are told apart by lot; without it the lot of no name.' }),
  to: z.literal('unavailable').optional().openapi({ description: 'Put aside at once: on hand, but not for sale.' }),
  reasonCode: text(40).optional().openapi({ description: 'Why it is put aside, from the list of reasons.', example: 'damaged' }),
}

export const ReceivedLines = z
  .array(
    z
      .strictObject({
        sku: Sku,
        quantity: SomeUnits,
        ...cost,
        ...Aside,
        expiresAt: Instant.optional().openapi({ description: 'From this instant on the lot is unavailable.' }),
      })
      .refine(hasBoth, BOTH)
      .refine(line => line.expiresAt === undefined || line.lot !== undefined, { message: 'expiresAt needs the lot that it belongs to' }),
  )
  .min(1)
  .max(LINES_MOST)

/** What happened under a delivery or a transfer. */
export const HistoryOut = z.array(
  z.object({
    sku: z.string(),
    location: z.string(),
    kind: z.string(),
    onHand: z.int(),
    unavailable: z.int(),
    incoming: z.int(),
    lot: z.string().nullable(),
    reasonCode: z.string().nullable(),
    actor: z.string(),
    occurredAt: z.string(),
  }),
)

export const DeliveryOut = z
  .object({
    id: z.int(),
    reference: z.string(),
    supplier: z.string().nullable(),
    location: z.string(),
    expectedAt: z.string(),
    state: z.enum(['open', 'received', 'cancelled']),
    late: z.boolean().openapi({ description: 'Open, and expectedAt has passed.' }),
    lines: z.int(),
    ordered: z.int(),
    received: z.int(),
    cancelled: z.int(),
    rest: z.int().openapi({ description: 'Units that are still to come.' }),
    note: z.string().nullable(),
    actor: z.string(),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
  })
  .openapi('Delivery')

export const DeliveryWithLines = DeliveryOut.omit({ lines: true })
  .extend({
    lines: z.array(
      z.object({
        sku: z.string(),
        title: z.string(),
        ordered: z.int(),
        received: z.int(),
        cancelled: z.int(),
        rest: z.int(),
        unitCost: z.string().nullable(),
        currency: z.string().nullable(),
      }),
    ),
    history: HistoryOut.openapi({ description: 'Its movements, the oldest first; at most 1000.' }),
    warnings: Warnings.optional(),
  })
  .openapi('DeliveryWithLines')
