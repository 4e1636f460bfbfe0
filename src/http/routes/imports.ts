import { createRoute, z } from '@hono/zod-openapi'
import { listImports } from '../../../db/import-list.ts'
import { dropImport } from '../../../db/imports.ts'
import { laterToken } from '../../../db/later-token.ts'
import { bases, modes } from '../../domain/catalog/stock-rows.ts'
import { applyImport } from '../../usecases/import-apply.ts'
import { type StockUpload, uploadStock } from '../../usecases/import-stock.ts'
import { encodings } from '../../usecases/import-text.ts'
import { readImport } from '../../usecases/read-import.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi, tellToken } from '../api.ts'
import { idCursor, page, pageOf } from '../paging.ts'
import { problem } from '../problem.ts'
import { Id, Instant, LocationCode, text } from '../shapes.ts'
import {
  afterMs,
  atMost,
  Flag,
  fileContent,
  formatOf,
  ImportOut,
  ListedOut,
  ListQuery,
  listed,
  PATIENCE_MS,
  shown,
} from './import-shape.ts'

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

const content = fileContent('sku,location,quantity\nMUG-BLUE-350,berlin,12\n', '{"sku":"MUG-BLUE-350","location":"berlin","quantity":12}\n')

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

const list = createRoute({
  method: 'get',
  path: '/v1/imports/stock',
  tags: ['Imports'],
  summary: 'Stock and catalog files that were sent',
  description: 'The newest first. Files that nobody applied are forgotten after a day.',
  request: { query: ListQuery },
  responses: answers(pageOf(ListedOut), 'The newest first.'),
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

/** Stock files that come in over HTTP. */
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

  app.openapi(list, async c => {
    const { cursor, limit, state } = c.req.valid('query')
    const rows = await listImports(deps.sql, { kinds: ['stock', 'catalog'], state }, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], listed),
      200,
    )
  })

  app.openapi(read, async c => c.json(shown(await readImport(contextOf(deps, c), c.req.valid('param').id, ['stock', 'catalog'])), 200))

  app.openapi(apply, async c => {
    const { id } = c.req.valid('param')
    const context = contextOf(deps, c)
    const found = await readImport(context, id, ['stock', 'catalog'])
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
