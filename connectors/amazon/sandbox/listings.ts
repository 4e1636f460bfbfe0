import type { Context, Hono } from 'hono'
import { type Gate, refuse } from './gate.ts'
import { itemView } from './listing-view.ts'
import { submit } from './submissions.ts'
import { type ListingRow, listingOf, type World } from './world.ts'

/** Searches give no more than this many items over all their pages. */
const SEARCH_MAX = 1000
const IDENTIFIERS_MAX = 20

const SORTS: Readonly<Record<string, string>> = { sku: 'sku', createdDate: 'created_ms', lastUpdatedDate: 'updated_ms' }

/** Listings Items 2021-08-01: search, get, patch. */
export function addListings(app: Hono, world: World, gate: Gate): void {
  const ours = (handle: (context: Context, marketplaceIds: readonly string[]) => Response | Promise<Response>) => (context: Context) => {
    if (context.req.param('seller') !== world.options.sellerId)
      return refuse(403, 'Unauthorized', 'Access to requested resource is denied.')
    const ids = list(context.req.query('marketplaceIds'))
    const strange = ids.find(id => !world.options.marketplaces.some(one => one.id === id))
    if (ids.length === 0 || strange !== undefined)
      return refuse(400, 'InvalidInput', `Invalid 'marketplaceIds' provided: ${strange ?? 'none'}.`)
    return handle(context, ids)
  }
  const base = '/listings/2021-08-01/items/:seller'
  app.get(
    base,
    gate(
      'searchListingsItems',
      ours((context, ids) => search(world, context, ids)),
    ),
  )
  app.get(
    `${base}/:sku`,
    gate(
      'getListingsItem',
      ours((context, ids) => {
        const row = listingOf(world, context.req.param('sku') ?? '')
        if (!row) return refuse(404, 'NOT_FOUND', `SKU '${context.req.param('sku')}' not found in marketplace ${ids.join(', ')}`)
        return Response.json(itemView(world, row, ids, list(context.req.query('includedData') ?? 'summaries')))
      }),
    ),
  )
  app.patch(
    `${base}/:sku`,
    gate(
      'patchListingsItem',
      ours(async (context, ids) => {
        const body = await context.req.json().catch(() => null)
        return submit(world, context.req.param('sku') ?? '', ids, body)
      }),
    ),
  )
}

function search(world: World, context: Context, marketplaceIds: readonly string[]): Response {
  const query = context.req.query()
  const pageSize = Number(query.pageSize ?? 10)
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 20) return refuse(400, 'InvalidInput', "Invalid 'pageSize' provided.")
  const identifiers = list(query.identifiers)
  if (identifiers.length > IDENTIFIERS_MAX) return refuse(400, 'InvalidInput', "Too many 'identifiers' provided.")
  if (identifiers.length > 0 && query.identifiersType !== 'SKU') return refuse(400, 'InvalidInput', "Invalid 'identifiersType' provided.")
  // Amazon searches for the whole text as well, so that a SKU with a comma can be found alone.
  const skus = identifiers.length > 0 ? [query.identifiers ?? '', ...identifiers] : null
  const offset = query.pageToken === undefined ? 0 : Number(atob(query.pageToken))
  const where = `(? is null or sku in (select value from json_each(?))) and created_ms >= ?`
  const values = [skus && 'some', skus && JSON.stringify(skus), query.createdAfter ? Date.parse(query.createdAfter) : 0] as const
  const total = world.store.one<{ n: number }>(`select count(*) as n from listing where ${where}`, ...values)?.n ?? 0
  const sort = `${SORTS[query.sortBy ?? 'lastUpdatedDate'] ?? 'sku'} ${query.sortOrder === 'ASC' ? 'asc' : 'desc'}, sku`
  const rows = world.store.all<ListingRow>(
    `select * from listing where ${where} order by ${sort} limit ? offset ?`,
    ...values,
    pageSize,
    offset,
  )
  const next = offset + rows.length
  const included = list(query.includedData ?? 'summaries')
  return Response.json({
    numberOfResults: total,
    pagination: next < Math.min(total, SEARCH_MAX) && rows.length > 0 ? { nextToken: btoa(String(next)) } : {},
    items: rows.map(row => itemView(world, row, marketplaceIds, included)),
  })
}

function list(text: string | undefined): string[] {
  return text ? text.split(',') : []
}
