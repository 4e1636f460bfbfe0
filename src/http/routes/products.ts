import { createRoute, z } from '@hono/zod-openapi'
import { listProducts, listVariants, readProduct } from '../../../db/catalog.ts'
import { changeProduct, putProducts } from '../../usecases/change-catalog.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf } from '../paging.ts'
import { Handle, leaving, text } from '../shapes.ts'
import { showVariant, VariantIn, VariantOut } from './variant-shape.ts'

const ProductOut = z
  .object({
    id: z.int(),
    handle: z.string(),
    title: z.string(),
    vendor: z.string().nullable(),
    category: z.string().nullable(),
    version: z.int(),
    variants: z.int().openapi({ description: 'How many variants it has.' }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi('Product')

const ProductWithVariants = ProductOut.extend({ variants: z.array(VariantOut) }).openapi('ProductWithVariants')

const ProductIn = z.strictObject({
  handle: Handle,
  title: text(500),
  vendor: text(200).nullable().optional(),
  category: text(300).nullable().optional(),
  variants: z.array(VariantIn).min(1).max(250),
})

const ProductPatch = z.strictObject({
  version: z.int().min(1).optional().openapi({ description: 'The version that you have seen; 409 `stale` when it is no longer so.' }),
  title: text(500).optional(),
  vendor: text(200).nullable().optional(),
  category: text(300).nullable().optional(),
})

const ByHandle = z.object({ handle: Handle })
// Reading a product shows all its variants; a product has at most 250 when made here, more only by many additions.
const VARIANTS_MOST = 1000

const list = createRoute({
  method: 'get',
  path: '/v1/products',
  tags: ['Catalog'],
  summary: 'Products',
  request: { query: z.strictObject({ ...PAGE, text: text(100).optional() }) },
  responses: answers(pageOf(ProductOut), 'Products in the order in which they were made.'),
})

const create = createRoute({
  method: 'post',
  path: '/v1/products',
  tags: ['Catalog'],
  summary: 'Make a product with its variants',
  request: { headers: WriteHeaders, body: json(ProductIn) },
  responses: creates(ProductWithVariants, 'The product.'),
})

const get = createRoute({
  method: 'get',
  path: '/v1/products/{handle}',
  tags: ['Catalog'],
  summary: 'One product with its variants',
  request: { params: ByHandle },
  responses: answers(ProductWithVariants, 'The product.'),
})

const change = createRoute({
  method: 'patch',
  path: '/v1/products/{handle}',
  tags: ['Catalog'],
  summary: 'Change a product',
  request: { params: ByHandle, headers: WriteHeaders, body: json(ProductPatch) },
  responses: answers(ProductWithVariants, 'The product after the change.'),
})

const addVariant = createRoute({
  method: 'post',
  path: '/v1/products/{handle}/variants',
  tags: ['Catalog'],
  summary: 'Add a variant',
  request: { params: ByHandle, headers: WriteHeaders, body: json(VariantIn) },
  responses: creates(ProductWithVariants, 'The product with the new variant.'),
})

/** Products of the catalog. */
export function productRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  async function show(handle: string) {
    const [product, variants] = await Promise.all([
      readProduct(deps.sql, handle),
      listVariants(deps.sql, { product: handle }, 0, VARIANTS_MOST),
    ])
    if (product === null) throw new Fault('not_found', `There is no product ${handle}.`)
    return { ...leaving(product), variants: variants.map(showVariant) }
  }

  app.openapi(list, async c => {
    const { cursor, limit, text: wanted } = c.req.valid('query')
    const rows = await listProducts(deps.sql, wanted ?? null, idCursor(cursor) ?? 0, limit + 1)
    return c.json(
      page(rows, limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(create, async c => {
    const product = c.req.valid('json')
    await putProducts(contextOf(deps, c), keyOf(c.req.valid('header')), 'create', [product])
    return c.json(await show(product.handle), 201)
  })

  app.openapi(get, async c => c.json(await show(c.req.valid('param').handle), 200))

  app.openapi(change, async c => {
    const { handle } = c.req.valid('param')
    const { version, ...set } = c.req.valid('json')
    await changeProduct(contextOf(deps, c), keyOf(c.req.valid('header')), handle, version, set)
    return c.json(await show(handle), 200)
  })

  app.openapi(addVariant, async c => {
    const { handle } = c.req.valid('param')
    await putProducts(contextOf(deps, c), keyOf(c.req.valid('header')), 'add', [{ handle, variants: [c.req.valid('json')] }])
    return c.json(await show(handle), 201)
  })

  return app
}
