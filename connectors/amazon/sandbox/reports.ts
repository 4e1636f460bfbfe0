import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { keepDocument, signDocument } from './documents.ts'
import { type Gate, refuse } from './gate.ts'
import { listingsText, returnsText } from './report-texts.ts'
import type { World } from './world.ts'

type ReportRow = {
  id: string
  type: string
  marketplace: string
  status: 'CANCELLED' | 'DONE' | 'FATAL' | 'IN_PROGRESS' | 'IN_QUEUE'
  created_ms: number
  begun_ms: number | null
  ended_ms: number | null
  document: string | null
  /** The time that it was asked for. */
  from_ms: number
  to_ms: number
}

/** The types that are played: what the file of each holds, null where it would be empty. */
const PLAYED: Readonly<Record<string, (world: World, row: ReportRow) => string | null>> = {
  GET_MERCHANT_LISTINGS_ALL_DATA: (world, row) => listingsText(world, row.marketplace),
  GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE: (world, row) => returnsText(world, row.marketplace, row.from_ms, row.to_ms),
}
/** What one report covers at the most. */
const SPAN_MAX_MS = 60 * 24 * 3_600_000
const BASE = '/reports/2021-06-30'
/** A report that goes slow takes so many times longer than others. */
const SLOW = 20

const startShape = z.object({
  reportType: z.string(),
  marketplaceIds: z.array(z.string()).min(1).max(25),
  dataStartTime: z.iso.datetime({ offset: true }).optional(),
  dataEndTime: z.iso.datetime({ offset: true }).optional(),
  reportOptions: z.record(z.string(), z.string()).optional(),
})
const pageShape = z.object({
  reportTypes: z.string(),
  marketplaceIds: z.string().optional(),
  createdSince: z.string().optional(),
  pageSize: z.coerce.number().int().min(1).max(100).default(10),
})

/** Reports 2021-06-30. `createReport` goes slow under the fault `late`, and its report ends early under `cancelled` and `fatal`. */
export function addReports(app: Hono, world: World, gate: Gate): void {
  app.post(
    `${BASE}/reports`,
    gate('createReport', async context => start(world, await context.req.json().catch(() => null))),
  )
  app.get(
    `${BASE}/reports`,
    gate('getReports', context => page(world, context)),
  )
  app.get(
    `${BASE}/reports/:id`,
    gate('getReport', context => {
      const row = reportOf(world, context.req.param('id') ?? '')
      return row ? Response.json(view(row)) : refuse(404, 'NotFound', 'There is no such report.')
    }),
  )
  app.get(
    `${BASE}/documents/:id`,
    gate('getReportDocument', context => {
      const id = context.req.param('id') ?? ''
      const file = signDocument(world, context, id)
      if (!file) return refuse(404, 'NotFound', `There is no report document ${id}.`)
      return Response.json({ reportDocumentId: id, url: file.url, ...(file.packed ? { compressionAlgorithm: 'GZIP' } : {}) })
    }),
  )
}

function start(world: World, body: unknown): Response {
  const { store, options } = world
  const asked = startShape.safeParse(body)
  if (!asked.success) return refuse(400, 'InvalidInput', z.prettifyError(asked.error))
  const { reportType, marketplaceIds } = asked.data
  const [marketplace] = marketplaceIds
  // Without them it is about now, as Amazon's model says.
  const nowMs = options.now().getTime()
  const from = asked.data.dataStartTime === undefined ? nowMs : Date.parse(asked.data.dataStartTime)
  const to = asked.data.dataEndTime === undefined ? nowMs : Date.parse(asked.data.dataEndTime)
  if (from > to || to - from > SPAN_MAX_MS) return refuse(400, 'InvalidInput', 'Invalid dataStartTime or dataEndTime.')
  if (PLAYED[reportType] === undefined) return refuse(400, 'InvalidInput', `Invalid reportType: ${reportType}.`)
  if (marketplaceIds.length !== 1 || !options.marketplaces.some(one => one.id === marketplace))
    return refuse(400, 'InvalidInput', `Invalid marketplaceIds: ${marketplaceIds.join(', ')}.`)
  const isSlow = store.strikes('late', 'createReport')
  return store.change(() => {
    const id = String(store.next('report', 70_000_001))
    store.run(
      `insert into report (id, type, marketplace, status, created_ms, from_ms, to_ms) values (?, ?, ?, 'IN_QUEUE', ?, ?, ?)`,
      ...[id, reportType, marketplaceIds[0] ?? '', nowMs, from, to],
    )
    store.later('report-begin', id, {}, (options.reportQueueMs ?? store.lag()) * (isSlow ? SLOW : 1) + (isSlow ? store.lateMs : 0))
    return Response.json({ reportId: id }, { status: 202 })
  })
}

/** A report's turn has come: it shows the listings of this instant, however long it takes to be written. */
export function beginReport(world: World, id: string): void {
  const { store, options } = world
  const row = reportOf(world, id)
  if (row?.status !== 'IN_QUEUE') return
  const nowMs = options.now().getTime()
  const text = PLAYED[row.type]?.(world, row) ?? null
  // Amazon takes back by itself what would be empty.
  if (text === null || store.strikes('cancelled', 'createReport')) {
    store.run("update report set status = 'CANCELLED', ended_ms = ? where id = ?", nowMs, id)
    return
  }
  // Letters that the file's character set does not have are spoilt by Amazon itself.
  const bytes = Buffer.from(text.replace(/[^\p{ASCII}\u00a0-\u00ff]/gu, '?'), 'latin1')
  const document = keepDocument(world, 'text/plain; charset=Cp1252', bytes)
  store.run("update report set status = 'IN_PROGRESS', begun_ms = ?, document = ? where id = ?", nowMs, document, id)
  store.later('report-end', id, {}, options.reportWorkMs ?? store.lag())
}

export function endReport(world: World, id: string): void {
  const row = reportOf(world, id)
  if (row?.status !== 'IN_PROGRESS') return
  const isFatal = world.store.strikes('fatal', 'createReport')
  const values = [isFatal ? 'FATAL' : 'DONE', world.options.now().getTime(), id] as const
  world.store.run('update report set status = ?, ended_ms = ? where id = ?', ...values)
  world.store.record('report', { ref: id, data: { status: values[0] } })
}

function page(world: World, context: Context): Response {
  const asked = pageShape.safeParse(context.req.query())
  if (!asked.success) return refuse(400, 'InvalidInput', 'reportTypes or nextToken is required.')
  const { reportTypes, marketplaceIds, createdSince, pageSize } = asked.data
  const rows = world.store.all<ReportRow>(
    `select * from report where type in (select value from json_each(?)) and created_ms >= ?
      and (? is null or marketplace in (select value from json_each(?))) order by cast(id as integer) desc limit ?`,
    JSON.stringify(reportTypes.split(',')),
    createdSince === undefined ? 0 : Date.parse(createdSince),
    marketplaceIds ?? null,
    JSON.stringify(marketplaceIds?.split(',') ?? []),
    pageSize,
  )
  return Response.json({ reports: rows.map(view) })
}

function reportOf({ store }: World, id: string): ReportRow | undefined {
  return store.one<ReportRow>('select * from report where id = ?', id)
}

function view(row: ReportRow): object {
  const instant = (ms: number): string => new Date(ms).toISOString()
  return {
    reportId: row.id,
    reportType: row.type,
    marketplaceIds: [row.marketplace],
    createdTime: instant(row.created_ms),
    processingStatus: row.status,
    ...(row.begun_ms === null ? {} : { processingStartTime: instant(row.begun_ms) }),
    ...(row.ended_ms === null || row.status === 'CANCELLED' ? {} : { processingEndTime: instant(row.ended_ms) }),
    ...(row.status === 'DONE' && row.document !== null ? { reportDocumentId: row.document } : {}),
  }
}
