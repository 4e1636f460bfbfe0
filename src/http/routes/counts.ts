import { createRoute, z } from '@hono/zod-openapi'
import type { Context as HonoContext } from 'hono'
import { type CountLineRow, type CountRow, countLines, listCounts, readCount } from '../../../db/counts.ts'
import { cancelCount, enterCount, recountLines, startCount, submitCount } from '../../usecases/count-stock.ts'
import { type CountDecision, decideCount } from '../../usecases/decide-count.ts'
import type { RequestEnv } from '../../usecases/principal.ts'
import { reviewCount } from '../../usecases/review-count.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf, writeCursor } from '../paging.ts'
import { Id, LocationCode, leaving } from '../shapes.ts'
import {
  CountIn,
  CountOut,
  CountState,
  DecidedOut,
  DecideIn,
  EnteredOut,
  EntriesIn,
  LinesOut,
  RecountIn,
  ReviewOut,
} from './count-shape.ts'

const ById = z.object({ id: Id })
const tags = ['Counts']
const write = { params: ById, headers: WriteHeaders }

const start = createRoute({
  ...{ method: 'post', path: '/v1/counts', tags, summary: 'Start a count of a location, or of some SKUs there' },
  description: 'Whoever counts sees which SKUs to count, never how many the books have. Stock may be sold and received meanwhile.',
  request: { headers: WriteHeaders, body: json(CountIn) },
  responses: creates(CountOut, 'The count.'),
})

const list = createRoute({
  ...{ method: 'get', path: '/v1/counts', tags, summary: 'Counts, the newest first' },
  request: { query: z.strictObject({ ...PAGE, location: LocationCode.optional(), state: CountState.optional() }) },
  responses: answers(pageOf(CountOut), 'Counts.'),
})

const get = createRoute({
  ...{ method: 'get', path: '/v1/counts/{id}', tags, summary: 'One count' },
  request: { params: ById },
  responses: answers(CountOut, 'The count.'),
})

const lines = createRoute({
  ...{ method: 'get', path: '/v1/counts/{id}/lines', tags, summary: 'What is to be counted, and what was entered' },
  request: { params: ById, query: z.strictObject(PAGE) },
  responses: answers(LinesOut, 'SKUs, by lot where they have lots; not what the books say.'),
})

const enter = createRoute({
  ...{ method: 'post', path: '/v1/counts/{id}/entries', tags, summary: 'Enter what was counted, as often as needed' },
  request: { ...write, body: json(EntriesIn) },
  responses: answers(EnteredOut, 'What is noted now.'),
})

const submit = createRoute({
  ...{ method: 'post', path: '/v1/counts/{id}/submit', tags, summary: 'Hand a count in for review' },
  request: write,
  responses: answers(CountOut, 'The count.'),
})

const review = createRoute({
  ...{ method: 'get', path: '/v1/counts/{id}/review', tags, summary: 'A count that was handed in, beside the books' },
  request: { params: ById, query: z.strictObject({ ...PAGE, part: z.enum(['all', 'differences', 'uncounted']).default('differences') }) },
  responses: answers(ReviewOut, 'Sums over all lines, and the lines that were asked for.'),
})

const recount = createRoute({
  ...{ method: 'post', path: '/v1/counts/{id}/recount', tags, summary: 'Have some lines counted once more; the count is open again' },
  request: { ...write, body: json(RecountIn) },
  responses: answers(CountOut, 'The count.'),
})

const approve = createRoute({
  ...{ method: 'post', path: '/v1/counts/{id}/approve', tags, summary: 'Put the differences on the books' },
  description:
    'Posts counted − book, both at the instant of counting: what was sold or received since then stays so. Whoever counted or handed it in does not approve it, unless they administer.',
  request: { ...write, body: json(DecideIn) },
  responses: answers(DecidedOut, 'What became of the count.'),
})

const reject = createRoute({
  ...{ method: 'post', path: '/v1/counts/{id}/reject', tags, summary: 'Set what was counted aside; nothing is posted' },
  request: { ...write, body: json(DecideIn) },
  responses: answers(DecidedOut, 'What became of the count.'),
})

const cancel = createRoute({
  ...{ method: 'post', path: '/v1/counts/{id}/cancel', tags, summary: 'End a count of which nothing was approved' },
  request: write,
  responses: answers(CountOut, 'The count.'),
})

/** Blind counts: entered by some, approved by others. */
export function countRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  async function show(id: number) {
    const row = await readCount(deps.sql, id)
    if (row === null) throw new Fault('not_found', `There is no count ${id}.`)
    return leaving(row)
  }

  async function decide(c: HonoContext<RequestEnv>, key: string | null, id: number, decision: CountDecision, mayApproveOwn: boolean) {
    const { token, ...decided } = await decideCount(contextOf(deps, c), key, id, decision, mayApproveOwn)
    tellToken(c, token)
    return decided
  }

  app.openapi(start, async c => {
    const { id } = await startCount(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json'))
    return c.json(await show(id), 201)
  })

  app.openapi(list, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listCounts(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving<CountRow>),
      200,
    )
  })

  app.openapi(get, async c => c.json(await show(c.req.valid('param').id), 200))

  app.openapi(lines, async c => {
    const { id } = c.req.valid('param')
    const { cursor, limit } = c.req.valid('query')
    const [, rows] = await Promise.all([show(id), countLines(deps.sql, id, idCursor(cursor) ?? 0, limit + 1)])
    return c.json(
      page(rows, limit, row => [row.id], withoutId),
      200,
    )
  })

  app.openapi(enter, async c => {
    const entered = await enterCount(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('param').id, c.req.valid('json').entries)
    return c.json({ lines: entered.lines.map(line => ({ ...line })), replayed: entered.replayed }, 200)
  })

  app.openapi(submit, async c => {
    const { id } = c.req.valid('param')
    await submitCount(contextOf(deps, c), keyOf(c.req.valid('header')), id)
    return c.json(await show(id), 200)
  })

  app.openapi(review, async c => {
    const { cursor, limit, part } = c.req.valid('query')
    const { totals, lines } = await reviewCount(contextOf(deps, c), c.req.valid('param').id, part, idCursor(cursor) ?? 0, limit + 1)
    const last = lines.length > limit ? lines[limit - 1] : undefined
    const items = lines.slice(0, limit).map(({ difference, unitCost: _, ...row }) => ({
      ...withoutId(row),
      ...{ difference: difference.units, value: difference.value },
    }))
    return c.json(
      {
        totals: { ...totals, values: totals.values.map(value => ({ ...value })) },
        items,
        next: last === undefined ? null : writeCursor([last.id]),
      },
      200,
    )
  })

  app.openapi(recount, async c => {
    const { id } = c.req.valid('param')
    await recountLines(contextOf(deps, c), keyOf(c.req.valid('header')), id, c.req.valid('json').lines)
    return c.json(await show(id), 200)
  })

  app.openapi(approve, async c => {
    const decision: CountDecision = { ...c.req.valid('json'), decision: 'approved' }
    const mayApproveOwn = c.var.principal.scopes.has('admin')
    return c.json(await decide(c, keyOf(c.req.valid('header')), c.req.valid('param').id, decision, mayApproveOwn), 200)
  })

  app.openapi(reject, async c => {
    const decision: CountDecision = { ...c.req.valid('json'), decision: 'rejected' }
    return c.json(await decide(c, keyOf(c.req.valid('header')), c.req.valid('param').id, decision, false), 200)
  })

  app.openapi(cancel, async c => {
    const { id } = c.req.valid('param')
    await cancelCount(contextOf(deps, c), keyOf(c.req.valid('header')), id)
    return c.json(await show(id), 200)
  })

  return app
}

function withoutId<Row extends CountLineRow>({ id: _, ...row }: Row) {
  return leaving(row)
}
