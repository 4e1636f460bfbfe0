import { createRoute, z } from '@hono/zod-openapi'
import { listReservations, type ReservationRow, readBasket } from '../../../db/reservations.ts'
import type { Context } from '../../usecases/context.ts'
import { endHold, moveHold, reserved } from '../../usecases/hold.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import type { QuickRoute } from '../quick/route.ts'
import { Code, LocationCode, leaving, Sku, SomeUnits } from '../shapes.ts'

// A basket's own name holds its caller's; addresses carry it in a form that needs no escaping.
const idOf = (basket: string): string => Buffer.from(basket).toString('base64url')

function basketOf(id: string): string {
  const basket = Buffer.from(id, 'base64url').toString('utf8')
  if (!/^(hold|order):[^\p{Cc}\p{Cs}]+$/u.test(basket)) throw new Fault('not_found', 'There is no such reservation.')
  return basket
}

const LINES_MOST = 100
const HOLD_LONGEST_S = 30 * 24 * 3600

const ReserveIn = z.strictObject({
  lines: z
    .array(z.strictObject({ sku: Sku, quantity: SomeUnits, location: LocationCode.optional() }))
    .min(1)
    .max(LINES_MOST),
  channel: Code.optional().openapi({ description: 'Only from the locations that serve this channel, in its order of preference.' }),
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
const MoveIn = z.strictObject({ sku: Sku, to: LocationCode, quantity: SomeUnits.optional() })
const ById = z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{1,700}$/) })

const create = createRoute({
  method: 'post',
  path: '/v1/reservations',
  tags: ['Reservations'],
  summary: 'Promise stock to a basket',
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
  const now = deps.now ?? (() => new Date())
  return async (context: Context, key: string | null, asked: z.infer<typeof ReserveIn>) => {
    const answer = await deps.lane(context, key, asked, now())
    deps.metrics.countReservation(answer.outcome)
    const { basket, lines, missing, expiresAt, replayed, token } = reserved(answer)
    const body: z.infer<typeof ReservedOut> = {
      id: idOf(basket),
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

  app.openapi(move, async c => {
    const { id } = c.req.valid('param')
    tellToken(c, await moveHold(contextOf(deps, c), keyOf(c.req.valid('header')), { basket: basketOf(id), ...c.req.valid('json') }))
    return c.json(await read(id), 200)
  })

  return app
}

function show({ id: _, basket, ...row }: ReservationRow): z.infer<typeof PromiseOut> {
  return { id: idOf(basket), ...leaving(row) }
}
