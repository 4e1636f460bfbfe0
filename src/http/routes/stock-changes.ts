import { createRoute, z } from '@hono/zod-openapi'
import type { Context as HonoContext } from 'hono'
import { changeStock, type StockChange, sellAtTill } from '../../usecases/change-stock.ts'
import type { RequestEnv } from '../../usecases/principal.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { Instant, LocationCode, Sku, SomeUnits, text, Units, UnitsDelta } from '../shapes.ts'

const Changed = z
  .object({
    lines: z.array(
      z.object({
        sku: z.string(),
        location: z.string(),
        onHand: z.int(),
        reserved: z.int(),
        unavailable: z.int(),
        safetyStock: z.int(),
        available: z.int(),
      }),
    ),
    replayed: z.boolean().openapi({ description: 'True when this key was answered before: nothing was done again.' }),
  })
  .openapi('StockChanged')

// One statement must hold its locks for less than 50 ms; a file goes through the import.
const LINES_MOST = 500

/** Lines that all do the same thing. */
const bodyOf = (quantity: z.ZodType<number>) =>
  z.strictObject({
    lines: z
      .array(z.strictObject({ sku: Sku, location: LocationCode, quantity, reason: text(200).optional() }))
      .min(1)
      .max(LINES_MOST),
    occurredAt: Instant.optional().openapi({ description: 'When it happened; now when absent. Never in the future.' }),
  })

const SaleIn = z.strictObject({
  till: text(60).openapi({ example: 'berlin-1' }),
  receipt: text(100).openapi({ example: '2026-11-22/0147' }),
  location: LocationCode,
  lines: z
    .array(z.strictObject({ sku: Sku, quantity: SomeUnits }))
    .min(1)
    .max(LINES_MOST),
  occurredAt: Instant.optional(),
})

const receive = createRoute({
  method: 'post',
  path: '/v1/stock/receive',
  tags: ['Stock'],
  summary: 'Goods came in; whoever is short gets them first',
  request: { headers: WriteHeaders, body: json(bodyOf(SomeUnits)) },
  responses: answers(Changed, 'The balances after it.'),
})

const adjust = createRoute({
  method: 'post',
  path: '/v1/stock/adjust',
  tags: ['Stock'],
  summary: 'More (+) or fewer (−) units than the books say',
  request: { headers: WriteHeaders, body: json(bodyOf(UnitsDelta)) },
  responses: answers(Changed, 'The balances after it.'),
})

const count = createRoute({
  method: 'post',
  path: '/v1/stock/count',
  tags: ['Stock'],
  summary: 'State what is physically there',
  request: { headers: WriteHeaders, body: json(bodyOf(Units)) },
  responses: answers(Changed, 'The balances after it.'),
})

const safety = createRoute({
  method: 'post',
  path: '/v1/stock/safety-stock',
  tags: ['Stock'],
  summary: 'Set how many units a location keeps back from every promise',
  request: { headers: WriteHeaders, body: json(bodyOf(Units)) },
  responses: answers(Changed, 'The balances after it.'),
})

const sale = createRoute({
  method: 'post',
  path: '/v1/stock/sale',
  tags: ['Stock'],
  summary: "A till's sale; till and receipt are its key",
  description: 'The same receipt of the same till is booked once, whoever sends it and however often. An Idempotency-Key is not needed.',
  request: { body: json(SaleIn) },
  responses: answers(Changed, 'The balances after it.'),
})

/** What changes stock. All lines of a request or none. */
export function stockChangeRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(receive, async c => {
    const { lines, occurredAt } = c.req.valid('json')
    return c.json(await change(c, keyOf(c.req.valid('header')), 'receive', lines, occurredAt), 200)
  })
  app.openapi(adjust, async c => {
    const { lines, occurredAt } = c.req.valid('json')
    return c.json(await change(c, keyOf(c.req.valid('header')), 'adjust', lines, occurredAt), 200)
  })
  app.openapi(count, async c => {
    const { lines, occurredAt } = c.req.valid('json')
    return c.json(await change(c, keyOf(c.req.valid('header')), 'count', lines, occurredAt), 200)
  })
  app.openapi(safety, async c => {
    const { lines, occurredAt } = c.req.valid('json')
    return c.json(await change(c, keyOf(c.req.valid('header')), 'safety', lines, occurredAt), 200)
  })
  app.openapi(sale, async c => {
    const sold = c.req.valid('json')
    refuseFuture(sold.occurredAt, now())
    const changed = await sellAtTill(contextOf(deps, c), sold)
    tellToken(c, changed.token)
    return c.json(shown(changed), 200)
  })

  const now = deps.now ?? (() => new Date())

  async function change(
    c: HonoContext<RequestEnv>,
    key: string | null,
    kind: StockChange['kind'],
    lines: readonly Omit<StockChange, 'kind'>[],
    occurredAt: string | undefined,
  ) {
    refuseFuture(occurredAt, now())
    const changes = lines.map(line => ({ kind, ...line }))
    const changed = await changeStock(contextOf(deps, c), key, changes, occurredAt)
    tellToken(c, changed.token)
    return shown(changed)
  }

  return app
}

// A minute for clocks that differ.
const AHEAD_MS = 60_000

function refuseFuture(occurredAt: string | undefined, now: Date): void {
  if (occurredAt !== undefined && Date.parse(occurredAt) > now.getTime() + AHEAD_MS) {
    throw new Fault('invalid', `occurredAt ${occurredAt} is in the future.`, {
      field: 'occurredAt',
      value: occurredAt,
      expected: 'an instant that has passed',
    })
  }
}

const shown = (changed: Awaited<ReturnType<typeof changeStock>>): z.infer<typeof Changed> => ({
  lines: changed.lines.map(line => ({ ...line })),
  replayed: changed.replayed,
})
