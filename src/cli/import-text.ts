import type { ImportKind, RowError, Sample } from '../../db/imports.ts'
import type { GuardPreview, PriceJudgement } from '../../db/price-imports.ts'
import type { StockJudgement } from '../../db/stock-imports.ts'
import type { ImportResult } from '../usecases/import-file.ts'
import type { StageSummary } from '../usecases/import-stage.ts'
import { counted } from './counted.ts'
import { table } from './terminal.ts'
import { valueText } from './value-text.ts'

/** The outcome of an import for a person. */
export function importText(kind: ImportKind, result: ImportResult): string {
  switch (result.outcome) {
    case 'refused':
      return [
        errorTable(result.errors),
        '',
        `Refused: ${counted(result.errors.length, 'error')} in ${wrongOf(result.errors, result.judgement.rows)}. Nothing was applied.`,
        ...notes(result.summary),
      ].join('\n')
    case 'difference':
      return [
        difference(result.judgement),
        ...notes(result.summary),
        ...guardText('guard' in result.judgement ? result.judgement.guard : undefined),
        '',
        'Nothing was changed (--dry-run).',
      ].join('\n')
    case 'waiting':
      return [
        difference(result.judgement),
        ...notes(result.summary),
        ...guardText(result.judgement.guard),
        '',
        `Import ${result.id} goes beyond a limit of the guard and waits: import approve ${result.id}, or import reject ${result.id}.`,
      ].join('\n')
    case 'interrupted':
      return `Import ${result.id} of this file stopped after ${result.applied} of ${counted(result.rows, 'row')}. Import it without --dry-run to go on.`
    case 'done':
      return [
        `Import ${result.id}: ${counted(result.rows, 'row')} of ${kind}${result.resumed ? ', taken up where an earlier run stopped' : ''}.`,
        counts(result.judgement),
        ...notes(result.summary),
        ...failedText(result.failed ?? []),
      ].join('\n')
  }
}

/** What prices would do to the listings of each channel, a line for each; with examples where a limit is in the way. */
export function guardText(guard: unknown): string[] {
  return ((guard ?? []) as readonly GuardPreview[]).flatMap(one => {
    const limit =
      one.limit === undefined
        ? ''
        : one.limit === 'dropped'
          ? `; beyond the limit: a price falls by more than ${one.percent} %`
          : `; beyond the limit: ${one.allowed} may change within ${one.windowMinutes} minutes, ${one.moved ?? 0} already did`
    const line = `${one.channel}: ${one.changed} of ${counted(one.listings, 'listing')} would change, ${one.dropped} would drop too far${limit}`
    return [
      line,
      ...(limit === '' ? [] : one.examples.map(({ sku, before, after }) => `  ${sku}  ${valueText(before)} → ${valueText(after)}`)),
    ]
  })
}

function errorTable(errors: readonly RowError[]): string {
  return table([
    ['row', 'column', 'value', 'expected'],
    ...errors.map(error => [error.row, error.column, shown(error.value), error.expected]),
  ])
}

function failedText(failed: readonly RowError[]): string[] {
  return failed.length === 0 ? [] : ['', `${counted(failed.length, 'row')} did not fit any more, and changed nothing:`, errorTable(failed)]
}

function difference(judged: StockJudgement | PriceJudgement): string {
  const lines = (effect: 'new' | 'changed') => (judged.samples?.[effect] ?? []).map(sample => `  ${effect}  ${sampleText(sample)}`)
  return [counts(judged), ...lines('new'), ...lines('changed')].join('\n')
}

function counts(judged: StockJudgement | PriceJudgement): string {
  const overtaken = 'overtaken' in judged && judged.overtaken ? `, ${judged.overtaken} of them because somebody counted later` : ''
  return `${judged.new ?? 0} new, ${judged.changed ?? 0} changed, ${judged.unchanged ?? 0} unchanged${overtaken}`
}

function sampleText(sample: Sample): string {
  const fields = Object.entries(sample.to ?? {}).map(([field, value]) => {
    const before = sample.from?.[field]
    return before === undefined ? `${field} ${JSON.stringify(value)}` : `${field} ${JSON.stringify(before)} → ${JSON.stringify(value)}`
  })
  return `row ${sample.row} ${sample.sku}${sample.location === undefined ? '' : ` at ${sample.location}`}: ${fields.join(', ')}`
}

const WORDS: Readonly<Record<string, string>> = {
  image: 'rows with an image only, ignored',
  empty: 'empty rows, ignored',
  skuDerived: 'rows without a SKU: one was derived from handle and options',
  withoutPrice: 'rows without a price',
  compareAtIgnored: 'compare-at prices left aside (--compare-at sale takes them)',
  quantityNotTaken: 'quantities not taken (--location CODE takes them)',
}

function notes(summary: StageSummary): string[] {
  const tallies = { ...summary.ignored, ...summary.notes }
  const other =
    summary.format === 'shopify' || summary.otherColumns.length === 0 ? [] : [`columns ignored: ${summary.otherColumns.join(', ')}`]
  const dates =
    summary.datesIn === undefined
      ? []
      : [`dates without a zone are ${summary.datesIn === 'channel' ? "in the zone of each row's channel" : `in ${summary.datesIn}`}`]
  return [...Object.entries(tallies).map(([reason, count]) => `${count} ${WORDS[reason] ?? reason}`), ...other, ...dates]
}

/** How many rows are wrong, and of how many. (The first line with the names of the columns is not one of the rows.) */
function wrongOf(errors: readonly RowError[], rows: number): string {
  const wrong = new Set(errors.map(error => error.row)).size
  return wrong < rows ? `${wrong} of ${counted(rows, 'row')}` : counted(wrong, 'row')
}

const shown = (value: string): string => (value.length > 40 ? `${value.slice(0, 39)}…` : value).replaceAll(/\s+/g, ' ')
