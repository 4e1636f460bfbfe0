import { Hono } from 'hono'
import { orderNotices } from '../../db/buyer-notices.ts'
import { readLink } from '../../db/tracking.ts'
import { tellAgain } from '../usecases/notice-settings.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { openLink, trackingPath } from '../usecases/tracking-link.ts'
import type { UiDeps } from './deps.ts'
import { idOf, keyOf, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { knownOrder } from './order-routes.tsx'
import type { OrderBuyer } from './pages/order-buyer.tsx'

export const buyerAccess: RouteTable = {
  'POST /orders/:id/tracking-link': 'orders:people',
  'POST /orders/:id/notices/:notice/again': 'orders:write',
}

/** What is done for the buyer of an order. */
export function buyerRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.post('/orders/:id/tracking-link', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.buyer
      const head = await knownOrder(deps, c.req.param('id'))
      const renew = text(given, 'renew') === 'yes'
      await trackingPath(context, head.id, { renew })
      return renew ? t.renewed : t.made
    }),
  )

  app.post('/orders/:id/notices/:notice/again', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const head = await knownOrder(deps, c.req.param('id'))
      await tellAgain(context, keyOf(given), head.id, idOf(c.req.param('notice')))
      return given.view.t.notices.toldAgain
    }),
  )

  return app
}

/** What the page of an order tells of its buyer. */
export async function buyerOf(deps: UiDeps, orderId: number): Promise<OrderBuyer> {
  const [path, link, told] = await Promise.all([openLink(deps, orderId), readLink(deps.sql, orderId), orderNotices(deps.sql, orderId)])
  return { link: path === null ? null : `${deps.publicUrl ?? ''}${path}`, isForgotten: link?.isForgotten ?? false, told }
}
