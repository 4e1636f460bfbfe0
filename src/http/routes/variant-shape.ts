import { z } from '@hono/zod-openapi'
import type { VariantRow } from '../../../db/catalog.ts'
import { HAZARDS } from '../../values/hazard.ts'
import { unitPrice } from '../../values/money.ts'
import { Currency, leaving, Money, Sku, text } from '../shapes.ts'

const stated = {
  title: text(500).optional(),
  gtin: text(40)
    .nullable()
    .optional()
    .openapi({ description: 'GTIN-8, -12, -13 or -14 as printed; its check digit is checked.', example: '4006381333931' }),
  options: z.record(text(100), text(200)).optional(),
  cost: Money.nullable().optional(),
  costCurrency: Currency.nullable().optional(),
  weightGrams: z.int().min(0).max(100_000_000).nullable().optional(),
  hazard: z.enum(HAZARDS).nullable().optional().openapi({
    description:
      'Its class of dangerous goods by the UN Model Regulations, such as 3 or 9; routing keeps it from locations that may not ship it or hand it over.',
  }),
  status: z.enum(['active', 'archived']).optional(),
}

type Costed = { cost?: string | null | undefined; costCurrency?: string | null | undefined }
const hasBoth = (v: Costed) => (v.cost == null) === (v.costCurrency == null)
const bothWords = { path: ['costCurrency'], message: 'a cost needs its currency, and a currency its cost' }

export const VariantIn = z
  .strictObject({ sku: Sku, ...stated })
  .refine(hasBoth, bothWords)
  .openapi('NewVariant')

export const VariantPatch = z
  .strictObject({
    version: z.int().min(1).optional().openapi({ description: 'The version that you have seen; 409 `stale` when it is no longer so.' }),
    ...stated,
  })
  .refine(hasBoth, bothWords)

export const VariantOut = z
  .object({
    id: z.int(),
    sku: z.string(),
    product: z.string(),
    title: z.string(),
    gtin: z.string().nullable().openapi({ description: 'With 14 digits.' }),
    gtinGiven: z.string().nullable(),
    options: z.record(z.string(), z.string()),
    cost: z.string().nullable(),
    costCurrency: z.string().nullable(),
    weightGrams: z.int().nullable(),
    hazard: z.string().nullable(),
    status: z.enum(['active', 'archived']),
    version: z.int(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi('Variant')

/** A variant as it leaves: its cost with at least the digits of its currency. */
export function showVariant(row: VariantRow): z.infer<typeof VariantOut> {
  const { options, ...rest } = leaving(row)
  const cost = row.cost !== null && row.costCurrency !== null ? unitPrice(row.cost, row.costCurrency) : row.cost
  return { ...rest, options: { ...options }, cost }
}
