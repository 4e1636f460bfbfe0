import { Fault } from '../values/fault.ts'

/** Refuses lines in which a SKU stands more than once, where one line says all about it. Fault: invalid. */
export function refuseTwice(lines: readonly { readonly sku: string }[]): void {
  const at = lines.findIndex(({ sku }, index) => lines.findIndex(other => other.sku === sku) < index)
  const line = lines[at]
  if (line !== undefined)
    throw new Fault('invalid', `${line.sku} stands in more than one line: say it once, with all its units.`, {
      field: `lines.${at}.sku`,
      value: line.sku,
      expected: 'each SKU once',
    })
}
