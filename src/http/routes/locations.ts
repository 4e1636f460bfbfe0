import { createRoute, z } from '@hono/zod-openapi'
import { listLocations, readLocation } from '../../../db/locations.ts'
import { putLocation } from '../../usecases/change-catalog.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { LocationCode, leaving, text, Zone } from '../shapes.ts'

const Kind = z.enum(['warehouse', 'store', 'distributor', 'platform'])

const LocationOut = z
  .object({
    id: z.int(),
    code: z.string(),
    name: z.string(),
    kind: Kind,
    zone: z.string(),
    country: z.string().nullable(),
    active: z.boolean(),
    createdAt: z.string(),
  })
  .openapi('Location')

const Country = z
  .string()
  .regex(/^[A-Z]{2}$/, 'is no country code of ISO 3166-1')
  .openapi({ example: 'DE' })

const LocationIn = z.strictObject({
  code: LocationCode,
  name: text(200),
  kind: Kind,
  zone: Zone.optional(),
  country: Country.nullable().optional(),
  active: z.boolean().optional(),
})

const LocationPatch = z.strictObject({
  name: text(200).optional(),
  zone: Zone.optional(),
  country: Country.nullable().optional(),
  active: z.boolean().optional().openapi({ description: 'An inactive location promises nothing; every channel shows it at once.' }),
})

const ByCode = z.object({ code: LocationCode })

const list = createRoute({
  method: 'get',
  path: '/v1/locations',
  tags: ['Locations'],
  summary: 'Locations',
  request: { query: z.strictObject(PAGE) },
  responses: answers(pageOf(LocationOut), 'Locations in the order in which they were made.'),
})

const create = createRoute({
  method: 'post',
  path: '/v1/locations',
  tags: ['Locations'],
  summary: 'Make a location',
  request: { headers: WriteHeaders, body: json(LocationIn) },
  responses: creates(LocationOut, 'The location.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/locations/{code}',
  tags: ['Locations'],
  summary: 'One location',
  request: { params: ByCode },
  responses: answers(LocationOut, 'The location.'),
})

const change = createRoute({
  method: 'patch',
  path: '/v1/locations/{code}',
  tags: ['Locations'],
  summary: 'Change a location; its code and kind never change',
  request: { params: ByCode, headers: WriteHeaders, body: json(LocationPatch) },
  responses: answers(LocationOut, 'The location after the change.'),
})

/** Places where stock is or is handed over. */
export function locationRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  async function show(code: string) {
    const row = await readLocation(deps.sql, code)
    if (row === null) throw new Fault('not_found', `There is no location ${code}.`)
    return leaving(row)
  }

  app.openapi(list, async c => {
    const { cursor, limit } = c.req.valid('query')
    const rows = await listLocations(deps.sql, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(create, async c => {
    const location = c.req.valid('json')
    await putLocation(contextOf(deps, c), keyOf(c.req.valid('header')), 'create', location)
    return c.json(await show(location.code), 201)
  })

  app.openapi(get, async c => c.json(await show(c.req.valid('param').code), 200))

  app.openapi(change, async c => {
    const { code } = c.req.valid('param')
    const { token } = await putLocation(contextOf(deps, c), keyOf(c.req.valid('header')), 'change', { code, ...c.req.valid('json') })
    tellToken(c, token)
    return c.json(await show(code), 200)
  })

  return app
}
