import type { Compared } from './compare.ts'
import type { Told } from './journey.ts'

/** Differences printed of each kind; the rest is counted. */
const EXAMPLES = 5

/** The outcome as people read it: a line for each comparison, examples of what differs, and the figures. */
export function tableText(compared: readonly Compared[], told: Told, minutes: number): string {
  const width = Math.max(...compared.map(({ what }) => what.length))
  const rows = compared.map(({ what, count, differences }) => `${what.padEnd(width)}  ${cell(count)}  ${cell(differences.length)}`)
  const examples = compared.flatMap(({ differences }) => [
    ...differences
      .slice(0, EXAMPLES)
      .map(one => `  ${one.where}: ${one.what}; expected ${JSON.stringify(one.expected)}, found ${JSON.stringify(one.found)}`),
    ...(differences.length > EXAMPLES ? [`  … and ${differences.length - EXAMPLES} more of the kind`] : []),
  ])
  const { first, changes, orders, acts } = told.seconds
  return [
    `${''.padEnd(width)}  ${'compared'.padStart(8)}  ${'differ'.padStart(8)}`,
    ...rows,
    ...examples,
    '',
    `${told.done.length} orders, ${told.kills} kills, ${minutes.toFixed(1)} minutes; all shown after ${first} s, the changes after ${changes} s,`,
    `sold and booked in ${orders} s, shipped and cancelled in ${acts} s`,
    `${differencesOf(compared)} differences`,
  ].join('\n')
}

export const differencesOf = (compared: readonly Compared[]): number => compared.reduce((sum, one) => sum + one.differences.length, 0)

const cell = (n: number): string => String(n).padStart(8)
