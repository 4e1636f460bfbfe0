import { Hono } from 'hono'
import { listImports } from '../../db/import-list.ts'
import { readWeighed } from '../../db/price-imports.ts'
import { decideImport } from '../usecases/import-decide.ts'
import { uploadPrices } from '../usecases/import-price.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { readImport } from '../usecases/read-import.ts'
import { Fault } from '../values/fault.ts'
import { numberIn } from './delivery-routes.tsx'
import type { UiDeps } from './deps.ts'
import { number } from './format.ts'
import { choice, keyOf, text } from './forms/given.ts'
import { applyFile, decimalIn, fileAddress, fileOf, noneIfUnknown, unlessLong } from './forms/import-file.ts'
import { carryOutForm } from './forms/post.ts'
import { filesOf } from './import-routes.tsx'
import { page } from './page.tsx'
import { DecimalChoice, UploadForm } from './pages/imports/fields.tsx'
import { GonePage } from './pages/imports/gone.tsx'
import { ImportsPage } from './pages/imports/list.tsx'
import { PriceImportPage } from './pages/imports/price-one.tsx'
import { placeNumber } from './price-list-routes.tsx'
import { viewOf } from './view.ts'

export const priceImportAccess: RouteTable = {
  'GET /prices/import': 'prices:read',
  'GET /prices/import/:id': 'prices:read',
  'POST /prices/import': 'prices:write',
  'POST /prices/import/:id/apply': 'prices:write',
  'POST /prices/import/:id/decide': 'prices:approve',
}

/** Price files: sending one, looking at what it would change, applying it, and the decision where the guard asks for one. */
export function priceImportRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql, keyring } = deps

  app.get('/prices/import', async c => {
    const view = viewOf(c, deps)
    const files = await filesOf(deps, 'prices', placeNumber(c.req.query('before')))
    return page(
      c,
      <ImportsPage
        view={view}
        room="prices"
        {...files}
        form={<UploadForm view={view} room="prices" more={draft => <DecimalChoice view={view} draft={draft} />} />}
      />,
    )
  })

  app.get('/prices/import/:id', async c => {
    const view = viewOf(c, deps)
    const id = numberIn(c, 'id')
    const found =
      id === null ? null : await readImport({ sql, keyring, actor: c.get('principal').actor }, id, ['prices']).catch(noneIfUnknown)
    if (found === null || id === null) return page(c, <GonePage view={view} />, 404)
    const [[listed], weighed] = await Promise.all([listImports(sql, { kinds: ['prices'] }, id + 1, 1), readWeighed(sql, id)])
    const people = { actor: listed?.actor ?? 'system', decidedBy: listed?.decidedBy ?? null }
    return page(c, <PriceImportPage view={view} found={found} people={people} weighed={weighed} />)
  })

  app.post('/prices/import', c =>
    carryOutForm(c, deps, '/prices/import', async (given, context) => {
      const t = given.view.t.imports
      const file = { ...(await fileOf(c, given)), decimal: decimalIn(given) }
      const begun = Promise.withResolvers<number>()
      const judged = await unlessLong(deps, file.name, uploadPrices(context, { ...file, onBegun: begun.resolve }))
      // Its page shows how far it is.
      if (judged === null) return { said: t.rooms.prices.reading(file.name), to: fileAddress('prices', await begun.promise) }
      const { id, outcome, judgement } = judged
      const to = fileAddress('prices', id)
      const rows = number(judgement.rows, given.view.language)
      switch (outcome) {
        case 'refused':
          return { said: t.refused(file.name, number(judgement.errors, given.view.language)), to }
        case 'waiting':
          return { warning: t.rooms.prices.waiting(file.name), to }
        case 'interrupted':
          return { said: t.interrupted(file.name, rows), to }
        default:
          return { said: t.rooms.prices.judged(file.name, rows), to }
      }
    }),
  )

  app.post('/prices/import/:id/apply', c =>
    carryOutForm(c, deps, fileAddress('prices', c.req.param('id')), async (given, context) =>
      applyFile(deps, given, context, await readImport(context, numberIn(c, 'id') ?? 0, ['prices'])),
    ),
  )

  app.post('/prices/import/:id/decide', c =>
    carryOutForm(c, deps, fileAddress('prices', c.req.param('id')), async (given, context) => {
      const t = given.view.t
      const id = numberIn(c, 'id') ?? 0
      const found = await readImport(context, id, ['prices'])
      const decision = choice(given, 'decision', t.held.state, ['approve', 'reject'])
      const note = text(given, 'note').slice(0, 200)
      const state = await decideImport(context, keyOf(given), id, { decision, ...(note === '' ? {} : { note }) }).catch(error => {
        const isDecided = error instanceof Fault && error.code === 'conflict' && error.detail.field === 'id'
        throw isDecided ? new Fault('conflict', t.held.decided, { isTranslated: true }) : error
      })
      if (state === 'rejected') return t.imports.rooms.prices.rejected(found.name)
      return applyFile(deps, given, context, { ...found, state })
    }),
  )

  return app
}
