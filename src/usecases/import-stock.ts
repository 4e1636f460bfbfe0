import { dropImport, findImport, findInterrupted, forgetOldImports, type ImportRow } from '../../db/imports.ts'
import { onceMore } from '../../db/once-more.ts'
import { beginStockImport, judgeStock, type StockJudgement } from '../../db/stock-imports.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { applyImport } from './import-apply.ts'
import { allImportErrors, type ImportResult, type ImportStep, refuseUnknownLocation, stepOf } from './import-file.ts'
import type { StageSummary } from './import-stage.ts'
import { appliedBefore } from './import-stock-apply.ts'
import { type StockStageRequest, stageStockFile } from './import-stock-stage.ts'

export type StockUpload = Omit<StockStageRequest, 'onRows'> & {
  /** How the file is called, for people. */
  readonly name: string
  /** Differences apply although the same content was applied before. */
  readonly again: boolean
  readonly progress?: (step: ImportStep) => void
  /** Judged at this instant instead of the database's clock; only tests pass it. */
  readonly now?: string
}

/** A file that was read and judged. `interrupted`: an earlier run has begun to apply the same one, and that is what goes on. */
export type StockJudged = {
  readonly id: number
  readonly outcome: 'judged' | 'refused' | 'interrupted'
  readonly summary: StageSummary
  readonly judgement: StockJudgement
}

/**
 * Reads a stock file once, from beginning to end, and judges it whole; nothing of it applies yet. The same content that an earlier run has begun
 * to apply is recognised. @throws Fault conflict for differences that were applied already, unless `again`; invalid for an unknown location.
 */
export async function uploadStock(context: Context, upload: StockUpload): Promise<StockJudged> {
  const progress = upload.progress ?? (() => {})
  refuseBadDefaults(upload)
  if (upload.defaults.location !== null) await refuseUnknownLocation(context, upload.defaults.location)
  await forgetOldImports(context.sql)
  const id = await beginStockImport(context.sql, upload.name, context.actor)
  try {
    const { hash, summary } = await stageStockFile(context, id, { ...upload, onRows: rows => progress({ step: 'read', rows, of: null }) })
    const before = upload.again ? null : await findInterrupted(context.sql, 'stock', hash)
    if (before !== null) {
      await dropImport(context.sql, id)
      return { id: before.id, outcome: 'interrupted', ...readSummary(before) }
    }
    progress({ step: 'judge', rows: 0, of: null })
    const cmd = { again: upload.again, ...(upload.now === undefined ? {} : { now: upload.now }) }
    const judgement = await onceMore(() => judgeStock(context.sql, id, cmd))
    if (judgement.before) throw appliedBefore(judgement.before)
    return { id, outcome: judgement.state === 'refused' ? 'refused' : 'judged', summary, judgement }
  } catch (error) {
    // What was staged of it is of no use to anybody; should the database be away, the next upload clears it up after a day.
    await dropImport(context.sql, id).catch(() => {})
    throw error
  }
}

/** Brings a stock file in: read, judged whole, and applied, unless anything is wrong with it or it is a dry run. */
export async function importStock(context: Context, upload: StockUpload, dryRun: boolean): Promise<ImportResult> {
  const judged = await uploadStock(context, upload)
  const { id, summary, judgement } = judged
  if (judged.outcome === 'interrupted' && dryRun) {
    const found = await findImport(context.sql, id)
    return { outcome: 'interrupted', id, applied: found?.applied ?? 0, rows: judgement.rows }
  }
  if (judged.outcome === 'refused') {
    const errors = await allImportErrors(context, id)
    if (dryRun) await dropImport(context.sql, id)
    return { outcome: 'refused', id, summary, judgement, errors }
  }
  if (dryRun) {
    await dropImport(context.sql, id)
    return { outcome: 'difference', summary, judgement }
  }
  const done = await applyImport(context, id, applied => upload.progress?.(stepOf(applied)))
  return {
    outcome: 'done',
    id,
    resumed: judged.outcome === 'interrupted',
    rows: done.rows,
    summary,
    judgement,
    failed: await allImportErrors(context, id),
  }
}

function readSummary(found: ImportRow): { readonly summary: StageSummary; readonly judgement: StockJudgement } {
  const { format, ignored, notes, otherColumns, ...judged } = found.summary as unknown as StageSummary & StockJudgement
  return { summary: { format, ignored, notes, otherColumns }, judgement: { ...judged, state: found.state, rows: found.rows } }
}

function refuseBadDefaults({ defaults }: StockUpload): void {
  if (defaults.mode !== 'delta') return
  if (defaults.occurredAt !== null)
    throw new Fault('invalid', 'occurredAt goes with absolute numbers: a difference holds whenever it is applied.', { field: 'occurredAt' })
  if (defaults.basis === 'available')
    throw new Fault('invalid', 'The basis available goes with absolute numbers: differences are of what is on hand.', { field: 'basis' })
}
