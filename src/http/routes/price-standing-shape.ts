import { z } from '@hono/zod-openapi'
import type { ListingStanding } from '../../domain/pricing/standing.ts'
import { valueShown } from '../money-shown.ts'

const Document = z.record(z.string(), z.unknown()).nullable()

/** How a listing's price stands at its platform. */
export const StandingOut = z
  .object({
    channel: z.string(),
    sku: z.string(),
    externalId: z.string(),
    externalSku: z.string(),
    stands: z.enum(['shown', 'sent', 'under_way', 'held', 'rejected', 'limited', 'refused', 'off', 'paused']).openapi({
      description:
        'shown: read back. sent: taken, not read back yet. held: the guard waits for a person. rejected: a person said no. limited: no price lies between floor and ceiling, or there is none. refused: by the platform. off: prices are not published.',
    }),
    since: z.string().nullable(),
    by: z.string().nullable().openapi({ description: 'Who rejected it.' }),
    incident: z.int().nullable(),
    reason: z.string().nullable(),
    next: z.string().nullable().openapi({ description: 'What a person does next; null where it goes on by itself.' }),
    wanted: Document.openapi({ description: 'What should be shown; of a price that is held back, that one.' }),
    shows: Document.openapi({ description: 'What the platform showed when it was last read: what buyers see.' }),
    readAt: z.string().nullable(),
    sent: Document.openapi({ description: 'What was last sent.' }),
    sentAt: z.string().nullable(),
  })
  .openapi('PriceStanding')

export const standing = (one: ListingStanding): z.infer<typeof StandingOut> => ({
  ...one,
  wanted: valueShown(one.wanted),
  shows: valueShown(one.shows),
  sent: valueShown(one.sent),
})
