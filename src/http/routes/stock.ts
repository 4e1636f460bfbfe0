import { createRoute, z } from '@hono/zod-openapi'
import { readVariant } from '../../../db/catalog.ts'
import { readLocation } from '../../../db/locations.ts'
import { type LedgerPlace, listMovements } from '../../../db/reads.ts'
import { type BalanceRow, balancesAt, balancesOfSku } from '../../../db/stock.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, makeApi } from '../api.ts'
import { idCursor, PAGE, page, pageOf, readCursor } from '../paging.ts'
import { iso, LocationCode, leaving, Sku } from '../shapes.ts'

const BalanceOut = z
  .object({
    sku: z.string(),
    location: z.string(),
    onHand: z.int(),
    reserved: z.int(),
    unavailable: z.int(),
    incoming: z.int(),
    safetyStock: z.int(),
    available: z.int().openapi({ description: 'May be promised: on hand − reserved − unavailable − safety stock, never below 0.' }),
    updatedAt: z.string(),
  })
  .openapi('Balance')

const SkuStock = z.object({ sku: z.string(), onHand: z.int(), available: z.int(), locations: z.array(BalanceOut) }).openapi('SkuStock')

const MovementOut = z
  .object({
    id: z.int(),
    sku: z.string(),
    location: z.string(),
    kind: z.string(),
    onHand: z.int(),
    reserved: z.int(),
    unavailable: z.int(),
    incoming: z.int(),
    orderId: z.int().nullable(),
    reservationId: z.int().nullable(),
    lot: z.string().nullable(),
    causeKind: z.string().nullable().openapi({ description: 'What it belongs to: delivery, transfer, count or import.' }),
    causeId: z.int().nullable(),
    reasonCode: z.string().nullable(),
    reason: z.string().nullable(),
    unitCost: z.string().nullable(),
    costCurrency: z.string().nullable(),
    actor: z.string(),
    occurredAt: z.string(),
    recordedAt: z.string(),
  })
  .openapi('Movement')

const bySku = createRoute({
  method: 'get',
  path: '/v1/stock/{sku}',
  tags: ['Stock'],
  summary: 'Stock of one SKU, by location',
  request: { params: z.object({ sku: Sku }) },
  responses: answers(SkuStock, 'Its balances; none when it never had stock.'),
})

const atLocation = createRoute({
  method: 'get',
  path: '/v1/locations/{code}/stock',
  tags: ['Stock'],
  summary: 'Stock at one location',
  request: { params: z.object({ code: LocationCode }), query: z.strictObject(PAGE) },
  responses: answers(pageOf(BalanceOut), 'Its balances in the order of the catalog.'),
})

const movements = createRoute({
  method: 'get',
  path: '/v1/stock/{sku}/movements',
  tags: ['Stock'],
  summary: 'The ledger of one SKU',
  request: { params: z.object({ sku: Sku }), query: z.strictObject({ ...PAGE, location: LocationCode.optional() }) },
  responses: answers(pageOf(MovementOut), 'Movements, the newest first.'),
})

/** What is where, and how it came to be so. */
export function stockRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(bySku, async c => {
    const { sku } = c.req.valid('param')
    const [variant, rows] = await Promise.all([readVariant(deps.sql, sku), balancesOfSku(deps.sql, sku)])
    if (variant === null) throw new Fault('not_found', `There is no SKU ${sku}.`)
    const sum = (of: (row: BalanceRow) => number) => rows.reduce((total, row) => total + of(row), 0)
    return c.json({ sku, onHand: sum(row => row.onHand), available: sum(row => row.available), locations: rows.map(show) }, 200)
  })

  app.openapi(atLocation, async c => {
    const { code } = c.req.valid('param')
    const { cursor, limit } = c.req.valid('query')
    const after = idCursor(cursor) ?? 0
    const [location, rows] = await Promise.all([readLocation(deps.sql, code), balancesAt(deps.sql, code, after, limit + 1)])
    if (location === null) throw new Fault('not_found', `There is no location ${code}.`)
    return c.json(
      page(rows, limit, row => [row.variantId], show),
      200,
    )
  })

  app.openapi(movements, async c => {
    const { sku } = c.req.valid('param')
    const { cursor, limit, location } = c.req.valid('query')
    if ((await readVariant(deps.sql, sku)) === null) throw new Fault('not_found', `There is no SKU ${sku}.`)
    const rows = await listMovements(deps.sql, sku, location ?? null, ledgerCursor(cursor), limit + 1)
    return c.json(
      page(
        rows,
        limit,
        row => [row.place, row.id],
        ({ place: _, ...row }) => leaving(row),
      ),
      200,
    )
  })

  return app
}

const InLedger = z.tuple([z.string().regex(/^\d{4}-\d{2}-\d{2} [\d:.+-]+$/), z.int().min(0).max(Number.MAX_SAFE_INTEGER)])

function ledgerCursor(cursor: string | undefined): LedgerPlace | null {
  const read = readCursor(cursor, InLedger)
  return read === null ? null : { at: read[0], id: read[1] }
}

function show({ variantId: _variant, locationId: _location, updatedAt, ...balance }: BalanceRow): z.infer<typeof BalanceOut> {
  return { ...balance, updatedAt: iso(updatedAt) }
}
