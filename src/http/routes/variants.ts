import { createRoute, z } from '@hono/zod-openapi'
import { listVariants, readVariant } from '../../../db/catalog.ts'
import { changeVariant } from '../../usecases/change-catalog.ts'
import { Fault } from '../../values/fault.ts'
import { readGtin } from '../../values/gtin.ts'
import { type Api, type ApiDeps, answers, contextOf, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Handle, Sku, text } from '../shapes.ts'
import { showVariant, VariantOut, VariantPatch } from './variant-shape.ts'

const BySku = z.object({ sku: Sku })

const list = createRoute({
  method: 'get',
  path: '/v1/variants',
  tags: ['Catalog'],
  summary: 'Variants (SKUs)',
  request: {
    query: z.strictObject({
      ...PAGE,
      product: Handle.optional(),
      gtin: text(40).optional(),
      status: z.enum(['active', 'archived']).optional(),
      text: text(100).optional(),
    }),
  },
  responses: answers(pageOf(VariantOut), 'Variants in the order in which they were made.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/variants/{sku}',
  tags: ['Catalog'],
  summary: 'One variant',
  request: { params: BySku },
  responses: answers(VariantOut, 'The variant.'),
})

const change = createRoute({
  method: 'patch',
  path: '/v1/variants/{sku}',
  tags: ['Catalog'],
  summary: 'Change a variant; its SKU never changes',
  request: { params: BySku, headers: WriteHeaders, body: json(VariantPatch) },
  responses: answers(VariantOut, 'The variant after the change.'),
})

/** Variants of the catalog: what stock, prices and listings are about. */
export function variantRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  async function show(sku: string) {
    const row = await readVariant(deps.sql, sku)
    if (row === null) throw new Fault('not_found', `There is no SKU ${sku}.`)
    return showVariant(row)
  }

  app.openapi(list, async c => {
    const { cursor, limit, gtin, ...filter } = c.req.valid('query')
    const rows = await listVariants(
      deps.sql,
      { ...filter, gtin: gtin === undefined ? undefined : gtin14(gtin) },
      idCursor(cursor) ?? 0,
      limit + 1,
    )
    return c.json(
      page(rows, limit, row => [row.id], showVariant),
      200,
    )
  })

  app.openapi(get, async c => c.json(await show(c.req.valid('param').sku), 200))

  app.openapi(change, async c => {
    const { sku } = c.req.valid('param')
    const { version, ...set } = c.req.valid('json')
    await changeVariant(contextOf(deps, c), keyOf(c.req.valid('header')), sku, version, set)
    return c.json(await show(sku), 200)
  })

  return app
}

function gtin14(given: string): string {
  const read = readGtin(given)
  if ('wrong' in read)
    throw new Fault('invalid', `The GTIN ${given} is wrong: ${read.wrong}.`, { field: 'gtin', value: given, expected: read.wrong })
  return read.gtin
}
