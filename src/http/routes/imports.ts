import { createRoute, z } from '@hono/zod-openapi'
import { dropImport } from '../../../db/imports.ts'
import { laterToken } from '../../../db/later-token.ts'
import { bases, modes } from '../../domain/catalog/stock-rows.ts'
import { applyImport } from '../../usecases/import-apply.ts'
import { type StockUpload, uploadStock } from '../../usecases/import-stock.ts'
import { encodings } from '../../usecases/import-text.ts'
import { type ImportStanding, readImport } from '../../usecases/read-import.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi, tellToken } from '../api.ts'
import { problem } from '../problem.ts'
import { Id, Instant, iso, isoOrNull, LocationCode, text } from '../shapes.ts'

const ImportOut = z
  .object({
    id: z.int(),
    kind: z.enum(['catalog', 'stock', 'prices']),
    name: z.string(),
    state: z.enum(['staging', 'judged', 'applying', 'done', 'refused']).openapi({
      description: 'staging: it is being read. judged: nothing is wrong with it, and nothing of it applies yet. refused: it has errors.',
    }),
    rows: z.int(),
    applied: z.int().openapi({ description: 'How many rows it has come through, of `rows`.' }),
    new: z.int().openapi({ description: 'Rows of SKUs that had no stock at the location before.' }),
    changed: z.int(),
    unchanged: z.int(),
    overtaken: z
      .int()
      .openapi({ description: 'Rows of an instant after which somebody counted; that count stands. They are among the unchanged.' }),
    failed: z
      .int()
      .openapi({ description: 'Rows that did not fit any more when they were applied, and changed nothing; told in `errors`.' }),
    samples: z
      .record(z.string(), z.array(z.record(z.string(), z.unknown())))
      .openapi({ description: 'The first rows of what is new and what changes.' }),
    errorRows: z.int().openapi({ description: 'Rows with errors.' }),
    errors: z.array(z.object({ row: z.int(), column: z.string(), value: z.string(), expected: z.string() })).openapi({
      description: 'The first 1,000, each with its row as a spreadsheet numbers it (the header is row 1), or the number of the line.',
    }),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
  })
  .openapi('Import')

const Flag = z.enum(['true', 'false']).transform(word => word === 'true')

const UploadQuery = z.strictObject({
  name: text(200).optional().openapi({ description: 'How the file is called, for people.', example: 'count.csv' }),
  dryRun: Flag.optional().openapi({ description: 'Judges the file, tells the difference, and forgets it.' }),
  basis: z.enum(bases).optional().openapi({
    description:
      '`on_hand` (the default): what is physically there. `available`: what may be promised; what is promised or kept back lies there besides.',
  }),
  mode: z.enum(modes).optional().openapi({ description: '`absolute` (the default): what there is. `delta`: so many more, or fewer.' }),
  location: LocationCode.optional(),
  occurredAt: Instant.optional().openapi({ description: 'When absolute numbers were true; what moved since then is reckoned with.' }),
  again: Flag.optional().openapi({ description: 'Differences apply once more, although the same content was applied before.' }),
  encoding: z.enum(encodings).optional(),
  delimiter: z.enum([',', ';', 'tab', '|']).optional(),
  ignoreOtherColumns: Flag.optional(),
})

const content = {
  'text/csv': { schema: z.string().openapi({ example: 'sku,location,quantity\nMUG-BLUE-350,berlin,12\n' }) },
  'application/x-ndjson': { schema: z.string().openapi({ example: '{"sku":"MUG-BLUE-350","location":"berlin","quantity":12}\n' }) },
} as const

const upload = createRoute({
  method: 'post',
  path: '/v1/imports/stock',
  tags: ['Imports'],
  summary: 'Send a stock file; it is read and judged whole',
  description: `A first line with column names, or a JSON object in each line: sku, location, quantity, and where they are wanted basis, mode, occurred_at,
reason, lot, expires_at. What the query says holds for rows that do not say it themselves. The file is read as a stream of any length (at most 2 GB).
Nothing of it applies yet: \`POST /v1/imports/{id}/apply\` does that. An Idempotency-Key is not needed: sent twice, a file is judged twice. The same
content that has begun to apply is recognised, and its import is answered.`,
  request: { query: UploadQuery, body: { required: true, content } },
  responses: answers(ImportOut, 'The import, judged or refused.'),
})

const read = createRoute({
  method: 'get',
  path: '/v1/imports/{id}',
  tags: ['Imports'],
  summary: 'How far an import is',
  request: { params: z.object({ id: Id }) },
  responses: answers(ImportOut, 'The import.'),
})

const apply = createRoute({
  method: 'post',
  path: '/v1/imports/{id}/apply',
  tags: ['Imports'],
  summary: 'Apply a judged import, or go on with one that was cut short',
  description: `Answers when it is done, or after 20 seconds while it goes on (\`state\` applying); read it again then. What a
stopped process left goes on by itself within three minutes; numbers that stood still for an hour are refused (\`state\` refused). A key is not needed: each row
is applied once, however often and by however many this is asked. Differences whose content another import has applied are refused (409, unless they
were sent with \`again\`). \`Concord-Token\` covers what was applied by then.`,
  request: { params: z.object({ id: Id }) },
  responses: answers(ImportOut, 'The import.'),
})

/** Whether the request brings a file, which is read as a stream. */
export const isUpload = (method: string, path: string): boolean => method === 'POST' && path === upload.path

/** Files that come in over HTTP. */
export function importRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(upload, async c => {
    const query = c.req.valid('query')
    const format = formatOf(c.req.header('content-type'))
    if (format === null) return problem(c, 'unsupported_media_type', 'The body must be sent as text/csv or application/x-ndjson.') as never
    const context = contextOf(deps, c)
    const { id, judgement } = await uploadStock(context, uploadOf(query, format, c.req.raw.body))
    const answer = shown(await readImport(context, id))
    if (query.dryRun === true) await dropImport(deps.sql, id)
    return c.json({ ...answer, state: judgement.state }, 200)
  })

  app.openapi(read, async c => c.json(shown(await readImport(contextOf(deps, c), c.req.valid('param').id)), 200))

  app.openapi(apply, async c => {
    const { id } = c.req.valid('param')
    const context = contextOf(deps, c)
    const found = await readImport(context, id)
    if (found.state === 'done') {
      tellToken(c, await laterToken(deps.sql))
      return c.json(shown(found), 200)
    }
    if (found.state === 'staging' || found.state === 'refused')
      throw new Fault('conflict', `Import ${id} (${found.name}) is ${found.state}: there is nothing to apply.`, { field: 'id', value: id })
    const whole = applyImport(context, id, () => {})
    const timer = afterMs(PATIENCE_MS)
    await Promise.race([whole, timer.passed]).finally(timer.stop)
    // Nobody waits for the rest; what stops it is told here, and to whoever asks to go on.
    whole.catch(error => deps.log.error({ err: error, import: id }, 'an import stopped before its end'))
    const standing = await readImport(context, id)
    // Later than every chunk that the answer tells of.
    tellToken(c, await laterToken(deps.sql))
    return c.json(shown(standing), 200)
  })

  return app
}

// Proxies in front give up after 30 to 60 s.
const PATIENCE_MS = 20_000

function afterMs(ms: number): { readonly passed: Promise<void>; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  return { passed, stop: () => clearTimeout(timer) }
}

function formatOf(contentType: string | undefined): StockUpload['format'] | null {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  if (type === 'text/csv') return 'csv'
  return type === 'application/x-ndjson' || type === 'application/jsonl' ? 'ndjson' : null
}

const BYTES_MOST = 2 * 1024 ** 3

function uploadOf(query: z.infer<typeof UploadQuery>, format: StockUpload['format'], body: ReadableStream<Uint8Array> | null): StockUpload {
  return {
    name: query.name ?? `upload.${format}`,
    source: atMost(body),
    format,
    encoding: query.encoding ?? 'utf-8',
    delimiter: query.delimiter === 'tab' ? '\t' : (query.delimiter ?? ','),
    defaults: {
      location: query.location ?? null,
      basis: query.basis ?? 'on_hand',
      mode: query.mode ?? 'absolute',
      occurredAt: query.occurredAt === undefined ? null : new Date(query.occurredAt).toISOString(),
    },
    ignoreOtherColumns: query.ignoreOtherColumns ?? false,
    again: query.again ?? false,
  }
}

async function* atMost(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.byteLength
    if (bytes > BYTES_MOST) throw new Fault('invalid', 'A file has at most 2 GB: split it.', { field: 'body', expected: 'at most 2 GB' })
    yield piece
  }
}

function shown({ summary, createdAt, endedAt, errors, ...found }: ImportStanding): z.infer<typeof ImportOut> {
  const count = (name: string): number => (typeof summary[name] === 'number' ? summary[name] : 0)
  return {
    ...found,
    new: count('new'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    overtaken: count('overtaken'),
    failed: count('failed'),
    samples: (summary.samples ?? {}) as Record<string, Record<string, unknown>[]>,
    errorRows: count('errors'),
    errors: [...errors],
    createdAt: iso(createdAt),
    endedAt: isoOrNull(endedAt),
  }
}
