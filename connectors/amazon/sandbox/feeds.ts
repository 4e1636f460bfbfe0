import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { documentText, openDocument, signDocument } from './documents.ts'
import { type Gate, refuse } from './gate.ts'
import type { World } from './world.ts'

export type FeedRow = {
  id: string
  type: string
  marketplaces: string
  input: string
  status: 'CANCELLED' | 'DONE' | 'FATAL' | 'IN_PROGRESS' | 'IN_QUEUE'
  created_ms: number
  begun_ms: number | null
  ended_ms: number | null
  result: string | null
}

/** Types that are played. */
const TYPES = ['JSON_LISTINGS_FEED', 'POST_ORDER_ACKNOWLEDGEMENT_DATA']
const BASE = '/feeds/2021-06-30'
/** A feed that goes slow waits so many times longer than others. */
const SLOW = 20

const documentShape = z.object({ contentType: z.string().min(1) })
const startShape = z.object({
  feedType: z.string(),
  marketplaceIds: z.array(z.string()).min(1).max(25),
  inputFeedDocumentId: z.string().min(1),
})
const pageShape = z.object({
  feedTypes: z.string(),
  createdSince: z.string().optional(),
  pageSize: z.coerce.number().int().min(1).max(100).default(10),
  before: z.number().optional(),
})

/** Feeds 2021-06-30. `createFeed` goes slow under the fault `late`. */
export function addFeeds(app: Hono, world: World, gate: Gate): void {
  const { store } = world
  app.post(
    `${BASE}/documents`,
    gate('createFeedDocument', async context => {
      const asked = documentShape.safeParse(await context.req.json().catch(() => null))
      if (!asked.success) return refuse(400, 'InvalidInput', 'contentType is required.')
      const id = openDocument(world, asked.data.contentType)
      return Response.json({ feedDocumentId: id, url: signDocument(world, context, id)?.url }, { status: 201 })
    }),
  )
  app.get(
    `${BASE}/documents/:id`,
    gate('getFeedDocument', context => {
      const id = context.req.param('id') ?? ''
      const file = signDocument(world, context, id)
      if (!file) return refuse(404, 'NotFound', `There is no feed document ${id}.`)
      return Response.json({ feedDocumentId: id, url: file.url, ...(file.packed ? { compressionAlgorithm: 'GZIP' } : {}) })
    }),
  )
  app.post(
    `${BASE}/feeds`,
    gate('createFeed', async context => start(world, await context.req.json().catch(() => null))),
  )
  app.get(
    `${BASE}/feeds`,
    gate('getFeeds', context => page(world, context)),
  )
  app.get(
    `${BASE}/feeds/:id`,
    gate('getFeed', context => {
      const row = feedOf(world, context.req.param('id') ?? '')
      return row ? Response.json(view(row)) : refuse(404, 'NotFound', 'There is no such feed.')
    }),
  )
  app.delete(
    `${BASE}/feeds/:id`,
    gate('cancelFeed', context => {
      const id = context.req.param('id') ?? ''
      const values = [world.options.now().getTime(), id] as const
      const n = store.run("update feed set status = 'CANCELLED', ended_ms = ? where id = ? and status = 'IN_QUEUE'", ...values)
      return n === 1 ? new Response('') : refuse(400, 'InvalidInput', 'Only a feed that is IN_QUEUE can be cancelled.')
    }),
  )
}

export function feedOf({ store }: World, id: string): FeedRow | undefined {
  return store.one<FeedRow>('select * from feed where id = ?', id)
}

function start(world: World, body: unknown): Response {
  const { store, options } = world
  const asked = startShape.safeParse(body)
  if (!asked.success) return refuse(400, 'InvalidInput', z.prettifyError(asked.error))
  const { feedType, marketplaceIds, inputFeedDocumentId: input } = asked.data
  if (!TYPES.includes(feedType)) return refuse(400, 'InvalidInput', `Invalid feedType: ${feedType}.`)
  const strange = marketplaceIds.find(id => !options.marketplaces.some(one => one.id === id))
  if (strange !== undefined) return refuse(400, 'InvalidInput', `Invalid marketplaceIds: ${strange}.`)
  if (documentText(world, input) === null) return refuse(400, 'InvalidInput', 'The feed document was not uploaded.')
  const isSlow = store.strikes('late', 'createFeed')
  return store.change(() => {
    const id = String(store.next('feed', 50_000_001))
    const values = [id, feedType, JSON.stringify(marketplaceIds), input, options.now().getTime()] as const
    store.run("insert into feed values (?, ?, ?, ?, 'IN_QUEUE', ?, null, null, null)", ...values)
    store.later('feed-begin', id, {}, (options.feedQueueMs ?? store.lag()) * (isSlow ? SLOW : 1) + (isSlow ? store.lateMs : 0))
    return Response.json({ feedId: id }, { status: 202 })
  })
}

/** Newest first, as Amazon gives them; a page's token stands for the whole question. */
function page(world: World, context: Context): Response {
  const { nextToken, ...query } = context.req.query()
  const asked = pageShape.safeParse(nextToken === undefined ? query : JSON.parse(atob(nextToken)))
  if (!asked.success) return refuse(400, 'InvalidInput', 'feedTypes or nextToken is required.')
  const { feedTypes, createdSince, pageSize, before } = asked.data
  const values = [
    JSON.stringify(feedTypes.split(',')),
    createdSince === undefined ? 0 : Date.parse(createdSince),
    before ?? Number.MAX_SAFE_INTEGER,
  ]
  const rows = world.store.all<FeedRow>(
    `select * from feed where type in (select value from json_each(?)) and created_ms >= ? and cast(id as integer) < ?
      order by cast(id as integer) desc limit ?`,
    ...values,
    pageSize,
  )
  const last = rows.at(-1)
  const next = last && rows.length === pageSize ? btoa(JSON.stringify({ ...asked.data, before: Number(last.id) })) : null
  return Response.json({ feeds: rows.map(view), ...(next === null ? {} : { nextToken: next }) })
}

function view(row: FeedRow): object {
  const instant = (ms: number): string => new Date(ms).toISOString()
  return {
    feedId: row.id,
    feedType: row.type,
    marketplaceIds: JSON.parse(row.marketplaces) as unknown,
    createdTime: instant(row.created_ms),
    processingStatus: row.status,
    ...(row.begun_ms === null ? {} : { processingStartTime: instant(row.begun_ms) }),
    ...(row.ended_ms === null || row.status === 'CANCELLED' ? {} : { processingEndTime: instant(row.ended_ms) }),
    ...(row.result === null ? {} : { resultFeedDocumentId: row.result }),
  }
}
