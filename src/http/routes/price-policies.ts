import { createRoute, z } from '@hono/zod-openapi'
import type { PricePolicyRow } from '../../../db/price-policies.ts'
import { readTaxCategories } from '../../../db/price-policies.ts'
import { listPricePolicies, setPricePolicy, setTaxCategories, showPricePolicy } from '../../usecases/price-policies.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { Code, leaving, Sku } from '../shapes.ts'
import { ChannelsMoved, channelsMoved } from './moved-shape.ts'
import { Changed, Many, Percent, Skus, TaxCategory, Why } from './price-shape.ts'

const Decimal = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, 'is no number: decimal text')

const RoundingOut = z.object({
  kind: z.enum(['none', 'digits', 'ending']),
  step: z.string().nullable(),
  ending: z.string().nullable(),
  direction: z.enum(['nearest', 'up', 'down']).nullable(),
})

const PolicyOut = z
  .object({
    channel: z.string(),
    currency: z.string(),
    taxIncluded: z.boolean().openapi({ description: 'Whether the channel shows prices with tax.' }),
    region: z.string().nullable().openapi({ description: 'Where its prices are taxed; null: nobody has said.' }),
    rounding: RoundingOut,
    exchangeMargin: z.string().openapi({ description: 'Percent added to each converted price.' }),
    since: z.string().nullable().openapi({ description: 'Null: nobody has set it; these are the defaults.' }),
    actor: z.string().nullable(),
  })
  .openapi('PricePolicy')

const PolicyIn = z.strictObject({
  region: Code.nullable().optional(),
  rounding: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none').openapi({ description: 'Up to six decimals.' }) }),
      z.strictObject({ kind: z.literal('digits').openapi({ description: "The currency's digits." }) }),
      z.strictObject({
        kind: z.literal('ending'),
        step: Decimal.openapi({ example: '1' }),
        ending: Decimal.openapi({ example: '0.99' }),
        direction: z.enum(['nearest', 'up', 'down']).optional(),
      }),
    ])
    .optional()
    .openapi({
      description:
        'Of prices that are reckoned, those of partners too: it belongs to the channel, and comes after rule, exchange and tax for every buyer. What a person typed in its currency and tax display stays as it is.',
    }),
  exchangeMargin: Percent.optional(),
  why: Why,
})

const policyList = createRoute({
  method: 'get',
  path: '/v1/price-policies',
  tags: ['Prices'],
  summary: 'How each channel states prices',
  responses: answers(Many(PolicyOut), 'All channels, by their code.'),
})

const policyGet = createRoute({
  method: 'get',
  path: '/v1/channels/{code}/price-policy',
  tags: ['Prices'],
  summary: 'How a channel states prices',
  request: { params: z.object({ code: Code }) },
  responses: answers(PolicyOut, 'Region, rounding and margin on exchange.'),
})

const policySet = createRoute({
  method: 'patch',
  path: '/v1/channels/{code}/price-policy',
  tags: ['Prices'],
  summary: "Set a channel's region, rounding or margin on exchange",
  description:
    'What is not sent stays. Prices end on multiples of `step` plus `ending`: 0.99 in steps of 1; 0 in steps of 0.05 for Swiss francs; 0 in steps of 1 for whole yen. All prices of the channel are reckoned anew.',
  request: { params: z.object({ code: Code }), headers: WriteHeaders, body: json(PolicyIn) },
  responses: answers(
    PolicyOut.extend({ changed: z.boolean(), channels: ChannelsMoved }),
    'The policy after it, and the prices that move by it.',
  ),
})

const CategoryOut = z.object({ sku: z.string(), category: z.string() }).openapi('TaxCategory')

const categoryGet = createRoute({
  method: 'get',
  path: '/v1/tax-categories',
  tags: ['Prices'],
  summary: 'How goods are taxed',
  request: { query: z.strictObject({ sku: Skus(500) }) },
  responses: answers(Many(CategoryOut), 'By SKU; 404 when one of them is not known.'),
})

const categorySet = createRoute({
  method: 'post',
  path: '/v1/tax-categories',
  tags: ['Prices'],
  summary: 'Say how goods are taxed, all or none',
  request: {
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        lines: z
          .array(z.strictObject({ sku: Sku, category: TaxCategory }))
          .min(1)
          .max(500),
        why: Why,
      }),
    ),
  },
  responses: answers(Changed, 'How many SKUs are taxed otherwise now.'),
})

/** How channels state prices, and how goods are taxed. */
export function pricePolicyRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(policyList, async c => c.json({ items: (await listPricePolicies(contextOf(deps, c))).map(shown) }, 200))

  app.openapi(policyGet, async c => c.json(shown(await showPricePolicy(contextOf(deps, c), c.req.valid('param').code)), 200))

  app.openapi(policySet, async c => {
    const { code } = c.req.valid('param')
    const { changed, channels, ...policy } = await setPricePolicy(
      contextOf(deps, c),
      keyOf(c.req.valid('header')),
      code,
      c.req.valid('json'),
    )
    return c.json({ ...shown(policy), changed, channels: channelsMoved(channels) }, 200)
  })

  app.openapi(categoryGet, async c => {
    const { sku } = c.req.valid('query')
    const items = await readTaxCategories(deps.sql, sku)
    const missing = sku.find(one => !items.some(item => item.sku === one))
    if (missing !== undefined) throw new Fault('not_found', `There is no SKU ${missing}.`, { field: 'sku', value: missing })
    return c.json({ items: items.map(item => ({ ...item })) }, 200)
  })

  app.openapi(categorySet, async c => {
    const { lines, why } = c.req.valid('json')
    return c.json(await setTaxCategories(contextOf(deps, c), keyOf(c.req.valid('header')), lines, why), 200)
  })

  return app
}

const shown = (row: PricePolicyRow): z.infer<typeof PolicyOut> => ({ ...leaving(row), rounding: { ...row.rounding } })
