import { createRoute, z } from '@hono/zod-openapi'
import { type LotRow, lotsExpiringBefore } from '../../../db/lots.ts'
import { listLots, setLotExpiry, trackLots } from '../../usecases/lots.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { PAGE, page, pageOf, readCursor } from '../paging.ts'
import { Instant, LocationCode, leaving, Sku } from '../shapes.ts'
import { LotCode } from './count-shape.ts'

const LotOut = z
  .object({
    sku: z.string(),
    location: z.string(),
    lot: z.string().openapi({ description: 'Empty: units of which nobody noted the lot.' }),
    quantity: z.int().openapi({ description: 'On hand.' }),
    unavailable: z.int(),
    expiresAt: z.string().nullable(),
    expired: z.boolean().openapi({ description: 'Its time is over: none of it is sold.' }),
  })
  .openapi('Lot')

const SkuLotsOut = z.object({ sku: z.string(), tracked: z.boolean(), lots: z.array(LotOut) }).openapi('SkuLots')
const BySku = z.object({ sku: Sku })
const tags = ['Stock']
const DAY_MS = 24 * 3600 * 1000

const ofSku = createRoute({
  ...{ method: 'get', path: '/v1/stock/{sku}/lots', tags, summary: 'The lots of one SKU, by location, first expired first' },
  request: { params: BySku },
  responses: answers(SkuLotsOut, 'Lots that hold units; none where lots are not told apart.'),
})

const track = createRoute({
  ...{ method: 'put', path: '/v1/stock/{sku}/lot-tracking', tags, summary: 'Tell the units of a SKU apart by lot, or no longer' },
  description:
    'On: what is there becomes the lot of no name. Off: lots are forgotten, and what is unavailable stays so. Not while the SKU is being counted.',
  request: { params: BySku, headers: WriteHeaders, body: json(z.strictObject({ on: z.boolean() })) },
  responses: answers(SkuLotsOut, 'The lots after it.'),
})

const set = createRoute({
  ...{ method: 'patch', path: '/v1/stock/{sku}/lots', tags, summary: 'State when a lot expires' },
  description:
    'From that instant on its units are unavailable. Where its time is not over any more, what was put aside for it comes back for sale.',
  request: {
    params: BySku,
    headers: WriteHeaders,
    body: json(
      z.strictObject({ location: LocationCode, lot: LotCode, expiresAt: Instant.nullable().openapi({ description: 'Null: never.' }) }),
    ),
  },
  responses: answers(LotOut, 'The lot after it.'),
})

const expiring = createRoute({
  ...{ method: 'get', path: '/v1/lots/expiring', tags, summary: 'Lots that expire within some days, or have expired' },
  request: {
    query: z.strictObject({ ...PAGE, days: z.coerce.number().int().min(0).max(3650).default(30), location: LocationCode.optional() }),
  },
  responses: answers(pageOf(LotOut), 'Lots that hold units, the first to expire first.'),
})

const Place = z.tuple([z.iso.datetime(), z.int().min(0)])

/** Units told apart by lot and expiry. */
export function lotRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const now = deps.now ?? (() => new Date())

  app.openapi(ofSku, async c => c.json(await shown(c.req.valid('param').sku, contextOf(deps, c)), 200))

  app.openapi(track, async c => {
    const { sku } = c.req.valid('param')
    tellToken(c, (await trackLots(contextOf(deps, c), keyOf(c.req.valid('header')), sku, c.req.valid('json').on)).token)
    return c.json(await shown(sku, contextOf(deps, c)), 200)
  })

  app.openapi(set, async c => {
    const stated = { sku: c.req.valid('param').sku, ...c.req.valid('json') }
    const { lot, token } = await setLotExpiry(contextOf(deps, c), keyOf(c.req.valid('header')), stated)
    tellToken(c, token)
    return c.json(show(lot), 200)
  })

  app.openapi(expiring, async c => {
    const { cursor, limit, days, location } = c.req.valid('query')
    const place = readCursor(cursor, Place)
    const after = place === null ? null : { expiresAt: place[0], id: place[1] }
    const rows = await lotsExpiringBefore(deps.sql, new Date(now().getTime() + days * DAY_MS), location ?? null, after, limit + 1)
    return c.json(
      page(rows, limit, row => [row.expiresAt?.toISOString() ?? '', row.id], show),
      200,
    )
  })

  async function shown(sku: string, context: Parameters<typeof listLots>[0]) {
    const { tracked, lots } = await listLots(context, sku)
    return { sku, tracked, lots: lots.map(show) }
  }

  return app
}

const show = ({ id: _, ...row }: LotRow): z.infer<typeof LotOut> => leaving(row)
