import { z } from '@hono/zod-openapi'
import type { PriceEffect } from '../../domain/pricing/effect.ts'
import { effectWords } from '../../usecases/price-effect-text.ts'
import { priceShown, valueShown } from '../money-shown.ts'

const Document = z.record(z.string(), z.unknown()).nullable()

/** What a typed price comes to in a channel. */
export const EffectOut = z
  .object({
    line: z.int().openapi({ description: 'The place of the price in the request, from 0.' }),
    sku: z.string(),
    channel: z.string(),
    outcome: z.enum(['goes', 'same', 'held', 'limited', 'no_price', 'off', 'paused', 'not_listed']).openapi({
      description:
        'goes: `shows` goes out. same: the platform shows it already. held: by the guard, or it will be within moments. limited: no price lies between floor and ceiling. no_price: none is left, and the platform goes on showing `now`. off: prices are not published.',
    }),
    shows: Document.openapi({ description: 'What the lists and rules say from now on.' }),
    now: Document.openapi({ description: 'What the platform showed when it was last read, at `readAt`.' }),
    readAt: z.string().nullable(),
    over: z
      .object({
        track: z.enum(['regular', 'sale']),
        list: z.string().nullable(),
        channel: z.string().nullable().openapi({ description: 'Of a typed price: the channel that it is for; null: everyone.' }),
        amount: z.string().nullable(),
        until: z.string().nullable().openapi({ description: 'Null: it has no end.' }),
      })
      .nullable()
      .openapi({ description: 'What goes before the typed price, so that buyers see another; null: nothing does.' }),
    limit: z.enum(['changed', 'dropped']).nullable(),
    incident: z.int().nullable().openapi({ description: 'What holds it; null where one opens within moments.' }),
    decision: z.string().nullable(),
    words: z.string().openapi({ description: 'All of it for a person, with the next step.' }),
  })
  .openapi('PriceEffect')

export function effectOut(effect: PriceEffect): z.infer<typeof EffectOut> {
  const { line, sku, channel, outcome, over, limit = null, incident = null, decision = null, readAt, currency } = effect
  return {
    ...{ line, sku, channel, outcome, limit, incident, decision, readAt, shows: valueShown(effect.shows), now: valueShown(effect.now) },
    over:
      over === undefined
        ? null
        : {
            ...{ track: over.track, list: over.list ?? null, channel: over.channel ?? null, until: over.until ?? null },
            amount: priceShown(over.amount ?? null, currency),
          },
    words: effectWords(effect, at => (typeof at === 'string' ? at : at.toISOString())),
  }
}
