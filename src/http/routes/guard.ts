import { createRoute, z } from '@hono/zod-openapi'
import { type GuardLimits, listQuarantineItems, listQuarantines, type QuarantineItem, type QuarantineRow } from '../../../db/guard.ts'
import { priceChange } from '../../domain/pricing/change.ts'
import { decideQuarantine, type QuarantineShown, setGuardLimits, showGuardLimits, showQuarantine } from '../../usecases/guard.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { valueShown } from '../money-shown.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Id, leaving, text } from '../shapes.ts'

const Percent = z.string().regex(/^\d{1,3}(\.\d{1,4})?$/, 'is no percentage: decimal text, like "20"')
const Minutes = z.int().min(1).max(10_080)
const Listings = z.int().min(1).max(100_000_000)

const LimitsOut = z
  .object({
    channel: z.string(),
    changedPercent: z
      .string()
      .nullable()
      .openapi({ description: 'Of the listings, whose prices change within the window. Null: turned off.' }),
    changedLeast: z.int().openapi({ description: 'And at least so many listings.' }),
    windowMinutes: z.int(),
    dropPercent: z.string().nullable().openapi({ description: 'By which a single price falls. Null: turned off.' }),
    zeroListings: z.int().nullable().openapi({ description: 'Listings that go to zero within the window. Null: turned off.' }),
    zeroPercent: z.string().openapi({ description: 'And this part of the listings.' }),
    releaseMinutes: z.int().openapi({ description: 'After which zeroes go out by themselves: to show nothing is the safe side.' }),
    since: z.string().nullable().openapi({ description: 'Null: nobody has set them; these are the defaults.' }),
    actor: z.string().nullable(),
  })
  .openapi('GuardLimits')

const LimitsIn = z.strictObject({
  changedPercent: Percent.nullable().optional(),
  changedLeast: Listings.optional(),
  windowMinutes: Minutes.optional(),
  dropPercent: Percent.nullable().optional(),
  zeroListings: z.int().min(0).max(100_000_000).nullable().optional(),
  zeroPercent: Percent.optional(),
  releaseMinutes: Minutes.optional(),
})

const Value = z.record(z.string(), z.unknown())

const QuarantineOut = z
  .object({
    id: z.int(),
    channel: z.string(),
    field: z.enum(['stock', 'price']),
    why: Value.openapi({ description: 'The limit that broke first, and the numbers of that moment.' }),
    openedAt: z.string(),
    revision: z.int().openapi({ description: 'Grows with everything that joins.' }),
    joined: z.int(),
    held: z.int().openapi({ description: 'Values that still wait.' }),
    decision: z
      .enum(['approved', 'rejected', 'released', 'dissolved'])
      .nullable()
      .openapi({ description: 'released: zeroes, by time. dissolved: nothing of it was left to decide on. Null: it waits for a person.' }),
    decidedAt: z.string().nullable(),
    decidedBy: z.string().nullable(),
    note: z.string().nullable(),
  })
  .openapi('Quarantine')

const QuarantineShownOut = QuarantineOut.extend({
  window: z
    .object({
      begins: z.string(),
      minutes: z.int(),
      listings: z.int(),
      moved: z.int(),
      allowed: z.int().nullable().openapi({ description: 'Null: as many as like.' }),
      restarts: z.boolean().openapi({ description: 'An approval makes the window count anew, from then on.' }),
    })
    .openapi({
      description:
        'The window of the channel as it counts now: of its `listings` so many may move within the `minutes`, and so many did since it `begins`.',
    }),
}).openapi('QuarantineShown')

const ItemOut = z
  .object({
    listingId: z.int(),
    sku: z.string(),
    externalId: z.string(),
    limit: z.enum(['changed', 'dropped', 'zeroed']),
    before: Value.nullable(),
    value: Value.nullable(),
    changePercent: z
      .string()
      .nullable()
      .openapi({ description: 'Of a price: by how many percent it goes up, or (negative) down; a sale to come counts too.' }),
    at: z.string(),
    leftAt: z.string().nullable(),
    leftHow: z
      .enum(['approved', 'released', 'changed', 'shown'])
      .nullable()
      .openapi({ description: 'changed: the books say something else since. shown: the platform has what is intended.' }),
  })
  .openapi('QuarantineItem')

const ByCode = z.object({ code: Code })
const ById = z.object({ id: Id })
const Decided = z.strictObject({
  revision: z.int().min(0).optional().openapi({ description: 'What was looked at; refused with 409 when something joined since.' }),
  note: text(500).optional(),
})

const limitsGet = createRoute({
  method: 'get',
  path: '/v1/channels/{code}/guard',
  tags: ['Guard'],
  summary: "A channel's limits",
  request: { params: ByCode },
  responses: answers(LimitsOut, 'What may change there without a person looking at it.'),
})

const limitsSet = createRoute({
  method: 'patch',
  path: '/v1/channels/{code}/guard',
  tags: ['Guard'],
  summary: "Set a channel's limits, or turn some off",
  description: 'What is held already stays held until a person decides.',
  request: { params: ByCode, headers: WriteHeaders, body: json(LimitsIn) },
  responses: answers(LimitsOut, 'The limits after the change.'),
})

const list = createRoute({
  method: 'get',
  path: '/v1/quarantines',
  tags: ['Guard'],
  summary: 'Times that a limit was broken, and what became of each',
  request: {
    query: z.strictObject({
      ...PAGE,
      channel: Code.optional(),
      field: z.enum(['stock', 'price']).optional(),
      open: z.stringbool().optional().openapi({ description: '`true`: those that wait for a decision.', type: 'boolean' }),
    }),
  },
  responses: answers(pageOf(QuarantineOut), 'The newest first.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/quarantines/{id}',
  tags: ['Guard'],
  summary: 'One incident',
  request: { params: ById },
  responses: answers(QuarantineShownOut, 'The incident.'),
})

const items = createRoute({
  method: 'get',
  path: '/v1/quarantines/{id}/items',
  tags: ['Guard'],
  summary: 'Everything that an incident holds: before and after',
  request: {
    params: ById,
    query: z.strictObject({
      ...PAGE,
      held: z.stringbool().default(true).openapi({ description: '`false`: also what has left it.', type: 'boolean' }),
    }),
  },
  responses: answers(pageOf(ItemOut), 'By listing.'),
})

const decision = (verb: 'approve' | 'reject', summary: string, description: string) =>
  createRoute({
    method: 'post',
    path: `/v1/quarantines/{id}/${verb}`,
    tags: ['Guard'],
    summary,
    description: `${description} Needs prices:approve for prices, stock:approve for stock.`,
    request: { params: ById, headers: WriteHeaders, body: json(Decided) },
    responses: answers(QuarantineShownOut, 'The incident after the decision.'),
  })

const approve = decision(
  'approve',
  'Let out exactly the values that are held',
  'They are the new baseline, and where more changed than may at once, the window counts anew from now on (`window`). A rejected incident may still be approved.',
)
const reject = decision('reject', 'Keep the values back', 'They stay until the books say something else.')

/** The guard: limits, and what they hold back. */
export function guardRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(limitsGet, async c => c.json(limits(await showGuardLimits(contextOf(deps, c), c.req.valid('param').code)), 200))

  app.openapi(limitsSet, async c => {
    const set = await setGuardLimits(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').code, c.req.valid('json'))
    return c.json(limits(set), 200)
  })

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listQuarantines(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], incident),
      200,
    )
  })

  app.openapi(get, async c => c.json(whole(await showQuarantine(contextOf(deps, c), c.req.valid('param').id)), 200))

  app.openapi(items, async c => {
    const { id } = c.req.valid('param')
    const { cursor, limit, held } = c.req.valid('query')
    await showQuarantine(contextOf(deps, c), id)
    const rows = await listQuarantineItems(deps.sql, id, held, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.listingId], item),
      200,
    )
  })

  for (const [route, verb] of [
    [approve, 'approve'],
    [reject, 'reject'],
  ] as const)
    app.openapi(route, async c => {
      const { principal } = c.var
      const stated = { decision: verb, ...c.req.valid('json') }
      const done = await decideQuarantine(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, stated, scope =>
        principal.scopes.has(scope),
      )
      return c.json(whole(done), 200)
    })

  return app
}

const limits = (row: GuardLimits): z.infer<typeof LimitsOut> => leaving(row)
const incident = (row: QuarantineRow): z.infer<typeof QuarantineOut> => ({ ...leaving(row), why: { ...row.why } })
const whole = (row: QuarantineShown): z.infer<typeof QuarantineShownOut> => ({
  ...leaving(row),
  why: { ...row.why },
  window: leaving(row.window),
})
const item = (row: QuarantineItem): z.infer<typeof ItemOut> => ({
  ...leaving(row),
  before: valueShown(row.before),
  value: valueShown(row.value),
  changePercent: row.limit === 'zeroed' ? null : (priceChange(row.before, row.value)?.toFixed() ?? null),
})
