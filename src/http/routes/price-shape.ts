import { z } from '@hono/zod-openapi'
import { Sku, text } from '../shapes.ts'

export const TaxCategory = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'is no tax category: small letters, digits and hyphens, at most 40')
  .openapi({ example: 'reduced' })

/** Percent as decimal text; may be negative. */
export const Percent = z
  .string()
  .regex(/^-?\d{1,3}(\.\d{1,4})?$/, 'is no percentage: decimal text with at most 4 decimals, like "7.5"')
  .openapi({ example: '7.5' })

/** Kept in the audit beside who did it and when. */
export const Why = text(500).optional().openapi({ description: 'Kept in the audit.' })

/** One SKU, or several by repeating the parameter. */
export const Skus = (most: number) =>
  z
    .preprocess(value => (typeof value === 'string' ? [value] : value), z.array(Sku).min(1).max(most))
    .openapi({ type: 'array', items: { type: 'string' }, description: `Repeated for several, at most ${most}.` })

/** A list that comes whole. */
export const Many = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item) })

export const Changed = z.object({ changed: z.int(), replayed: z.boolean() })
