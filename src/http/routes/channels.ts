import { createRoute, z } from '@hono/zod-openapi'
import { type ChannelShown, listChannelsShown } from '../../../db/reads.ts'
import { askChannel, changeChannel, previewSwitches, readAsked } from '../../usecases/channels.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Id, LocationCode, present, Units } from '../shapes.ts'

const ChannelOut = z
  .object({
    id: z.int(),
    code: z.string(),
    name: z.string(),
    account: z.string(),
    platform: z.string(),
    externalRef: z.string(),
    currency: z.string(),
    taxMode: z.string(),
    zone: z.string(),
    locale: z.string(),
    stockLead: z.string().nullable().openapi({ description: 'The channel whose stock publication serves this one too.' }),
    publishStock: z.boolean(),
    publishPrices: z.boolean(),
    paused: z.boolean(),
    buffer: z.int(),
    bufferPercent: z.number(),
    bufferRisk: z.object({ margin: z.string(), cancellation: z.string() }).nullable(),
    cap: z.int().nullable(),
    stopSellingAt: z.int(),
    sellAhead: z.boolean(),
    locations: z.array(z.string()),
  })
  .openapi('Channel')

const ChannelPatch = z.strictObject({
  publishStock: z.boolean().optional().openapi({ description: 'Turned on by a person, when what was observed looks right.' }),
  publishPrices: z.boolean().optional(),
  paused: z.boolean().optional(),
  buffer: Units.optional().openapi({ description: 'Units kept back from this channel; ends a percentage.' }),
  bufferPercent: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .openapi({ description: 'Percent of what is available kept back, rounded up, at most two decimals; ends a number of units.' }),
  bufferRisk: z
    .strictObject({
      margin: z.string().openapi({ description: 'Lost for a unit that is kept back and not sold; decimal text above 0.', example: '4.00' }),
      cancellation: z.string().openapi({ description: 'The cost of cancelling a unit that was sold and is not there.', example: '96.00' }),
    })
    .nullable()
    .optional()
    .openapi({
      description:
        'Keeps back what other channels may sell before this one can know of it: the smallest number that is exceeded with a probability of at most margin / (margin + cancellation). Ends units and a percentage; null ends it.',
    }),
  cap: Units.nullable().optional(),
  stopSellingAt: Units.optional(),
  sellAhead: z.boolean().optional().openapi({ description: 'Show also what may be sold before it is there, by the terms of each SKU.' }),
  locations: z.array(LocationCode).min(1).max(1000).optional().openapi({ description: 'The pool, in order of preference.' }),
})

const RequestOut = z
  .object({ id: z.int(), kind: z.string(), state: z.string(), answer: z.record(z.string(), z.unknown()).nullable() })
  .openapi('AccountRequest')
const PreviewOut = z.object({ matched: z.int(), unmatched: z.int(), stock: z.int(), prices: z.int() })
const ByCode = z.object({ code: Code })

const list = createRoute({
  method: 'get',
  path: '/v1/channels',
  tags: ['Channels'],
  summary: 'Channels with their switches, policy and pool',
  request: { query: z.strictObject(PAGE) },
  responses: answers(pageOf(ChannelOut), 'Channels in the order in which they were made.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/channels/{code}',
  tags: ['Channels'],
  summary: 'One channel',
  request: { params: ByCode },
  responses: answers(ChannelOut, 'The channel.'),
})

const change = createRoute({
  method: 'patch',
  path: '/v1/channels/{code}',
  tags: ['Channels'],
  summary: 'Turn switches, pause, set policy and pool',
  request: { params: ByCode, headers: WriteHeaders, body: json(ChannelPatch) },
  responses: answers(ChannelOut, 'The channel after the change.'),
})

const preview = createRoute({
  method: 'get',
  path: '/v1/channels/{code}/preview',
  tags: ['Channels'],
  summary: 'What turning the switches on would set in motion',
  request: { params: ByCode },
  responses: answers(PreviewOut, 'Listings that are matched or not, and fields that differ from what the platform shows.'),
})

const ask = createRoute({
  method: 'post',
  path: '/v1/channels/{code}/requests',
  tags: ['Channels'],
  summary: 'Ask for a test, an observation, a compare or a poll',
  description:
    'Only the holder of the account may call the platform: the answer is read at `/v1/requests/{id}`. Needs no Idempotency-Key: asked again while the first is open, it joins that one; later it only looks once more.',
  request: { params: ByCode, body: json(z.strictObject({ kind: z.enum(['test', 'observe', 'compare', 'poll']) })) },
  responses: creates(RequestOut, 'The request; an open one of the same kind is joined.'),
})

const asked = createRoute({
  method: 'get',
  path: '/v1/requests/{id}',
  tags: ['Channels'],
  summary: 'How such a request stands',
  request: { params: z.object({ id: Id }) },
  responses: answers(RequestOut, 'The request, with its answer when it is done.'),
})

/** Channels: where we sell. */
export function channelRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  async function show(code: string) {
    const [row] = await listChannelsShown(deps.sql, code, 0, 1)
    if (row === undefined) throw new Fault('not_found', `There is no channel ${code}.`)
    return shown(row)
  }

  async function showRequest(context: Parameters<typeof readAsked>[0], id: number) {
    const { kind, state, answer } = await readAsked(context, id)
    return { id, kind, state, answer: answer === null ? null : { ...answer } }
  }

  app.openapi(list, async c => {
    const { cursor, limit } = c.req.valid('query')
    const rows = await listChannelsShown(deps.sql, null, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], shown),
      200,
    )
  })

  app.openapi(get, async c => c.json(await show(c.req.valid('param').code), 200))

  app.openapi(change, async c => {
    const { code } = c.req.valid('param')
    tellToken(c, await changeChannel(contextOf(deps, c), code, present(c.req.valid('json')), keyOf(c.req.valid('header'))))
    return c.json(await show(code), 200)
  })

  app.openapi(preview, async c => c.json(await previewSwitches(contextOf(deps, c), c.req.valid('param').code), 200))

  app.openapi(ask, async c => {
    const context = contextOf(deps, c)
    const id = await askChannel(context, c.req.valid('param').code, c.req.valid('json').kind)
    return c.json(await showRequest(context, id), 201)
  })

  app.openapi(asked, async c => c.json(await showRequest(contextOf(deps, c), c.req.valid('param').id), 200))

  return app
}

const shown = (row: ChannelShown): z.infer<typeof ChannelOut> => ({ ...row, locations: [...row.locations] })
