import { createRoute, type z } from '@hono/zod-openapi'
import type { Context as HonoContext } from 'hono'
import { changeStock, type StockChange, sellAtTill } from '../../usecases/change-stock.ts'
import { ownStore, refuseOtherStore } from '../../usecases/own-store.ts'
import type { RequestEnv } from '../../usecases/principal.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { AdjustIn, Changed, CountedIn, DamageIn, ReceiveIn, ReturnIn, SafetyIn, SaleIn } from './stock-change-shape.ts'

const receive = createRoute({
  method: 'post',
  path: '/v1/stock/receive',
  tags: ['Stock'],
  summary: 'Goods came in; whoever is short gets them first',
  request: { headers: WriteHeaders, body: json(ReceiveIn) },
  responses: answers(Changed, 'The balances after it.'),
})

const adjust = createRoute({
  method: 'post',
  path: '/v1/stock/adjust',
  tags: ['Stock'],
  summary: 'More (+) or fewer (−) units than the books say',
  request: { headers: WriteHeaders, body: json(AdjustIn) },
  responses: answers(Changed, 'The balances after it.'),
})

const count = createRoute({
  method: 'post',
  path: '/v1/stock/count',
  tags: ['Stock'],
  summary: 'State what is physically there',
  request: { headers: WriteHeaders, body: json(CountedIn) },
  responses: answers(Changed, 'The balances after it.'),
})

const damage = createRoute({
  method: 'post',
  path: '/v1/stock/damage',
  tags: ['Stock'],
  summary: 'Put units aside: damaged, held, recalled',
  description:
    'They stay on hand and are not sold. Promises beyond what is left give way: holds first, then the newest orders, which become short.',
  request: { headers: WriteHeaders, body: json(DamageIn) },
  responses: answers(Changed, 'The balances after it.'),
})

const restore = createRoute({
  method: 'post',
  path: '/v1/stock/restore',
  tags: ['Stock'],
  summary: 'Bring units that were put aside back for sale; whoever is short gets them first',
  request: { headers: WriteHeaders, body: json(DamageIn) },
  responses: answers(Changed, 'The balances after it.'),
})

const giveBack = createRoute({
  method: 'post',
  path: '/v1/stock/return',
  tags: ['Stock'],
  summary: 'Goods came back, for sale again or aside',
  request: { headers: WriteHeaders, body: json(ReturnIn) },
  responses: answers(Changed, 'The balances after it.'),
})

const safety = createRoute({
  method: 'post',
  path: '/v1/stock/safety-stock',
  tags: ['Stock'],
  summary: 'Set how many units a location keeps back from every promise',
  request: { headers: WriteHeaders, body: json(SafetyIn) },
  responses: answers(Changed, 'The balances after it.'),
})

const sale = createRoute({
  method: 'post',
  path: '/v1/stock/sale',
  tags: ['Stock'],
  summary: "A till's sale; till and receipt are its key",
  description:
    'The same receipt of the same till is booked once, whoever sends it and however often. An Idempotency-Key is not needed. A clerk who is logged in books those of their own store only.',
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
  app.openapi(damage, async c => {
    const { lines, occurredAt } = c.req.valid('json')
    return c.json(await change(c, keyOf(c.req.valid('header')), 'damage', lines, occurredAt), 200)
  })
  app.openapi(restore, async c => {
    const { lines, occurredAt } = c.req.valid('json')
    return c.json(await change(c, keyOf(c.req.valid('header')), 'restore', lines, occurredAt), 200)
  })
  app.openapi(giveBack, async c => {
    const { lines, occurredAt } = c.req.valid('json')
    return c.json(await change(c, keyOf(c.req.valid('header')), 'return', lines, occurredAt), 200)
  })
  app.openapi(safety, async c => {
    const { lines } = c.req.valid('json')
    return c.json(await change(c, keyOf(c.req.valid('header')), 'safety', lines), 200)
  })
  app.openapi(sale, async c => {
    const sold = c.req.valid('json')
    refuseOtherStore(await ownStore(deps.sql, c.var.principal), sold.location)
    const changed = await sellAtTill(contextOf(deps, c), sold)
    tellToken(c, changed.token)
    return c.json(shown(changed), 200)
  })

  async function change(
    c: HonoContext<RequestEnv>,
    key: string | null,
    kind: StockChange['kind'],
    lines: readonly Omit<StockChange, 'kind'>[],
    occurredAt?: string,
  ) {
    const changes = lines.map(line => ({ kind, ...line }))
    const changed = await changeStock(contextOf(deps, c), key, changes, occurredAt)
    tellToken(c, changed.token)
    return shown(changed)
  }

  return app
}

const shown = (changed: Awaited<ReturnType<typeof changeStock>>): z.infer<typeof Changed> => ({
  lines: changed.lines.map(line => ({ ...line })),
  ...(changed.warnings.length === 0 ? {} : { warnings: [...changed.warnings] }),
  replayed: changed.replayed,
})
