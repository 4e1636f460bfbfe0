import { createRoute, z } from '@hono/zod-openapi'
import { listImports } from '../../../db/import-list.ts'
import { dropImport } from '../../../db/imports.ts'
import { laterToken } from '../../../db/later-token.ts'
import { decimalMarks } from '../../domain/catalog/cells.ts'
import type { Context } from '../../usecases/context.ts'
import { exportCsv, exportRows, refuseNoList } from '../../usecases/export.ts'
import { applyImport } from '../../usecases/import-apply.ts'
import { decideImport } from '../../usecases/import-decide.ts'
import { uploadPrices } from '../../usecases/import-price.ts'
import { encodings } from '../../usecases/import-text.ts'
import { readImport } from '../../usecases/read-import.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, tellToken, WriteHeaders } from '../api.ts'
import { csvAnswers, sendCsv } from '../csv.ts'
import { idCursor, page, pageOf } from '../paging.ts'
import { problem } from '../problem.ts'
import { Id, text } from '../shapes.ts'
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
  name: text(200).optional().openapi({ description: 'How the file is called, for people.', example: 'winter.csv' }),
  dryRun: Flag.optional().openapi({ description: 'Judges the file, tells the difference, and forgets it.' }),
  encoding: z.enum(encodings).optional(),
  delimiter: z.enum([',', ';', 'tab', '|']).optional(),
  decimal: z.enum(decimalMarks).optional().openapi({
    description: 'Of amounts in CSV: a point, unless a comma is stated (`12,50`); then a point is refused, as it may be one of thousands.',
  }),
  ignoreOtherColumns: Flag.optional(),
  zone: text(64)
    .optional()
    .openapi({ description: "For dates and local times, before the zone of each row's channel.", example: 'Europe/Berlin' }),
})

const upload = createRoute({
  method: 'post',
  path: '/v1/imports/prices',
  tags: ['Imports'],
  summary: 'Send a price file; it is read, compared and judged whole',
  description: `A first line with column names, or a JSON object in each line: sku, currency, amount (empty or \`none\` ends the price), and where they are
wanted channel (the plain price of one channel), from, to; or list (the fixed price of a SKU in a price list) and min_quantity. A day begins at its midnight
in the zone of the row's channel, or in \`zone\`, without which a row of no channel needs instants. The file is read as a stream of any length (at most 2 GB); only rows that differ from what stands are kept. What it would do to the listings of each
channel is in \`guard\`; beyond a limit of the guard it is \`waiting\` until somebody approves or rejects it. Else \`POST …/apply\` applies it. The
same content that has begun to apply, or that waits, is recognised, and its import is answered.`,
  request: {
    query: UploadQuery,
    body: {
      required: true,
      content: fileContent('sku,currency,amount\nMUG-BLUE-350,EUR,12.90\n', '{"sku":"MUG-BLUE-350","currency":"EUR","amount":"12.90"}\n'),
    },
  },
  responses: answers(ImportOut, 'The import: judged, waiting or refused.'),
})

const list = createRoute({
  method: 'get',
  path: '/v1/imports/prices',
  tags: ['Imports'],
  summary: 'Price files that were sent; `state=waiting`: those that wait for a decision',
  description: 'The newest first. Files that nobody applied are forgotten after a day, those that wait for a decision after 30 days.',
  request: { query: ListQuery },
  responses: answers(pageOf(ListedOut), 'The newest first.'),
})

const read = createRoute({
  method: 'get',
  path: '/v1/imports/prices/{id}',
  tags: ['Imports'],
  summary: 'How far a price import is, and what it would change',
  request: { params: z.object({ id: Id }) },
  responses: answers(ImportOut, 'The import.'),
})

const apply = createRoute({
  method: 'post',
  path: '/v1/imports/prices/{id}/apply',
  tags: ['Imports'],
  summary: 'Apply a judged price import, or go on with one that was cut short',
  description: `Answers when it is done, or after 20 seconds while it goes on (\`state\` applying); read it again then. What a stopped process left goes on by
itself within three minutes. A key is not needed: each row is applied once. One that waits for approval is refused (409). Rows that a floor that was moved
since does not let through are left out, and told in \`errors\`.`,
  request: { params: z.object({ id: Id }) },
  responses: answers(ImportOut, 'The import.'),
})

function decision(verb: 'approve' | 'reject', summary: string, description: string) {
  return createRoute({
    method: 'post',
    path: `/v1/imports/prices/{id}/${verb}`,
    tags: ['Imports'],
    summary,
    description,
    request: { params: z.object({ id: Id }), headers: WriteHeaders, body: json(z.strictObject({ note: text(2_000).optional() })) },
    responses: answers(ImportOut, 'The import.'),
  })
}

const approve = decision(
  'approve',
  'Let a price import through that goes beyond a limit of the guard',
  'It is applied as `apply` does, and what it makes passes the guard. Needs `prices:approve`.',
)
const reject = decision('reject', 'Turn a price import down that waits', 'Nothing of it ever applies. Needs `prices:approve`.')

const exported = createRoute({
  method: 'get',
  path: '/v1/exports/prices',
  tags: ['Imports'],
  summary: 'All plain prices, or the prices of a list, as CSV',
  description: `As a stream, in the columns of a price file: sent back, it changes nothing. Without \`list\` all plain prices in force or to come; with it the
fixed prices that the list has for SKUs (what reckons prices, or speaks of more than a SKU, has no place in such a file).`,
  request: {
    query: z.strictObject({
      list: text(40).optional(),
      past: Flag.optional().openapi({ description: 'Also prices whose time is over, and those of a list that was ended.' }),
    }),
  },
  responses: csvAnswers('The prices.'),
})

/** Price files that come in over HTTP, and the prices as a file. */
export function priceImportRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  const applied = async (context: Context, id: number) => {
    const whole = applyImport(context, id, () => {})
    const timer = afterMs(PATIENCE_MS)
    await Promise.race([whole, timer.passed]).finally(timer.stop)
    // Nobody waits for the rest; what stops it is told here, and to whoever asks to go on.
    whole.catch(error => deps.log.error({ err: error, import: id }, 'an import stopped before its end'))
    return shown(await readImport(context, id))
  }

  app.openapi(upload, async c => {
    const query = c.req.valid('query')
    const format = formatOf(c.req.header('content-type'))
    if (format === null) return problem(c, 'unsupported_media_type', 'The body must be sent as text/csv or application/x-ndjson.') as never
    const context = contextOf(deps, c)
    const file = {
      ...{ name: query.name ?? `upload.${format}`, source: atMost(c.req.raw.body), format, encoding: query.encoding ?? 'utf-8' },
      ...{
        delimiter: query.delimiter === 'tab' ? '\t' : (query.delimiter ?? ','),
        decimal: query.decimal ?? '.',
        ignoreOtherColumns: query.ignoreOtherColumns ?? false,
      },
      zone: query.zone,
    }
    const { id } = await uploadPrices(context, file, query.dryRun === true)
    const answer = shown(await readImport(context, id))
    if (query.dryRun === true) await dropImport(deps.sql, id)
    return c.json(answer, 200)
  })

  app.openapi(list, async c => {
    const { cursor, limit, state } = c.req.valid('query')
    const rows = await listImports(deps.sql, { kinds: ['prices'], state }, idCursor(cursor), limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], listed),
      200,
    )
  })

  app.openapi(read, async c => c.json(shown(await readImport(contextOf(deps, c), c.req.valid('param').id, ['prices'])), 200))

  app.openapi(apply, async c => {
    const { id } = c.req.valid('param')
    const context = contextOf(deps, c)
    const found = await readImport(context, id, ['prices'])
    if (found.state !== 'judged' && found.state !== 'applying' && found.state !== 'done') {
      const why = found.state === 'waiting' ? 'somebody has to approve it first' : 'there is nothing to apply'
      throw new Fault('conflict', `Import ${id} (${found.name}) is ${found.state}: ${why}.`, { field: 'id', value: id })
    }
    const answer = found.state === 'done' ? shown(found) : await applied(context, id)
    // Later than every chunk that the answer tells of.
    tellToken(c, await laterToken(deps.sql))
    return c.json(answer, 200)
  })

  app.openapi(approve, async c => {
    const { id } = c.req.valid('param')
    const context = contextOf(deps, c)
    await readImport(context, id, ['prices'])
    await decideImport(context, keyOf(c.req.valid('header')), id, { decision: 'approve', ...c.req.valid('json') })
    const answer = await applied(context, id)
    tellToken(c, await laterToken(deps.sql))
    return c.json(answer, 200)
  })

  app.openapi(reject, async c => {
    const { id } = c.req.valid('param')
    const context = contextOf(deps, c)
    await readImport(context, id, ['prices'])
    await decideImport(context, keyOf(c.req.valid('header')), id, { decision: 'reject', ...c.req.valid('json') })
    return c.json(shown(await readImport(context, id)), 200)
  })

  app.openapi(exported, async c => {
    const { list = null, past = false } = c.req.valid('query')
    // Asked before the answer begins: what comes later can only break it off.
    if (list !== null) await refuseNoList(deps.sql, list)
    const choices = { currency: 'EUR', since: null, list, past }
    const kind = list === null ? 'prices' : 'list-prices'
    return sendCsv(c, `${list ?? 'prices'}.csv`, async () => exportCsv(kind, exportRows(contextOf(deps, c), kind, choices)))
  })

  return app
}

/** Whether the request brings a file, which is read as a stream. */
export const isUpload = (method: string, path: string): boolean =>
  method === 'POST' && (path === upload.path || path === '/v1/imports/stock')
