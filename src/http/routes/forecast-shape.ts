import { z } from '@hono/zod-openapi'

/** What is told of every change that begins or ends at an instant. */
export const LATE =
  'Where a channel cannot show all of it within a second of its instant, by the limits of its platform, it is refused as `late_flip` with the `forecast`, unless `acceptWindow` is true.'

export const AcceptWindow = z
  .boolean()
  .optional()
  .openapi({ description: 'Take the window of the forecast where a channel cannot be within a second of an instant.' })

export const ForecastOut = z
  .object({
    at: z.string().openapi({ description: 'The instant at which prices begin or end.' }),
    channel: z.string(),
    account: z.string(),
    listings: z.int().openapi({ description: 'At most, with everything else that begins or ends then.' }),
    calls: z.int().openapi({ description: 'Of the account, whose channels share its limits.' }),
    firstAt: z.string().openapi({ description: 'When the first is sent and taken by the platform, at the best.' }),
    lastAt: z.string().openapi({ description: 'When the last is.' }),
    isOnTime: z.boolean().openapi({ description: 'All within a second.' }),
    datesSentAhead: z
      .boolean()
      .openapi({ description: 'The dates of sales are sent ahead, and the platform begins and ends them by itself, too.' }),
    showsWithinS: z
      .number()
      .openapi({ description: 'How long after it has taken a value the platform may still show the old one, seconds.' }),
  })
  .openapi('PriceForecast')
