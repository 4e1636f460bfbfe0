import { invariant } from './fault.ts'

/**
 * Shares a whole number over weights, so that the parts add up to it: each gets its share rounded down, and the ones that are left go to those that lost most by it
 * (largest remainder), of two that lost the same to the first. Where nobody weighs anything, all weigh the same. `total` may be negative, weights may not.
 */
export function shareWhole(total: bigint, weights: readonly bigint[]): bigint[] {
  invariant(weights.length > 0 || total === 0n, 'what is shared goes to somebody', { total: String(total) })
  invariant(
    weights.every(weight => weight >= 0n),
    'nobody weighs less than nothing',
  )
  const whole = weights.every(weight => weight === 0n) ? weights.map(() => 1n) : weights
  const sum = whole.reduce((all, weight) => all + weight, 0n)
  const size = total < 0n ? -total : total
  const parts = whole.map((weight, n) => ({ n, share: (size * weight) / sum, lost: (size * weight) % sum }))
  const left = Number(parts.reduce((rest, part) => rest - part.share, size))
  const favoured = new Set(
    [...parts]
      .sort((a, b) => (a.lost === b.lost ? a.n - b.n : a.lost > b.lost ? -1 : 1))
      .slice(0, left)
      .map(part => part.n),
  )
  return parts.map(({ n, share }) => (share + (favoured.has(n) ? 1n : 0n)) * (total < 0n ? -1n : 1n))
}
