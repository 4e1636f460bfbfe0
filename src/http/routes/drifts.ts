import { createRoute, z } from '@hono/zod-openapi'
import { type DriftCheckRow, type DriftRow, listDrifts } from '../../../db/drift-list.ts'
import { askDriftCheck, type DriftShown, decideDrift, setDriftWinners, showDrift } from '../../usecases/drift.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { valueShown } from '../money-shown.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Id, isoOrNull, leaving, text } from '../shapes.ts'

const Value = z.record(z.string(), z.unknown()).nullable()
const Field = z.enum(['stock', 'price', 'listing'])
const Cause = z.enum(['order', 'edited', 'lost', 'gone', 'unmapped'])
const State = z.enum(['open', 'held', 'taking', 'repaired', 'taken', 'explained', 'overtaken', 'seen'])
const Winner = z.enum(['hub', 'platform', 'ask'])

const DriftOut = z
  .object({
    id: z.int(),
    channel: z.string(),
    listing: z.int(),
    sku: z.string(),
    externalId: z.string(),
    field: Field,
    cause: Cause.openapi({
      description:
        'order: fewer units, which an order may explain that is not known yet. edited: changed at the platform. lost: accepted and never came to show. gone, unmapped: the listing is no longer there, or new and nobody knows what it is.',
    }),
    state: State.openapi({
      description:
        'open: ours goes out, or orders are waited for. held: a person decides. taking: theirs becomes ours. Ended: repaired, taken, explained (by orders), overtaken (there is no difference any more), seen.',
    }),
    believed: Value.openapi({ description: 'What the platform showed by our books.' }),
    wanted: Value,
    shown: Value,
    units: z.int().nullable().openapi({ description: 'Of stock: units more or fewer than believed.' }),
    explained: z.int().openapi({ description: 'How many of them orders have explained.' }),
    rightAt: z.string().nullable().openapi({ description: 'The last time that it was seen right: it can have been so since then.' }),
    modifiedAt: z.string().nullable().openapi({ description: 'When the platform says that the listing was changed.' }),
    foundAt: z.string(),
    reason: z.enum(['currency', 'sale', 'below_floor', 'elsewhere', 'shared', 'bundle', 'rule', 'too_few']).nullable().openapi({
      description:
        "Why the platform's value was not taken in. elsewhere: a list, rule or conversion decides the price. rule: a buffer, cap or promise would show another number.",
    }),
    words: z.string().nullable().openapi({ description: 'The same in words, or why the difference ended.' }),
    winner: z.enum(['hub', 'platform']).nullable(),
    decidedBy: z.string().nullable(),
    decidedAt: z.string().nullable(),
    note: z.string().nullable(),
    endedAt: z.string().nullable(),
  })
  .openapi('Drift')

const CheckOut = z.object({
  id: z.int(),
  actor: z.string(),
  askedAt: z.string(),
  beganAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  way: z
    .enum(['search', 'report'])
    .openapi({ description: "By a search of everything, or by the platform's reports and a look by name at what they do not settle" }),
  calls: z.int(),
  seen: z.int(),
  differs: z.int(),
})

const ChannelDriftOut = z
  .object({
    channel: z.string(),
    account: z.string(),
    listings: z.int().openapi({ description: 'Matched listings of the account, which a check looks at.' }),
    running: CheckOut.nullable(),
    last: CheckOut.nullable(),
    stock: Winner,
    price: Winner,
    open: z.int(),
    held: z.int(),
    unproven: z.int().openapi({ description: 'Values that the platform accepted, and that it was not seen to show yet.' }),
    unprovenSince: z.string().nullable(),
    provenWithinMs: z.number().nullable().openapi({
      description: 'Within this time each accepted value is proven, or found lost and sent again. Null: not known of this platform.',
    }),
  })
  .openapi('ChannelDrift')

const ByCode = z.object({ code: Code })

const list = createRoute({
  method: 'get',
  path: '/v1/drifts',
  tags: ['Drift'],
  summary: 'What platforms show and should not, with the likely cause and what became of it',
  request: {
    query: z.strictObject({
      ...PAGE,
      channel: Code.optional(),
      field: Field.optional(),
      cause: Cause.optional(),
      state: State.optional(),
      open: z.stringbool().optional().openapi({ description: '`true`: those that have not ended.', type: 'boolean' }),
    }),
  },
  responses: answers(pageOf(DriftOut), 'The newest first.'),
})

const decide = createRoute({
  method: 'post',
  path: '/v1/drifts/{id}/decide',
  tags: ['Drift'],
  summary: 'Decide on a difference',
  description:
    "hub: our value goes out. platform: theirs becomes ours, a price as the typed price of the channel (needs prices:write), units as an adjustment at the location that is the platform's own (needs stock:write), once all orders until the look are known. seen: of a listing that is gone or unknown.",
  request: {
    params: z.object({ id: Id }),
    headers: WriteHeaders,
    body: json(z.strictObject({ winner: z.enum(['hub', 'platform', 'seen']), note: text(500).optional() })),
  },
  responses: answers(DriftOut, 'The difference after the decision.'),
})

const show = createRoute({
  method: 'get',
  path: '/v1/channels/{code}/drift',
  tags: ['Drift'],
  summary: "A channel's drift checks, who wins, and what is accepted but not proven",
  request: { params: ByCode },
  responses: answers(ChannelDriftOut, 'How it stands.'),
})

const winners = createRoute({
  method: 'patch',
  path: '/v1/channels/{code}/drift',
  tags: ['Drift'],
  summary: 'Say who wins where the channel shows something else',
  description:
    'hub (unless told): our value goes out again. platform: theirs becomes ours. ask: it is held for a person; what sells at a loss, or sells what is not there, is repaired at once all the same. Of what is found from now on.',
  request: { params: ByCode, headers: WriteHeaders, body: json(z.strictObject({ stock: Winner.optional(), price: Winner.optional() })) },
  responses: answers(ChannelDriftOut, 'How it stands after the change.'),
})

const check = createRoute({
  method: 'post',
  path: '/v1/channels/{code}/drift-checks',
  tags: ['Drift'],
  summary: 'Look at the whole account now',
  description:
    'By the cheapest bulk read, out of calls that pushes and orders do not need; without being asked it happens once a day. Needs no Idempotency-Key: asked again while one is open, it joins that one.',
  request: { params: ByCode },
  responses: creates(ChannelDriftOut, 'How it stands, with the check that runs.'),
})

/** Drift: what platforms show and should not. */
export function driftRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const platforms = deps.platforms ?? []

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listDrifts(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], shown),
      200,
    )
  })

  app.openapi(decide, async c => {
    const { principal } = c.var
    const key = keyOf(c.req.valid('header'))
    const done = await decideDrift(contextOf(deps, c), key, c.req.valid('param').id, c.req.valid('json'), scope =>
      principal.scopes.has(scope),
    )
    return c.json(shown(done), 200)
  })

  app.openapi(show, async c => c.json(standing(await showDrift(contextOf(deps, c), c.req.valid('param').code, platforms)), 200))

  app.openapi(winners, async c => {
    const { code } = c.req.valid('param')
    const context = contextOf(deps, c)
    const { principal } = c.var
    await setDriftWinners(context, keyOf(c.req.valid('header')), code, c.req.valid('json'), scope => principal.scopes.has(scope))
    return c.json(standing(await showDrift(context, code, platforms)), 200)
  })

  app.openapi(check, async c => {
    const { code } = c.req.valid('param')
    await askDriftCheck(contextOf(deps, c), code)
    return c.json(standing(await showDrift(contextOf(deps, c), code, platforms)), 201)
  })

  return app
}

const shown = (row: DriftRow): z.infer<typeof DriftOut> => ({
  ...leaving(row),
  believed: valueShown(row.believed),
  wanted: valueShown(row.wanted),
  shown: valueShown(row.shown),
})

const checkShown = (row: DriftCheckRow | null) => (row === null ? null : leaving(row))

function standing({ accountId: _id, platform: _platform, scale: _scale, ...row }: DriftShown): z.infer<typeof ChannelDriftOut> {
  return { ...row, running: checkShown(row.running), last: checkShown(row.last), unprovenSince: isoOrNull(row.unprovenSince) }
}
