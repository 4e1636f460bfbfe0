import type { Readable } from 'node:stream'
import { readVariant } from '../../db/catalog.ts'
import type { ExportLine } from '../../db/exports.ts'
import { LEDGER_COLUMNS, ledgerLines } from '../../db/ledger-export.ts'
import { readLocation } from '../../db/locations.ts'
import type { Context } from './context.ts'
import { csvOf } from './export.ts'
import { pastInstant, readInstant, unknownLocation, unknownSku } from './past.ts'

/** Which movements of the ledger: by the instant they were recorded (`from` included, `to` not), SKU, location, kind. */
export type LedgerAsked = {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly sku?: string | undefined
  readonly location?: string | undefined
  readonly kind?: string | undefined
}

/**
 * The lines of the ledger as data, in the order in which they were recorded; a thousand are in memory at a time.
 * @throws Fault invalid for an instant, not_found for a SKU or location that is none, and for a time whose ledger was detached.
 */
export async function exportLedger(context: Context, asked: LedgerAsked): Promise<AsyncGenerator<ExportLine>> {
  const { sql } = context
  const { from, to, sku, location, kind } = asked
  if (sku !== undefined && (await readVariant(sql, sku)) === null) throw unknownSku(sku)
  if (location !== undefined && (await readLocation(sql, location)) === null) throw unknownLocation(location)
  return ledgerLines(sql, {
    from: from === undefined ? null : await pastInstant(sql, from, 'from'),
    to: to === undefined ? null : readInstant(to, 'to'),
    ...{ sku: sku ?? null, location: location ?? null, kind: kind ?? null },
  })
}

/** Lines of the ledger as CSV, streamed; see `exportCsv`. */
export function ledgerCsv(lines: AsyncIterable<ExportLine>): Readable {
  return csvOf(LEDGER_COLUMNS, lines)
}
