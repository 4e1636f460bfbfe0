import { createRoute, z } from '@hono/zod-openapi'
import { explainPrice } from '../../usecases/explain-price.ts'
import { type PricesResolved, RESOLVE_MOST, resolvePrices } from '../../usecases/resolve-prices.ts'
import { unitPrice } from '../../values/money.ts'
import { type Api, type ApiDeps, answers, contextOf, json, makeApi } from '../api.ts'
import { Code, Instant, Sku } from '../shapes.ts'
import { Skus } from './price-shape.ts'
import { StandingOut, standing } from './price-standing-shape.ts'

const UNITS_MOST = 1_000_000_000

const At = Instant.optional().openapi({
  description: 'Now, where it is absent. A past instant is answered by what was known then, one to come by what is known now.',
})

const ResolvedOut = z
  .object({
    channel: z.string(),
    currency: z.string(),
    taxIncluded: z.boolean(),
    partner: z.string().nullable(),
    quantity: z.int(),
    at: z.string(),
    items: z.array(
      z.object({
        sku: z.string(),
        amount: z.string().nullable().openapi({
          description:
            'What the lists and rules say that one costs; null where there is no price, or it is held for a person. What buyers see stands in `listings`.',
        }),
        regular: z.string().nullable(),
        sale: z.object({ amount: z.string(), from: z.string().nullable(), to: z.string().nullable() }).nullable(),
        held: z
          .string()
          .nullable()
          .openapi({ description: '`floor_above_ceiling`, or `limit_unknown`: the exchange rate of a limit is missing.' }),
        why: z.record(z.string(), z.unknown()).nullable().openapi({
          description:
            'Of `regular` and `sale`: the list or typed price, its entry, what it asked, floor and ceiling. The explanation tells every step.',
        }),
        listings: z.array(StandingOut).nullable().openapi({
          description:
            'What buyers see of each listing now, and what is held back. Null of another instant, for a partner or a quantity: no platform shows that.',
        }),
      }),
    ),
  })
  .openapi('PricesResolved')

const asked = { channel: Code, partner: Code.optional(), at: At }
const about = {
  description: `The one function that every price comes from: the strongest source that has a price wins (partner, tier, channel, group, region, everyone; then priority), is
converted, brought to the channel's tax display, rounded, and last held between floor and ceiling.`,
  responses: answers(ResolvedOut, 'In the order asked; 404 when a SKU, the channel or the partner is not known.'),
}

const one = createRoute({
  method: 'get',
  path: '/v1/prices/resolve',
  tags: ['Prices'],
  summary: 'What a SKU costs by lists and rules, and what buyers see',
  request: {
    query: z.strictObject({ ...asked, sku: Skus(RESOLVE_MOST), quantity: z.coerce.number().int().min(1).max(UNITS_MOST).default(1) }),
  },
  ...about,
})

const many = createRoute({
  method: 'post',
  path: '/v1/prices/resolve',
  tags: ['Prices'],
  summary: 'The same for many SKUs at once',
  request: {
    body: json(
      z.strictObject({ ...asked, skus: z.array(Sku).min(1).max(RESOLVE_MOST), quantity: z.int().min(1).max(UNITS_MOST).default(1) }),
    ),
  },
  ...about,
})

const explanation = {
  description: `For each channel, now or at any instant: the regular price and the sale, each with the source that won (and who wrote it, since when), what it beat, what was
passed over and why, and the steps from what the source asked to what is shown: base, rule, conversion, tax, rounding, floor or ceiling. With it the document that the channel
should show, and what was intended, sent, accepted and read back by then. Of now, \`listings\` tells what buyers see, as the platform showed it when it was last read, and where
that is not it: what is held back by whom since when, and the next step. Of what is to come, \`heldNow\` tells so of the listings whose price the guard holds back now.`,
  request: {
    params: z.object({ sku: Sku }),
    query: z.strictObject({
      channel: Code.optional(),
      partner: Code.optional(),
      quantity: z.coerce.number().int().min(1).max(UNITS_MOST).optional(),
      at: At,
    }),
  },
  responses: answers(z.record(z.string(), z.unknown()), 'The reasons, worked out by the rule itself.'),
}
const summary = 'Why a SKU costs what it costs in each channel'
const explain = createRoute({ method: 'get', path: '/v1/explain/price/{sku}', tags: ['Prices'], summary, ...explanation })
const beside = createRoute({ method: 'get', path: '/v1/prices/{sku}/explain', tags: ['Prices'], summary, ...explanation })

/** One price, and its reasons. */
export function priceResolveRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(one, async c => {
    const { sku, ...rest } = c.req.valid('query')
    return c.json(shown(await resolvePrices(contextOf(deps, c), { ...rest, skus: sku })), 200)
  })

  app.openapi(many, async c => c.json(shown(await resolvePrices(contextOf(deps, c), c.req.valid('json'))), 200))

  const told = (explained: object): Record<string, unknown> => JSON.parse(JSON.stringify(explained))
  app.openapi(explain, async c => c.json(told(await explainPrice(contextOf(deps, c), c.req.valid('param').sku, c.req.valid('query'))), 200))
  app.openapi(beside, async c => c.json(told(await explainPrice(contextOf(deps, c), c.req.valid('param').sku, c.req.valid('query'))), 200))

  return app
}

function shown({ items, ...head }: PricesResolved): z.infer<typeof ResolvedOut> {
  const money = (amount: string): string => unitPrice(amount, head.currency)
  return {
    ...head,
    items: items.map(item => ({
      ...item,
      amount: item.amount && money(item.amount),
      regular: item.regular && money(item.regular),
      sale: item.sale && { ...item.sale, amount: money(item.sale.amount) },
      why: item.why && { ...item.why },
      listings: item.listings?.map(standing) ?? null,
    })),
  }
}
