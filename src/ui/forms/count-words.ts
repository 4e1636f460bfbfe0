import type { CountRow } from '../../../db/counts.ts'
import { Fault } from '../../values/fault.ts'
import type { Given } from './given.ts'

/** A refusal about a count in the person's language; what is none, and what names an unknown SKU, stays as it is. */
export function countWords(given: Given, count: CountRow, error: unknown): unknown {
  if (!(error instanceof Fault) || error.detail.isTranslated === true) return error
  const { sheet: t, review } = given.view.t.counting
  const field = error.detail.field?.split('.').at(-1) ?? ''
  const said = (text: string, at = field): Fault => new Fault(error.code, text, { field: at, isTranslated: true })
  if (error.code === 'forbidden') return new Fault('conflict', review.own, { isTranslated: true })
  if (field === 'reasonCode') return said(review.reasonMissing)
  if (field === 'lot') return said(t.noLots)
  if (field === 'add') return said(t.belowZero)
  if (error.code !== 'conflict') return error
  const state = error.detail.state
  if (state === 'open' || state === 'review' || state === 'approved' || state === 'cancelled') return said(t.state[state])
  if (field === 'sku') return said(review.decidedAlready)
  if (count.counted === 0) return said(t.nothingCounted)
  return error
}
