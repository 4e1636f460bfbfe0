import { dropImport, findImport, findInterrupted, forgetOldImports } from '../../db/imports.ts'
import { onceMore } from '../../db/once-more.ts'
import { onOneConnection } from '../../db/own-connection.ts'
import { beginPriceImport, findWaitingPrices, judgePrices, type PriceJudgement, weighPrices } from '../../db/price-imports.ts'
import type { Context } from './context.ts'
import { applyImport } from './import-apply.ts'
import { AIM_MS, nextSize, unlessDeadlocked } from './import-chunks.ts'
import { allImportErrors, type ImportResult, type ImportStep, stepOf } from './import-file.ts'
import { type PriceStaged, type PriceStageRequest, stagePriceFile } from './import-price-stage.ts'
import type { StageSummary } from './import-stage.ts'

export type PriceUpload = Omit<PriceStageRequest, 'onRows'> & {
  /** How the file is called, for people. */
  readonly name: string
  readonly progress?: (step: ImportStep) => void
  /** Hears under which number it stands, before anything of it is read. */
  readonly onBegun?: (id: number) => void
}

/**
 * A file that was read and judged. `interrupted`: an earlier run has begun to apply the same one, and that is what goes on. `waiting`: it goes beyond
 * a limit of the guard, and a person decides.
 */
export type PriceJudged = {
  readonly id: number
  readonly outcome: 'judged' | 'refused' | 'interrupted' | 'waiting'
  readonly summary: StageSummary
  readonly judgement: PriceJudgement
}

const WEIGH_MAX = 2_000
/** Plain prices are weighed without holding up anybody but who writes the very same ones; entries of lists hold up whoever writes prices. */
const WEIGH_PLAIN = { first: 1_000, aimMs: 100 }
const WEIGH_LISTS = { first: 500, aimMs: AIM_MS }

/**
 * Reads a price file once, from beginning to end, compares it with what stands, and judges what differs whole: names, floors, and what it would do to the
 * listings of every channel. Nothing of it applies yet. The same content that an earlier run has begun to apply, or that waits for approval, is recognised.
 */
export async function uploadPrices(context: Context, upload: PriceUpload, dryRun = false): Promise<PriceJudged> {
  const progress = upload.progress ?? (() => {})
  await forgetOldImports(context.sql)
  const id = await beginPriceImport(context.sql, upload.name, context.actor)
  upload.onBegun?.(id)
  try {
    const staged = await stagePriceFile(context, id, { ...upload, onRows: rows => progress({ step: 'read', rows, of: null }) })
    const before = dryRun ? null : await sameBefore(context, staged.hash)
    if (before !== null) {
      await dropImport(context.sql, id)
      return before
    }
    progress({ step: 'judge', rows: 0, of: null })
    const judgement = await judgeStaged(context, id, staged, progress)
    const outcome = judgement.state === 'refused' || judgement.state === 'waiting' ? judgement.state : 'judged'
    return { id, outcome, summary: staged.summary, judgement }
  } catch (error) {
    // What was staged of it is of no use to anybody; should the database be away, the next upload clears it up after a day.
    await dropImport(context.sql, id).catch(() => {})
    throw error
  }
}

/** Compares and weighs what was staged, by one session: it plans each step but once, of this file and of the next. */
function judgeStaged(context: Context, id: number, staged: PriceStaged, progress: (step: ImportStep) => void): Promise<PriceJudgement> {
  return onOneConnection(context.sql, async own => {
    let judgement = await onceMore(() => judgePrices(own, id, staged.lines, staged.hasLists))
    const { first, aimMs } = staged.hasLists ? WEIGH_LISTS : WEIGH_PLAIN
    let size = first
    while (judgement.state === 'staging') {
      judgement = await unlessDeadlocked(() => onceMore(() => weighPrices(own, id, size, { actor: context.actor })))
      progress({ step: 'judge', rows: judgement.weighed ?? 0, of: null })
      size = nextSize(size, judgement.ms ?? aimMs, WEIGH_MAX, aimMs)
    }
    return judgement
  })
}

async function sameBefore(context: Context, hash: string): Promise<PriceJudged | null> {
  const interrupted = await findInterrupted(context.sql, 'prices', hash)
  const waiting = interrupted === null ? await findWaitingPrices(context.sql, hash) : null
  const found = interrupted ?? (waiting === null ? null : await findImport(context.sql, waiting))
  if (found === null) return null
  const { format, ignored, notes, otherColumns, datesIn, ...judged } = found.summary as unknown as StageSummary & PriceJudgement
  return {
    id: found.id,
    outcome: interrupted === null ? 'waiting' : 'interrupted',
    summary: { format, ignored, notes, otherColumns, ...(datesIn === undefined ? {} : { datesIn }) },
    judgement: { ...judged, state: found.state, rows: found.rows },
  }
}

/** Brings a price file in: read, judged whole, and applied, unless anything is wrong with it, it has to be approved, or it is a dry run. */
export async function importPrices(context: Context, upload: PriceUpload, dryRun: boolean): Promise<ImportResult> {
  const judged = await uploadPrices(context, upload, dryRun)
  const { id, summary, judgement } = judged
  if (judged.outcome === 'refused') {
    const errors = await allImportErrors(context, id)
    if (dryRun) await dropImport(context.sql, id)
    return { outcome: 'refused', id, summary, judgement, errors }
  }
  if (dryRun) {
    await dropImport(context.sql, id)
    return { outcome: 'difference', summary, judgement }
  }
  if (judged.outcome === 'waiting') return { outcome: 'waiting', id, summary, judgement }
  const done = await applyImport(context, id, applied => upload.progress?.(stepOf(applied)))
  const failed = await allImportErrors(context, id)
  return { outcome: 'done', id, resumed: judged.outcome === 'interrupted', rows: done.rows, summary, judgement, failed }
}
