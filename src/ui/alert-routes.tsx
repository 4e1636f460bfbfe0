import { Hono } from 'hono'
import { listDeliveries, listEndpoints, type Via } from '../../db/alert-deliveries.ts'
import { listAlerts } from '../../db/alerts.ts'
import { readChannels } from '../../db/channels.ts'
import { orderEvents } from '../domain/notices/kinds.ts'
import { alertKinds } from '../domain/sync/alert-kinds.ts'
import { addEndpoint, changeEndpoint, removeEndpoint, replayDelivery, rotateSecret, testEndpoint } from '../usecases/alert-endpoints.ts'
import { setAlertLimit, showAlertLimits } from '../usecases/alert-limits.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import { numberIn } from './delivery-routes.tsx'
import type { UiDeps } from './deps.ts'
import { choice, type Given, keyOf, refusal, required, text, units } from './forms/given.ts'
import { carryOutForm, type Deed } from './forms/post.ts'
import { page } from './page.tsx'
import { AlertLimitsPage, TELLS } from './pages/alerts/limits.tsx'
import { AlertsPage } from './pages/alerts/list.tsx'
import { ALL_NOTICES, ToldPage } from './pages/alerts/told.tsx'
import { placeNumber } from './price-list-routes.tsx'
import { viewOf } from './view.ts'
import { isLanguage } from './words.ts'

export const alertAccess: RouteTable = {
  'GET /alerts': 'channels:read',
  'GET /alerts/limits': 'channels:read',
  'POST /alerts/limits': 'channels:write',
  'GET /alerts/told': 'admin',
  'POST /alerts/told/webhook': 'admin',
  'POST /alerts/told/email': 'admin',
  'POST /alerts/told/:via/:id/:act': 'admin',
  'POST /alerts/deliveries/:id/replay': 'admin',
}

const ROWS = 50
const TOLD = '/alerts/told'

/** What is wrong, what was, from where on that is told, and to whom. */
export function alertRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql } = deps

  app.get('/alerts', async c => {
    const open = c.req.query('show') !== 'over'
    const before = placeNumber(c.req.query('before'))
    const rows = await listAlerts(sql, { open }, before, ROWS + 1)
    const shown = rows.slice(0, ROWS)
    const next = rows.length > ROWS ? (shown.at(-1)?.id ?? null) : null
    return page(c, <AlertsPage view={viewOf(c, deps)} asked={{ open, before, next }} rows={shown} />)
  })

  app.get('/alerts/limits', async c => {
    const [limits, channels] = await Promise.all([showAlertLimits(deps), readChannels(sql)])
    return page(c, <AlertLimitsPage view={viewOf(c, deps)} limits={limits} channels={channels.map(({ code }) => code)} />)
  })

  app.post('/alerts/limits', c =>
    carryOutForm(c, deps, '/alerts/limits', async (given, context) => {
      const t = given.view.t.alerts
      const kind = choice(given, 'kind', t.kind, alertKinds)
      const channel = text(given, 'channel')
      try {
        await setAlertLimit(context, keyOf(given), kind, channel === '' ? null : channel, limitOf(given))
      } catch (error) {
        if (error instanceof Fault && error.code === 'invalid' && error.detail.field === 'channel')
          throw refusal(t.limits.notByChannel, 'channel')
        throw error
      }
      return t.limits.saved
    }),
  )

  app.get(TOLD, async c => {
    const [webhooks, mails, deliveries] = await Promise.all([
      listEndpoints(sql, 'webhook'),
      listEndpoints(sql, 'email'),
      listDeliveries(sql, {}, null, ROWS),
    ])
    return page(c, <ToldPage view={viewOf(c, deps)} webhooks={webhooks} mails={mails} deliveries={deliveries} />)
  })

  for (const via of ['webhook', 'email'] as const) app.post(`${TOLD}/${via}`, c => carryOutForm(c, deps, TOLD, add(via)))

  app.post(`${TOLD}/:via/:id/:act`, c =>
    carryOutForm(c, deps, TOLD, async (given, context) => {
      const t = given.view.t.alerts.told
      const via: Via = c.req.param('via') === 'email' ? 'email' : 'webhook'
      const id = numberIn(c, 'id') ?? 0
      const key = keyOf(given)
      switch (c.req.param('act')) {
        case 'test':
          return t.tested(String(await testEndpoint(context, key, via, id)))
        case 'pause':
          await changeEndpoint(context, key, via, id, { state: 'paused' })
          return t.paused
        case 'resume':
          await changeEndpoint(context, key, via, id, { state: 'active' })
          return t.resumed
        case 'rotate':
          return t.rotated((await rotateSecret(context, key, id)).secret ?? '–')
        case 'remove':
          await removeEndpoint(context, key, via, id)
          return t.removed
        default:
          throw new Fault('not_found', `${c.req.path} is none of ours.`)
      }
    }),
  )

  app.post('/alerts/deliveries/:id/replay', c =>
    carryOutForm(c, deps, TOLD, async (given, context) => {
      const id = numberIn(c, 'id') ?? 0
      try {
        await replayDelivery(context, keyOf(given), id)
      } catch (error) {
        if (error instanceof Fault && error.detail.field === 'state') throw refusal(given.view.t.alerts.told.notActive, 'state')
        throw error
      }
      return given.view.t.alerts.log.replayed(String(id))
    }),
  )

  return app
}

const add =
  (via: Via): Deed =>
  async (given, context) => {
    const t = given.view.t.alerts
    const field = via === 'webhook' ? 'url' : 'email'
    const address = required(given, field, via === 'webhook' ? t.told.url : t.told.email)
    const kind = text(given, 'kind')
    const known: readonly string[] = via === 'webhook' ? [...alertKinds, ...orderEvents, ALL_NOTICES] : alertKinds
    const kinds = kind === '' ? [] : kind === ALL_NOTICES && via === 'webhook' ? orderEvents : [choice(given, 'kind', t.told.kinds, known)]
    const language = text(given, 'language')
    const tellsBuyers = text(given, 'tellsBuyers') === 'yes'
    const terms = { kinds, tellsBuyers, name: text(given, 'name'), ...(isLanguage(language) ? { language } : {}) }
    try {
      const { secret } = await addEndpoint(context, keyOf(given), via, address, terms)
      return secret === null ? t.told.added(address) : `${t.told.added(address)} ${t.told.secret(secret)}`
    } catch (error) {
      if (!(error instanceof Fault) || error.detail.field !== field) throw error
      throw refusal(error.code === 'conflict' ? t.told.exists : via === 'webhook' ? t.told.badUrl : t.told.badEmail, field)
    }
  }

function limitOf(given: Given) {
  const t = given.view.t.alerts.limits
  const number = (field: 'amount' | 'quietS', label: string) => (text(given, field) === '' ? undefined : units(given, field, label))
  const told = choice(given, 'told', t.told, TELLS)
  if (told === 'usual') return { usual: true }
  return { amount: number('amount', t.amount), quietS: number('quietS', t.quiet), off: told === 'off' }
}
