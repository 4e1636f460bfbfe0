import { createRoute, z } from '@hono/zod-openapi'
import { type ListingShown, listListings } from '../../../db/reads.ts'
import { matchListing } from '../../usecases/match.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { valueShown } from '../money-shown.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Id, leaving, Sku } from '../shapes.ts'

const Value = z.record(z.string(), z.unknown()).nullable()

const ListingOut = z
  .object({
    id: z.int(),
    channel: z.string(),
    externalId: z.string(),
    externalSku: z.string(),
    gtin: z.string().nullable(),
    title: z.string(),
    state: z.string(),
    sku: z.string().nullable().openapi({ description: 'Our SKU; null while nobody has said which it is.' }),
    matchedBy: z.string().nullable(),
    shownQuantity: z.int().nullable(),
    shownPrice: Value,
    observedAt: z.string(),
  })
  .openapi('Listing')

const list = createRoute({
  method: 'get',
  path: '/v1/listings',
  tags: ['Listings'],
  summary: 'Our SKUs as the channels know them',
  request: {
    query: z.strictObject({
      ...PAGE,
      channel: Code.optional(),
      sku: Sku.optional(),
      matched: z.stringbool().optional().openapi({ description: '`false`: those that are matched to no SKU.', type: 'boolean' }),
      state: z.enum(['active', 'inactive', 'gone']).optional(),
    }),
  },
  responses: answers(pageOf(ListingOut), 'Listings in the order in which they were first seen.'),
})

const match = createRoute({
  method: 'post',
  path: '/v1/listings/{id}/match',
  tags: ['Listings'],
  summary: 'Say by hand which SKU a listing is',
  request: {
    params: z.object({ id: Id }),
    headers: WriteHeaders,
    body: json(z.strictObject({ sku: Sku.nullable().openapi({ description: 'Null: it is none of ours.' }) })),
  },
  responses: answers(
    z.object({ id: z.int(), sku: z.string().nullable() }),
    'Matched; what was to be shown for another SKU never goes out.',
  ),
})

/** Listings and their matching. */
export function listingRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listListings(deps.sql, filter, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], shown),
      200,
    )
  })

  app.openapi(match, async c => {
    const { id } = c.req.valid('param')
    const { sku } = c.req.valid('json')
    tellToken(c, await matchListing(contextOf(deps, c), id, sku, keyOf(c.req.valid('header'))))
    return c.json({ id, sku }, 200)
  })

  return app
}

const shown = (row: ListingShown): z.infer<typeof ListingOut> => ({ ...leaving(row), shownPrice: valueShown(row.shownPrice) })
