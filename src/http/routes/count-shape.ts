import { z } from '@hono/zod-openapi'
import { pageOf } from '../paging.ts'
import { Code, Instant, LocationCode, Sku, text, Units, UnitsDelta } from '../shapes.ts'

const LINES_MOST = 500

/** The code of a lot: what is printed on the box. Empty: the lot of no name. */
export const LotCode = z.union([z.literal(''), text(60)]).openapi({ example: 'L2026-11', description: 'The lot; empty: of no name.' })

export const CountState = z.enum(['open', 'review', 'approved', 'cancelled'])

export const CountOut = z
  .object({
    id: z.int(),
    location: z.string(),
    scope: z.enum(['location', 'skus']),
    state: CountState,
    note: z.string().nullable(),
    lines: z.int(),
    counted: z.int().openapi({ description: 'Lines that were counted so far.' }),
    actor: z.string().openapi({ description: 'Who started it.' }),
    createdAt: z.string(),
    submittedAt: z.string().nullable(),
    submittedBy: z.string().nullable(),
    endedAt: z.string().nullable(),
    endedBy: z.string().nullable(),
  })
  .openapi('Count')

export const CountIn = z.strictObject({
  location: LocationCode,
  skus: z
    .array(Sku)
    .min(1)
    .max(LINES_MOST)
    .optional()
    .openapi({ description: 'Only these; without them everything that lies there by the books. Others may be entered all the same.' }),
  note: text(200).optional(),
})

const entry = {
  sku: Sku,
  lot: LotCode.optional(),
  countedAt: Instant.optional().openapi({ description: 'When somebody looked; now when absent.' }),
}

export const EntriesIn = z.strictObject({
  entries: z
    .array(
      z.union([
        z.strictObject({ ...entry, counted: Units.openapi({ description: 'What is there; replaces what was entered before.' }) }),
        z.strictObject({ ...entry, add: UnitsDelta.openapi({ description: 'So many more than were entered so far: a scanner sends 1.' }) }),
      ]),
    )
    .min(1)
    .max(LINES_MOST),
})

export const EnteredOut = z
  .object({
    lines: z.array(z.object({ sku: z.string(), lot: z.string().nullable(), counted: z.int(), countedAt: z.string() })),
    replayed: z.boolean(),
  })
  .openapi('CountEntered')

const line = {
  sku: z.string(),
  title: z.string(),
  lot: z.string().nullable(),
  counted: z.int().nullable().openapi({ description: 'Null: not counted yet.' }),
  countedAt: z.string().nullable(),
  countedBy: z.string().nullable(),
}

export const LinesOut = pageOf(z.object(line))

export const ReviewOut = z
  .object({
    totals: z.object({
      lines: z.int(),
      uncounted: z.int(),
      differing: z.int(),
      found: z.int().openapi({ description: 'Units more than the books say.' }),
      missing: z.int().openapi({ description: 'Units fewer.' }),
      withoutCost: z.int().openapi({ description: 'Lines that differ and of which no cost is known.' }),
      values: z.array(z.object({ currency: z.string(), value: z.string() })),
    }),
    items: z.array(
      z.object({
        ...line,
        book: z.int().openapi({ description: 'On hand by the books at the instant of counting, by what is known of it now.' }),
        difference: z.int().nullable(),
        value: z.string().nullable().openapi({ description: 'What the difference is worth; null where no cost is known.' }),
        currency: z.string().nullable(),
        decision: z.enum(['approved', 'rejected']).nullable(),
        posted: z.int().nullable(),
        reasonCode: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  })
  .openapi('CountReview')

const named = { sku: Sku, lot: LotCode.optional() }

export const RecountIn = z.strictObject({ lines: z.array(z.strictObject(named)).min(1).max(LINES_MOST) })

export const DecideIn = z.strictObject({
  lines: z
    .array(z.strictObject({ ...named, reasonCode: Code.optional() }))
    .min(1)
    .max(LINES_MOST)
    .optional()
    .openapi({ description: 'Only these; without them all that is left, and the count ends.' }),
  reasonCode: Code.optional().openapi({
    example: 'miscount',
    description: 'Of the list of reasons, for lines without their own; needed where an approved line differs.',
  }),
  uncounted: z
    .enum(['leave', 'zero'])
    .optional()
    .openapi({ description: 'What nobody counted is left alone (unless told), or taken to be gone: zero.' }),
})

export const DecidedOut = z
  .object({
    id: z.int(),
    state: CountState,
    approved: z.int(),
    rejected: z.int(),
    found: z.int(),
    missing: z.int(),
    replayed: z.boolean(),
  })
  .openapi('CountDecided')
