import { createRoute, z } from '@hono/zod-openapi'
import { listReasons } from '../../../db/reasons.ts'
import { putReason, REASON_ACTS } from '../../usecases/reasons.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { Code, leaving, text } from '../shapes.ts'

const Act = z.enum(REASON_ACTS as ['adjust', ...(typeof REASON_ACTS)[number][]])
const Acts = z.array(Act).min(1).max(REASON_ACTS.length).openapi({ description: 'What it may be chosen for.' })

const ReasonOut = z
  .object({ code: z.string(), name: z.string(), acts: z.array(z.string()), active: z.boolean(), createdAt: z.string() })
  .openapi('StockReason')

const list = createRoute({
  method: 'get',
  path: '/v1/stock/reasons',
  tags: ['Stock'],
  summary: 'The reasons that people choose from',
  request: {
    query: z.strictObject({
      act: Act.optional().openapi({ description: 'Only those for this act.' }),
      all: z.enum(['true', 'false']).optional().openapi({ description: 'Also those that are switched off.' }),
    }),
  },
  responses: answers(z.object({ items: z.array(ReasonOut) }), 'Reasons by code.'),
})

const add = createRoute({
  method: 'post',
  path: '/v1/stock/reasons',
  tags: ['Stock'],
  summary: 'Add a reason to the list',
  request: { headers: WriteHeaders, body: json(z.strictObject({ code: Code, name: text(100), acts: Acts })) },
  responses: creates(ReasonOut, 'The reason.'),
})

const change = createRoute({
  method: 'patch',
  path: '/v1/stock/reasons/{code}',
  tags: ['Stock'],
  summary: 'Rename a reason, say what it is for, or switch it off',
  description: 'Its code never changes, and none is deleted: movements of the past name it.',
  request: {
    params: z.object({ code: Code }),
    headers: WriteHeaders,
    body: json(z.strictObject({ name: text(100).optional(), acts: Acts.optional(), active: z.boolean().optional() })),
  },
  responses: answers(ReasonOut, 'The reason after the change.'),
})

/** Why stock is adjusted, damaged, restored, returned, lost on a transfer or counted otherwise. */
export function reasonRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { act, all } = c.req.valid('query')
    const rows = await listReasons(deps.sql, act ?? null, all === 'true')
    return c.json({ items: rows.map(show) }, 200)
  })

  app.openapi(add, async c => {
    const { code, ...stated } = c.req.valid('json')
    return c.json(show(await putReason(contextOf(deps, c), keyOf(c.req.valid('header')), 'add', code, stated)), 201)
  })

  app.openapi(change, async c => {
    const { code } = c.req.valid('param')
    return c.json(show(await putReason(contextOf(deps, c), keyOf(c.req.valid('header')), 'change', code, c.req.valid('json'))), 200)
  })

  return app
}

const show = (row: Awaited<ReturnType<typeof putReason>>): z.infer<typeof ReasonOut> => ({ ...leaving(row), acts: [...row.acts] })
