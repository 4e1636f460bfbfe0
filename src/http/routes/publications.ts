import { createRoute, z } from '@hono/zod-openapi'
import { listPublications, type PublicationShown, publicationHistory } from '../../../db/reads.ts'
import { retryPublication } from '../../usecases/force.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi } from '../api.ts'
import { valueShown } from '../money-shown.ts'
import { idCursor, PAGE, page, pageOf, readCursor } from '../paging.ts'
import { Code, Id, iso, leaving, Sku } from '../shapes.ts'
import { Field, VALUES, Value, valuesShown } from './publication-values.ts'

const State = z.enum(['intended', 'sent', 'accepted', 'applied', 'refused', 'quarantined'])

const PublicationOut = z
  .object({
    listingId: z.int(),
    channel: z.string(),
    sku: z.string(),
    externalId: z.string(),
    field: z.string(),
    state: z.string(),
    ...VALUES,
    floor: z.string().nullable().openapi({ description: 'Of a price: the least that may be shown.' }),
    quarantine: z.int().nullable().openapi({ description: 'The incident of the guard that holds it back.' }),
  })
  .openapi('Publication')

const EventOut = z
  .object({ id: z.int(), field: z.string(), event: z.string(), value: Value, why: Value, at: z.string() })
  .openapi('PublicationEvent')

const list = createRoute({
  method: 'get',
  path: '/v1/publications',
  tags: ['Publications'],
  summary: 'What each listing should show, and how far that got',
  request: {
    query: z.strictObject({
      ...PAGE,
      channel: Code.optional(),
      sku: Sku.optional(),
      state: State.optional(),
      field: Field.optional(),
      waiting: z.stringbool().optional().openapi({ description: '`true`: those that wait to be sent.', type: 'boolean' }),
    }),
  },
  responses: answers(pageOf(PublicationOut), 'By listing and field.'),
})

const history = createRoute({
  method: 'get',
  path: '/v1/publications/{listingId}/history',
  tags: ['Publications'],
  summary: 'What was shown there, when and why',
  request: { params: z.object({ listingId: Id }), query: z.strictObject({ ...PAGE, field: Field.optional() }) },
  responses: answers(pageOf(EventOut), 'The newest first.'),
})

const retry = createRoute({
  method: 'post',
  path: '/v1/publications/{listingId}/{field}/retry',
  tags: ['Publications'],
  summary: 'Send a value again that the platform refused',
  description:
    'Needs no Idempotency-Key: a value that waits already is not refused any more, and asking again answers 404 and sends nothing twice.',
  request: { params: z.object({ listingId: Id, field: Field }) },
  responses: answers(z.object({ listingId: z.int(), field: Field }), 'It waits to be sent again.'),
})

const ByListing = z.tuple([z.int().min(0), z.string().max(10)])

/** Publications: what the channels are told. */
export function publicationRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listPublications(deps.sql, filter, readCursor(cursor, ByListing) ?? [0, ''], limit + 1)
    return c.json(
      page(rows, limit, row => [row.listingId, row.field], shown),
      200,
    )
  })

  app.openapi(history, async c => {
    const { cursor, limit, field } = c.req.valid('query')
    const rows = await publicationHistory(deps.sql, c.req.valid('param').listingId, field ?? null, idCursor(cursor), limit + 1)
    return c.json(
      page(
        rows,
        limit,
        row => [row.id],
        row => ({ ...row, value: valueShown(row.value), why: valueShown(row.why), at: iso(row.at) }),
      ),
      200,
    )
  })

  app.openapi(retry, async c => {
    const { listingId, field } = c.req.valid('param')
    await retryPublication(contextOf(deps, c), listingId, field)
    return c.json({ listingId, field }, 200)
  })

  return app
}

const shown = (row: PublicationShown): z.infer<typeof PublicationOut> => ({ ...leaving(row), ...valuesShown(row) })
