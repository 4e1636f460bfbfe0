import { createRoute, z } from '@hono/zod-openapi'
import type { PriceEntryRow } from '../../../db/price-entries.ts'
import type { PriceListEvent } from '../../../db/price-list-history.ts'
import type { PriceListRow } from '../../../db/price-lists.ts'
import { findPriceEntries, historyOfPriceList, setPriceEntries } from '../../usecases/price-entries.ts'
import { beatenWords, dearerWords, gapWords, guardAheadWords, notLowerWords } from '../../usecases/price-list-warnings.ts'
import {
  approvePriceList,
  audienceOf,
  endPriceList,
  findPriceLists,
  type PriceListShown,
  rejectPriceList,
  setPriceList,
  showPriceList,
} from '../../usecases/price-lists.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf, readCursor } from '../paging.ts'
import { Code, leaving, Sku, text } from '../shapes.ts'
import { AcceptWindow, ForecastOut, LATE } from './forecast-shape.ts'
import { AcceptHeld, GuardAheadOut, HELD_AHEAD } from './guard-ahead-shape.ts'
import {
  DecideIn,
  EntriesIn,
  EntriesOut,
  EntryOut,
  EventOut,
  PriceListIn,
  PriceListOut,
  PriceListQuery,
  PriceListShownOut,
  SetAsideIn,
} from './price-list-shape.ts'
import { Why } from './price-shape.ts'

const tags = ['Price lists']
const params = z.object({ code: Code })
const write = { params, headers: WriteHeaders }

const list = createRoute({
  ...{ method: 'get', path: '/v1/price-lists', tags, summary: 'Price lists' },
  request: { query: z.strictObject({ ...PAGE, ...PriceListQuery }) },
  responses: answers(pageOf(PriceListOut), 'The oldest first.'),
})

const put = createRoute({
  ...{ method: 'put', path: '/v1/price-lists/{code}', tags, summary: 'Make a price list, or change its terms' },
  description:
    'A new list is a draft: nothing of it is shown until it is approved. What is not sent stays. An approved list is changed at once, except where it is marked `fourEyes`: there the change waits for approval and what was approved holds meanwhile.',
  request: { ...write, body: json(PriceListIn) },
  responses: answers(
    PriceListShownOut.extend({ changed: z.boolean(), made: z.boolean(), forecast: z.array(ForecastOut) }),
    'The list after it.',
  ),
})

const get = createRoute({
  ...{ method: 'get', path: '/v1/price-lists/{code}', tags, summary: 'One price list' },
  request: { params },
  responses: answers(PriceListShownOut, 'Its terms, what waits, and lists that it overlaps with.'),
})

const entries = createRoute({
  ...{ method: 'get', path: '/v1/price-lists/{code}/entries', tags, summary: 'What a price list asks' },
  request: {
    params,
    query: z.strictObject({
      ...PAGE,
      scope: EntryOut.shape.scope.optional(),
      of: text(200).optional().openapi({ description: "A SKU, a product's handle or a category." }),
      waiting: z.enum(['true', 'false']).optional().openapi({ description: 'Only what waits for approval, or only what stands.' }),
    }),
  },
  responses: answers(
    pageOf(EntryOut),
    'Entries that stand, and that wait for approval. The closest one speaks: SKU, product, category, all.',
  ),
})

const putEntries = createRoute({
  ...{ method: 'post', path: '/v1/price-lists/{code}/entries', tags, summary: 'Set or take away entries, all or none' },
  description:
    "A fixed price below a floor is refused as `below_floor` with the arithmetic, for every channel that the list reaches in the channel's own currency and tax display. On a list marked `fourEyes` entries wait for approval.",
  request: { ...write, body: json(EntriesIn) },
  responses: answers(EntriesOut, 'How many were changed; one that is the same stays.'),
})

const NotLowerOut = z
  .object({
    count: z.int(),
    examples: z.array(z.object({ sku: z.string(), channel: z.string(), currency: z.string(), regular: z.string(), sale: z.string() })),
    words: z.string(),
  })
  .nullable()
  .openapi({
    description: 'Of a sale: prices that are not lower than the regular one, which they would replace while it lasts; null: there is none.',
  })

const approve = createRoute({
  ...{ method: 'post', path: '/v1/price-lists/{code}/approve', tags, summary: 'Put a price list, or what waits on it, in force' },
  description:
    'Terms and entries together. Names the version that was seen: refused as `stale` when the list changed since. On a list marked `fourEyes` nobody approves what they wrote. ' +
    `${LATE} ${HELD_AHEAD}`,
  request: { ...write, body: json(DecideIn.extend({ acceptWindow: AcceptWindow, acceptHeld: AcceptHeld })) },
  responses: answers(
    PriceListShownOut.extend({
      approvedTerms: z.boolean(),
      approvedEntries: z.int(),
      notLower: NotLowerOut,
      guard: GuardAheadOut,
      forecast: z.array(ForecastOut),
    }),
    'The list after it.',
  ),
})

const reject = createRoute({
  ...{ method: 'post', path: '/v1/price-lists/{code}/reject', tags, summary: 'Set aside what waits on a price list' },
  description: 'What stands goes on. Whoever wrote it may take it back, too.',
  request: { ...write, body: json(SetAsideIn) },
  responses: answers(PriceListShownOut.extend({ rejectedTerms: z.boolean(), rejectedEntries: z.int() }), 'The list after it.'),
})

const end = createRoute({
  ...{ method: 'post', path: '/v1/price-lists/{code}/end', tags, summary: 'End a price list for good' },
  description: 'At once; a draft is thrown away. An approved one that is marked `fourEyes` is ended by those who may approve.',
  request: { ...write, body: json(z.strictObject({ why: Why })) },
  responses: answers(PriceListShownOut.extend({ changed: z.boolean() }), 'The list after it.'),
})

const history = createRoute({
  ...{ method: 'get', path: '/v1/price-lists/{code}/history', tags, summary: 'Who changed a price list, from what to what, and why' },
  request: { params, query: z.strictObject({ ...PAGE, sku: Sku.optional().openapi({ description: 'Only what was said of it.' }) }) },
  responses: answers(pageOf(EventOut), 'The newest first.'),
})

const Place = z.tuple([z.string().max(40), z.enum(['act', 'entry']), z.int().min(0)])

/** Price lists: written by some, approved by others. */
export function priceListRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(list, async c => {
    const { cursor, limit, audience, waiting, ...filter } = c.req.valid('query')
    const rows = await findPriceLists(
      contextOf(deps, c),
      { ...filter, audience: audience === undefined ? undefined : audienceOf(audience), waiting: waiting === 'true' },
      idCursor(cursor) ?? 0,
      limit + 1,
    )
    return c.json(
      page(rows, limit, row => [row.id], show),
      200,
    )
  })

  app.openapi(put, async c => {
    const { why, version, zone, acceptWindow, ...terms } = c.req.valid('json')
    const { code } = c.req.valid('param')
    const how = { why, version, zone, acceptWindow }
    const done = await setPriceList(contextOf(deps, c), keyOf(c.req.valid('header')), code, terms, how)
    return c.json({ ...showWhole(done.list), changed: done.changed, made: done.made, forecast: [...done.forecast] }, 200)
  })

  app.openapi(get, async c => c.json(showWhole(await showPriceList(contextOf(deps, c), c.req.valid('param').code)), 200))

  app.openapi(entries, async c => {
    const { cursor, limit, waiting, ...filter } = c.req.valid('query')
    const said = { ...filter, waiting: waiting === undefined ? undefined : waiting === 'true' }
    const rows = await findPriceEntries(contextOf(deps, c), c.req.valid('param').code, said, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], showEntry),
      200,
    )
  })

  app.openapi(putEntries, async c => {
    const { entries, why } = c.req.valid('json')
    return c.json(await setPriceEntries(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').code, entries, why), 200)
  })

  app.openapi(approve, async c => {
    const { version, why, acceptWindow, acceptHeld } = c.req.valid('json')
    const { code } = c.req.valid('param')
    const done = await approvePriceList(contextOf(deps, c), keyOf(c.req.valid('header')), code, version, { why, acceptWindow, acceptHeld })
    const approved = {
      approvedTerms: done.terms,
      notLower: done.notLower
        ? { ...done.notLower, examples: done.notLower.examples.map(one => ({ ...one })), words: notLowerWords(done.notLower) }
        : null,
      guard:
        done.unjudged === true
          ? null
          : (done.guard ?? []).map(one => ({ ...one, examples: [...one.examples], words: guardAheadWords(one, one.at) })),
      approvedEntries: done.entries,
      forecast: [...done.forecast],
    }
    return c.json({ ...showWhole(done.list), ...approved }, 200)
  })

  app.openapi(reject, async c => {
    const context = contextOf(deps, c)
    const { code } = c.req.valid('param')
    const done = await rejectPriceList(context, keyOf(c.req.valid('header')), code, c.req.valid('json'))
    return c.json({ ...showWhole(await showPriceList(context, code)), rejectedTerms: done.terms, rejectedEntries: done.entries }, 200)
  })

  app.openapi(end, async c => {
    const context = contextOf(deps, c)
    const { code } = c.req.valid('param')
    const mayApprove = c.var.principal.scopes.has('prices:approve')
    const { changed } = await endPriceList(context, keyOf(c.req.valid('header')), code, mayApprove, c.req.valid('json'))
    return c.json({ ...showWhole(await showPriceList(context, code)), changed }, 200)
  })

  app.openapi(history, async c => {
    const { cursor, limit, sku } = c.req.valid('query')
    const [at, source, id] = readCursor(cursor, Place) ?? []
    const before = at === undefined || source === undefined || id === undefined ? null : { at, source, id }
    const rows = await historyOfPriceList(contextOf(deps, c), c.req.valid('param').code, sku ?? null, before, limit + 1)
    return c.json(
      page(rows, limit, row => [row.at, row.source, row.id], showEvent),
      200,
    )
  })

  return app
}

const show = ({ id: _, ...row }: PriceListRow): z.infer<typeof PriceListOut> => leaving(row)
const showWhole = ({ overlaps, gaps, beaten, dearer, ...row }: PriceListShown) => ({
  ...show(row),
  overlaps: overlaps.map(one => ({ ...one })),
  beaten: beaten.map(one => ({
    ...one,
    examples: one.examples.map(example => ({ ...example, list: example.list ?? null })),
    words: beatenWords(one),
  })),
  dearer: dearer && { ...dearer, examples: dearer.examples.map(one => ({ ...one })), words: dearerWords(dearer, row.terms.currency) },
  gaps: gaps.map(one => ({ ...one, region: one.region ?? null, category: one.category ?? null, words: gapWords(one) })),
})
const showEntry = ({ id: _, ...row }: PriceEntryRow): z.infer<typeof EntryOut> => leaving(row)
const showEvent = ({ id: _, source: __, at, ...row }: PriceListEvent): z.infer<typeof EventOut> => ({
  ...leaving(row),
  at: new Date(at).toISOString(),
})
