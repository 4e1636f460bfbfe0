import { createRoute, z } from '@hono/zod-openapi'
import { type AvailabilityRow, availability } from '../../../db/stock.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, json, makeApi } from '../api.ts'
import { Code, iso, Sku } from '../shapes.ts'

const Shown = z.object({
  channel: z.string(),
  atp: z.int().openapi({ description: "Available to promise over the channel's locations." }),
  buffer: z.int(),
  cap: z.int().nullable(),
  stopSellingAt: z.int(),
  shown: z.int().openapi({ description: 'What the channel should show: ATP − buffer, capped; 0 at or below stopSellingAt.' }),
})

const Availability = z
  .object({ asOf: z.string(), items: z.array(z.object({ sku: z.string(), channels: z.array(Shown) })) })
  .openapi('Availability')

const SKUS_MOST = 500

const one = createRoute({
  method: 'get',
  path: '/v1/availability/{sku}',
  tags: ['Stock'],
  summary: 'What each channel should show of one SKU',
  request: { params: z.object({ sku: Sku }), query: z.strictObject({ channel: Code.optional() }) },
  responses: answers(Availability, 'Read from the database now, from no cache.'),
})

const many = createRoute({
  method: 'post',
  path: '/v1/availability',
  tags: ['Stock'],
  summary: 'What each channel should show of many SKUs',
  description: 'A read; it is a POST because the list may be long. SKUs that do not exist are left out.',
  request: { body: json(z.strictObject({ skus: z.array(Sku).min(1).max(SKUS_MOST), channels: z.array(Code).min(1).max(100).optional() })) },
  responses: answers(Availability, 'Read from the database now, from no cache.'),
})

/** Availability per channel. */
export function availabilityRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const now = deps.now ?? (() => new Date())

  app.openapi(one, async c => {
    const { sku } = c.req.valid('param')
    const { channel } = c.req.valid('query')
    const asOf = iso(now())
    const items = bySku(await availability(deps.sql, [sku], channel === undefined ? null : [channel]))
    if (items.length === 0) throw new Fault('not_found', `There is no SKU ${sku}, or no such channel.`)
    return c.json({ asOf, items }, 200)
  })

  app.openapi(many, async c => {
    const { skus, channels } = c.req.valid('json')
    const asOf = iso(now())
    return c.json({ asOf, items: bySku(await availability(deps.sql, skus, channels ?? null)) }, 200)
  })

  return app
}

function bySku(rows: readonly AvailabilityRow[]) {
  return [...Map.groupBy(rows, row => row.sku)].map(([sku, of]) => ({ sku, channels: of.map(({ sku: _, ...shown }) => shown) }))
}
