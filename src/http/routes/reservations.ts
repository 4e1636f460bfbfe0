import { createRoute, z } from '@hono/zod-openapi'
import { listReservations, type ReservationRow, readBasket } from '../../../db/reservations.ts'
import type { Context } from '../../usecases/context.ts'
import { endHold, extendHold, moveHold, reserved } from '../../usecases/hold.ts'
import { basketOf, holdId } from '../../usecases/hold-id.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import type { QuickRoute } from '../quick/route.ts'
import { Code, LocationCode, leaving, Sku, SomeUnits } from '../shapes.ts'

const LINES_MOST = 100
const HOLD_LONGEST_S = 30 * 24 * 3600

const ReserveIn = z.strictObject({
  lines: z
    .array(z.strictObject({ sku: Sku, quantity: SomeUnits, location: LocationCode.optional() }))
    .min(1)
    .max(LINES_MOST),
  channel: Code.optional().openapi({ description: 'Only from the locations that serve this channel, in its order of preference.' }),
  prefer: z
    .union([z.enum(['channel', 'most']), z.array(LocationCode).min(1).max(50)])
    .optional()
    .openapi({
      description:
        "Which location goes first: the channel's order (unless told), where `most` is free, or these, in their order, before all others. One location that has all of a line goes before several.",
    }),
  partial: z.boolean().optional().openapi({ description: 'Take what there is; without it all lines or none.' }),
  expiresInS: z.int().min(1).max(HOLD_LONGEST_S).optional().openapi({ description: 'The hold ends by itself after so many seconds.' }),
})

const Held = z.object({ sku: z.string(), location: z.string(), quantity: z.int() })
const Missing = z.object({ sku: z.string(), asked: z.int(), available: z.int() })

const ReservedOut = z
  .object({ id: z.string(), lines: z.array(Held), missing: z.array(Missing), expiresAt: z.string().nullable(), replayed: z.boolean() })
  .openapi('Reserved')

const PromiseOut = z.object({
  id: z.string().openapi({ description: 'The reservation that this promise belongs to.' }),
  sku: z.string(),
  bundle: z.string().nullable().openapi({ description: 'The bundle that it is a part of.' }),
  location: z.string(),
  channel: z.string().nullable(),
  orderId: z.int().nullable(),
  asked: z.int(),
  quantity: z.int().openapi({ description: 'Units still promised.' }),
  state: z.string(),
  expiresAt: z.string().nullable(),
  actor: z.string(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
})

const Basket = z.object({ id: z.string(), open: z.int(), promises: z.array(PromiseOut) }).openapi('Reservation')

const EndIn = z.strictObject({
  lines: z
    .array(z.strictObject({ sku: Sku, quantity: SomeUnits }))
    .min(1)
    .max(LINES_MOST)
    .optional()
    .openapi({ description: 'A part of it; all that is open when absent.' }),
})

const EndedOut = z.object({ id: z.string(), lines: z.array(Held), replayed: z.boolean() })
const ExtendIn = z.strictObject({
  expiresInS: z
    .int()
    .min(1)
    .max(HOLD_LONGEST_S)
    .nullable()
    .openapi({ description: 'So many seconds from now on; null: until it is released or settled.' }),
})
const MoveIn = z
  .strictObject({
    sku: Sku.optional().openapi({ description: 'Only this; everything that is open when absent.' }),
    to: LocationCode,
    quantity: SomeUnits.optional(),
  })
  .refine(({ sku, quantity }) => quantity === undefined || sku !== undefined, { path: ['quantity'], message: 'a quantity goes with a sku' })
const ById = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,700}$/) })

const create = createRoute({
  method: 'post',
  path: '/v1/reservations',
  tags: ['Reservations'],
  summary: 'Promise stock to a basket',
  description:
    'All lines or none, unless `partial`. The refusal `insufficient_stock` is not final: nothing is kept of it, and the same Idempotency-Key may succeed after a receipt. A hold is of units that are there: what a channel shows as sold ahead (backorder, pre-order) cannot be held; an order beyond what is there is booked all the same, short.',
  request: { headers: WriteHeaders, body: json(ReserveIn) },
  responses: creates(ReservedOut, 'Promised; with `partial` some may be missing.'),
})

const list = createRoute({
  method: 'get',
  path: '/v1/reservations',
  tags: ['Reservations'],
  summary: 'Promises, the newest first',
  request: {
    query: z.strictObject({
      ...PAGE,
      sku: Sku.optional(),
      location: LocationCode.optional(),
      state: z.enum(['open', 'settled', 'released', 'expired', 'lost']).optional(),
    }),
  },
  responses: answers(pageOf(PromiseOut), 'Promises to baskets and to order lines.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/reservations/{id}',
  tags: ['Reservations'],
  summary: 'One reservation',
  request: { params: ById },
  responses: answers(Basket, 'Its promises and what became of each.'),
})

const release = createRoute({
  method: 'post',
  path: '/v1/reservations/{id}/release',
  tags: ['Reservations'],
  summary: 'Give the units back',
  request: { params: ById, headers: WriteHeaders, body: json(EndIn) },
  responses: answers(EndedOut, 'What was released.'),
})

const settle = createRoute({
  method: 'post',
  path: '/v1/reservations/{id}/settle',
  tags: ['Reservations'],
  summary: 'The units were handed over',
  request: { params: ById, headers: WriteHeaders, body: json(EndIn) },
  responses: answers(EndedOut, 'What left the location.'),
})

const extend = createRoute({
  method: 'post',
  path: '/v1/reservations/{id}/extend',
  tags: ['Reservations'],
  summary: 'Let a hold last longer',
  description: "Only what has not ended: units whose time was over may be somebody else's already.",
  request: { params: ById, headers: WriteHeaders, body: json(ExtendIn) },
  responses: answers(Basket, 'The reservation after it.'),
})

const move = createRoute({
  method: 'post',
  path: '/v1/reservations/{id}/move',
  tags: ['Reservations'],
  summary: 'Promise the units at another location',
  request: { params: ById, headers: WriteHeaders, body: json(MoveIn) },
  responses: answers(Basket, 'The reservation after it.'),
})

/** Reserves, and shows what came of it. Throws the refusals of `reserved`. */
function makeReserve(deps: ApiDeps) {
  return async (context: Context, key: string | null, asked: z.infer<typeof ReserveIn>) => {
    const answer = await deps.lane(context, key, asked)
    deps.metrics.countReservation(answer.outcome)
    const { basket, lines, missing, expiresAt, replayed, token } = reserved(answer)
    const body: z.infer<typeof ReservedOut> = {
      id: holdId(basket),
      lines: lines.map(line => ({ ...line })),
      missing: missing.map(line => ({ ...line })),
      expiresAt: expiresAt ?? null,
      replayed: replayed === true,
    }
    return { status: 201, body, token } as const
  }
}

/** `POST /v1/reservations` at the quick door. */
export function quickReserve(deps: ApiDeps): QuickRoute {
  const reserve = makeReserve(deps)
  return {
    method: 'POST',
    pattern: 'POST /v1/reservations',
    matches: url => url === '/v1/reservations',
    take: ({ headers, body }) => {
      const head = WriteHeaders.safeParse(headers)
      const asked = ReserveIn.safeParse(body)
      return head.success && asked.success ? context => reserve(context, keyOf(head.data), asked.data) : null
    },
  }
}

/** Promises on stock. Creating them goes through the one lane of the process. */
export function reservationRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const reserve = makeReserve(deps)

  async function read(id: string) {
    const rows = await readBasket(deps.sql, basketOf(id))
    if (rows.length === 0) throw new Fault('not_found', 'There is no such reservation.')
    return { id, open: rows.reduce((units, row) => units + (row.state === 'open' ? row.quantity : 0), 0), promises: rows.map(show) }
  }

  app.openapi(create, async c => {
    const { body, status, token } = await reserve(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json'))
    tellToken(c, token)
    return c.json(body, status)
  })

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listReservations(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  app.openapi(get, async c => c.json(await read(c.req.valid('param').id), 200))

  app.openapi(release, async c => {
    const { id } = c.req.valid('param')
    const ended = await endHold(contextOf(deps, c), keyOf(c.req.valid('header')), basketOf(id), 'release', c.req.valid('json').lines)
    tellToken(c, ended.token)
    return c.json({ id, lines: ended.lines.map(line => ({ ...line })), replayed: ended.replayed }, 200)
  })

  app.openapi(settle, async c => {
    const { id } = c.req.valid('param')
    const ended = await endHold(contextOf(deps, c), keyOf(c.req.valid('header')), basketOf(id), 'settle', c.req.valid('json').lines)
    tellToken(c, ended.token)
    return c.json({ id, lines: ended.lines.map(line => ({ ...line })), replayed: ended.replayed }, 200)
  })

  app.openapi(extend, async c => {
    const { id } = c.req.valid('param')
    tellToken(c, await extendHold(contextOf(deps, c), keyOf(c.req.valid('header')), basketOf(id), c.req.valid('json').expiresInS))
    return c.json(await read(id), 200)
  })

  app.openapi(move, async c => {
    const { id } = c.req.valid('param')
    tellToken(c, await moveHold(contextOf(deps, c), keyOf(c.req.valid('header')), { basket: basketOf(id), ...c.req.valid('json') }))
    return c.json(await read(id), 200)
  })

  return app
}

function show({ id: _, basket, ...row }: ReservationRow): z.infer<typeof PromiseOut> {
  return { id: holdId(basket), ...leaving(row) }
}
