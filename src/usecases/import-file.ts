import {
  type Applied,
  beginImport,
  dropImport,
  findImport,
  findInterrupted,
  type ImportRow,
  importErrors,
  type Judgement,
  judgeImport,
  type RowError,
} from '../../db/imports.ts'
import { listLocations, readLocation } from '../../db/locations.ts'
import { onceMore } from '../../db/once-more.ts'
import type { PriceJudgement } from '../../db/price-imports.ts'
import type { StockJudgement } from '../../db/stock-imports.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { applyImport } from './import-apply.ts'
import { type StageRequest, type StageSummary, stageFile } from './import-stage.ts'
import { hashOf } from './import-text.ts'

/** A file of the catalog; for stock see import-stock.ts, for prices import-price.ts. */
export type ImportRequest = Omit<StageRequest, 'onRows'> & {
  /** How the file is called, for people. */
  readonly name: string
  /** Shows the difference and changes nothing. */
  readonly dryRun: boolean
  readonly progress?: (step: ImportStep) => void
}

export type ImportStep = { readonly step: 'read' | 'judge' | 'apply'; readonly rows: number; readonly of: number | null }

/**
 * What became of a file. `refused`: every error is listed and nothing was applied. `difference`: a dry run. `waiting`: prices beyond a limit of the
 * guard; a person decides. `interrupted`: a dry run of a file that has begun to apply. `done`: applied; `resumed` tells that an earlier run had begun it.
 */
export type ImportResult =
  | {
      readonly outcome: 'refused'
      readonly id: number
      readonly summary: StageSummary
      readonly judgement: Judgement
      readonly errors: readonly RowError[]
    }
  | { readonly outcome: 'difference'; readonly summary: StageSummary; readonly judgement: StockJudgement | PriceJudgement }
  | { readonly outcome: 'waiting'; readonly id: number; readonly summary: StageSummary; readonly judgement: PriceJudgement }
  | { readonly outcome: 'interrupted'; readonly id: number; readonly applied: number; readonly rows: number }
  | {
      readonly outcome: 'done'
      readonly id: number
      readonly resumed: boolean
      readonly rows: number
      readonly summary: StageSummary
      readonly judgement: StockJudgement | PriceJudgement
      /** Rows of a stock or price file that did not fit any more when they were applied. */
      readonly failed?: readonly RowError[]
    }

/**
 * Brings a file in: staged, judged whole, then applied in chunks. The same file after a crash goes on where that run stopped; the same file
 * after it was done is compared with what is there now.
 */
export async function importFile(context: Context, request: ImportRequest): Promise<ImportResult> {
  const progress = request.progress ?? (() => {})
  const hash = await hashOf(request.source)
  const before = await findInterrupted(context.sql, request.kind, hash)
  if (before !== null) {
    if (request.dryRun) return { outcome: 'interrupted', id: before.id, applied: before.applied, rows: before.rows }
    return resume(context, before, progress)
  }
  if (request.choices.location !== null) await refuseUnknownLocation(context, request.choices.location)
  const { kind, name } = request
  const id = await beginImport(context.sql, { kind, name, hash, actor: context.actor })
  const summary = await stageFile(context, id, { ...request, onRows: rows => progress({ step: 'read', rows, of: null }) })
  progress({ step: 'judge', rows: 0, of: null })
  const judged = await onceMore(() => judgeImport(context.sql, id))
  if (judged.state === 'refused') {
    const errors = await allImportErrors(context, id)
    if (request.dryRun) await dropImport(context.sql, id)
    return { outcome: 'refused', id, summary, judgement: judged, errors }
  }
  if (request.dryRun) {
    await dropImport(context.sql, id)
    return { outcome: 'difference', summary, judgement: judged }
  }
  const done = await applyImport(context, id, applied => progress(stepOf(applied)))
  return { outcome: 'done', id, resumed: false, rows: done.rows, summary, judgement: judged }
}

/** Goes on with an import that has begun to apply. @throws Fault not_found; conflict where there is nothing to go on with. */
export async function resumeImport(context: Context, id: number, progress: (step: ImportStep) => void = () => {}): Promise<ImportResult> {
  const found = await findImport(context.sql, id)
  if (found === null) throw new Fault('not_found', `there is no import ${id}`, { field: 'resume', value: id })
  if (found.state === 'waiting') {
    throw new Fault('conflict', `import ${id} (${found.name}) waits for a decision: approve or reject it`, { field: 'resume', value: id })
  }
  if (found.state !== 'applying' && found.state !== 'judged') {
    throw new Fault('conflict', `import ${id} (${found.name}) is ${found.state}: there is nothing to go on with`, {
      field: 'resume',
      value: id,
    })
  }
  return resume(context, found, progress)
}

/** @throws Fault invalid, with the locations that there are. */
export async function refuseUnknownLocation(context: Context, code: string): Promise<void> {
  if ((await readLocation(context.sql, code)) !== null) return
  const codes = (await listLocations(context.sql, 0, 20)).map(one => one.code).join(', ')
  throw new Fault('invalid', `there is no location ${code}`, {
    field: 'location',
    value: code,
    expected: codes || 'a location; there is none yet',
  })
}

async function resume(context: Context, found: ImportRow, progress: (step: ImportStep) => void): Promise<ImportResult> {
  const done = await applyImport(context, found.id, applied => progress(stepOf(applied)))
  const { format, ignored, notes, otherColumns, ...judged } = found.summary as unknown as StageSummary & Judgement
  const judgement = { ...judged, state: 'done' as const, rows: found.rows }
  const summary = { format, ignored, notes, otherColumns }
  const failed = await allImportErrors(context, found.id)
  return { outcome: 'done', id: found.id, resumed: true, rows: done.rows, summary, judgement, failed }
}

/** Every error of an import: why it was refused, or what did not fit any more when it was applied. */
export async function allImportErrors(context: Context, id: number): Promise<RowError[]> {
  const errors: RowError[] = []
  for await (const error of importErrors(context.sql, id)) errors.push(error)
  return errors
}

/** A chunk as a step of progress. */
export const stepOf = (applied: Applied): ImportStep => ({
  step: 'apply',
  rows: applied.applied,
  of: applied.rows,
})
