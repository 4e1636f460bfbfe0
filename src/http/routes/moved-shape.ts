import { z } from '@hono/zod-openapi'
import type { WithMoved } from '../../usecases/moved-prices.ts'
import { valueShown } from '../money-shown.ts'

const Document = z.record(z.string(), z.unknown()).nullable()

const MovedOut = z
  .object({
    channel: z.string(),
    listings: z.int(),
    moved: z.int().openapi({ description: 'Prices that move.' }),
    guarded: z.int().openapi({ description: 'Of them, those that the guard will hold.' }),
    held: z.int().openapi({
      description: 'Prices that may not be shown any more: an exchange or tax rate of a limit is missing, or floor and ceiling leave none.',
    }),
    examples: z.array(
      z.object({
        sku: z.string(),
        before: Document,
        after: Document,
        words: z.string().nullable().openapi({ description: 'Why it is held, and the next step.' }),
      }),
    ),
  })
  .openapi('PricesMoved')

/** What a command does to the prices of each channel. */
export const ChannelsMoved = z
  .array(MovedOut)
  .nullable()
  .openapi({ description: 'Null where it speaks of more prices than can be looked through.' })

/** The same of an answer. */
export const channelsMoved = (channels: WithMoved['channels']): z.infer<typeof ChannelsMoved> =>
  channels?.map(({ examples, ...rest }) => ({
    ...rest,
    examples: examples.map(({ sku, before, after, words = null }) => ({
      sku,
      before: valueShown(before),
      after: valueShown(after),
      words,
    })),
  })) ?? null
