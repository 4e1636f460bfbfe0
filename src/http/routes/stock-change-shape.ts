import { z } from '@hono/zod-openapi'
import { Code, Currency, Instant, LocationCode, Money, Sku, SomeUnits, text, Units, UnitsDelta } from '../shapes.ts'
import { LotCode } from './count-shape.ts'

/** What was done and asks for an eye. */
export const Warnings = z
  .array(z.object({ code: z.literal('expired'), sku: z.string(), location: z.string(), lot: z.string(), expiredAt: z.string() }))
  .openapi({
    description:
      'Left out where there are none. `expired`: units came in a lot whose time is over already; they are on hand, and are not sold.',
  })

export const Changed = z
  .object({
    lines: z.array(
      z.object({
        sku: z.string(),
        location: z.string(),
        onHand: z.int(),
        reserved: z.int(),
        unavailable: z.int(),
        safetyStock: z.int(),
        available: z.int(),
      }),
    ),
    replayed: z.boolean().openapi({ description: 'True when this key was answered before: nothing was done again.' }),
    warnings: Warnings.optional(),
  })
  .openapi('StockChanged')

// One statement must hold its locks for less than 50 ms; a file goes through the import.
const LINES_MOST = 500

const words = { reason: text(200).optional().openapi({ description: 'In your own words.' }) }
const why = {
  ...words,
  reasonCode: Code.optional().openapi({
    example: 'damaged',
    description: 'A reason of the list that is on for this: GET /v1/stock/reasons.',
  }),
}
const lot = { lot: LotCode.optional() }
const arriving = { ...lot, expiresAt: Instant.optional().openapi({ description: 'When a lot that is new expires.' }) }
const priced = {
  unitCost: Money.optional().openapi({ description: 'What one unit cost; goes into the weighted average of the SKU.' }),
  currency: Currency.optional(),
}

/** Lines that all do the same thing. */
const bodyOf = <Line extends z.ZodType>(line: Line) =>
  z.strictObject({
    lines: z.array(line).min(1).max(LINES_MOST),
    occurredAt: Instant.optional().openapi({ description: 'When it happened; now when absent. Never in the future.' }),
  })

const lineOf = <More extends z.ZodRawShape>(quantity: z.ZodType<number>, more: More) =>
  z.strictObject({ sku: Sku, location: LocationCode, quantity, ...more })

const isPriced = (line: { readonly unitCost?: unknown; readonly currency?: unknown }): boolean =>
  (line.unitCost === undefined) === (line.currency === undefined)

export const ReceiveIn = bodyOf(
  lineOf(SomeUnits, { ...words, ...arriving, ...priced }).refine(isPriced, {
    path: ['unitCost'],
    message: 'unitCost and currency go together',
  }),
)
export const AdjustIn = bodyOf(lineOf(UnitsDelta, { ...why, ...lot }))
export const DamageIn = bodyOf(lineOf(SomeUnits, { ...why, ...lot }))
export const ReturnIn = bodyOf(
  lineOf(SomeUnits, {
    ...why,
    ...arriving,
    to: z.enum(['stock', 'unavailable']).optional().openapi({ description: 'Back for sale (unless told), or aside: unavailable.' }),
  }),
)
export const CountedIn = bodyOf(lineOf(Units, why))
// It holds from now on: nobody says when it happened.
export const SafetyIn = bodyOf(lineOf(Units, words)).omit({ occurredAt: true })

export const SaleIn = z.strictObject({
  till: text(60).openapi({ example: 'berlin-1' }),
  receipt: text(100).openapi({ example: '2026-11-22/0147' }),
  location: LocationCode,
  lines: z
    .array(
      z.strictObject({
        sku: Sku,
        quantity: UnitsDelta.openapi({
          description: 'Units that were sold; below 0, units that came back at the till and are for sale again.',
          example: 2,
        }),
        ...lot,
      }),
    )
    .min(1)
    .max(LINES_MOST),
  occurredAt: Instant.optional(),
})
