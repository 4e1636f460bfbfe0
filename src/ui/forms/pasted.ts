import { Fault } from '../../values/fault.ts'
import { UNITS_MOST } from '../../values/units.ts'
import { type Given, refusal, required } from './given.ts'
import { faultText } from './post.ts'

/** A line as somebody pasted it: a SKU, units, and what one costs where it was said (decimal text). */
export type PastedLine = { readonly sku: string; readonly quantity: number; readonly cost: string | undefined }

const LINES_MOST = 2_000
// A SKU may have spaces in it, so the numbers are read from the end. Between them: spaces, a tab, a comma or a semicolon.
const LINE = /^(.+?)[\s,;]+(\d{1,8})(?:[\s,;]+(\d{1,12}(?:\.\d{1,6})?))?$/
const LINE_WITHOUT_COST = /^(.+?)[\s,;]+(\d{1,8})$/

/** Reads lines of `SKU units cost` from a text field. Empty lines are passed over; what cannot be read is refused with its number. */
export function pastedLines(given: Given, field: string, label: string, withCost: boolean): readonly PastedLine[] {
  const { errors } = given.view.t
  const lines = required(given, field, label)
    .split(/\r?\n/)
    .map((text, at) => ({ text: text.trim(), at: at + 1 }))
    .filter(line => line.text !== '')
  if (lines.length > LINES_MOST) throw refusal(errors.tooManyLines(lines.length, LINES_MOST), field)
  const seen = new Map<string, number>()
  return lines.map(({ text, at }) => {
    const [, sku = '', quantity = '', cost] = (withCost ? LINE : LINE_WITHOUT_COST).exec(text) ?? []
    const units = Number(quantity)
    if (sku === '' || units < 1 || units > UNITS_MOST)
      throw refusal((withCost ? errors.badLine : errors.badLineUnits)(at, text.slice(0, 80)), field)
    const before = seen.get(sku)
    if (before !== undefined) throw refusal(errors.twiceInLines(sku, before, at), field)
    seen.set(sku, at)
    return { sku, quantity: units, cost }
  })
}

/** SKUs on lines of their own, or with a tab, a comma or a semicolon between them. */
export function pastedSkus(text: string): readonly string[] {
  return [
    ...new Set(
      text
        .split(/[\r\n\t,;]+/)
        .map(sku => sku.trim())
        .filter(sku => sku !== ''),
    ),
  ]
}

/** Runs a use case; a refusal of one of its lines (`lines.3.sku`) becomes one of the field that the line came from. */
export async function withLinesOf<T>(given: Given, fieldOf: (line: number, what: string) => string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const found = error instanceof Fault ? /^(?:lines|entries|skus|parts)?\.?(\d+)(?:\.(\w+))?$/.exec(error.detail.field ?? '') : null
    if (!(error instanceof Fault) || found === null) throw error
    throw new Fault(error.code, faultText(given.view, error), {
      field: fieldOf(Number(found[1]), found[2] ?? ''),
      isTranslated: true,
      ...{ named: error.detail.field, value: error.detail.value },
    })
  }
}
