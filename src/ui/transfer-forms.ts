import { type Context, Hono } from 'hono'
import { readTransfer, readTransferLines, type TransferLineRow, type TransferRow } from '../../db/transfers.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { type ArrivedLine, cancelTransfer, receiveTransfer, requestTransfer, resolveTransfer, sendTransfer } from '../usecases/transfers.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { number } from './format.ts'
import { choice, day, type Given, keyOf, refusal, required, requiredDay, text, units } from './forms/given.ts'
import { pastedLines, withLinesOf } from './forms/pasted.ts'
import { carryOutForm } from './forms/post.ts'
import { withWarnings } from './forms/warned.ts'
import { askedParts, partField, sentParts, type TransferPart } from './pages/transfers/acts.tsx'

const LIST = '/stock/transfers'

/** The forms of transfers: asking, sending, receiving, settling what is missing, cancelling what was not sent. */
export function transferForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const here = (c: Context): string => `${LIST}/${encodeURIComponent(c.req.param('id') ?? '')}`
  const count = (given: Given, value: number): string => number(value, given.view.language)

  app.post('/stock/transfers/new', c =>
    carryOutForm(c, deps, `${LIST}/new`, async (given, context) => {
      const t = given.view.t.stock.transfers
      const [from, to] = [required(given, 'from', t.from), required(given, 'to', t.to)]
      if (from === to) throw refusal(t.sameSide, 'to')
      const pasted = pastedLines(given, 'lines', t.linesLabel, false)
      const reference = text(given, 'reference')
      const transfer = {
        ...(reference === '' ? {} : { reference }),
        ...{ from, to, lines: pasted.map(({ sku, quantity }) => ({ sku, quantity })) },
        expectedAt: day(given, 'expectedAt', t.expected),
        note: text(given, 'note').slice(0, 500) || undefined,
      }
      try {
        const { id } = await withLinesOf(
          given,
          () => 'lines',
          () => requestTransfer(context, keyOf(given), transfer),
        )
        const made = await readTransfer(deps.sql, { id }, given.view.now)
        return { said: t.requested(made?.reference ?? reference, count(given, made?.asked ?? 0), from, to), to: `${LIST}/${id}` }
      } catch (error) {
        if (error instanceof Fault && error.code === 'conflict' && error.detail.field === 'reference')
          throw refusal(t.exists(reference), 'reference')
        throw error
      }
    }),
  )

  app.post('/stock/transfers/:id/send', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.stock.transfers
      const { head, lines } = await known(deps, c, given)
      const parts = askedParts(lines)
      const chosen = text(given, 'all') === 'yes' ? undefined : partsOf(given, parts)
      const expectedAt = day(given, 'expectedAt', t.arrives)
      const { replayed } = await sendTransfer(context, keyOf(given), head.id, { lines: chosen, expectedAt }).catch(error => {
        throw inWords(given, head, error, at => partField('send', { sku: chosen?.[at]?.sku ?? '', lot: null }))
      })
      if (replayed) return t.again(head.reference)
      return t.wasSent(head.reference, count(given, sum(chosen ?? parts.map(one => ({ quantity: one.units })))), head.to)
    }),
  )

  app.post('/stock/transfers/:id/receive', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.stock.transfers
      const { head, lines } = await known(deps, c, given)
      const parts = sentParts(lines)
      const came = text(given, 'all') === 'yes' ? undefined : arrivedParts(given, parts)
      const { replayed, warnings } = await receiveTransfer(context, keyOf(given), head.id, { lines: came }).catch(error => {
        throw inWords(given, head, error, at => partField('good', { sku: came?.[at]?.sku ?? '', lot: came?.[at]?.lot ?? null }))
      })
      if (replayed) return t.again(head.reference)
      const after = await readTransfer(deps.sql, { id: head.id }, given.view.now)
      const missing = after === null ? 0 : after.sent - after.received - after.lost
      const units = count(given, sum(came ?? parts.map(one => ({ quantity: one.units }))))
      const words =
        missing === 0
          ? t.arrived(head.reference, units, head.to)
          : { warning: t.arrivedShort(head.reference, units, head.to, count(given, missing)) }
      return withWarnings(given.view, words, warnings)
    }),
  )

  app.post('/stock/transfers/:id/resolve', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.stock.transfers
      const { head } = await known(deps, c, given)
      const missing = count(given, head.sent - head.received - head.lost)
      if (choice(given, 'as', t.state, ['coming', 'lost']) === 'coming') {
        const expectedAt = requiredDay(given, 'expectedAt', t.newDay)
        await resolveTransfer(context, keyOf(given), head.id, { as: 'coming', expectedAt }).catch(error => {
          throw inWords(given, head, error)
        })
        return t.coming(head.reference, missing, expectedAt.slice(0, 10))
      }
      const reasonCode = required(given, 'reasonCode', given.view.t.sku.stock.reason)
      const { replayed } = await resolveTransfer(context, keyOf(given), head.id, { as: 'lost', reasonCode }).catch(error => {
        throw inWords(given, head, error)
      })
      return replayed ? t.again(head.reference) : t.gone(head.reference, missing)
    }),
  )

  app.post('/stock/transfers/:id/cancel', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const { head } = await known(deps, c, given)
      const t = given.view.t.stock.transfers
      const { replayed } = await cancelTransfer(context, keyOf(given), head.id).catch(error => {
        throw inWords(given, head, error)
      })
      if (replayed) return t.again(head.reference)
      return t.cancelled(head.reference, count(given, head.asked - head.cancelled - head.sent))
    }),
  )

  return app
}

const sum = (lines: readonly { readonly quantity: number }[]): number => lines.reduce((all, line) => all + line.quantity, 0)

/** The units that the form sends of each part; a part without units is left out. */
function partsOf(given: Given, parts: readonly TransferPart[]) {
  const t = given.view.t.stock.transfers
  const chosen = parts.flatMap(part => {
    const field = partField('send', part)
    const quantity = text(given, field) === '' ? 0 : units(given, field, t.sendOf(part.sku))
    return quantity === 0 ? [] : [{ sku: part.sku, quantity }]
  })
  if (chosen.length === 0) throw refusal(t.nothingTyped, partField('send', parts[0] ?? { sku: '', lot: null }))
  return chosen
}

function arrivedParts(given: Given, parts: readonly TransferPart[]): readonly ArrivedLine[] {
  const t = given.view.t.stock.transfers
  const reasonCode = text(given, 'reasonCode') || undefined
  const came = parts.flatMap(part => {
    const [goodField, damagedField] = [partField('good', part), partField('damaged', part)]
    const good = text(given, goodField) === '' ? 0 : units(given, goodField, t.goodOf(part.sku))
    const damaged = text(given, damagedField) === '' ? 0 : units(given, damagedField, t.damagedOf(part.sku))
    const named = { sku: part.sku, ...(part.lot === null ? {} : { lot: part.lot }) }
    return [
      ...(good === 0 ? [] : [{ ...named, quantity: good }]),
      ...(damaged === 0 ? [] : [{ ...named, quantity: damaged, to: 'unavailable' as const, reasonCode }]),
    ]
  })
  if (came.length === 0) throw refusal(t.nothingTyped, partField('good', parts[0] ?? { sku: '', lot: null }))
  return came
}

type Short = { readonly sku: string; readonly location: string; readonly asked: number; readonly available: number }

/**
 * A refusal in the person's language: what is not free to be sent, what is more than is left, or that nothing of it is under way.
 * `fieldOf` says which field a line came from. Other errors stay as they are.
 */
function inWords(given: Given, head: TransferRow, error: unknown, fieldOf: (line: number) => string = () => ''): unknown {
  if (!(error instanceof Fault)) return error
  const t = given.view.t.stock.transfers
  const { missing, rest, asked, sku, state, field } = error.detail
  const said = (words: string, at: string): Fault => new Fault(error.code, words, { field: at, isTranslated: true })
  if (Array.isArray(missing)) {
    const short = missing as readonly Short[]
    const words = short.map(one => t.short(one.sku, one.location, one.asked, Math.max(0, one.available)))
    return said(`${words.join(' ')} ${t.shortNext}`, partField('send', { sku: short[0]?.sku ?? '', lot: null }))
  }
  if (typeof rest === 'number') return said(t.tooMany(String(sku), Number(asked), rest), fieldOf(Number(field?.split('.')[1] ?? 0)))
  if (error.code === 'conflict' && state !== undefined) return said(t.notNow(head.reference), '')
  return error
}

async function known(deps: UiDeps, c: Context, given: Given): Promise<{ head: TransferRow; lines: TransferLineRow[] }> {
  const id = c.req.param('id') ?? ''
  const head = /^[1-9]\d{0,14}$/.test(id) ? await readTransfer(deps.sql, { id: Number(id) }, given.view.now) : null
  if (head === null) throw new Fault('not_found', `There is no transfer ${id}.`, { field: 'transfer', value: id })
  return { head, lines: await readTransferLines(deps.sql, head.id) }
}
