import { type Context, Hono } from 'hono'
import { channelHead } from '../../db/pages-channel.ts'
import { askDriftCheck, decideDrift, findDrift, scopeToTake, setDriftWinners } from '../usecases/drift.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { choice, keyOf, refusal, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { may } from './view.ts'

const WINNERS = ['hub', 'platform', 'ask'] as const

/** The forms of a channel's drift: look at the whole account, say who wins, decide on a difference. */
export function driftForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const code = (c: Context): string => c.req.param('code') ?? ''
  const back = (c: Context): string => `/channels/${encodeURIComponent(code(c))}`
  const nameOf = async (c: Context): Promise<string> => {
    const head = await channelHead(deps.sql, code(c))
    if (head === null) throw new Fault('not_found', `There is no channel ${code(c)}.`, { field: 'channel', value: code(c) })
    return head.name
  }

  app.post('/channels/:code/drift-check', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const name = await nameOf(c)
      await askDriftCheck(context, code(c))
      return given.view.t.drift.asked(name)
    }),
  )

  app.post('/channels/:code/drift-policy', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.drift
      const name = await nameOf(c)
      const winners = { stock: choice(given, 'stock', t.winner.stock, WINNERS), price: choice(given, 'price', t.winner.price, WINNERS) }
      for (const field of ['stock', 'price'] as const)
        if (winners[field] === 'platform' && !may(given.view, scopeToTake(field))) throw refusal(t.may(t.fields[field]), field)
      try {
        await setDriftWinners(context, keyOf(given), code(c), winners, () => true)
      } catch (error) {
        if (error instanceof Fault && error.detail.field === 'stock') throw refusal(t.shared(name), 'stock')
        throw error
      }
      return t.saved(name)
    }),
  )

  app.post('/channels/:code/drift-decide', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.drift
      const winner = choice(given, 'winner', t.open, ['hub', 'platform', 'seen'])
      const id = Number(text(given, 'drift').replace(/\D/g, '') || '0')
      const { sku, channel } = await findDrift(context, id)
      if (channel !== code(c)) throw new Fault('not_found', `This channel has no difference ${id}.`, { field: 'drift', value: id })
      try {
        await decideDrift(context, keyOf(given), id, { winner }, scope => may(given.view, scope))
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'conflict') throw error
        const now = await findDrift(context, id)
        throw refusal(now.state === 'held' && now.reason !== null ? t.refused(sku, t.reasons[now.reason]) : t.over(sku), 'winner')
      }
      return t.decided[winner](sku)
    }),
  )

  return app
}
