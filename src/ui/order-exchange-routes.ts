import { Hono } from 'hono'
import { HAND_OVERS } from '../../db/exchanges.ts'
import { orderLines } from '../../db/pages-orders.ts'
import { cancelReturn, lookedAt } from '../usecases/change-order.ts'
import { type ExchangeUnclear, exchangeOrder } from '../usecases/exchange-order.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import { parseDecimal } from '../values/money.ts'
import type { UiDeps } from './deps.ts'
import { choice, day, type Given, idOf, keyOf, reasonOf, refusal, required, text, units } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { knownOrder } from './order-routes.tsx'
import { BACK } from './pages/order-exchange.tsx'

export const orderExchangeAccess: RouteTable = {
  'POST /orders/:id/exchange': 'orders:write',
  'POST /orders/:id/returns/:return/cancel': 'orders:write',
}

/** Goods that are exchanged, and those that will not come back after all. */
export function orderExchangeRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.post('/orders/:id/exchange', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.exchange
      const head = await knownOrder(deps, c.req.param('id'))
      const chosen = (await orderLines(deps.sql, head.id))
        .filter(line => text(given, `back-${line.id}`) !== '')
        .map(({ id, sku, channelSku }) => {
          const quantity = units(given, `back-${id}`, t.units(sku ?? channelSku))
          const goes = text(given, `units-${id}`) === '' ? quantity : units(given, `units-${id}`, t.goUnits)
          return { lineId: id, quantity, goes: { sku: required(given, `sku-${id}`, t.against), quantity: goes } }
        })
      const total = chosen.reduce((sum, line) => sum + line.quantity, 0)
      if (total === 0) throw refusal(t.nothing, 'how')
      const how = choice(given, 'how', t.how, BACK)
      const handOver = choice(given, 'handOver', t.handOver, HAND_OVERS)
      const location = required(given, 'location', t.where)
      const store = text(given, 'store') === '' ? location : text(given, 'store')
      const lines = chosen.map(({ lineId, quantity }) => ({ lineId, quantity }))
      const back = how === 'announced' ? { announced: lines } : { received: lookedAt(lines, how) }
      const replacement = { lines: chosen.map(line => line.goes), handOver, ...(handOver === 'ship' ? {} : { location: store }) }
      const more = {
        waits: text(given, 'waits') === 'yes',
        returnBy: endOf(day(given, 'returnBy', t.returnBy)),
        difference: difference(given),
      }
      const done = await exchangeOrder(context, keyOf(given), head.id, {
        ...back,
        location,
        replacement,
        ...more,
        ...reasonOf(given),
      }).catch((error: unknown) => {
        if (!(error instanceof Fault)) throw error
        if (error.code === 'insufficient_stock') throw refusal(t.insufficient(missingOf(error)), 'handOver')
        const { reason, field = 'how' } = error.detail
        throw isUnclear(reason) ? refusal(t.unclear[reason], field) : error
      })
      return t.done(done.number, total)
    }),
  )

  app.post('/orders/:id/returns/:return/cancel', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const head = await knownOrder(deps, c.req.param('id'))
      await cancelReturn(context, keyOf(given), head.id, idOf(c.req.param('return')))
      return given.view.t.exchange.stayedAway(head.number)
    }),
  )

  return app
}

const UNCLEAR: readonly unknown[] = ['no_until', 'over', 'back', 'at_once'] satisfies readonly ExchangeUnclear[]
const isUnclear = (reason: unknown): reason is ExchangeUnclear => UNCLEAR.includes(reason)

/** The end of a day in UTC. */
const endOf = (start: string | undefined): string | undefined =>
  start === undefined ? undefined : start.replace('T00:00:00.000Z', 'T23:59:59.000Z')

function difference(given: Given): string | undefined {
  const value = text(given, 'difference').replace(/^[−–]/, '-')
  if (value === '') return undefined
  if (parseDecimal(value) === null) throw refusal(given.view.t.errors.amount(given.view.t.exchange.difference, value), 'difference')
  return value
}

type Missing = { readonly sku: string; readonly asked: number; readonly available: number }

const missingOf = (fault: Fault): string =>
  (fault.detail.missing as readonly Missing[]).map(one => `${one.sku} ${one.available}/${one.asked}`).join(', ')
