import { createRoute, z } from '@hono/zod-openapi'
import { readAvailability, readManyAvailability } from '../../usecases/read-availability.ts'
import { type Api, type ApiDeps, answers, json, jsonText, makeApi } from '../api.ts'
import type { QuickRoute } from '../quick/route.ts'
import { Code, Day, Instant, LocationCode, present, Sku, text } from '../shapes.ts'

const InChannel = z.object({
  channel: z.string(),
  atp: z.int().openapi({ description: "Available to promise over the channel's locations." }),
  ahead: z.int().openapi({ description: 'Units that may be sold though they are not there yet (pre-order, backorder).' }),
  buffer: z.int().openapi({ description: 'Units kept back from this channel; a percentage is worked out here.' }),
  cap: z.int().nullable(),
  stopSellingAt: z.int(),
  shown: z.int().openapi({ description: 'What the channel should show: ATP + ahead − buffer, capped; 0 at or below stopSellingAt.' }),
  listed: z.boolean().optional().openapi({
    description:
      'Whether the channel has a listing of the SKU: without one nothing is shown there, and the numbers tell what a listing would show. Of many SKUs it is told where `listed` asks for it.',
  }),
  atpOn: z
    .int()
    .optional()
    .openapi({ description: 'What can be promised on the date: with what is expected by then, less what orders lack.' }),
})

const AtLocation = z.object({
  location: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  unavailable: z.int(),
  incoming: z.int(),
  safetyStock: z.int(),
  available: z
    .int()
    .openapi({ description: 'On hand − reserved − unavailable − safety stock, never below 0; of a bundle also what its parts make.' }),
  availableOn: z.int().optional(),
})

const Incoming = z.object({
  sku: z.string().openapi({ description: 'Of a bundle, the part that comes.' }),
  location: z.string(),
  expectedAt: z.string(),
  kind: z.enum(['delivery', 'transfer']),
  reference: z.string(),
  units: z.int(),
})

/** What both routes answer; the text that the database makes is held to it by a test. */
export const AvailabilityOut = z
  .object({
    trueAsOf: z.string().openapi({ description: 'It was true at this instant or later; never more than a second ago.' }),
    on: z.string().optional(),
    items: z.array(
      z.object({
        sku: z.string(),
        channels: z.array(InChannel).optional(),
        locations: z.array(AtLocation).optional(),
        incoming: z.array(Incoming).optional().openapi({ description: 'What is expected by the date, the earliest first.' }),
        short: z.int().optional().openapi({ description: 'Units that orders are short of; what comes serves them first.' }),
      }),
    ),
  })
  .openapi('Availability')

const On = z.union([Instant, Day]).openapi({
  description:
    'Tells also what can be promised then: an instant, or a day, which ends at midnight UTC. Lots that expire by then do not count.',
  example: '2026-12-24',
})
const AtLeast = text(40).openapi({ description: 'The Concord-Token of a write: the answer is never older than that write, on any node.' })

const SKUS_MOST = 10_000

const OneParams = z.object({ sku: Sku })
const OneQuery = z.strictObject({
  channel: Code.optional(),
  location: LocationCode.optional(),
  on: On.optional(),
  atLeast: AtLeast.optional(),
})

const one = createRoute({
  method: 'get',
  path: '/v1/availability/{sku}',
  tags: ['Stock'],
  summary: 'What there is to sell of one SKU, by location and by channel',
  description:
    'One channel alone is answered from memory where that was true within the last second; `atLeast` makes sure that a write of yours is in it. With a location, or a date, it is read now.',
  request: { params: OneParams, query: OneQuery },
  responses: answers(AvailabilityOut, 'All channels and locations, unless one is named.'),
})

const many = createRoute({
  method: 'post',
  path: '/v1/availability',
  tags: ['Stock'],
  summary: 'What there is to sell of up to 10,000 SKUs',
  description:
    'A read; it is a POST because the list may be long. In the named channels, at the named locations, or (without both) in all channels; at most 100,000 numbers. What does not exist is left out. Read now, from no memory.',
  request: {
    body: json(
      z.strictObject({
        skus: z.array(Sku).min(1).max(SKUS_MOST),
        channels: z.array(Code).min(1).max(100).optional(),
        locations: z.array(LocationCode).min(1).max(100).optional(),
        on: On.optional(),
        listed: z.boolean().optional().openapi({ description: 'Tell also which channels list which SKU; it takes half as long again.' }),
      }),
    ),
  },
  responses: answers(AvailabilityOut, 'In the order of the SKUs.'),
})

// Nothing that would have to be unescaped, and nothing asked for twice: such addresses are the app's to read.
const PLAIN_READ = /^\/v1\/availability\/(\w[\w.-]*)(?:\?([\w=&:.-]*))?$/

/** `GET /v1/availability/{sku}` at the quick door. */
export function quickAvailability(deps: ApiDeps): QuickRoute {
  return {
    method: 'GET',
    pattern: 'GET /v1/availability/:sku',
    matches: url => PLAIN_READ.test(url),
    take: ({ url }) => {
      const [, sku, words = ''] = PLAIN_READ.exec(url) ?? []
      const pairs = words === '' ? [] : words.split('&').map(pair => pair.split('='))
      const named = Object.fromEntries(pairs)
      if (pairs.some(pair => pair.length !== 2) || Object.keys(named).length !== pairs.length) return null
      const params = OneParams.safeParse({ sku })
      const query = OneQuery.safeParse(named)
      if (!params.success || !query.success) return null
      return async () => ({ status: 200, body: await readAvailability(deps, { ...params.data, ...present(query.data) }) })
    },
  }
}

/** What there is to sell. */
export function availabilityRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(one, async c => {
    const query = { ...c.req.valid('param'), ...present(c.req.valid('query')) }
    return c.json(await readAvailability(deps, query), 200)
  })

  app.openapi(many, async c => jsonText<z.infer<typeof AvailabilityOut>>(c, await readManyAvailability(deps, c.req.valid('json'))))

  return app
}
