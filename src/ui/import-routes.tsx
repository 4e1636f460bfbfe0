import { Hono } from 'hono'
import { listImports } from '../../db/import-list.ts'
import { placeChoices } from '../../db/pages-stock.ts'
import { bases, modes } from '../domain/catalog/stock-rows.ts'
import { uploadStock } from '../usecases/import-stock.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { readImport } from '../usecases/read-import.ts'
import { Fault } from '../values/fault.ts'
import { numberIn } from './delivery-routes.tsx'
import type { UiDeps } from './deps.ts'
import { number } from './format.ts'
import { choice, type Given, instant, refusal, text } from './forms/given.ts'
import { applyFile, fileAddress, fileOf, noneIfUnknown } from './forms/import-file.ts'
import { carryOutForm } from './forms/post.ts'
import { missingPage, page } from './page.tsx'
import { ImportsPage } from './pages/imports/list.tsx'
import { StockUpload } from './pages/imports/stock-form.tsx'
import { StockImportPage } from './pages/imports/stock-one.tsx'
import { addressOf } from './parts/list.tsx'
import { placeNumber } from './price-list-routes.tsx'
import { viewOf } from './view.ts'

export const importAccess: RouteTable = {
  'GET /stock/import': 'stock:read',
  'GET /stock/import/:id': 'stock:read',
  'POST /stock/import': 'stock:write',
  'POST /stock/import/:id/apply': 'stock:write',
}

const ROWS = 20

/** Stock files: sending one, looking at what it would change, and applying it. */
export function importRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/stock/import', async c => {
    const view = viewOf(c, deps)
    const before = placeNumber(c.req.query('before'))
    const [places, files] = await Promise.all([placeChoices(deps.sql), filesOf(deps, 'stock', before)])
    const form = <StockUpload view={view} places={places} />
    return page(c, <ImportsPage view={view} room="stock" {...files} form={form} />)
  })

  app.get('/stock/import/:id', async c => {
    const view = viewOf(c, deps)
    const id = numberIn(c, 'id')
    const context = { sql: deps.sql, keyring: deps.keyring, actor: c.get('principal').actor }
    const found = id === null ? null : await readImport(context, id, ['stock']).catch(noneIfUnknown)
    if (found === null) return missingPage(c, view, `${view.t.imports.rooms.stock.title} ${c.req.param('id')}`)
    return page(c, <StockImportPage view={view} found={found} />)
  })

  app.post('/stock/import', c =>
    carryOutForm(c, deps, '/stock/import', async (given, context) => {
      const t = given.view.t.imports
      const file = await fileOf(c, given)
      const { id, outcome, judgement } = await uploadStock(context, { ...file, ...optionsOf(given) }).catch(error => {
        throw inWords(given, error)
      })
      const to = fileAddress('stock', id)
      const rows = number(judgement.rows, given.view.language)
      if (outcome === 'refused') return { said: t.refused(file.name, number(judgement.errors, given.view.language)), to }
      return { said: (outcome === 'interrupted' ? t.interrupted : t.judged)(file.name, rows), to }
    }),
  )

  app.post('/stock/import/:id/apply', c =>
    carryOutForm(c, deps, fileAddress('stock', c.req.param('id')), async (given, context) =>
      applyFile(deps, given, context, await readImport(context, numberIn(c, 'id') ?? 0, ['stock'])).catch(error => {
        throw inWords(given, error)
      }),
    ),
  )

  return app
}

/** The files of a room, the newest first, before the id. */
export async function filesOf(deps: UiDeps, room: 'stock' | 'prices', before: number | null) {
  const rows = await listImports(deps.sql, { kinds: [room] }, before, ROWS + 1)
  const imports = rows.slice(0, ROWS)
  const next = rows.length > ROWS ? addressOf(`/${room}/import`, { before: String(imports.at(-1)?.id ?? '') }) : null
  return { imports, next, isFirst: before === null }
}

function optionsOf(given: Given) {
  const t = given.view.t.imports
  const mode = choice(given, 'mode', t.mode, modes)
  const basis = choice(given, 'basis', t.basis, bases)
  const occurredAt = instant(given, 'occurredAt', t.occurredAt) ?? null
  if (mode === 'delta' && occurredAt !== null) throw refusal(t.instantOfDelta, 'occurredAt')
  if (mode === 'delta' && basis === 'available') throw refusal(t.basisOfDelta, 'basis')
  return { defaults: { location: text(given, 'location') || null, basis, mode, occurredAt }, again: text(given, 'again') === 'yes' }
}

function inWords(given: Given, error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== 'conflict' || error.detail.field !== 'again') return error
  return refusal(given.view.t.imports.appliedBefore(String(error.detail.import ?? '')), 'file')
}
