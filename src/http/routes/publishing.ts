import { createRoute, z } from '@hono/zod-openapi'
import type { ForceRow } from '../../../db/force.ts'
import { readAsked } from '../../usecases/channels.ts'
import { explainPush } from '../../usecases/explain-push.ts'
import { forcePush, resetChannel, STANDS } from '../../usecases/force.ts'
import { type FieldShown, type PublishingShown, readPublishing, showPublishing } from '../../usecases/publishing.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { PAGE, page, pageOf, readCursor } from '../paging.ts'
import { Code, isoOrNull, leaving, Sku, text } from '../shapes.ts'
import { PastInstant } from './history.ts'
import { Field, VALUES, valuesShown } from './publication-values.ts'

const State = z.enum(STANDS).openapi({
  description:
    'intended: waits, or is only observed. accepted: the platform took it, and it is not read back yet. applied: read back. drifting: the platform shows something else than it took. quarantined: held by the guard.',
})
const Category = text(200)
const DONE_AT =
  'At the rate that is left, if nothing joins it and nothing goes by feed, which is sooner. Null: nothing waits, or `waitsFor`.'

const FieldOut = z
  .object({
    listingId: z.int(),
    sku: z.string(),
    title: z.string(),
    category: z.string().nullable(),
    externalId: z.string(),
    field: Field,
    state: State,
    since: z.string().nullable().openapi({ description: 'Since when it is in this state.' }),
    ...VALUES,
    next: z.string().nullable().openapi({ description: 'What a person does next; null: it goes on by itself.' }),
    retryAt: z.string().nullable(),
    incident: z.int().nullable().openapi({ description: 'The incident of the guard that holds it.' }),
    drift: z.int().nullable().openapi({ description: 'The difference that is open.' }),
    forcedBy: z.string().nullable().openapi({ description: 'Who asked that it be sent although the platform has it.' }),
  })
  .openapi('ChannelPublication')

const PublishingOut = z
  .object({
    channel: z.string(),
    name: z.string(),
    account: z.string(),
    platform: z.string(),
    paused: z.boolean(),
    publishStock: z.boolean(),
    publishPrices: z.boolean(),
    stockLead: z.string().nullable(),
    accountState: z.enum(['active', 'paused', 'failing']),
    accountReason: z.string().nullable(),
    accountSince: z.string(),
    retryAt: z.string().nullable(),
    isHeld: z.boolean().openapi({ description: 'Whether a running hub holds the account: only that one calls.' }),
    counts: z.array(z.object({ field: Field, state: State, count: z.int(), oldest: z.string().nullable() })),
    quota: z
      .object({
        operation: z.string().nullable(),
        callsLeft: z.number().nullable().openapi({ description: 'Calls that could start at once; null: nobody told yet.' }),
        perSecond: z.number(),
        burst: z.number(),
        openAt: z.string().nullable().openapi({ description: 'Nothing starts before; null: now.' }),
        toldAt: z.string().nullable(),
      })
      .nullable()
      .openapi({ description: 'For pushes, shared by all channels of the account. Null: not known of this platform.' }),
    backlog: z.object({
      fields: z.int(),
      accountFields: z.int(),
      calls: z.int(),
      doneAt: z.string().nullable().openapi({ description: DONE_AT }),
      waitsFor: z.enum(['channel', 'account', 'hub']).nullable().openapi({ description: 'Paused, or no running hub holds the account.' }),
    }),
    feed: z
      .object({
        state: z.enum(['filling', 'starting', 'started', 'late']).openapi({
          description: '`starting`: the platform may have it. `late`: no verdict for too long, its prices go one by one.',
        }),
        prices: z.int().openapi({ description: 'Prices of the channel that wait for its verdicts.' }),
        since: z.string(),
        externalId: z.string().nullable().openapi({ description: "The platform's id." }),
      })
      .nullable()
      .openapi({ description: 'Prices of the account that went as one document; null: none.' }),
  })
  .openapi('Publishing')

const ForceOut = z
  .object({
    id: z.int(),
    channel: z.string(),
    actor: z.string(),
    askedAt: z.string(),
    endedAt: z.string().nullable().openapi({
      description:
        'Null: the selection is large, and the hub goes on with the rest of it. Ask again under the same Idempotency-Key for how far it is.',
    }),
    forced: z.int().openapi({ description: 'Fields that wait to be sent now, so far.' }),
    again: z.int().openapi({ description: 'Of those: the platform had refused the value.' }),
    underWay: z.int(),
    held: z
      .int()
      .openapi({ description: 'By the guard, by a difference that is to be decided, or because no price may be shown: they do not go.' }),
  })
  .openapi('PublicationForce')

const ForceBody = z.strictObject({
  field: Field.optional(),
  skus: z.array(Sku).min(1).max(1000).optional(),
  state: State.optional(),
  category: Category.optional(),
  all: z.literal(true).optional().openapi({ description: 'The whole channel; needed where nothing else narrows it.' }),
})

const RequestOut = z.object({ id: z.int(), kind: z.string(), state: z.string(), answer: z.record(z.string(), z.unknown()).nullable() })
const ByCode = z.object({ code: Code })
const tags = ['Publications']

const list = createRoute({
  method: 'get',
  path: '/v1/channels/{code}/publications',
  tags,
  summary: 'How far each value of a channel got, with its age, its reason and the next step',
  request: {
    params: ByCode,
    query: z.strictObject({
      ...PAGE,
      state: State.optional(),
      field: Field.optional(),
      sku: Sku.optional(),
      category: Category.optional(),
    }),
  },
  responses: answers(pageOf(FieldOut), 'By listing and field; listings that are gone are not among them.'),
})

const standing = createRoute({
  method: 'get',
  path: '/v1/channels/{code}/publishing',
  tags,
  summary: 'How many fields are in which state, since when the oldest, calls left in the quota, and when the backlog is done',
  request: { params: ByCode },
  responses: answers(PublishingOut, 'How it stands.'),
})

const force = createRoute({
  method: 'post',
  path: '/v1/channels/{code}/publications/force',
  tags,
  summary: 'Send what the hub intends now, though the platform has it already',
  description:
    'Of named SKUs, of a state or a category, or of the whole channel. A value that was refused is tried again. Guard, floors, instants and the order of danger hold as ever; what may have arrived is read first. 409 where the channel is paused or only observed.',
  request: { params: ByCode, headers: WriteHeaders, body: json(ForceBody) },
  responses: answers(ForceOut, 'What became of the wish.'),
})

const why = createRoute({
  method: 'get',
  path: '/v1/channels/{code}/publications/{sku}/explain',
  tags,
  summary: 'Why a value was sent there, when, based on which change and by whom; or why nothing was',
  description:
    'Now or, with `at`, at any instant of the past. `listings[].verdict.code` says why nothing goes out just now, the one that decides first: gone, held, quarantined, rejected, refused, under_way, in_feed, account_paused, paused, observed, trouble, drift, scheduled, no_hub, retry, waiting, accepted, unchanged. `stock` and `price` tell how the number came about; `unaltered` what changed and altered nothing that is shown; `pushes` the last calls with what they were based on. `listings[].queue` is the place of what waits: how many SKUs go first (`ahead`), why it stands there (`because`: below_floor, sold_out, at_its_instant, or loss) and the money that is expected to be lost in an hour in which it waits (`lossPerHour`, `currency`).',
  request: {
    params: z.object({ code: Code, sku: Sku }),
    query: z.strictObject({ field: Field.default('stock'), at: PastInstant.optional() }),
  },
  responses: answers(z.record(z.string(), z.unknown()), 'The explanation.'),
})

const reset = createRoute({
  method: 'post',
  path: '/v1/channels/{code}/reset',
  tags: ['Channels'],
  summary: 'Compare the whole account with its platform',
  description:
    'Everything is read and judged anew, and what differs goes out. The answer is read at `/v1/requests/{id}`; an open one is joined.',
  request: { params: ByCode, headers: WriteHeaders },
  responses: creates(RequestOut, 'The request.'),
})

const ByListing = z.tuple([z.int().min(0), z.string().max(10)])

/** Publishing of a channel: how far everything got, and what people do about it. */
export function publishingRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const after = readCursor(cursor, ByListing) ?? ([0, ''] as const)
    const rows = await readPublishing(contextOf(deps, c), c.req.valid('param').code, filter, after, limit + 1)
    return c.json(
      page(rows, limit, row => [row.listingId, row.field], fieldShown),
      200,
    )
  })

  app.openapi(standing, async c => c.json(publishingShown(await showPublishing(contextOf(deps, c), c.req.valid('param').code)), 200))

  app.openapi(force, async c => {
    const { all, ...selection } = c.req.valid('json')
    if (!all && selection.skus === undefined && selection.state === undefined && selection.category === undefined)
      throw new Fault('invalid', 'Say which: skus, state or category; or all: true for the whole channel.', {
        field: 'all',
        expected: 'true',
      })
    const done = await forcePush(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').code, selection)
    return c.json(leaving(done) satisfies z.infer<typeof ForceOut> & Record<keyof ForceRow, unknown>, 200)
  })

  app.openapi(why, async c => {
    const { code, sku } = c.req.valid('param')
    const { field, at } = c.req.valid('query')
    return c.json(
      JSON.parse(JSON.stringify(await explainPush(contextOf(deps, c), sku, code, field, { at }))) as Record<string, unknown>,
      200,
    )
  })

  app.openapi(reset, async c => {
    const context = contextOf(deps, c)
    const id = await resetChannel(context, keyOf(c.req.valid('header')), c.req.valid('param').code)
    const { kind, state, answer } = await readAsked(context, id)
    return c.json({ id, kind, state, answer: answer === null ? null : { ...answer } }, 201)
  })

  return app
}

function fieldShown({ stands: state, heldBy: _heldBy, ...row }: FieldShown): z.infer<typeof FieldOut> {
  return { ...leaving(row), state, ...valuesShown(row) }
}

function publishingShown({ counts, quota, backlog, feed, ...row }: PublishingShown): z.infer<typeof PublishingOut> {
  return {
    ...leaving(row),
    counts: counts.map(({ field, stands, count, oldest }) => ({ field, state: State.parse(stands), count, oldest: isoOrNull(oldest) })),
    quota: quota && leaving(quota),
    backlog: leaving(backlog),
    feed: feed && leaving(feed),
  }
}
