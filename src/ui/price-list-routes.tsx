import { Hono } from 'hono'
import { listAudiences } from '../../db/audiences.ts'
import { needsAnother, PRICE_LIST_FILTERS, priceListChoices, priceListPage } from '../../db/pages-prices.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { listPriceEntries } from '../../db/price-entries.ts'
import { type HistoryPlace, type PriceListEvent, priceListHistory } from '../../db/price-list-history.ts'
import { readPriceList } from '../../db/price-lists.ts'
import { channelZones } from '../usecases/moments.ts'
import { showPriceList } from '../usecases/price-lists.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import { missingPage, page } from './page.tsx'
import { AskPreview, waitsFor } from './pages/prices/approve.tsx'
import { PreviewPart } from './pages/prices/dry.tsx'
import { PriceListPage } from './pages/prices/list.tsx'
import { PriceListsPage } from './pages/prices/lists.tsx'
import { NewListPage } from './pages/prices/new.tsx'
import { AUDIENCES, type AudienceChoice } from './pages/prices/terms-form.tsx'
import { audienceText } from './pages/prices/told.ts'
import { priceListForms } from './price-list-forms.ts'
import { contextOf, previewOfApproval } from './price-preview.ts'
import { may, type View, viewOf } from './view.ts'

export const priceListAccess: RouteTable = {
  'GET /prices': 'prices:read',
  'GET /prices/lists/new': 'prices:write',
  'GET /prices/lists/:code': 'prices:read',
  'POST /prices/lists/new': 'prices:write',
  'POST /prices/lists/:code/terms': 'prices:write',
  'POST /prices/lists/:code/entries': 'prices:write',
  'POST /prices/lists/:code/approve': 'prices:approve',
  'POST /prices/lists/:code/reject': 'prices:approve',
  'POST /prices/lists/:code/end': 'prices:write',
}

const ROWS = 50
const EVENTS = 30
const AUDIENCES_MOST = 500
/** A list of more entries is looked through when somebody asks: it takes its time. */
const PREVIEW_AT_ONCE = 500

/** The price lists, the page of one, and the page of a new one. */
export function priceListRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/prices', async c => {
    const view = viewOf(c, deps)
    const before = placeNumber(c.req.query('before'))
    const audience = AUDIENCES.find(one => one === c.req.query('audience')) ?? null
    const asked = {
      show: PRICE_LIST_FILTERS.find(one => one === c.req.query('show')) ?? 'current',
      kind: (['price', 'sale'] as const).find(one => one === c.req.query('kind')) ?? null,
      audience,
      search: (c.req.query('q') ?? '').trim().slice(0, 100),
      before,
    }
    const list = await priceListPage(deps.sql, { ...asked, limit: ROWS, now: view.now })
    const shown = { ...asked, kind: asked.kind ?? '', audience: audience ?? '', before: before === null ? '' : String(before) }
    return page(c, <PriceListsPage view={view} asked={shown} list={list} />)
  })

  app.get('/prices/lists/new', async c => {
    const view = viewOf(c, deps)
    return page(c, <NewListPage view={view} {...(await choicesOf(deps, view))} />)
  })

  app.get('/prices/lists/:code', async c => {
    const view = viewOf(c, deps)
    const { sql, keyring } = deps
    const { actor } = c.get('principal')
    const code = c.req.param('code')
    if ((await readPriceList(sql, code)) === null) return missingPage(c, view, view.t.prices.list.one(code))
    const asked = {
      of: (c.req.query('of') ?? '').trim().slice(0, 120),
      waiting: c.req.query('waiting') === 'yes',
      after: placeNumber(c.req.query('after')) ?? 0,
    }
    const filter = { ...(asked.of === '' ? {} : { of: asked.of }), ...(asked.waiting ? { waiting: true } : {}) }
    const [list, rows, events, isOwn, bases, choices] = await Promise.all([
      showPriceList({ sql, keyring, actor, now: () => view.now }, code),
      listPriceEntries(sql, code, filter, asked.after, ROWS + 1),
      priceListHistory(sql, code, null, parseEventPlace(c.req.query('before')), EVENTS + 1),
      needsAnother(sql, code, actor),
      priceListChoices(sql),
      choicesOf(deps, view),
    ])
    const isAsked = c.req.query('preview') === 'yes'
    const mayPreview = waitsFor(list) && list.entries + list.waitingEntries > 0
    const preview =
      mayPreview && (isAsked || (list.waitingEntries + list.entries <= PREVIEW_AT_ONCE && may(view, 'prices:approve') && !isOwn))
        ? await previewOfApproval(deps, view, actor, list)
        : null
    const { from, to } = list.waitingTerms ?? list.terms
    const mayBeLate = preview?.kind === 'outcome' ? preview.forecast.some(one => !one.isOnTime) : from !== null || to !== null
    const mayBeHeld = preview?.kind === 'outcome' && (preview.ahead ?? []).length > 0
    const entries = { rows: rows.slice(0, ROWS), next: rows.length > ROWS ? (rows[ROWS - 1]?.id ?? null) : null, asked }
    const last = events[EVENTS - 1]
    const older = events.length > EVENTS && last !== undefined ? eventPlace(last) : null
    const shown = {
      list,
      entries,
      events: events.slice(0, EVENTS),
      older,
      isOwn,
      mayBeLate,
      mayBeHeld,
      bases,
      preview: preview === null ? <AskPreview view={view} code={code} /> : <PreviewPart view={view} preview={preview} />,
      ...choices,
    }
    return page(c, <PriceListPage view={view} shown={shown} />)
  })

  app.route('/', priceListForms(deps))
  return app
}

/** Whom a list can be for, and in which currencies. */
async function choicesOf(deps: UiDeps, view: View): Promise<{ audiences: AudienceChoice[]; currencies: string[]; zones: string[] }> {
  const [audiences, channels, zones] = await Promise.all([
    listAudiences(deps.sql, null, '', AUDIENCES_MOST),
    channelChoices(deps.sql),
    channelZones(contextOf(deps, 'system')),
  ])
  const named = [
    ...audiences.filter(one => one.kind === 'region' || one.kind === 'group'),
    ...channels.map(({ code, name }) => ({ kind: 'channel' as const, code, name })),
    ...audiences.filter(one => one.kind === 'tier' || one.kind === 'partner'),
  ]
  return {
    audiences: [
      { value: 'everyone', word: view.t.prices.audiences.everyone },
      ...named.map(one => ({
        value: `${one.kind}:${one.code}`,
        word: `${audienceText(view, one)}${one.name === one.code ? '' : ` · ${one.name}`}`,
      })),
    ],
    currencies: [...new Set(channels.map(channel => channel.currency))].sort(),
    zones: [...new Set(zones.values())].filter(zone => zone !== 'UTC').sort(),
  }
}

/** A number that names a place in a list; null for what is none. */
export function placeNumber(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}

const eventPlace = ({ at, source, id }: PriceListEvent): string => `${at}_${source}_${id}`

function parseEventPlace(text: string | undefined): HistoryPlace | null {
  const [, at, source, id] = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?\+00)_(act|entry)_(\d{1,15})$/.exec(text ?? '') ?? []
  return at === undefined || Number.isNaN(Date.parse(at)) ? null : { at, source: source === 'act' ? 'act' : 'entry', id: Number(id) }
}
