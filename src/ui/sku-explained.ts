import type { Context } from '../usecases/context.ts'
import { type Explained, explain } from '../usecases/explain.ts'
import { Fault } from '../values/fault.ts'
import type { View } from './view.ts'

/** What a page tells about a SKU: as it was at the instant that was asked for or, where there is none to tell of, as it is, and why. */
export type Told = { readonly explained: Explained; readonly asked: string; readonly refused: string | null }

/** Explains a SKU at what stands in the field `at` (date and time in UTC); now where it is empty. */
export async function explainedAt(context: Context, view: View, sku: string, at: string | undefined): Promise<Told> {
  const asked = (at ?? '').trim().slice(0, 40)
  if (asked === '') return { explained: await explain(context, sku), asked, refused: null }
  try {
    // A browser's field has no zone, and no seconds where they are 0.
    const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(asked) ? `${asked}Z` : asked
    return { explained: await explain(context, sku, { at: instant }), asked, refused: null }
  } catch (error) {
    if (!(error instanceof Fault) || error.detail.field !== 'at') throw error
    const t = view.t.sku.explain
    const since = error.code === 'not_found' ? error.detail.expected?.slice(0, 10) : undefined
    return { explained: await explain(context, sku), asked, refused: since === undefined ? t.refused(asked) : t.detached(since) }
  }
}
