import { createRoute, z } from '@hono/zod-openapi'
import type { OrderOfBuyer } from '../../../db/forget.ts'
import { findBuyer, forgetOrdersOf } from '../../usecases/forget-buyer.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { leaving, text } from '../shapes.ts'

const Found = z
  .object({
    ...{ id: z.int(), number: z.string(), channel: z.string(), state: z.string(), placedAt: z.string() },
    hasPerson: z.boolean().openapi({ description: 'Whether anything personal is kept of it.' }),
  })
  .openapi('OrderOfBuyer')

const find = createRoute({
  ...{ method: 'post', path: '/v1/orders/find-buyer', tags: ['Orders'], summary: 'Find the orders of a buyer who asks for his data' },
  description:
    'By the number of an order, or by e-mail address: then the data of all orders are opened and compared, which takes a while. A POST, so that no address stands in a log.',
  request: { body: json(z.union([z.strictObject({ number: text(200) }), z.strictObject({ email: z.email().max(254) })])) },
  responses: answers(z.object({ items: z.array(Found) }), 'His orders, without a word of his.'),
})
const forget = createRoute({
  ...{ method: 'post', path: '/v1/orders/forget', tags: ['Orders'], summary: 'Remove the personal data of orders for good' },
  description:
    'What is told of them later brings none back. Books, ledger and statistics stay as they are; the page to follow the order ends. The messages of the platform, sealed, go by their age: 30 days, and by the term of the channel those that could not be read.',
  request: { headers: WriteHeaders, body: json(z.strictObject({ orders: z.array(z.int().min(1)).min(1).max(1_000) })) },
  responses: answers(z.object({ forgotten: z.int() }), 'Of how many orders.'),
})

/** Buyers who want to be forgotten. */
export function forgetRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(find, async c => {
    const items = await findBuyer(contextOf(deps, c), c.req.valid('json'))
    return c.json({ items: items.map((row: OrderOfBuyer) => leaving(row)) }, 200)
  })
  app.openapi(forget, async c => {
    const forgotten = await forgetOrdersOf(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json').orders)
    return c.json({ forgotten }, 200)
  })
  return app
}
