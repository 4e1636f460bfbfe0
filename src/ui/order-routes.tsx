import { Hono } from 'hono'
import { exchangedOrder, orderExchanges } from '../../db/exchanges.ts'
import { listLocations } from '../../db/locations.ts'
import { orderEvents, orderGroups, orderHolds, orderReturns } from '../../db/order-life.ts'
import { parsePlace } from '../../db/pages.ts'
import { orderActs, orderHead, orderLines, orderList } from '../../db/pages-orders.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { collectPlaces, isCancellable, openChoice } from '../../db/pick-up-choice.ts'
import { decisionsOf } from '../../db/routing.ts'
import { proposedSubstitutes } from '../../db/substitutes.ts'
import type { LeftUnits } from '../domain/orders/left.ts'
import { acknowledgeOrder, askAgain, cancelOrder, readyOrder, shipOrder } from '../usecases/act-on-order.ts'
import { orderAmounts } from '../usecases/order-amounts.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { refundOrder } from '../usecases/refund-order.ts'
import { CANCEL_CAUSES, REFUND_CAUSES } from '../values/act-cause.ts'
import { Fault } from '../values/fault.ts'
import { buyerOf } from './buyer-routes.ts'
import type { UiDeps } from './deps.ts'
import { amount, choice, type Given, keyOf, reasonOf, refusal, required, text, units } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { missingPage, page } from './page.tsx'
import { OrderPage } from './pages/order.tsx'
import { LEFT_FIELD } from './pages/order-acts.tsx'
import type { OrderExchanges } from './pages/order-exchange.tsx'
import { OrdersPage, orderFilters } from './pages/orders.tsx'
import { may, viewOf } from './view.ts'

export const orderAccess: RouteTable = {
  'GET /orders': 'orders:read',
  'GET /orders/:id': 'orders:read',
  'POST /orders/:id/ship': 'orders:write',
  'POST /orders/:id/cancel': 'orders:write',
  'POST /orders/:id/acknowledge': 'orders:write',
  'POST /orders/:id/ready': 'orders:write',
  'POST /orders/:id/refund': 'orders:write',
  'POST /orders/:id/acts/:act/retry': 'orders:write',
}

const ROWS = 50
/** A company has a few hundred at the most. */
const LOCATIONS_MOST = 1_000

/** The stream of orders, an order's page, and its two forms. */
export function orderRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/orders', async c => {
    const view = viewOf(c, deps)
    const before = parsePlace(c.req.query('before'))
    const asked = {
      search: (c.req.query('q') ?? '').trim().slice(0, 100),
      filter: orderFilters.find(one => one === c.req.query('filter')) ?? 'all',
      channel: (c.req.query('channel') ?? '').slice(0, 60),
      before: before === null ? '' : (c.req.query('before') ?? ''),
    }
    const [list, channels] = await Promise.all([orderList(deps.sql, { ...asked, before, limit: ROWS }), channelChoices(deps.sql)])
    return page(c, <OrdersPage view={view} asked={asked} list={list} channels={channels} />)
  })

  app.get('/orders/:id', async c => {
    const view = viewOf(c, deps)
    const id = orderNumber(c.req.param('id'))
    const head = id === null ? null : await orderHead(deps.sql, id)
    if (head === null) return missingPage(c, view, view.t.orders.order(c.req.param('id')))
    const { sql } = deps
    const [lines, acts, proposed, holds, groups, events, places, open, whole, stores, amounts, buyer, decisions] = await Promise.all([
      orderLines(sql, head.id),
      orderActs(sql, head.id),
      proposedSubstitutes(sql, [head.id]),
      orderHolds(sql, head.id),
      orderGroups(sql, head.id),
      orderEvents(sql, head.id),
      listLocations(sql, 0, LOCATIONS_MOST),
      openChoice(sql, head.id),
      openChoice(sql, head.id, true),
      collectPlaces(sql),
      orderAmounts({ sql }, head.id),
      may(view, 'orders:people') ? buyerOf(deps, head.id) : null,
      decisionsOf(sql, head.id),
    ])
    const [units, all] = [unitsOf(open), unitsOf(whole)]
    const [mayCancelOpen, mayCancelAll] = await Promise.all([isCancellable(sql, head.id, open), isCancellable(sql, head.id, whole)])
    const pickUp = {
      open: units === 0 ? null : { units, why: open.find(line => line.why !== null)?.why ?? null },
      ready: all - units,
      mayCancel: (units > 0 && mayCancelOpen) || mayCancelAll,
      stores,
    }
    const life = { holds, groups, events, locations: places.filter(one => one.active && one.kind !== 'platform') }
    const exchange = await exchangeParts(sql, head.id, life.locations)
    const routed = { decisions, places: new Map(places.map(one => [one.id, one.code])) }
    return page(
      c,
      <OrderPage
        {...{ view, head, lines, amounts, acts, proposed, life, pickUp, buyer, exchange }}
        why={routed}
        platform={deps.platforms[head.platform] ?? null}
      />,
    )
  })

  app.post('/orders/:id/ship', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.orders
      const head = await knownOrder(deps, c.req.param('id'))
      const url = text(given, 'url')
      const tracking = {
        carrier: required(given, 'carrier', t.carrier),
        number: required(given, 'number', t.trackingNumber),
        ...(url === '' ? {} : { url }),
      }
      const left = leftGiven(given)
      const named = namedUnits(given)
      const { lines } = await shipOrder(context, keyOf(given), head.id, { lines: partOf(named.length > 0 ? named : left), tracking })
      return t.shipped(head.number, unitsOf(lines))
    }),
  )

  app.post('/orders/:id/cancel', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.orders
      const head = await knownOrder(deps, c.req.param('id'))
      const cause = choice(given, 'cause', given.view.t.orderActs.cause, CANCEL_CAUSES)
      const { lines } = await cancelOrder(context, keyOf(given), head.id, { lines: partOf(namedUnits(given)), cause, ...reasonOf(given) })
      return t.cancelled(head.number, unitsOf(lines))
    }),
  )

  app.post('/orders/:id/acknowledge', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const head = await knownOrder(deps, c.req.param('id'))
      const { lines } = await acknowledgeOrder(context, keyOf(given), head.id)
      return given.view.t.orderActs.told(head.number, unitsOf(lines))
    }),
  )

  app.post('/orders/:id/ready', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const head = await knownOrder(deps, c.req.param('id'))
      const { lines } = await readyOrder(context, keyOf(given), head.id, { lines: partOf(leftGiven(given)) })
      return given.view.t.orderActs.told(head.number, unitsOf(lines))
    }),
  )

  app.post('/orders/:id/acts/:act/retry', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const head = await knownOrder(deps, c.req.param('id'))
      const { lines } = await askAgain(context, keyOf(given), head.id, orderNumber(c.req.param('act')) ?? 0)
      return given.view.t.orderActs.told(head.number, unitsOf(lines))
    }),
  )

  app.post('/orders/:id/refund', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.orderActs
      const head = await knownOrder(deps, c.req.param('id'))
      const lines = (await orderLines(deps.sql, head.id)).flatMap(({ id, sku, channelSku, ordered, substituted }) => {
        if (text(given, `amount-${id}`) === '') return []
        const quantity = text(given, `units-${id}`) === '' ? 0 : units(given, `units-${id}`, t.refundUnits(ordered + substituted))
        return [{ lineId: id, quantity, amount: amount(given, `amount-${id}`, t.refundLine(sku ?? channelSku)) }]
      })
      const shipping = text(given, 'shipping') === '' ? undefined : amount(given, 'shipping', t.refundShipping)
      if (lines.length === 0 && shipping === undefined) throw refusal(t.refundNothing, 'shipping')
      const cause = choice(given, 'cause', t.cause, REFUND_CAUSES)
      await refundOrder(context, keyOf(given), head.id, { lines, shipping, cause, ...reasonOf(given) })
      return t.refunded(head.number)
    }),
  )

  return app
}

async function exchangeParts(sql: UiDeps['sql'], orderId: number, locations: OrderExchanges['locations']): Promise<OrderExchanges> {
  const [returns, exchanges, exchangeOf] = await Promise.all([
    orderReturns(sql, orderId),
    orderExchanges(sql, orderId),
    exchangedOrder(sql, orderId),
  ])
  return { returns, exchanges, exchangeOf, locations }
}

/** Our number of an order as an address names it. */
function orderNumber(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}

/** The order that an address names. Throws `not_found`. */
export async function knownOrder(deps: UiDeps, text: string) {
  const id = orderNumber(text)
  const head = id === null ? null : await orderHead(deps.sql, id)
  if (head === null) throw new Fault('not_found', `There is no order ${text}.`, { field: 'order', value: text })
  return head
}

/** The units that the form spoke of when it was drawn: sent twice it means the same, whatever is left by then. */
const leftGiven = (given: Given): LeftUnits =>
  [...text(given, LEFT_FIELD).matchAll(/\b(\d{1,15}):(\d{1,7})\b/g)].map(([, line, n]) => ({ lineId: Number(line), quantity: Number(n) }))

/** The units of lines that a person named, where only a part is meant. */
const namedUnits = (given: Given): LeftUnits =>
  Object.keys(given.fields).flatMap(name => {
    const lineId = Number(/^units-(\d{1,15})$/.exec(name)?.[1])
    const quantity = Number.isNaN(lineId) || text(given, name) === '' ? 0 : units(given, name, given.view.t.orders.units)
    return quantity === 0 ? [] : [{ lineId, quantity }]
  })

/** A form that names no units means all of them. */
const partOf = (left: LeftUnits): LeftUnits | undefined => (left.length === 0 ? undefined : left)

const unitsOf = (lines: readonly { readonly quantity: number }[]): number => lines.reduce((sum, line) => sum + line.quantity, 0)
