import { type Context, Hono } from 'hono'
import { listQuarantineItems, listQuarantines, readGuardLimits, readIncidentWindow } from '../../db/guard.ts'
import { listImports } from '../../db/import-list.ts'
import { decideQuarantine, type GuardChange, setGuardLimits, showQuarantine } from '../usecases/guard.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import { parseDecimal } from '../values/money.ts'
import { numberIn } from './delivery-routes.tsx'
import type { UiDeps } from './deps.ts'
import { number } from './format.ts'
import { choice, type Given, keyOf, refusal, required, text, units } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { missingPage, page } from './page.tsx'
import { GuardLimitsPage } from './pages/held/limits.tsx'
import { HeldPage } from './pages/held/list.tsx'
import { HeldOnePage, windowText } from './pages/held/one.tsx'
import { placeNumber } from './price-list-routes.tsx'
import { may, viewOf } from './view.ts'

export const heldAccess: RouteTable = {
  'GET /held': 'channels:read',
  'GET /held/limits': 'channels:read',
  'POST /held/limits/:code': 'channels:write',
  'GET /held/:id': 'channels:read',
  // What it takes differs by what is held; the use case asks for it.
  'POST /held/:id': 'channels:read',
}

const ROWS = 50
const ITEMS = 200

/** What the guard holds back: the list, an incident, and the decision. */
export function heldRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql } = deps

  app.get('/held', async c => {
    const open = c.req.query('show') !== 'decided'
    const before = placeNumber(c.req.query('before'))
    const [rows, files] = await Promise.all([
      listQuarantines(sql, { open }, before, ROWS + 1),
      open && before === null ? listImports(sql, { kinds: ['prices'], state: 'waiting' }, null, ROWS) : [],
    ])
    const shown = rows.slice(0, ROWS)
    const next = rows.length > ROWS ? (shown.at(-1)?.id ?? null) : null
    return page(c, <HeldPage view={viewOf(c, deps)} asked={{ open, before, next }} rows={shown} files={files} />)
  })

  app.get('/held/limits', async c => page(c, <GuardLimitsPage view={viewOf(c, deps)} limits={await readGuardLimits(sql, null)} />))

  app.post('/held/limits/:code', c =>
    carryOutForm(c, deps, '/held/limits', async (given, context) => {
      const code = c.req.param('code')
      await setGuardLimits(context, keyOf(given), code, limitsOf(given))
      return given.view.t.held.guard.saved(code)
    }),
  )

  app.get('/held/:id', async c => {
    const view = viewOf(c, deps)
    const id = numberIn(c, 'id')
    const [[row], window] =
      id === null ? [[], null] : await Promise.all([listQuarantines(sql, { id }, null, 1), readIncidentWindow(sql, id)])
    if (row === undefined || window === null) return missingPage(c, view, `${view.t.held.title} ${c.req.param('id')}`)
    const after = placeNumber(c.req.query('after')) ?? 0
    const items = await listQuarantineItems(sql, row.id, row.decision === null, after, ITEMS + 1)
    const shown = items.slice(0, ITEMS)
    const next = items.length > ITEMS ? (shown.at(-1)?.listingId ?? null) : null
    return page(c, <HeldOnePage view={view} row={row} window={window} items={shown} after={after} next={next} />)
  })

  app.post('/held/:id', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.held
      const id = numberIn(c, 'id')
      if (id === null) throw new Fault('not_found', `There is no incident ${c.req.param('id')}.`)
      const before = await showQuarantine(context, id)
      const decision = choice(given, 'decision', t.state, ['approve', 'reject'])
      const note = text(given, 'note').slice(0, 200)
      const decided = { decision, revision: units(given, 'revision', t.held), ...(note === '' ? {} : { note }) }
      const { window } = await decideQuarantine(context, keyOf(given), id, decided, scope => may(given.view, scope)).catch(error => {
        throw inWords(error, t)
      })
      if (decision === 'reject') return t.rejected(before.channel)
      return `${t.approved(before.channel, number(before.held, given.view.language))}${window.restarts ? ` ${windowText(given.view, window)}` : ''}`
    }),
  )

  return app
}

const MINUTES_MOST = 10_080
const LISTINGS_MOST = 100_000_000

/** What a form says of a channel's limits; a field that may be empty turns its limit off. */
function limitsOf(given: Given): GuardChange {
  const t = given.view.t.held.guard
  const whole = (name: 'changedLeast' | 'windowMinutes' | 'zeroListings' | 'releaseMinutes', least: number, most: number): number => {
    const said = required(given, name, t[name])
    if (!/^\d{1,9}$/.test(said) || Number(said) < least || Number(said) > most)
      throw refusal(t.badCount(t[name], said, String(least), String(most)), name)
    return Number(said)
  }
  const percent = (name: 'changedPercent' | 'dropPercent' | 'zeroPercent', below: number): string => {
    const said = required(given, name, t[name]).replace(/ ?%$/, '')
    const value = parseDecimal(said)
    const isFit = value !== null && !value.isNegative() && value.lessThan(below) && !(name === 'dropPercent' && value.isZero())
    if (!isFit) throw refusal(t.badPercent(t[name], said, String(below)), name)
    return said
  }
  const orOff = <Value,>(name: string, read: () => Value): Value | null => (text(given, name) === '' ? null : read())
  return {
    changedPercent: orOff('changedPercent', () => percent('changedPercent', 1_000)),
    changedLeast: whole('changedLeast', 1, LISTINGS_MOST),
    windowMinutes: whole('windowMinutes', 1, MINUTES_MOST),
    dropPercent: orOff('dropPercent', () => percent('dropPercent', 100)),
    zeroListings: orOff('zeroListings', () => whole('zeroListings', 0, LISTINGS_MOST)),
    zeroPercent: percent('zeroPercent', 1_000),
    releaseMinutes: whole('releaseMinutes', 1, MINUTES_MOST),
  }
}

const here = (c: Context): string => `/held/${encodeURIComponent(c.req.param('id') ?? '')}`

/** That more joined, or that it was decided already, in the person's language; other errors stay as they are. */
function inWords(error: unknown, t: { readonly moved: string; readonly decided: string }): unknown {
  if (!(error instanceof Fault) || error.code !== 'conflict') return error
  const words = error.detail.field === 'revision' ? t.moved : error.detail.field === 'id' ? t.decided : null
  return words === null ? error : new Fault('conflict', words, { field: 'note', isTranslated: true })
}
