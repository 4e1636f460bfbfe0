import { findImport, firstImportErrors, type ImportKind, type ImportRow, type RowError } from '../../db/imports.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'

/** How an import stands, with its first errors. */
export type ImportStanding = ImportRow & { readonly errors: readonly RowError[] }

/** Who decided on a file that waited, and what they noted; null: nobody did. */
export const decisionOf = (summary: ImportRow['summary']): { readonly by: string; readonly note?: string } | null =>
  (summary.decision as { readonly by: string; readonly note?: string } | undefined) ?? null

// Who has more errors than this has one cause for most of them.
const ERRORS_MOST = 1_000

/**
 * @throws Fault not_found for an import that there is not, or not any more: dry runs, and what nobody applied within a day; and where `kinds` are given
 * for one of another kind, which whoever asks may not be allowed to see.
 */
export async function readImport(context: Context, id: number, kinds?: readonly ImportKind[]): Promise<ImportStanding> {
  const found = await findImport(context.sql, id)
  if (found === null || kinds?.includes(found.kind) === false)
    throw new Fault('not_found', `There is no import ${id}.`, { field: 'id', value: id })
  return { ...found, errors: await firstImportErrors(context.sql, id, ERRORS_MOST) }
}
