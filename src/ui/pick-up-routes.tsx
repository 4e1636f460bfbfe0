import { Hono } from 'hono'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { pickUpRuleOf } from '../../db/pick-up-rules.ts'
import { cancelPickUp, chooseAnotherStore, shipInstead } from '../usecases/buyer-choice.ts'
import { keepLonger } from '../usecases/keep-longer.ts'
import { setPickUpRule, storeStandings } from '../usecases/pick-up-rules.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { workOnParcel } from '../usecases/store-parcel.ts'
import type { UiDeps } from './deps.ts'
import { choice, type Given, idOf, keyOf, refusal, required, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { knownOrder } from './order-routes.tsx'
import { page } from './page.tsx'
import { PickUpPage, RULE_NUMBERS } from './pages/pick-up.tsx'
import { viewOf } from './view.ts'

export const pickUpAccess: RouteTable = {
  'GET /orders/pick-up': 'orders:read',
  'POST /orders/pick-up': 'channels:write',
  'POST /orders/:id/choice': 'orders:write',
  'POST /orders/:id/groups/:group/keep': 'orders:write',
  'POST /orders/:id/groups/:group/parcel': 'orders:write',
}

/** What waits to be collected: the stores and their rules, and what is done with one order. */
export function pickUpRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/orders/pick-up', async c => {
    const of = /^(location|channel):(.{1,120})$/.exec(c.req.query('of') ?? '')
    const [rule, standings, channels] = await Promise.all([
      pickUpRuleOf(deps.sql, of === null ? {} : { [of[1] ?? '']: of[2] }),
      storeStandings({ sql: deps.sql, ...(deps.now === undefined ? {} : { now: deps.now }) }),
      channelChoices(deps.sql),
    ])
    return page(c, <PickUpPage view={viewOf(c, deps)} of={of?.[0] ?? ''} rule={rule} standings={standings} channels={channels} />)
  })

  app.post('/orders/pick-up', c =>
    carryOutForm(c, deps, '/orders/pick-up', async (given, context) => {
      const t = given.view.t.pickUp
      const [, kind, code] = /^(location|channel):(.+)$/.exec(text(given, 'of')) ?? []
      const becomes = text(given, 'becomes') === '' ? undefined : choice(given, 'becomes', t.becomes, ['cancel', 'ship'])
      const numbers = Object.entries(RULE_NUMBERS).map(([name, [least, most]]) => [
        name,
        numberOf(given, name as keyof typeof RULE_NUMBERS, least, most),
      ])
      const rule = text(given, 'do') === 'none' ? null : { ...Object.fromEntries(numbers), becomes }
      await setPickUpRule(context, keyOf(given), kind === undefined ? {} : { [kind]: code }, rule)
      return t.saved
    }),
  )

  app.post('/orders/:id/choice', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.pickUp
      const { id } = await knownOrder(deps, c.req.param('id'))
      const how = choice(given, 'choice', t.choice, ['store', 'ship', 'cancel'])
      const key = keyOf(given)
      const store = how === 'store' ? required(given, 'store', t.atStore) : ''
      const of = { ready: text(given, 'ready') === 'yes' }
      const { lines } =
        how === 'store'
          ? await chooseAnotherStore(context, key, id, store, of)
          : how === 'ship'
            ? await shipInstead(context, key, id, of)
            : await cancelPickUp(context, key, id, of)
      const units = lines.reduce((sum, line) => sum + line.quantity, 0)
      return how === 'store' ? t.chosen.store(units, store) : t.chosen[how](units)
    }),
  )

  app.post('/orders/:id/groups/:group/keep', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.pickUp
      const { id } = await knownOrder(deps, c.req.param('id'))
      const days = numberOf(given, 'extendDays', 1, 60, 'days')
      const kept = await keepLonger(context, keyOf(given), idOf(c.req.param('group')), { orderId: id, days })
      const until = new Intl.DateTimeFormat(given.view.language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(
        new Date(kept.collectBy),
      )
      return t.keptLonger(kept.groupId, `${until} UTC`)
    }),
  )

  app.post('/orders/:id/groups/:group/parcel', c =>
    carryOutForm(c, deps, `/orders/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.pickUp.parcel
      const { id } = await knownOrder(deps, c.req.param('id'))
      const what = choice(given, 'do', t.title, ['send', 'receive', 'lost'])
      const deed = what === 'send' ? ({ kind: 'send' } as const) : ({ kind: 'receive', lost: what === 'lost' } as const)
      await workOnParcel(context, keyOf(given), idOf(c.req.param('group')), deed, id)
      return t.done[what]
    }),
  )

  return app
}

/** A whole number within these; undefined where the field is empty. */
function numberOf(given: Given, name: keyof typeof RULE_NUMBERS, least: number, most: number, field: string = name): number | undefined {
  const word = text(given, field)
  if (word === '') return undefined
  const value = /^\d{1,5}$/.test(word) ? Number(word) : Number.NaN
  if (!(value >= least && value <= most)) throw refusal(given.view.t.pickUp.outOf(given.view.t.pickUp[name], least, most), field)
  return value
}
