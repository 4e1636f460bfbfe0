import { createRoute, z } from '@hono/zod-openapi'
import { type BundleRow, listBundles } from '../../../db/bundles.ts'
import { findBundle, historyOfBundle, setBundle } from '../../usecases/bundles.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { isoOrNull, leaving, Sku, SomeUnits } from '../shapes.ts'

const PARTS_MOST = 50
const UNITS_MOST = 10_000
const part = { sku: z.string(), quantity: z.int() }

const BundleOut = z
  .object({
    sku: z.string(),
    title: z.string(),
    parts: z.array(z.object({ ...part, bundle: z.boolean().openapi({ description: 'The part is a bundle itself.' }) })),
    flat: z.array(z.object(part)).openapi({ description: 'What one bundle takes off the shelves, bundles among its parts resolved.' }),
    since: z.string().nullable(),
  })
  .openapi('Bundle')

const VersionOut = z.object({ validFrom: z.string(), validTo: z.string().nullable(), actor: z.string(), parts: z.array(z.object(part)) })

const BySku = z.object({ sku: Sku })
const tags = ['Bundles']

const list = createRoute({
  ...{ method: 'get', path: '/v1/bundles', tags, summary: 'Bundles' },
  request: {
    query: z.strictObject({
      ...PAGE,
      part: Sku.optional().openapi({ description: 'Only those that hold it, themselves or through another.' }),
    }),
  },
  responses: answers(pageOf(BundleOut), 'Bundles in the order of the catalog.'),
})

const get = createRoute({
  ...{ method: 'get', path: '/v1/bundles/{sku}', tags, summary: 'One bundle' },
  request: { params: BySku },
  responses: answers(BundleOut, 'Its parts.'),
})

const history = createRoute({
  ...{ method: 'get', path: '/v1/bundles/{sku}/history', tags, summary: 'What a bundle consisted of over time' },
  request: { params: BySku },
  responses: answers(z.object({ items: z.array(VersionOut) }), 'Versions, the newest first.'),
})

const put = createRoute({
  ...{ method: 'put', path: '/v1/bundles/{sku}', tags, summary: 'Say what a SKU consists of' },
  description:
    'From now on it is sold as its parts: selling it reserves them, and a part that is sold alone lowers it everywhere. A part may be a bundle itself. What was sold before stays as it was sold.',
  request: {
    params: BySku,
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        parts: z
          .array(z.strictObject({ sku: Sku, quantity: SomeUnits.max(UNITS_MOST) }))
          .min(1)
          .max(PARTS_MOST),
      }),
    ),
  },
  responses: answers(BundleOut, 'The bundle.'),
})

const end = createRoute({
  ...{ method: 'delete', path: '/v1/bundles/{sku}', tags, summary: 'Let a SKU be no bundle any more' },
  request: { params: BySku, headers: WriteHeaders },
  responses: answers(z.object({ sku: z.string(), ended: z.boolean() }), 'Whether it was one.'),
})

/** SKUs that consist of others. */
export function bundleRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, part } = c.req.valid('query')
    const rows = await listBundles(deps.sql, part ?? null, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  app.openapi(get, async c => c.json(show(await findBundle(contextOf(deps, c), c.req.valid('param').sku)), 200))

  app.openapi(history, async c => {
    const versions = await historyOfBundle(contextOf(deps, c), c.req.valid('param').sku)
    return c.json({ items: versions.map(version => ({ ...leaving(version), parts: [...version.parts] })) }, 200)
  })

  app.openapi(put, async c => {
    const { sku } = c.req.valid('param')
    const { token } = await setBundle(contextOf(deps, c), keyOf(c.req.valid('header')), sku, c.req.valid('json').parts)
    tellToken(c, token)
    return c.json(show(await findBundle(contextOf(deps, c), sku)), 200)
  })

  app.openapi(end, async c => {
    const { sku } = c.req.valid('param')
    const { changed, token } = await setBundle(contextOf(deps, c), keyOf(c.req.valid('header')), sku, [])
    tellToken(c, token)
    return c.json({ sku, ended: changed }, 200)
  })

  return app
}

function show({ id: _, ...row }: BundleRow): z.infer<typeof BundleOut> {
  return { ...row, parts: [...row.parts], flat: [...row.flat], since: isoOrNull(row.since) }
}
