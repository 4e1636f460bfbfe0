import { Hono } from 'hono'
import { findBuyer, forgetOrdersOf } from '../usecases/forget-buyer.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import { keyOf, refusal } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { page } from './page.tsx'
import { ForgetPage } from './pages/forget.tsx'
import { viewOf } from './view.ts'

export const forgetAccess: RouteTable = {
  'GET /orders/forget': 'orders:people',
  'POST /orders/forget': 'orders:people',
  'POST /orders/forget/remove': 'orders:people',
}

/** A buyer's wish to be forgotten. What was searched for goes in no address and in no cookie: it is a buyer's. */
export function forgetRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/orders/forget', c => page(c, <ForgetPage view={viewOf(c, deps)} asked="" found={null} />))

  app.post('/orders/forget', async c => {
    const { asked: given } = await c.req.parseBody()
    const asked = typeof given === 'string' ? given.trim().slice(0, 254) : ''
    const context = { sql: deps.sql, keyring: deps.keyring, actor: c.get('principal').actor }
    const found = asked === '' ? null : await findBuyer(context, asked.includes('@') ? { email: asked } : { number: asked })
    return page(c, <ForgetPage view={viewOf(c, deps)} asked={asked} found={found} />)
  })

  app.post('/orders/forget/remove', c =>
    carryOutForm(c, deps, '/orders/forget', async (given, context) => {
      const t = given.view.t.buyer.forget
      const orders = Object.entries(given.fields).flatMap(([name, value]) => {
        const id = /^order-([1-9]\d{0,14})$/.exec(name)?.[1]
        return id !== undefined && value === 'yes' ? [Number(id)] : []
      })
      if (orders.length === 0) throw refusal(t.choose, 'orders')
      return t.removed(await forgetOrdersOf(context, keyOf(given), orders))
    }),
  )

  return app
}
