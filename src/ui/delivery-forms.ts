import { type Context, Hono } from 'hono'
import { type DeliveryRow, readDelivery } from '../../db/deliveries.ts'
import { type DeliveryLineShown, deliveryLines } from '../../db/pages-deliveries.ts'
import {
  cancelDelivery,
  changeDelivery,
  closeDelivery,
  createDelivery,
  type OrderedLine,
  type ReceivedLine,
  receiveDelivery,
} from '../usecases/deliveries.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import { sameAmount } from '../values/money.ts'
import type { UiDeps } from './deps.ts'
import { number } from './format.ts'
import { amount, choice, day, type Given, keyOf, refusal, required, requiredDay, text, units } from './forms/given.ts'
import { type PastedLine, pastedLines, withLinesOf } from './forms/pasted.ts'
import { carryOutForm } from './forms/post.ts'
import { withWarnings } from './forms/warned.ts'
import { lineField } from './pages/deliveries/receive.tsx'

const LIST = '/stock/deliveries'

/** The forms of deliveries: a new one, what came, and the end of one. */
export function deliveryForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const here = (c: Context): string => `${LIST}/${encodeURIComponent(c.req.param('id') ?? '')}`

  app.post('/stock/deliveries/new', c =>
    carryOutForm(c, deps, `${LIST}/new`, async (given, context) => {
      const t = given.view.t.stock.deliveries
      const reference = required(given, 'reference', t.reference)
      const expectedAt = requiredDay(given, 'expectedAt', t.expected)
      const pasted = pastedLines(given, 'lines', t.linesLabel, true)
      const currency = text(given, 'currency').toUpperCase()
      if (pasted.some(line => line.cost !== undefined) && !/^[A-Z]{3}$/.test(currency)) {
        throw refusal(given.view.t.errors.currency(currency), 'currency')
      }
      const delivery = {
        reference,
        supplier: text(given, 'supplier') || undefined,
        location: required(given, 'location', t.location),
        expectedAt,
        note: text(given, 'note').slice(0, 500) || undefined,
        lines: pasted.map(({ sku, quantity, cost }) => ({ sku, quantity, ...(cost === undefined ? {} : { unitCost: cost, currency }) })),
      }
      try {
        const { id } = await withLinesOf(
          given,
          () => 'lines',
          () => createDelivery(context, keyOf(given), delivery),
        )
        const sum = pasted.reduce((all, line) => all + line.quantity, 0)
        return { said: t.created(reference, number(sum, given.view.language), expectedAt.slice(0, 10)), to: `${LIST}/${id}` }
      } catch (error) {
        if (error instanceof Fault && error.code === 'conflict' && error.detail.field === 'reference')
          throw refusal(t.exists(reference), 'reference')
        throw lineInWords(given, error)
      }
    }),
  )

  app.post('/stock/deliveries/:id/change', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.stock.deliveries
      const { head, lines } = await known(deps, c, given)
      const day = requiredDay(given, 'expectedAt', t.expected)
      // A day that stays keeps the hour that somebody may have stated.
      const expectedAt = day.slice(0, 10) === head.expectedAt.toISOString().slice(0, 10) ? undefined : day
      const changed = changedLines(given, lines, pastedLines(given, 'lines', t.linesLabel, true))
      if (expectedAt === undefined && changed.length === 0) throw refusal(t.nothingChanged, 'lines')
      const change = { ...(expectedAt === undefined ? {} : { expectedAt }), ...(changed.length === 0 ? {} : { lines: changed }) }
      const { replayed } = await withLinesOf(
        given,
        () => 'lines',
        () =>
          changeDelivery(context, keyOf(given), head.id, change).catch(error => {
            throw lineInWords(given, endedInWords(given, head, error))
          }),
      )
      if (replayed) return t.again(head.reference)
      const after = await readDelivery(deps.sql, { id: head.id }, given.view.now)
      return t.changed(head.reference, number(after?.rest ?? 0, given.view.language), day.slice(0, 10))
    }),
  )

  app.post('/stock/deliveries/:id/receive', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.stock.deliveries
      const { head, lines } = await known(deps, c, given)
      const isAll = text(given, 'all') === 'yes'
      const came = isAll ? undefined : receivedLines(given, lines)
      const close = text(given, 'close') === 'yes'
      if (came !== undefined && came.length === 0 && !close) throw refusal(t.nothingTyped, lineField('units', lines[0]?.id ?? 0))
      const key = keyOf(given)
      const receipt = { ...(came === undefined ? {} : { lines: came }), ...(close ? { close } : {}) }
      const fieldOf = (at: number, what: string): string =>
        lineField(what === 'lot' ? 'lot' : 'units', lines.find(line => line.sku === came?.[at]?.sku)?.id ?? 0)
      const { replayed, warnings } = await withLinesOf(given, fieldOf, () => receiveDelivery(context, key, head.id, receipt)).catch(
        error => {
          throw lineInWords(given, endedInWords(given, head, error))
        },
      )
      if (replayed) return t.again(head.reference)
      const sum = came === undefined ? head.rest : came.reduce((all, line) => all + line.quantity, 0)
      const after = await readDelivery(deps.sql, { id: head.id }, given.view.now)
      const said = {
        reference: head.reference,
        units: number(sum, given.view.language),
        rest: number(after?.rest ?? 0, given.view.language),
      }
      const words =
        after?.state === 'open'
          ? t.receivedSome(said.reference, said.units, said.rest, head.location)
          : t.receivedAll(said.reference, said.units, head.location)
      return withWarnings(given.view, words, warnings)
    }),
  )

  app.post('/stock/deliveries/:id/end', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.stock.deliveries
      const { head } = await known(deps, c, given)
      const act = choice(given, 'act', t.state, ['close', 'cancel'])
      const end = act === 'close' ? closeDelivery : cancelDelivery
      const { replayed } = await end(context, keyOf(given), head.id).catch(error => {
        throw endedInWords(given, head, error)
      })
      if (replayed) return t.again(head.reference)
      return (act === 'close' ? t.closed : t.cancelled)(head.reference, number(head.rest, given.view.language))
    }),
  )

  return app
}

/** The refusal of what has ended, in the person's language; other errors stay as they are. */
function endedInWords({ view }: Given, head: DeliveryRow, error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== 'conflict' || error.detail.state === undefined) return error
  return new Fault('conflict', view.t.stock.deliveries.endedAlready(head.reference), { isTranslated: true })
}

/** The refusal of units or of a currency, in the person's language; other errors stay as they are. */
function lineInWords({ view }: Given, error: unknown): unknown {
  if (!(error instanceof Fault)) return error
  const { sku, least, field, expected, value } = error.detail
  if (typeof least === 'number') return refusal(view.t.stock.deliveries.tooFew(String(sku), least), 'lines')
  if (error.code === 'conflict' && field === 'currency')
    return refusal(view.t.stock.move.otherCurrency(String(expected), String(value)), 'currency')
  return error
}

/** The currency of a cost: that of its line, else the one that was typed. */
function currencyOf(given: Given, line: Pick<DeliveryLineShown, 'currency'> | undefined): string {
  const currency = line?.currency ?? text(given, 'currency').toUpperCase()
  if (!/^[A-Z]{3}$/.test(currency)) throw refusal(given.view.t.errors.currency(currency), 'currency')
  return currency
}

/** Of the lines that were typed, those that say something new. */
function changedLines(given: Given, lines: readonly DeliveryLineShown[], typed: readonly PastedLine[]): readonly OrderedLine[] {
  return typed.flatMap(({ sku, quantity, cost }) => {
    const line = lines.find(one => one.sku === sku)
    const isOtherCost = cost !== undefined && !sameAmount(cost, line?.unitCost)
    if (line?.ordered === quantity && !isOtherCost) return []
    return [{ sku, quantity, ...(isOtherCost ? { unitCost: cost, currency: currencyOf(given, line) } : {}) }]
  })
}

/** What the form says came: units of each line, some of them put aside. A line without units is left out. */
function receivedLines(given: Given, lines: readonly DeliveryLineShown[]): readonly ReceivedLine[] {
  const t = given.view.t.stock.deliveries
  const reasonCode = text(given, 'reasonCode') || undefined
  return lines.flatMap(line => {
    const [unitsField, asideField] = [lineField('units', line.id), lineField('aside', line.id)]
    const came = text(given, unitsField) === '' ? 0 : units(given, unitsField, t.cameOf(line.sku))
    const aside = text(given, asideField) === '' ? 0 : units(given, asideField, t.asideOf(line.sku))
    if (aside > came) throw refusal(t.asideBeyond(line.sku, aside, came), asideField)
    const lot = text(given, lineField('lot', line.id)) || undefined
    const expiresAt = day(given, lineField('expires', line.id), t.expiresOf(line.sku))
    if (expiresAt !== undefined && lot === undefined) throw refusal(given.view.t.stock.move.lotFirst, lineField('lot', line.id))
    const costField = lineField('cost', line.id)
    const cost = came === 0 || text(given, costField) === '' ? undefined : amount(given, costField, t.costOf(line.sku))
    const isOtherCost = cost !== undefined && !sameAmount(cost, line.unitCost)
    const part = { sku: line.sku, lot, expiresAt, ...(isOtherCost ? { unitCost: cost, currency: currencyOf(given, line) } : {}) }
    return [
      ...(came > aside ? [{ ...part, quantity: came - aside }] : []),
      ...(aside > 0 ? [{ ...part, quantity: aside, to: 'unavailable' as const, reasonCode }] : []),
    ]
  })
}

async function known(deps: UiDeps, c: Context, given: Given): Promise<{ head: DeliveryRow; lines: DeliveryLineShown[] }> {
  const id = c.req.param('id') ?? ''
  const head = /^[1-9]\d{0,14}$/.test(id) ? await readDelivery(deps.sql, { id: Number(id) }, given.view.now) : null
  if (head === null) throw new Fault('not_found', `There is no delivery ${id}.`, { field: 'delivery', value: id })
  return { head, lines: await deliveryLines(deps.sql, head.id) }
}
