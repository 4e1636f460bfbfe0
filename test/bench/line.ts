/** What a value must reach, what it is, and whether it does. */
export type Criterion = { readonly atLeast?: number; readonly atMost?: number; readonly is: number; readonly met: boolean }

/** One line of the bench. `ratio` is value to yardstick, turned so that more is better; `yardstick` is in the same unit. */
export type Line = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly yardstick: number | null
  readonly ratio: number | null
  readonly criteria: Readonly<Record<string, Criterion>>
  readonly pass: boolean
}

/** A line and what people want to know beside it. */
export type Measured = { readonly line: Line; readonly notes: readonly string[] }

export type Reading = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly yardstick: number | null
  readonly ratio: number | null
  readonly criteria: Readonly<Record<string, Criterion>>
}

/** Judges a reading by its criteria. */
export function lineOf(reading: Reading): Line {
  const pass = Object.values(reading.criteria).every(criterion => criterion.met)
  return { ...reading, value: rounded(reading.value), yardstick: orNull(reading.yardstick), ratio: orNull(reading.ratio), pass }
}

export const atLeast = (least: number, is: number): Criterion => ({ atLeast: least, is: rounded(is), met: is >= least })
export const atMost = (most: number, is: number): Criterion => ({ atMost: most, is: rounded(is), met: is <= most })

/** The lines as a table for people. */
export function table(measured: readonly Measured[]): string {
  const rows = measured.map(({ line }) => [
    line.name,
    `${shown(line.value)} ${line.unit}`,
    line.yardstick === null ? '' : `${shown(line.yardstick)} ${line.unit}`,
    line.ratio === null ? '' : line.ratio.toFixed(3),
    Object.entries(line.criteria)
      .map(([name, criterion]) => words(name, criterion))
      .join(', '),
    line.pass ? 'pass' : 'FAIL',
  ])
  const all = [['bench', 'value', 'yardstick', 'ratio', 'criteria', ''], ...rows]
  const widths = all[0]?.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0))) ?? []
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function words(name: string, criterion: Criterion): string {
  const bound = criterion.atLeast !== undefined ? `≥ ${criterion.atLeast}` : `≤ ${criterion.atMost}`
  return `${name} ${bound}${criterion.met ? '' : ` (is ${shown(criterion.is)}, not met)`}`
}

const shown = (value: number): string => (Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(rounded(value)))
const rounded = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000)
const orNull = (value: number | null): number | null => (value === null ? null : rounded(value))
