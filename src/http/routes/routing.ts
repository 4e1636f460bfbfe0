import { createRoute, z } from '@hono/zod-openapi'
import { decisionsOf } from '../../../db/routing.ts'
import { type LocationServices, readServices, rulesVersions } from '../../../db/routing-settings.ts'
import { RULES_MOST } from '../../domain/fulfilment/read-rules.ts'
import { PLAIN_RULES } from '../../domain/fulfilment/rules.ts'
import { holidaysFrom } from '../../usecases/public-holidays.ts'
import { serveLocation, setRules } from '../../usecases/routing-settings.ts'
import { Fault } from '../../values/fault.ts'
import { HAZARDS } from '../../values/hazard.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { Code, Day, Id, LocationCode, leaving, present, text, Units } from '../shapes.ts'

const Clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time such as 09:00')
const Span = z
  .tuple([Clock, z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'is no time such as 18:00')])
  .refine(([from, to]) => from < to, 'ends before it begins')
const Cost = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, 'is no amount such as 4.50')
const hours = z.partialRecord(z.enum(['1', '2', '3', '4', '5', '6', '7']), z.array(Span).max(10)).nullable()

const hazards = z.array(z.enum(HAZARDS)).max(HAZARDS.length).nullable()

const fields = {
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
  address: text(500).nullable(),
  postalCode: text(20)
    .nullable()
    .openapi({ description: 'Tells where it is, where coordinates are not stated and postal codes of its country are known.' }),
  hours: hours.openapi({
    description:
      'Opening hours by ISO weekday (1: Monday), in the zone of the location; a weekday that is missing is closed. Null: always open.',
  }),
  cutOff: Clock.nullable().openapi({ description: 'Local time until which work of the same day is begun.' }),
  leadMinutes: z.int().min(0).max(100_000).openapi({ description: 'Minutes of opening time until an order is ready.' }),
  holidays: z.array(Day).max(1000).openapi({ description: 'Days on which it is closed beside its hours.' }),
  ordersPerDay: Units.nullable().openapi({ description: 'Orders that it takes on for one day; null: any number.' }),
  unitsPerDay: Units.nullable(),
  ships: z.boolean(),
  collects: z.boolean().openapi({ description: 'Whether buyers may collect there.' }),
  shipsTo: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'is no country code'))
    .max(300)
    .nullable()
    .openapi({ description: 'Countries; null: all.' }),
  parcelCost: Cost.nullable().openapi({ description: 'What a parcel from there costs; null: as the rules say.' }),
  unitCost: Cost.nullable(),
  priority: z.int().min(-1000).max(1000),
  transitDays: z.int().min(0).max(60),
  transitDaysAbroad: z.int().min(0).max(60),
  shipsHazards: hazards.openapi({ description: 'Classes of dangerous goods that it may hand to a carrier; null: all.' }),
  handsOverHazards: hazards.openapi({ description: 'Classes of dangerous goods that it may hand to a buyer; null: all.' }),
  holidaysOf: text(10).nullable().openapi({
    description: 'The country, or part of one, whose public holidays it keeps beside `holidays`; null: none.',
    example: 'DE-BY',
  }),
  openDays: z.array(Day).max(1000).openapi({ description: 'Public holidays on which it is open all the same.' }),
}
const Services = z
  .object({
    ...fields,
    publicHolidays: z
      .array(z.object({ day: z.string(), name: z.string() }))
      .openapi({ description: 'The public holidays that it keeps within a year from now, also those on which it is open.' }),
    since: z.string().nullable(),
    actor: z.string().nullable(),
  })
  .openapi('LocationServices')
const ServicesIn = z.strictObject(fields).partial()

const Rules = z
  .looseObject({ rules: z.array(z.looseObject({ name: z.string() })).max(RULES_MOST), lateAfterHours: z.int().nullable().optional() })
  .openapi('RoutingRules', {
    description:
      'Rules in their order: the first that places everything within its limit of splits decides (maxPlaces; noSplitBelow: orders worth less go to one place); where none does, the one that leaves least over. Each: name, kinds, locations, maxKm (places farther away, or not known to be nearer, are out), maxPlaces, noSplitBelow, shipToStore, and worth: what a parcel, a kilometre (distance), a unit handled (handling), a parcel beyond the first (split), a day until it arrives (promise), a full day (balance), a day on the shelf (oldest) and a step of priority count. lateAfterHours: groups that nobody began go elsewhere.',
  })
const Versions = z
  .object({
    current: Rules,
    version: z.int().nullable().openapi({ description: 'Null: nobody has written rules; the plain ones hold.' }),
    versions: z.array(z.object({ version: z.int(), since: z.string(), until: z.string().nullable(), actor: z.string(), rules: Rules })),
  })
  .openapi('RoutingRulesVersions')
const Decisions = z
  .object({
    items: z.array(
      z.object({
        at: z.string(),
        outcome: z.enum(['routed', 'unplaced']),
        actor: z.string(),
        rulesVersion: z.int().nullable(),
        groups: z.array(z.int()),
        body: z.looseObject({}).openapi({
          description:
            'Each rule that was tried with its candidates: why a location was out (out), what it would have cost (cost, score), why it lost (lost). facts: what it was made from, without the buyer: lines, supply, load, and the groups as they were promised.',
        }),
      }),
    ),
  })
  .openapi('RoutingDecisions')

const ByCode = z.object({ code: LocationCode })
const ForChannel = z.strictObject({ channel: Code.optional() })

const readOne = createRoute({
  method: 'get',
  path: '/v1/locations/{code}/services',
  tags: ['Locations'],
  summary: 'What a location does for orders',
  request: { params: ByCode },
  responses: answers(Services, 'Hours, capacity, cost, and where it is.'),
})
const change = createRoute({
  method: 'patch',
  path: '/v1/locations/{code}/services',
  tags: ['Locations'],
  summary: 'State what a location does for orders',
  description: 'What is absent stays as it is. Every change is a version of its own.',
  request: { params: ByCode, headers: WriteHeaders, body: json(ServicesIn) },
  responses: answers(Services, 'All of it after the change.'),
})
const readAll = createRoute({
  method: 'get',
  path: '/v1/routing/rules',
  tags: ['Orders'],
  summary: 'The rules of routing and their versions',
  request: { query: ForChannel },
  responses: answers(Versions, 'Of one channel, or of all that have none of their own.'),
})
const write = createRoute({
  method: 'put',
  path: '/v1/routing/rules',
  tags: ['Orders'],
  summary: 'Write the rules of routing',
  request: {
    query: ForChannel,
    headers: WriteHeaders,
    body: json(
      z.strictObject({
        version: z.int().nullable().openapi({ description: 'The version that was read; null where there was none.' }),
        rules: Rules,
      }),
    ),
  },
  responses: answers(z.object({ version: z.int() }), 'The new version.'),
})
const why = createRoute({
  method: 'get',
  path: '/v1/orders/{id}/routing',
  tags: ['Orders'],
  summary: 'Why an order is handed over where it is',
  request: { params: z.object({ id: Id }) },
  responses: answers(Decisions, 'Decisions about it, newest first.'),
})

/** What locations do for orders, the rules that choose between them, and why each order went where it did. */
export function routingRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(readOne, async c => {
    const { code } = c.req.valid('param')
    const row = await readServices(deps.sql, code)
    if (row === null) throw new Fault('not_found', `There is no location ${code}.`)
    return c.json(await shown(row), 200)
  })
  app.openapi(change, async c => {
    const row = await serveLocation(
      contextOf(deps, c),
      keyOf(c.req.valid('header')),
      c.req.valid('param').code,
      present(c.req.valid('json')),
    )
    return c.json(await shown(row), 200)
  })
  app.openapi(readAll, async c => {
    const versions = await rulesVersions(deps.sql, c.req.valid('query').channel ?? null)
    const stands = versions.find(one => one.until === null)
    const told = versions.map(({ channel: _, ...one }) => leaving(one))
    return c.json(
      JSON.parse(JSON.stringify({ current: stands?.rules ?? PLAIN_RULES, version: stands?.version ?? null, versions: told })),
      200,
    )
  })
  app.openapi(write, async c => {
    const { version, rules } = c.req.valid('json')
    return c.json(
      { version: await setRules(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('query').channel ?? null, version, rules) },
      200,
    )
  })
  app.openapi(why, async c => {
    const items = await decisionsOf(deps.sql, c.req.valid('param').id)
    return c.json(JSON.parse(JSON.stringify({ items })), 200)
  })
  return app
}

async function shown(row: LocationServices): Promise<z.infer<typeof Services>> {
  const publicHolidays = row.holidaysOf === null ? [] : await holidaysFrom(row.holidaysOf, new Date().toISOString().slice(0, 10), 365)
  return JSON.parse(JSON.stringify({ ...row, publicHolidays }))
}
