import { Hono } from 'hono'
import { HELD_BY_HAND } from '../../db/order-life.ts'
import { orderExceptions, shortLines } from '../../db/pages-exceptions.ts'
import { orderLines } from '../../db/pages-orders.ts'
import { cancelOrder } from '../usecases/act-on-order.ts'
import { holdOrder, letGoOrder, receiveReturn } from '../usecases/change-order.ts'
import { readExceptions } from '../usecases/exceptions.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { substituteUnits } from '../usecases/substitute.ts'
import type { UiDeps } from './deps.ts'
import { choice, idOf, keyOf, reasonOf, refusal, required, text, units } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { knownOrder } from './order-routes.tsx'
import { page } from './page.tsx'
import { chosenOrder, ExceptionsPage } from './pages/exceptions.tsx'
import { inWords } from './substitute-routes.tsx'
import { viewOf } from './view.ts'

export const orderLifeAccess: RouteTable = {
  'GET /orders/exceptions': 'orders:read',
  'POST /orders/exceptions': 'orders:write',
  'POST /orders/:id/hold': 'orders:write',
  'POST /orders/:id/let-go': 'orders:write',
  'POST /orders/:id/return': 'orders:write',
}

/** Rows of each kind of trouble. */
const ROWS = 100

/** Orders that need a person, and what a person does with an order here. */
export function orderLifeRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql } = deps

  app.get('/orders/exceptions', async c => {
    return page(c, <ExceptionsPage view={viewOf(c, deps)} rows={await readExceptions({ sql }, ROWS)} />)
  })

  app.post('/orders/exceptions', c =>
    carryOutForm(c, deps, '/orders/exceptions', async (given, context) => {
      const t = given.view.t.orderLife.exceptions
      const [, orderId, lineId, sku] = /^substitute:(\d{1,15}):(\d{1,15}):(.+)$/.exec(text(given, 'do')) ?? []
      if (orderId !== undefined && sku !== undefined) {
        const head = await knownOrder(deps, orderId)
        const done = await substituteUnits(context, keyOf(given), head.id, { lineId: Number(lineId), sku }).catch(error => {
          throw inWords(given, error, sku)
        })
        return given.view.t.orderLife.substitutes.done(head.number, done.quantity, done.sku)
      }
      const what = choice(given, 'do', t.next, ['let-go', 'cancel'])
      const kind = what === 'let-go' ? 'held' : 'short'
      const rows = (await orderExceptions(sql, new Date(), ROWS)).filter(
        row => row.kind === kind && text(given, chosenOrder(kind, row.orderId)) === 'yes',
      )
      if (rows.length === 0) throw refusal(t.nothing, 'do')
      const key = keyOf(given)
      for (const row of rows) {
        const own = `${key}-${row.orderId}`
        if (what === 'let-go') await letGoOrder(context, own, row.orderId, {})
        else {
          const lines = (await shortLines(sql, [row.orderId])).map(line => ({ lineId: line.lineId, quantity: line.short }))
          // It may have been filled in between.
          if (lines.length > 0) await cancelOrder(context, own, row.orderId, { lines, cause: 'stock' })
        }
      }
      return what === 'let-go' ? t.letGone(rows.length) : t.cancelled(rows.length)
    }),
  )

  app.post('/orders/:id/hold', c =>
    carryOutForm(c, deps, here(c.req.param('id')), async (given, context) => {
      const t = given.view.t.orderLife
      const head = await knownOrder(deps, c.req.param('id'))
      await holdOrder(context, keyOf(given), head.id, { kind: choice(given, 'kind', t.kind, HELD_BY_HAND), ...reasonOf(given) })
      return t.held(head.number)
    }),
  )

  app.post('/orders/:id/let-go', c =>
    carryOutForm(c, deps, here(c.req.param('id')), async (given, context) => {
      const head = await knownOrder(deps, c.req.param('id'))
      await letGoOrder(context, keyOf(given), head.id, reasonOf(given))
      return given.view.t.orderLife.released(head.number)
    }),
  )

  app.post('/orders/:id/return', c =>
    carryOutForm(c, deps, here(c.req.param('id')), async (given, context) => {
      const t = given.view.t.orderLife
      const head = await knownOrder(deps, c.req.param('id'))
      const count = (field: string, label: string): number => (text(given, field) === '' ? 0 : units(given, field, label))
      const lines = (await orderLines(sql, head.id))
        .map(({ id, sku, channelSku }) => ({
          lineId: id,
          toStock: count(`stock-${id}`, t.toStock(sku ?? channelSku)),
          unavailable: count(`aside-${id}`, t.aside),
          scrapped: count(`scrap-${id}`, t.scrapped),
        }))
        .filter(line => line.toStock + line.unavailable + line.scrapped > 0)
      if (lines.length === 0) throw refusal(t.backNothing, 'location')
      const announced = text(given, 'return')
      const returnId = announced === '' ? {} : { returnId: idOf(announced) }
      await receiveReturn(context, keyOf(given), head.id, {
        ...returnId,
        location: required(given, 'location', t.where),
        lines,
        ...reasonOf(given),
      })
      return t.cameBack(
        head.number,
        lines.reduce((sum, line) => sum + line.toStock + line.unavailable + line.scrapped, 0),
      )
    }),
  )

  return app
}

const here = (id: string): string => `/orders/${encodeURIComponent(id)}`
