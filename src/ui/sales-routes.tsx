import { Hono } from 'hono'
import { bookReceipts } from '../usecases/book-receipts.ts'
import { ownStore } from '../usecases/own-store.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import { choice, refusal } from './forms/given.ts'
import { fileOf } from './forms/import-file.ts'
import { carryOutForm } from './forms/post.ts'
import { page } from './page.tsx'
import { SALES_ADDRESS, SALES_DEEDS, type SalesFile, SalesPage } from './pages/imports/sales.tsx'
import { viewOf } from './view.ts'

export const salesAccess: RouteTable = { [`GET ${SALES_ADDRESS}`]: 'stock:write', [`POST ${SALES_ADDRESS}`]: 'stock:write' }

/** A till's file of receipts: looked at, or booked. */
export function salesRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get(SALES_ADDRESS, c => page(c, <SalesPage view={viewOf(c, deps)} file={null} />))

  app.post(SALES_ADDRESS, async c => {
    let file: SalesFile | null = null
    const back = await carryOutForm(c, deps, SALES_ADDRESS, async (given, context) => {
      const t = given.view.t.imports
      const { name, format, source, encoding, delimiter } = await fileOf(c, given)
      if (format !== 'csv') throw refusal(t.sales.csvOnly, 'file')
      const dryRun = choice(given, 'do', t.sales.title, SALES_DEEDS) === 'look'
      const own = await ownStore(deps.sql, c.get('principal'))
      const done = await bookReceipts(context, { source: () => source, encoding, delimiter, dryRun, own })
      file = { name, dryRun, ...done }
      return { said: null, to: SALES_ADDRESS }
    })
    // What is wrong with a thousand receipts fits no message: this answer tells it. A reload sends the file again, which books nothing twice.
    return file === null ? back : page(c, <SalesPage view={viewOf(c, deps)} file={file} />)
  })

  return app
}
