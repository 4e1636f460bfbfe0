import { Hono } from 'hono'
import { type CountRow, listCounts, type ReviewPart, readCount } from '../../db/counts.ts'
import { lastCounted, sheetLines } from '../../db/pages-counts.ts'
import { placeChoices, placeNames } from '../../db/pages-stock.ts'
import { listReasons } from '../../db/reasons.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { reviewCount } from '../usecases/review-count.ts'
import { countForms } from './count-forms.ts'
import { numberIn } from './delivery-routes.tsx'
import type { UiDeps } from './deps.ts'
import { missingPage, page } from './page.tsx'
import { COUNT_FILTERS, CountsPage } from './pages/counts/list.tsx'
import { CountPage } from './pages/counts/one.tsx'
import type { Review } from './pages/counts/review.tsx'
import type { Sheet } from './pages/counts/sheet.tsx'
import { may, type View, viewOf } from './view.ts'

export const countAccess: RouteTable = {
  'GET /stock/counts': 'stock:read',
  'GET /stock/counts/:id': 'stock:read',
  'POST /stock/counts': 'stock:write',
  'POST /stock/counts/:id/scan': 'stock:write',
  'POST /stock/counts/:id/line': 'stock:write',
  'POST /stock/counts/:id/submit': 'stock:write',
  'POST /stock/counts/:id/cancel': 'stock:write',
  'POST /stock/counts/:id/decide': 'stock:approve',
  'POST /stock/counts/:id/decide-all': 'stock:approve',
}

const ROWS = 50
const LAST = 8
const PARTS: readonly ReviewPart[] = ['differences', 'uncounted', 'all']

/** The list of counts, and a count's page: the sheet while people count, then the differences. */
export function countRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/stock/counts', async c => {
    const asked = { show: COUNT_FILTERS.find(one => one === c.req.query('show')) ?? 'all', before: idOf(c.req.query('before')) }
    const filter = asked.show === 'all' ? {} : { state: asked.show }
    const [rows, places, names] = await Promise.all([
      listCounts(deps.sql, filter, asked.before, ROWS + 1),
      placeChoices(deps.sql),
      placeNames(deps.sql),
    ])
    const { shown, next } = cutById(rows)
    return page(c, <CountsPage view={viewOf(c, deps)} asked={asked} counts={shown} next={next} places={places} names={names} />)
  })

  app.get('/stock/counts/:id', async c => {
    const view = viewOf(c, deps)
    const id = numberIn(c, 'id')
    const count = id === null ? null : await readCount(deps.sql, id)
    if (count === null) return missingPage(c, view, `${view.t.counting.counts.count} ${c.req.param('id')}`)
    const place = (await placeNames(deps.sql)).get(count.location) ?? count.location
    const after = idOf(c.req.query('after')) ?? 0
    if (count.state === 'open') {
      const asked = { search: (c.req.query('q') ?? '').trim().slice(0, 100), isOpenOnly: c.req.query('all') !== 'yes', after }
      return page(c, <CountPage view={view} count={count} place={place} sheet={await sheetOf(deps, count, asked)} review={null} />)
    }
    const part = PARTS.find(one => one === c.req.query('part')) ?? 'differences'
    const review = await reviewOf(deps, view, count, part, after, c.get('principal').actor)
    return page(c, <CountPage view={view} count={count} place={place} sheet={null} review={review} />)
  })

  app.route('/', countForms(deps))
  return app
}

async function sheetOf(deps: UiDeps, count: CountRow, asked: Sheet['asked']): Promise<Sheet> {
  const [rows, last] = await Promise.all([
    sheetLines(deps.sql, count.id, { ...asked, limit: ROWS + 1 }),
    lastCounted(deps.sql, count.id, LAST),
  ])
  const { shown, next } = cutById(rows)
  return { count, lines: shown, next, last, asked }
}

/** Null for whoever may not approve, and for a count that was cancelled before it was handed in. */
async function reviewOf(deps: UiDeps, view: View, count: CountRow, part: ReviewPart, after: number, actor: string): Promise<Review | null> {
  if (!may(view, 'stock:approve') || count.submittedAt === null) return null
  const context = { sql: deps.sql, keyring: deps.keyring, actor }
  const [found, reasons] = await Promise.all([reviewCount(context, count.id, part, after, ROWS + 1), listReasons(deps.sql, 'count', false)])
  const { shown, next } = cutById(found.lines)
  return { part, after, next, found: { ...found, lines: shown }, reasons }
}

const idOf = (text: string | undefined): number | null => (text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null)

function cutById<Row extends { readonly id: number }>(rows: readonly Row[]): { shown: readonly Row[]; next: number | null } {
  const shown = rows.slice(0, ROWS)
  return { shown, next: rows.length > ROWS ? (shown.at(-1)?.id ?? null) : null }
}
