import { createRoute, z } from '@hono/zod-openapi'
import { listMarketOffers } from '../../../db/market-offers.ts'
import { importMarketOffers } from '../../usecases/import-market.ts'
import { encodings } from '../../usecases/import-text.ts'
import { bringMarketOffers, OFFERS_MOST } from '../../usecases/market-offers.ts'
import { refuseUnknown } from '../../usecases/near-names.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Code, Currency, Instant, leaving, Money, Sku, text } from '../shapes.ts'

export const Competitor = text(80).openapi({ example: 'acme' })
const Flag = z.enum(['true', 'false'])

const OfferOut = z
  .object({
    id: z.int(),
    sku: z.string(),
    competitor: z.string(),
    channel: z.string().nullable().openapi({ description: 'The channel of yours where it is met; null: anywhere.' }),
    currency: z.string(),
    amount: z.string().nullable().openapi({ description: 'With shipping where that was stated; null: offered no more.' }),
    shipping: z.string().nullable(),
    firstSeenAt: z.string(),
    seenAt: z.string().openapi({ description: 'When it was last seen so.' }),
    actor: z.string(),
    since: z.string().openapi({ description: 'In the books.' }),
    until: z.string().nullable().openapi({ description: 'Null: it stands.' }),
  })
  .openapi('MarketOffer')

const Counts = {
  new: z.int(),
  changed: z.int(),
  unchanged: z.int().openapi({ description: 'The same as what stands, seen again.' }),
  older: z.int().openapi({ description: 'Seen earlier than what stands, or than another line of the same place: left aside.' }),
}

const OffersIn = z.strictObject({
  offers: z
    .array(
      z.strictObject({
        sku: Sku,
        competitor: Competitor,
        channel: Code.optional().openapi({ description: 'The channel of yours where it is met; anywhere where it is absent.' }),
        currency: Currency,
        amount: Money.nullable().openapi({ description: 'As the price list states prices that follow it; null: offered no more.' }),
        shipping: Money.optional().openapi({ description: 'Comes on top.' }),
        seenAt: Instant.optional().openapi({ description: 'Now, where it is absent.' }),
      }),
    )
    .min(1)
    .max(OFFERS_MOST),
})

const bring = createRoute({
  method: 'post',
  path: '/v1/market/offers',
  tags: ['Market'],
  summary: 'Say what competitors ask',
  description: `One offer stands for each SKU, competitor, channel and currency: the one that was seen last; what was seen earlier never replaces it. Lines whose
SKU or channel nobody knows are told in \`wrong\` and left out, the others come in. Rules that follow these offers are judged at once.`,
  request: { headers: WriteHeaders, body: json(OffersIn) },
  responses: answers(
    z.object({
      ...Counts,
      wrong: z.array(z.object({ line: z.int(), field: z.enum(['sku', 'channel']), value: z.string() })),
      replayed: z.boolean(),
    }),
    'What became of the lines.',
  ),
})

const list = createRoute({
  method: 'get',
  path: '/v1/market/offers',
  tags: ['Market'],
  summary: 'What competitors ask, and asked',
  request: {
    query: z.strictObject({
      ...PAGE,
      sku: Sku.optional(),
      competitor: Competitor.optional(),
      channel: Code.optional().openapi({ description: 'Those that are met in it, and those that are met anywhere.' }),
      past: Flag.optional().openapi({ description: 'Also amounts that were followed by others.' }),
    }),
  },
  responses: answers(pageOf(OfferOut), 'Offers, in the order in which they came.'),
})

const upload = createRoute({
  method: 'post',
  path: '/v1/market/offers/import',
  tags: ['Market'],
  summary: 'Send a file of what competitors ask',
  description: `A first line with column names: sku, amount ("none": offered no more), and where they are wanted competitor, channel, currency, shipping, seen_at. What the
query says holds for rows that do not say it themselves. The file is read as a stream and taken in a thousand rows at a time; rows that cannot be are
told by row and column (the first thousand of them) and left out. The same file twice changes nothing, so that no key is needed.`,
  request: {
    query: z.strictObject({
      competitor: Competitor.optional(),
      currency: Currency.optional(),
      seenAt: Instant.optional(),
      encoding: z.enum(encodings).optional(),
      delimiter: z.string().min(1).max(3).optional().openapi({ description: 'One character, or `tab`.' }),
      dryRun: Flag.optional().openapi({ description: 'Reads and judges the rows, and takes nothing in.' }),
    }),
    body: {
      required: true,
      content: { 'text/csv': { schema: z.string().openapi({ example: 'sku,competitor,currency,amount\nMUG-BLUE-350,acme,EUR,9.90\n' }) } },
    },
  },
  responses: answers(
    z.object({
      rows: z.int(),
      ...Counts,
      wrong: z.int().openapi({ description: 'Rows that were left out.' }),
      errors: z.array(z.object({ row: z.int(), column: z.string(), value: z.string(), expected: z.string() })),
    }),
    'What became of the rows.',
  ),
})

/** Whether the request brings a file of offers, which is read as a stream. */
export const isMarketUpload = (method: string, path: string): boolean => method === 'POST' && path === upload.path

const BYTES_MOST = 2 * 1024 ** 3

/** What competitors ask. */
export function marketOfferRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(bring, async c => {
    const { offers } = c.req.valid('json')
    const done = await bringMarketOffers(contextOf(deps, c), keyOf(c.req.valid('header')), offers)
    return c.json({ ...done, wrong: [...done.wrong] }, 200)
  })

  app.openapi(upload, async c => {
    const { competitor, currency, seenAt, encoding, delimiter, dryRun } = c.req.valid('query')
    const body = c.req.raw.body
    const done = await importMarketOffers(contextOf(deps, c), {
      source: () => atMost(body),
      encoding: encoding ?? 'utf-8',
      delimiter: delimiter === 'tab' ? '\t' : (delimiter ?? ','),
      competitor: competitor ?? null,
      currency: currency ?? null,
      seenAt: seenAt === undefined ? null : new Date(seenAt),
      dryRun: dryRun === 'true',
    })
    return c.json({ ...done, errors: [...done.errors] }, 200)
  })

  app.openapi(list, async c => {
    const { cursor, limit, past, ...filter } = c.req.valid('query')
    await refuseUnknown(deps, { sku: filter.sku, channel: filter.channel })
    const rows = await listMarketOffers(deps.sql, { ...filter, past: past === 'true' }, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  return app
}

async function* atMost(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.byteLength
    if (bytes > BYTES_MOST) throw new Fault('invalid', 'A file has at most 2 GB: split it.', { field: 'body', expected: 'at most 2 GB' })
    yield piece
  }
}
