import { createRoute, z } from '@hono/zod-openapi'
import { pickUpRules } from '../../../db/pick-up-rules.ts'
import type { Worked } from '../../usecases/act-on-group.ts'
import { cancelPickUp, chooseAnotherStore, readChoice, shipInstead } from '../../usecases/buyer-choice.ts'
import { keepLonger } from '../../usecases/keep-longer.ts'
import { setPickUpRule, storeStandings } from '../../usecases/pick-up-rules.ts'
import { workOnParcel } from '../../usecases/store-parcel.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { Code, Id, LocationCode, leaving, present, text } from '../shapes.ts'

const rule = {
  keepDays: z.int().min(1).max(60).openapi({ description: 'Days that ready goods are kept; 7 unless told.' }),
  remindHours: z
    .int()
    .min(0)
    .max(240)
    .openapi({ description: 'Hours before the end at which the buyer is reminded; 0: never, 24 unless told.' }),
  lateMinutes: z
    .int()
    .min(0)
    .max(10_000)
    .openapi({ description: 'Minutes after its promise at which its buyer is told that it is late; 60 unless told.' }),
  extendDays: z.int().min(1).max(60).openapi({ description: 'Days that it is kept longer on request; 3 unless told.' }),
  extensionsMost: z.int().min(0).max(10).openapi({ description: 'How often a buyer may ask for that himself; 1 unless told.' }),
  becomes: z
    .enum(['cancel', 'ship'])
    .openapi({ description: 'What nobody collects is cancelled (unless told), or sent instead where the buyer left an address.' }),
}
const Rule = z.object(rule).openapi('PickUpRule')
const Rules = z
  .object({
    items: z.array(Rule.extend({ location: z.string().nullable(), channel: z.string().nullable(), since: z.string(), actor: z.string() })),
  })
  .openapi('PickUpRules')
const Standings = z
  .object({
    items: z.array(
      z.object({
        location: z.string(),
        name: z.string(),
        waiting: z.int().openapi({ description: 'Groups that lie ready.' }),
        over: z.int().openapi({ description: 'Those of them whose time is over.' }),
        collected: z.int().openapi({ description: 'Groups of the last 90 days.' }),
        notCollected: z.int(),
        noShowRate: z
          .number()
          .openapi({ description: 'The share of buyers who do not come: learnt from those, drawn towards 5 % where they are few.' }),
        failures: z
          .record(z.string(), z.int())
          .openapi({ description: 'Orders that it failed in 90 days: rejected, late, short, damaged.' }),
        rule: Rule,
      }),
    ),
  })
  .openapi('PickUpFigures')

const readRules = createRoute({
  method: 'get',
  path: '/v1/pick-up/rules',
  tags: ['Pick-up'],
  summary: 'How long goods wait to be collected, and what becomes of them',
  description: 'The rule of a location goes before that of the channel, that before the one of all. Nothing written: the defaults hold.',
  responses: answers(Rules, 'The rules that were written.'),
})
const writeRule = createRoute({
  method: 'put',
  path: '/v1/pick-up/rules',
  tags: ['Pick-up'],
  summary: 'State such a rule, of a location, a channel or all',
  description: 'What is absent stays as it is. What lies ready keeps the time that its buyer was told.',
  request: {
    query: z.strictObject({ location: LocationCode.optional(), channel: Code.optional() }),
    headers: WriteHeaders,
    body: json(
      z.strictObject({ rule: z.strictObject(rule).partial().nullable().openapi({ description: 'Null: none of its own any more.' }) }),
    ),
  },
  responses: answers(Rules, 'All rules after the change.'),
})
const figures = createRoute({
  method: 'get',
  path: '/v1/pick-up/figures',
  tags: ['Pick-up'],
  summary: 'What waits in each store, and how many buyers do not come',
  request: { query: z.strictObject({ location: LocationCode.optional() }) },
  responses: answers(Standings, 'Stores where buyers collect, by name.'),
})

const Lines = z.array(z.object({ lineId: z.int(), quantity: z.int() }))
const Choice = z
  .object({
    why: z.string().nullable().openapi({ description: 'rejected, late, short or damaged; null: nothing is to be chosen.' }),
    lines: Lines,
    mayCancel: z.boolean().openapi({ description: 'Whether the platform of the order lets these units be cancelled.' }),
  })
  .openapi('PickUpChoice')
const readOne = createRoute({
  method: 'get',
  path: '/v1/orders/{id}/choice',
  tags: ['Pick-up'],
  summary: 'Whether a store failed the order, and its buyer has a choice',
  request: { params: z.object({ id: Id }) },
  responses: answers(Choice, 'What the choice is about.'),
})
const ready = z.boolean().optional().openapi({ description: 'Also what lies ready; not when absent.' })
const choose = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/choice',
  tags: ['Pick-up'],
  summary: 'Another store, sent instead, or cancelled',
  description:
    'Of what is to be collected and does not lie ready, with `ready` also of what does: it goes back to the shelf there. Also where no store failed. At another store all of it is promised in the same moment, or nothing is done.',
  request: {
    params: z.object({ id: Id }),
    headers: WriteHeaders,
    body: json(
      z.discriminatedUnion('choice', [
        z.strictObject({ choice: z.literal('store'), store: LocationCode, ready }),
        z.strictObject({ choice: z.literal('ship'), ready }),
        z.strictObject({ choice: z.literal('cancel'), reason: text(300).optional(), ready }),
      ]),
    ),
  },
  responses: answers(
    z.object({ choice: z.string(), lines: Lines, groups: z.array(z.int()), replayed: z.boolean() }).openapi('PickUpChosen'),
    'What was chosen, for which units.',
  ),
})
const keep = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/groups/{groupId}/keep',
  tags: ['Pick-up'],
  summary: 'Keep ready goods longer for their buyer',
  request: {
    params: z.object({ id: Id, groupId: Id }),
    headers: WriteHeaders,
    body: json(z.strictObject({ days: z.int().min(1).max(60).optional().openapi({ description: 'As the rule says when absent.' }) })),
  },
  responses: answers(z.object({ groupId: z.int(), collectBy: z.string(), replayed: z.boolean() }).openapi('PickUpKept'), 'Until when.'),
})

const ByGroup = z.object({ id: Id, groupId: Id })
const ParcelOut = z
  .object({
    groupId: z.int(),
    state: z.string(),
    group: z.int().nullable().optional().openapi({
      description: 'Of what came to a store: the group that goes on with it there; null: nothing of it was wanted any more.',
    }),
  })
  .openapi('StoreParcel')
const sendParcel = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/groups/{groupId}/send',
  tags: ['Pick-up'],
  summary: 'What is ready leaves for the store where its buyer collects it',
  description: 'Of groups with method `ship_to_store`. It is on hand nowhere until it comes there, and still promised to its buyer.',
  request: {
    params: ByGroup,
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        tracking: z.strictObject({ carrier: text(100), number: text(100), url: z.httpUrl().max(500).optional() }).optional(),
      }),
    ),
  },
  responses: answers(ParcelOut, 'It is on its way.'),
})
const receiveParcel = createRoute({
  method: 'post',
  path: '/v1/orders/{id}/groups/{groupId}/receive',
  tags: ['Pick-up'],
  summary: 'It came to the store, or never does',
  description:
    'What its buyer wants still is picked and made ready there; what was cancelled on the way is free there. What is lost leaves the books.',
  request: { params: ByGroup, headers: WriteHeaders, body: json(z.strictObject({ lost: z.boolean().optional() })) },
  responses: answers(ParcelOut, 'It is there.'),
})

/** Goods that wait to be collected: for how long, what buyers choose, and how many come. */
export function pickUpRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const rules = async () => ({ items: (await pickUpRules(deps.sql)).map(leaving) })
  app.openapi(readRules, async c => c.json(await rules(), 200))
  app.openapi(writeRule, async c => {
    const { rule } = c.req.valid('json')
    await setPickUpRule(contextOf(deps, c), keyOf(c.req.valid('header')), present(c.req.valid('query')), rule)
    return c.json(await rules(), 200)
  })
  app.openapi(figures, async c => {
    const items = await storeStandings(contextOf(deps, c), c.req.valid('query').location ?? null)
    return c.json({ items: JSON.parse(JSON.stringify(items)) }, 200)
  })
  app.openapi(readOne, async c => {
    const choice = await readChoice(deps, c.req.valid('param').id)
    const lines = (choice?.lines ?? []).map(line => ({ ...line }))
    return c.json({ why: choice?.why ?? null, lines, mayCancel: choice?.mayCancel ?? false }, 200)
  })
  app.openapi(choose, async c => {
    const { id } = c.req.valid('param')
    const [context, key, asked] = [contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json')]
    const chosen =
      asked.choice === 'store'
        ? await chooseAnotherStore(context, key, id, asked.store, asked)
        : asked.choice === 'ship'
          ? await shipInstead(context, key, id, asked)
          : await cancelPickUp(context, key, id, asked)
    return c.json({ ...chosen, lines: chosen.lines.map(line => ({ ...line })), groups: [...chosen.groups] }, 200)
  })
  app.openapi(sendParcel, async c => {
    const { id, groupId } = c.req.valid('param')
    const deed = { kind: 'send', ...c.req.valid('json') } as const
    return c.json(parcelOut(await workOnParcel(contextOf(deps, c), keyOf(c.req.valid('header')), groupId, deed, id)), 200)
  })
  app.openapi(receiveParcel, async c => {
    const { id, groupId } = c.req.valid('param')
    const deed = { kind: 'receive', ...c.req.valid('json') } as const
    return c.json(parcelOut(await workOnParcel(contextOf(deps, c), keyOf(c.req.valid('header')), groupId, deed, id)), 200)
  })
  app.openapi(keep, async c => {
    const { id, groupId } = c.req.valid('param')
    const { days } = c.req.valid('json')
    return c.json(await keepLonger(contextOf(deps, c), keyOf(c.req.valid('header')), groupId, { orderId: id, days }), 200)
  })
  return app
}

const parcelOut = ({ groupId, state, group }: Worked) => ({ groupId, state, ...(group === undefined ? {} : { group }) })
