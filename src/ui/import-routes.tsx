import { Hono } from 'hono'
import { latestImports } from '../../db/pages-imports.ts'
import { placeChoices } from '../../db/pages-stock.ts'
import { bases, modes } from '../domain/catalog/stock-rows.ts'
import { applyImport } from '../usecases/import-apply.ts'
import { uploadStock } from '../usecases/import-stock.ts'
import { encodings } from '../usecases/import-text.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { readImport } from '../usecases/read-import.ts'
import { Fault } from '../values/fault.ts'
import { numberIn } from './delivery-routes.tsx'
import type { UiDeps, UiSurface } from './deps.ts'
import { setFlash } from './flash.ts'
import { number } from './format.ts'
import { choice, type Given, instant, refusal, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { missingPage, page } from './page.tsx'
import { ImportsPage } from './pages/imports/list.tsx'
import { ImportPage } from './pages/imports/one.tsx'
import { viewOf } from './view.ts'

export const importAccess: RouteTable = {
  'GET /stock/import': 'stock:read',
  'GET /stock/import/:id': 'stock:read',
  'POST /stock/import': 'stock:write',
  'POST /stock/import/:id/apply': 'stock:write',
}

const LATEST = 20
// A form's file is in memory while it is read: half a million rows. Larger ones come as a stream through the API or the command line.
const FILE_MOST_MB = 32
const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const
// Small files are done by then, and the page says so at once.
const PATIENCE_MS = 1_500

/** How large a file may be that a form brings, and what a person is told of a larger one. */
export function importFiles(deps: UiDeps): UiSurface['files'] {
  return {
    route: 'POST /stock/import',
    most: FILE_MOST_MB * 1024 * 1024,
    tooLarge: c => {
      const { errors, imports } = viewOf(c, deps).t
      setFlash(c, deps, { tone: 'trouble', title: errors.faults.invalid, text: imports.tooLarge(FILE_MOST_MB) })
      return c.redirect('/stock/import', 303)
    },
  }
}

/** Stock files: sending one, looking at what it would change, and applying it. */
export function importRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/stock/import', async c => {
    const [places, imports] = await Promise.all([placeChoices(deps.sql), latestImports(deps.sql, LATEST)])
    return page(c, <ImportsPage view={viewOf(c, deps)} places={places} imports={imports} />)
  })

  app.get('/stock/import/:id', async c => {
    const view = viewOf(c, deps)
    const id = numberIn(c, 'id')
    const context = { sql: deps.sql, keyring: deps.keyring, actor: c.get('principal').actor }
    const found = id === null ? null : await readImport(context, id).catch(noneIfUnknown)
    if (found === null || found.kind !== 'stock') return missingPage(c, view, `${view.t.imports.title} ${c.req.param('id')}`)
    return page(c, <ImportPage view={view} found={found} />)
  })

  app.post('/stock/import', c =>
    carryOutForm(c, deps, '/stock/import', async (given, context) => {
      const t = given.view.t.imports
      const { file } = await c.req.parseBody()
      if (!(file instanceof File) || file.size === 0) throw refusal(t.noFile, 'file')
      const upload = { ...optionsOf(given), name: file.name.slice(0, 200), source: file.stream(), format: formatOf(file.name) }
      const { id, outcome, judgement } = await uploadStock(context, upload).catch(error => {
        throw inWords(given, error)
      })
      const to = `/stock/import/${id}`
      const rows = number(judgement.rows, given.view.language)
      if (outcome === 'refused') return { said: t.refused(file.name, number(judgement.errors, given.view.language)), to }
      return { said: (outcome === 'interrupted' ? t.interrupted : t.judged)(file.name, rows), to }
    }),
  )

  app.post('/stock/import/:id/apply', c =>
    carryOutForm(c, deps, `/stock/import/${encodeURIComponent(c.req.param('id'))}`, async (given, context) => {
      const t = given.view.t.imports
      const id = numberIn(c, 'id') ?? 0
      const found = await readImport(context, id)
      if (found.state !== 'judged' && found.state !== 'applying') throw new Fault('conflict', t.nothingToApply, { isTranslated: true })
      const whole = applyImport(context, id, () => {})
      const isDone = await Promise.race([whole.then(() => true), afterMs(PATIENCE_MS)]).catch(error => {
        throw inWords(given, error)
      })
      // Nobody waits for the rest; what stops it is told here, and the page offers to go on.
      whole.catch(error => deps.log.error({ err: error, import: id }, 'an import stopped before its end'))
      return isDone ? t.done(found.name) : t.begun(found.name)
    }),
  )

  return app
}

function afterMs(ms: number): Promise<false> {
  return new Promise(resolve => {
    setTimeout(() => resolve(false), ms).unref()
  })
}

function optionsOf(given: Given) {
  const t = given.view.t.imports
  const mode = choice(given, 'mode', t.mode, modes)
  const basis = choice(given, 'basis', t.basis, bases)
  const occurredAt = instant(given, 'occurredAt', t.occurredAt) ?? null
  if (mode === 'delta' && occurredAt !== null) throw refusal(t.instantOfDelta, 'occurredAt')
  if (mode === 'delta' && basis === 'available') throw refusal(t.basisOfDelta, 'basis')
  return {
    encoding: choice(given, 'encoding', t.encoding, encodings),
    delimiter: DELIMITERS[choice(given, 'delimiter', t.delimiter, ['comma', 'semicolon', 'tab', 'bar'])],
    defaults: { location: text(given, 'location') || null, basis, mode, occurredAt },
    ignoreOtherColumns: text(given, 'ignore') === 'yes',
    again: text(given, 'again') === 'yes',
  } as const
}

const formatOf = (name: string): 'csv' | 'ndjson' => (/\.(ndjson|jsonl|json)$/i.test(name) ? 'ndjson' : 'csv')

function inWords(given: Given, error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== 'conflict' || error.detail.field !== 'again') return error
  return refusal(given.view.t.imports.appliedBefore(String(error.detail.import ?? '')), 'file')
}

function noneIfUnknown(error: unknown): null {
  if (error instanceof Fault && error.code === 'not_found') return null
  throw error
}
