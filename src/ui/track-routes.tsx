import { type Context, Hono } from 'hono'
import type { TrackedOrder } from '../../db/tracked-order.ts'
import type { Language, RequestEnv, RouteTable } from '../usecases/principal.ts'
import { readPerson } from '../usecases/read-person.ts'
import { trackOrder } from '../usecases/tracking-link.ts'
import type { UiDeps } from './deps.ts'
import { page } from './page.tsx'
import { NoTrackPage, TrackPage, type TrackView } from './pages/track/page.tsx'
import { carryOutChoice, openChoice, SAID } from './track-choice.ts'
import { acceptedLanguage, isLanguage, namedLanguage, wordsOf } from './words.ts'

// Whoever has the token is the buyer, or was given it by the buyer.
export const trackAccess: RouteTable = { 'GET /track/:token': 'open', 'POST /track/:token/choice': 'open' }

/** Stricter than the console's: no script at all, and no carrier learns the address of the page. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
}

/** The page on which a buyer follows an order, and chooses where a store failed. The guesses of an address are limited before it gets here (src/http/guess-limit.ts). */
export function trackRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/track/:token', async c => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value)
    const order = await trackOrder(deps, c.req.param('token'))
    if (order === null) return page(c, <NoTrackPage view={trackViewOf(c, deps, null)} />, 404)
    const view = trackViewOf(c, deps, await languageFor(c, deps, order))
    const said = SAID.find(one => one === c.req.query('said')) ?? null
    return page(c, <TrackPage view={view} order={order} choice={await openChoice(deps, order)} said={said} />)
  })

  app.post('/track/:token/choice', async c => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value)
    const order = await trackOrder(deps, c.req.param('token'))
    if (order === null) return page(c, <NoTrackPage view={trackViewOf(c, deps, null)} />, 404)
    const view = trackViewOf(c, deps, await languageFor(c, deps, order))
    // What is no form says nothing that could be chosen.
    const fields: Readonly<Record<string, unknown>> = await c.req.parseBody().catch(() => ({}))
    const said = await carryOutChoice(deps, order, name => (typeof fields[name] === 'string' ? fields[name] : ''))
    // 303: a reload of the page sends nothing again.
    return c.redirect(`${view.path}?language=${view.language}&said=${said}`, 303)
  })

  return app
}

/** The language that the buyer shopped in where it is one of ours, else the browser's, else the channel's. */
async function languageFor(c: Context<RequestEnv>, deps: UiDeps, order: TrackedOrder): Promise<Language | null> {
  const told = namedLanguage((await readPerson(deps, order.id))?.language)
  return told ?? namedLanguage(c.req.header('accept-language')) ?? namedLanguage(order.language)
}

/** The language that the address names goes before all; a buyer gets no cookie. */
function trackViewOf(c: Context<RequestEnv>, deps: UiDeps, usual: Language | null): TrackView {
  const asked = c.req.query('language')
  const language = isLanguage(asked) ? asked : (usual ?? acceptedLanguage(c.req.header('accept-language')))
  return { t: wordsOf(language), language, now: deps.now?.() ?? new Date(), path: `/track/${c.req.param('token')}` }
}
