import { z } from '@hono/zod-openapi'
import { Instant, LocationCode, Sku, SomeUnits, text } from '../shapes.ts'
import { Aside, HistoryOut, LINES_MOST } from './delivery-shape.ts'
import { Warnings } from './stock-change-shape.ts'

export const TransferIn = z.strictObject({
  reference: text(100)
    .optional()
    .openapi({ description: 'Your number of it, or one of ours; no two transfers have the same.', example: 'T-17' }),
  from: LocationCode,
  to: LocationCode,
  expectedAt: Instant.optional(),
  note: text(500).optional(),
  lines: z
    .array(z.strictObject({ sku: Sku, quantity: SomeUnits }))
    .min(1)
    .max(LINES_MOST),
})

const MovedLines = z
  .array(z.strictObject({ sku: Sku, quantity: SomeUnits, lot: Aside.lot }))
  .min(1)
  .max(LINES_MOST)
  .optional()

export const SendIn = z.strictObject({
  lines: MovedLines.openapi({
    description: 'Everything that was not sent yet when absent. Lots that are not named leave first expired, first out.',
  }),
  expectedAt: Instant.optional(),
})

export const ArriveIn = z.strictObject({
  lines: z
    .array(z.strictObject({ sku: Sku, quantity: SomeUnits, ...Aside }))
    .min(1)
    .max(LINES_MOST)
    .optional()
    .openapi({ description: 'Everything that is under way when absent. A SKU may stand in several lines.' }),
  occurredAt: Instant.optional().openapi({ description: 'When it arrived; now when absent. Never in the future.' }),
})

export const ResolveIn = z.discriminatedUnion('as', [
  z.strictObject({
    as: z.literal('lost'),
    reasonCode: text(40).openapi({ description: 'From the list of reasons.', example: 'missing' }),
    lines: MovedLines.openapi({ description: 'Everything that is under way when absent.' }),
  }),
  z.strictObject({ as: z.literal('coming'), expectedAt: Instant }),
])

const numbers = { asked: z.int(), cancelled: z.int(), sent: z.int(), received: z.int(), lost: z.int() }

export const TransferOut = z
  .object({
    id: z.int(),
    reference: z.string(),
    from: z.string(),
    to: z.string(),
    state: z.enum(['requested', 'sent', 'received', 'cancelled']),
    expectedAt: z.string().nullable(),
    late: z.boolean().openapi({ description: 'Something is under way, and expectedAt has passed.' }),
    lines: z.int(),
    ...numbers,
    underWay: z.int().openapi({ description: 'Units that left and have neither arrived nor been given up.' }),
    canNow: z.array(z.enum(['send', 'receive', 'lose', 'postpone', 'cancel'])).openapi({ description: 'What can be done with it now.' }),
    note: z.string().nullable(),
    actor: z.string(),
    createdAt: z.string(),
    sentAt: z.string().nullable(),
    endedAt: z.string().nullable(),
  })
  .openapi('Transfer')

export const TransferWithLines = TransferOut.omit({ lines: true })
  .extend({
    lines: z.array(
      z.object({
        sku: z.string(),
        title: z.string(),
        ...numbers,
        underWay: z.int(),
        lots: z.array(z.object({ code: z.string(), expiresAt: z.string().nullable(), sent: z.int(), underWay: z.int() })),
      }),
    ),
    history: HistoryOut.openapi({ description: 'Its movements, the oldest first; at most 1000.' }),
    warnings: Warnings.optional(),
  })
  .openapi('TransferWithLines')
