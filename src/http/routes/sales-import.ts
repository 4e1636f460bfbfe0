import { createRoute, z } from '@hono/zod-openapi'
import { laterToken } from '../../../db/later-token.ts'
import { bookReceipts } from '../../usecases/book-receipts.ts'
import { encodings } from '../../usecases/import-text.ts'
import { ownStore } from '../../usecases/own-store.ts'
import { RECEIPT_CODES } from '../../usecases/receipt-text.ts'
import { type Api, type ApiDeps, answers, contextOf, makeApi, tellToken } from '../api.ts'
import { problem } from '../problem.ts'
import { atMost, Flag, formatOf } from './import-shape.ts'

const upload = createRoute({
  method: 'post',
  path: '/v1/imports/sales',
  tags: ['Imports'],
  summary: "Send a till's file of receipts; each is booked once",
  description: `A first line with column names, then a row for each line of a receipt: till, receipt, location, sku, quantity (below 0: it came back at the till), and where they are
known lot and sold_at (an instant with its zone). Each receipt is booked whole, once, by till and receipt, whoever brings it and however often, so that no key is needed: after
a lost answer the file is sent again. A clerk who is logged in books those of their own store only. One that cannot be booked is told by row and column and left out, and the others are booked. A file that cannot be read, or
has more than 50,000 receipts or 500,000 rows, books nothing. \`Concord-Token\` covers what was booked.`,
  request: {
    query: z.strictObject({
      dryRun: Flag.optional().openapi({ description: 'Judges each receipt by itself, and books none.' }),
      encoding: z.enum(encodings).optional(),
      delimiter: z.enum([',', ';', 'tab', '|']).optional(),
    }),
    body: {
      required: true,
      content: {
        'text/csv': {
          schema: z.string().openapi({ example: 'till,receipt,location,sku,quantity\nberlin-1,2026-11-22/0147,berlin,MUG-BLUE-350,2\n' }),
        },
      },
    },
  },
  responses: answers(
    z
      .object({
        booked: z.int().openapi({ description: 'Of a dry run: that would be booked.' }),
        known: z.int().openapi({ description: 'Receipts that were booked before.' }),
        refused: z.int(),
        errors: z
          .array(
            z.object({
              row: z.int(),
              column: z.string(),
              till: z.string(),
              receipt: z.string(),
              words: z.string(),
              code: z.enum(RECEIPT_CODES),
              values: z.array(z.string()),
            }),
          )
          .openapi({
            description:
              'Why the first 1,000 were refused, by the row as a spreadsheet shows it (the header is row 1); `code` with the values that its words name, and in English.',
          }),
      })
      .openapi('ReceiptsBooked'),
    'What became of the receipts.',
  ),
})

/** Whether the request brings a file of receipts, which is read as a stream. */
export const isSalesUpload = (method: string, path: string): boolean => method === 'POST' && path === upload.path

/** What tills sold, as a file. */
export function salesImportRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  app.openapi(upload, async c => {
    const { dryRun = false, encoding = 'utf-8', delimiter = ',' } = c.req.valid('query')
    if (formatOf(c.req.header('content-type')) !== 'csv')
      return problem(c, 'unsupported_media_type', 'The body must be sent as text/csv.') as never
    const body = c.req.raw.body
    const own = await ownStore(deps.sql, c.var.principal)
    const file = { source: () => atMost(body), encoding, delimiter: delimiter === 'tab' ? '\t' : delimiter, dryRun, own }
    const done = await bookReceipts(contextOf(deps, c), file)
    if (!dryRun) tellToken(c, await laterToken(deps.sql))
    return c.json({ ...done, errors: done.errors.map(one => ({ ...one, values: [...one.values] })) }, 200)
  })
  return app
}
