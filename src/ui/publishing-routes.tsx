import { type Context, Hono } from 'hono'
import { explainHead } from '../../db/explain.ts'
import { channelHead } from '../../db/pages-channel.ts'
import { type ExplainedPush, explainPush } from '../usecases/explain-push.ts'
import { forcePush, resetChannel, STANDS } from '../usecases/force.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { readPublishing } from '../usecases/publishing.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { choice, keyOf, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { refuseToSend } from './forms/push-refusal.ts'
import { missingPage, page } from './page.tsx'
import { valuesPath } from './pages/channel/publishing.tsx'
import { ValuesPage, whyPath } from './pages/channel/values.tsx'
import { WhyPage } from './pages/channel/why.tsx'
import { addressOf } from './parts/list.tsx'
import { contextOf } from './price-preview.ts'
import { viewOf } from './view.ts'

export const publishingAccess: RouteTable = {
  'GET /channels/:code/publications': 'channels:read',
  'GET /channels/:code/publications/:sku': 'channels:read',
  'POST /channels/:code/force': 'channels:write',
  'POST /channels/:code/reset': 'channels:write',
}

const ROWS = 100
const FIELDS = ['stock', 'price'] as const

/** The values of a channel, why each was sent or was not, and the forms that send them now or compare everything. */
export function publishingRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const code = (c: Context): string => c.req.param('code') ?? ''
  const asker = (c: Context<RequestEnv>) => contextOf(deps, c.get('principal').actor)
  const known = async (c: Context) => {
    const head = await channelHead(deps.sql, code(c))
    if (head === null) throw new Fault('not_found', `There is no channel ${code(c)}.`, { field: 'channel', value: code(c) })
    return head
  }

  app.get('/channels/:code/publications', async c => {
    const view = viewOf(c, deps)
    const head = await channelHead(deps.sql, code(c))
    if (head === null) return missingPage(c, view, `${view.t.board.channel} ${code(c)}`)
    const word = (name: string): string => (c.req.query(name) ?? '').trim().slice(0, 200)
    const asked = {
      state: STANDS.find(one => one === c.req.query('state')) ?? ('' as const),
      field: FIELDS.find(one => one === c.req.query('field')) ?? ('' as const),
      ...{ sku: word('q'), category: word('category'), after: word('after') },
    }
    const filter = {
      ...{ state: asked.state || undefined, field: asked.field || undefined },
      ...{ sku: asked.sku || undefined, category: asked.category || undefined },
    }
    const rows = await readPublishing(asker(c), head.code, filter, placeOf(asked.after), ROWS + 1)
    const shown = rows.slice(0, ROWS)
    const last = rows.length > ROWS ? shown.at(-1) : undefined
    const next = last === undefined ? null : `${last.listingId}_${last.field}`
    return page(c, <ValuesPage view={view} code={head.code} name={head.name} asked={asked} rows={shown} next={next} />)
  })

  app.get('/channels/:code/publications/:sku', async c => {
    const view = viewOf(c, deps)
    const [head, sku] = [await channelHead(deps.sql, code(c)), c.req.param('sku')]
    if (head === null) return missingPage(c, view, `${view.t.board.channel} ${code(c)}`)
    if ((await explainHead(deps.sql, sku)) === null) return missingPage(c, view, `SKU ${sku}`)
    const field = FIELDS.find(one => one === c.req.query('field')) ?? 'stock'
    const at = (c.req.query('at') ?? '').trim().slice(0, 40)
    const { told, isBad } = await explainedAt(at, instant => explainPush(asker(c), sku, head.code, field, { at: instant }))
    return page(c, <WhyPage view={view} name={head.name} told={told} asked={{ field, at, isBad }} />)
  })

  app.post('/channels/:code/force', c =>
    carryOutForm(
      c,
      deps,
      fields => backTo(code(c), fields),
      async (given, context) => {
        const t = given.view.t.publishing.force
        const head = await known(c)
        const state = text(given, 'state') === '' ? undefined : choice(given, 'state', given.view.t.publishing.state, STANDS)
        const field = text(given, 'field') === '' ? undefined : choice(given, 'field', given.view.t.publishing.list.field, FIELDS)
        const [sku, category] = [text(given, 'sku'), text(given, 'category')]
        const selection = { state, field, category: category || undefined, ...(sku === '' ? {} : { skus: [sku] }) }
        const done = await forcePush(context, keyOf(given), code(c), selection).catch(refuseToSend(t, head))
        return [
          t.done(head.name, done.forced),
          ...(done.endedAt === null ? [t.goesOn] : []),
          ...(done.underWay > 0 ? [t.underWay(done.underWay)] : []),
          ...(done.held > 0 ? [t.held(done.held)] : []),
        ].join(' ')
      },
    ),
  )

  app.post('/channels/:code/reset', c =>
    carryOutForm(c, deps, `/channels/${encodeURIComponent(code(c))}`, async (given, context) => {
      const { name } = await known(c)
      await resetChannel(context, keyOf(given), code(c))
      return given.view.t.publishing.reset.done(name)
    }),
  )

  return app
}

/** The page that a form of sending stands on. */
function backTo(code: string, fields: Readonly<Record<string, string>>): string {
  const { back, sku = '', field = '', state = '', category = '' } = fields
  if (back === 'why' && sku !== '') return addressOf(whyPath(code, sku), { field })
  if (back === 'values') return addressOf(valuesPath(code), { q: sku, field, state, category })
  return `/channels/${encodeURIComponent(code)}`
}

function placeOf(text: string): readonly [number, string] {
  const [, listing, field] = /^(\d{1,15})_(stock|price)$/.exec(text) ?? []
  return listing === undefined || field === undefined ? [0, ''] : [Number(listing), field]
}

/** Explains at what stands in the field `at` (date and time in UTC); now where it is empty, or no instant that can be told of. */
async function explainedAt(
  at: string,
  tell: (instant: string | undefined) => Promise<ExplainedPush>,
): Promise<{ readonly told: ExplainedPush; readonly isBad: boolean }> {
  if (at === '') return { told: await tell(undefined), isBad: false }
  try {
    // A browser's field has no zone, and no seconds where they are 0.
    return { told: await tell(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(at) ? `${at}Z` : at), isBad: false }
  } catch (error) {
    if (!(error instanceof Fault) || error.detail.field !== 'at') throw error
    return { told: await tell(undefined), isBad: true }
  }
}
