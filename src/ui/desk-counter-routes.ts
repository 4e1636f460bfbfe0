import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { isConnectionLost } from '../../db/once-more.ts'
import type { DeskPlace } from '../../db/pages-desk.ts'
import { LOOKED } from '../usecases/change-order.ts'
import { findBought, substituteAtShelf, takeAnnounced, takeAtCounter } from '../usecases/counter.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { contextOf, placeOf } from './desk-routes.tsx'
import { type View, viewOf } from './view.ts'

export const counterAccess: RouteTable = {
  'GET /desk/bought': 'pickup:write',
  'POST /desk/counter': 'pickup:write',
  'POST /desk/return': 'pickup:write',
  'POST /desk/instead': 'pickup:write',
}

const Id = z.int().min(1)
const Act = { store: z.string().max(120), key: z.string().regex(/^[0-9a-f-]{36}$/), orderId: Id, lineId: Id }
const Brought = z.strictObject({
  ...{ ...Act, quantity: z.int().min(1).max(100_000), look: z.enum(LOOKED), goes: z.string().min(1).max(120).nullable() },
})

const Announced = z.strictObject({
  ...{ store: Act.store, key: Act.key, orderId: Id, returnId: Id },
  lines: z
    .array(z.strictObject({ lineId: Id, look: z.enum(LOOKED) }))
    .min(1)
    .max(500),
})

const FromShelf = z.strictObject({ ...Act, code: z.string().min(1).max(120), quantity: z.int().min(1).max(100_000) })

/** What a desk decides together with the hub, and never by itself: goods that somebody brings back, and others for those that are missing on the shelf. */
export function counterRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/desk/bought', async c => {
    refuseProgram(c)
    const place = await placeOf(c, deps, c.req.query('store'))
    const asked = c.req.query('order') ?? ''
    if (place === null || asked === '' || asked.length > 120) throw new Fault('not_found', 'There is no such store, or it is not yours.')
    c.header('cache-control', 'no-store')
    const orders = await findBought(contextOf(c, deps), place, asked)
    return c.json({ orders: orders.map(({ placedAt, ...order }) => ({ ...order, placedAt: placedAt.toISOString() })) })
  })

  app.post('/desk/counter', c =>
    answer(c, deps, Brought, async (t, place, { store: _store, key, ...brought }) => {
      const { number } = await takeAtCounter(contextOf(c, deps), key, place, brought)
      if (number === null) return t.tookBack(brought.quantity)
      return t.exchanged(brought.quantity, brought.goes ?? '', number)
    }),
  )

  app.post('/desk/return', c =>
    answer(c, deps, Announced, async (t, place, { store: _store, key, ...brought }) =>
      t.tookIn(await takeAnnounced(contextOf(c, deps), key, place, brought)),
    ),
  )

  app.post('/desk/instead', c =>
    answer(c, deps, FromShelf, async (t, place, { store: _store, key, ...wish }) => {
      const done = await substituteAtShelf(contextOf(c, deps), key, place, wish)
      return t.instead(done.quantity, done.sku)
    }),
  )

  return app
}

/** A key is bound to no store: what it may take back or hand over instead in any, the API asks `orders:write` for. */
function refuseProgram(c: Context<RequestEnv>): void {
  const { kind, name, scopes } = c.get('principal')
  if (kind === 'key' && !scopes.has('orders:write'))
    throw new Fault('forbidden', `${name} lacks what this needs: orders:write.`, { needs: 'orders:write' })
}

type Refusals = View['t']['desk']['counter']

/** Does what a desk asks, and says what came of it, or why not; trouble of the hub is thrown, and asked again under the same key. */
async function answer<Asked extends { readonly store: string }>(
  c: Context<RequestEnv>,
  deps: UiDeps,
  shape: z.ZodType<Asked>,
  act: (t: Refusals, place: DeskPlace, asked: Asked) => Promise<string>,
): Promise<Response> {
  refuseProgram(c)
  const { counter, refusals } = viewOf(c, deps).t.desk
  const read = shape.safeParse(await c.req.json().catch(() => null))
  if (!read.success) return c.json({ refused: refusals.malformed })
  const place = await placeOf(c, deps, read.data.store)
  if (place === null) return c.json({ refused: refusals.unknown })
  try {
    return c.json({ done: await act(counter, place, read.data) })
  } catch (error) {
    if (!(error instanceof Fault) || isConnectionLost(error) || error.code === 'unavailable') throw error
    return c.json({ refused: refusalText(counter, error) })
  }
}

/** In the words of a shop; what only the office can mend, it is asked for. */
function refusalText(t: Refusals, { code, detail }: Fault): string {
  const [missing] = (detail.missing as readonly { readonly available: number }[] | undefined) ?? []
  if (code === 'insufficient_stock' && missing !== undefined) return t.notHere(missing.available)
  if (detail.reason === 'ended' || detail.reason === 'part') return t.refusals[detail.reason]
  if (code === 'conflict' || detail.field === 'quantity') return t.refusals.filled
  if (detail.field === 'sku') return t.refusals.no_such_sku
  const { reason } = detail
  if (reason === 'too_many' || reason === 'paid_back' || reason === 'other_product') return t.refusals[reason]
  return t.refusals.other
}
