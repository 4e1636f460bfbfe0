import { type Context, Hono } from 'hono'
import { type CountRow, readCount } from '../../db/counts.ts'
import { namedLines } from '../../db/pages-counts.ts'
import { scannedSku } from '../../db/pages-stock.ts'
import { cancelCount, enterCount, recountLines, startCount, submitCount } from '../usecases/count-stock.ts'
import { type CountDecided, decideCount } from '../usecases/decide-count.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { number } from './format.ts'
import { countWords } from './forms/count-words.ts'
import { choice, type Given, keyOf, refusal, required, signedUnits, text, units } from './forms/given.ts'
import { pastedSkus, withLinesOf } from './forms/pasted.ts'
import { carryOutForm, type Deed } from './forms/post.ts'
import { chosenField } from './pages/counts/review.tsx'
import { may } from './view.ts'

const LIST = '/stock/counts'

/** The forms of counts: starting one, counting, handing in, and deciding. */
export function countForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.post('/stock/counts', c =>
    carryOutForm(c, deps, LIST, async (given, context) => {
      const t = given.view.t.counting.counts
      const location = required(given, 'location', given.view.t.sku.stock.location)
      const skus = pastedSkus(text(given, 'skus'))
      const note = text(given, 'note').slice(0, 200)
      const start = { location, ...(skus.length === 0 ? {} : { skus }), ...(note === '' ? {} : { note }) }
      const { id, lines } = await withLinesOf(
        given,
        () => 'skus',
        () => startCount(context, keyOf(given), start),
      )
      return { said: t.begun(id, location, number(lines, given.view.language)), to: `${LIST}/${id}` }
    }),
  )

  /** A form on the page of one count; the deed gets the count as it is. */
  const onCount = (path: string, deed: (count: CountRow, ...asDeed: Parameters<Deed>) => ReturnType<Deed>) =>
    app.post(`/stock/counts/:id/${path}`, c =>
      carryOutForm(c, deps, `${LIST}/${encodeURIComponent(idText(c))}`, async (given, context) => {
        const count = await known(deps, c)
        try {
          return await deed(count, given, context)
        } catch (error) {
          throw countWords(given, count, error)
        }
      }),
    )

  onCount('scan', async (count, given, context) => {
    const t = given.view.t.counting.sheet
    const code = required(given, 'code', t.code)
    const sku = await scannedSku(deps.sql, code)
    if (sku === null) throw refusal(t.unknownCode(code), 'code')
    const add = signedUnits(given, 'add', t.each)
    if (add === 0) throw refusal(given.view.t.stock.move.zero(t.each), 'add')
    const lot = text(given, 'lot')
    const { lines } = await enterCount(context, keyOf(given), count.id, [{ sku, add, ...(lot === '' ? {} : { lot }) }])
    return t.noted(sku, number(lines[0]?.counted ?? 0, given.view.language))
  })

  onCount('line', async (count, given, context) => {
    const t = given.view.t.counting.sheet
    const sku = required(given, 'sku', given.view.t.sku.columns.sku)
    const lot = given.fields.lot
    const entry =
      text(given, 'add') === '' ? { counted: units(given, 'counted', t.countedOf(sku)) } : { add: signedUnits(given, 'add', t.each) }
    const { lines } = await enterCount(context, keyOf(given), count.id, [
      { sku, ...entry, ...(lot === undefined || lot === '' ? {} : { lot }) },
    ])
    return t.noted(sku, number(lines[0]?.counted ?? 0, given.view.language))
  })

  onCount('submit', async (count, given, context) => {
    await submitCount(context, keyOf(given), count.id)
    const t = given.view.t.counting.sheet
    return may(given.view, 'stock:approve') ? t.handedInReview(count.id) : t.handedIn(count.id)
  })

  onCount('cancel', async (count, given, context) => {
    await cancelCount(context, keyOf(given), count.id)
    return given.view.t.counting.sheet.cancelled(count.id)
  })

  onCount('decide', async (count, given, context) => {
    const t = given.view.t.counting.review
    const deed = choice(given, 'deed', t.decision, ['approve', 'reject', 'recount'])
    const ids = Object.keys(given.fields).flatMap(field => {
      const id = /^line:([1-9]\d{0,14})$/.exec(field)?.[1]
      return id === undefined ? [] : [Number(id)]
    })
    if (ids.length === 0) throw refusal(t.noneChosen, chosenField(0))
    const lines = (await namedLines(deps.sql, count.id, ids)).map(({ sku, lot }) => ({ sku, ...(lot === null ? {} : { lot }) }))
    if (deed === 'recount') {
      await recountLines(context, keyOf(given), count.id, lines)
      return t.sentBack(count.id, lines.length)
    }
    const reasonCode = text(given, 'reasonCode') || undefined
    const decision = { decision: deed === 'approve' ? 'approved' : 'rejected', lines, reasonCode } as const
    return decided(given, await decideCount(context, keyOf(given), count.id, decision, may(given.view, 'admin')))
  })

  onCount('decide-all', async (count, given, context) => {
    const t = given.view.t.counting.review
    const deed = choice(given, 'deed', t.decision, ['approve', 'reject'])
    const uncounted = text(given, 'uncounted') === 'zero' ? 'zero' : 'leave'
    const reasonCode = text(given, 'reasonCode') || undefined
    const decision = { decision: deed === 'approve' ? 'approved' : 'rejected', uncounted, reasonCode } as const
    return decided(given, await decideCount(context, keyOf(given), count.id, decision, may(given.view, 'admin')))
  })

  return app
}

function decided({ view }: Given, { id, approved, rejected, found, missing, state }: CountDecided): string {
  const t = view.t.counting.review
  const units = t.posting(number(found, view.language), number(missing, view.language))
  return `${t.said(id, approved, rejected)} ${units}${state === 'review' ? '' : ` ${t.over}`}`
}

const idText = (c: Context): string => c.req.param('id') ?? ''

async function known(deps: UiDeps, c: Context): Promise<CountRow> {
  const id = idText(c)
  const count = /^[1-9]\d{0,14}$/.test(id) ? await readCount(deps.sql, Number(id)) : null
  if (count === null) throw new Fault('not_found', `There is no count ${id}.`, { field: 'count', value: id })
  return count
}
