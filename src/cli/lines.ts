import { UNITS_MOST } from '../values/units.ts'
import { type Call, wrongUsage } from './command.ts'
import { instantOf } from './instants.ts'

/** What a word like `TEA=12` or `TEA=12@1.50` says: a SKU, its units, and what one costs. */
export type WordLine = { readonly sku: string; readonly quantity: number; readonly unitCost?: string }

/** Reads words like `TEA=12`; with `mayCost` also `TEA=12@1.50`. Throws wrong usage. */
export function linesOf(words: readonly string[], mayCost = false): WordLine[] {
  return words.map(word => {
    const [, sku, units, unitCost] = /^(.+)=(\d{1,9})(?:@(\d{1,12}(?:\.\d{1,6})?))?$/.exec(word) ?? []
    if (sku === undefined || units === undefined) throw wrongUsage(`"${word}" should be like SKU=12${mayCost ? ' or SKU=12@1.50' : ''}`)
    if (unitCost !== undefined && !mayCost) throw wrongUsage(`"${word}" says what a unit costs, which is of no use here`)
    if (Number(units) < 1 || Number(units) > UNITS_MOST) throw wrongUsage(`${units} units of ${sku}: from 1 to ${UNITS_MOST}`)
    return { sku, quantity: Number(units), ...(unitCost === undefined ? {} : { unitCost }) }
  })
}

/** Lines with costs in the currency of `--currency`, which they need. Throws wrong usage. */
export function costedLines(call: Call, words: readonly string[]): (WordLine & { readonly currency?: string })[] {
  const currency = call.text('currency')
  return linesOf(words, true).map(line => {
    if (line.unitCost === undefined) return line
    if (currency === undefined) throw wrongUsage(`${line.sku} has a cost: --currency says in which currency, such as EUR`)
    return { ...line, currency }
  })
}

/** An option that must be there. Throws wrong usage. */
export function required(call: Call, name: string): string {
  const text = call.text(name)
  if (text === undefined) throw wrongUsage(`--${name} is missing`)
  return text
}

/** How goods arrive, by `--lot`, `--expires`, `--unavailable` and `--reason`: of one lot where one SKU is named, put aside or for sale. */
export function arrivalOf(call: Call, lines: readonly WordLine[]) {
  const [lot, expiresAt, reasonCode] = [call.text('lot'), instantOf(call, 'expires'), call.text('reason')]
  if (lot !== undefined && lines.length !== 1) throw wrongUsage('--lot goes with one SKU: one command for each lot')
  if (expiresAt !== undefined && lot === undefined) throw wrongUsage('--expires needs the --lot that it belongs to')
  if (call.flag('unavailable') && lines.length === 0) throw wrongUsage('--unavailable needs the SKUs that are put aside')
  if (reasonCode !== undefined && !call.flag('unavailable'))
    throw wrongUsage('--reason says why something is put aside: it goes with --unavailable')
  return {
    ...(lot === undefined ? {} : { lot }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(call.flag('unavailable') ? { to: 'unavailable' as const } : {}),
    ...(reasonCode === undefined ? {} : { reasonCode }),
  }
}
