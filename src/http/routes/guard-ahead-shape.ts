import { z } from '@hono/zod-openapi'

export const HELD_AHEAD =
  'What the guard would hold when the list begins to show is told as `guard`; it is held then, unless `acceptHeld` is true: then just these values pass, once they are what the list comes to.'

export const AcceptHeld = z
  .boolean()
  .optional()
  .openapi({ description: 'Take what the guard would hold of the list: just these values pass when it begins.' })

const Document = z.record(z.string(), z.unknown())

export const GuardAheadOut = z
  .array(
    z
      .object({
        channel: z.string(),
        at: z.string().openapi({
          description: 'The instant that was judged: when the prices begin to show, or go out ahead with the dates of a sale.',
        }),
        listings: z.int(),
        moved: z.int().openapi({ description: 'Have changed price within the window already.' }),
        allowed: z.int().optional().openapi({ description: 'May change price within the window; left out: as many as like.' }),
        windowMinutes: z.int(),
        held: z.int().openapi({ description: 'Prices that go beyond a limit.' }),
        changed: z.int().openapi({ description: 'Of these, more than may change.' }),
        dropped: z.int().openapi({ description: 'Of these, falls by too much.' }),
        changedPercent: z.string().optional(),
        dropPercent: z.string().optional(),
        accepted: z.boolean().openapi({ description: 'It was taken by `acceptHeld`: just these values pass.' }),
        examples: z.array(z.object({ sku: z.string(), limit: z.enum(['changed', 'dropped']), before: Document, after: Document })),
        words: z.string(),
      })
      .openapi('GuardAhead'),
  )
  .nullable()
  .openapi({
    description:
      'What the guard would hold, channel by channel; none: nothing. Null: the list prices 20,000 SKUs or more, and was not judged ahead.',
  })
