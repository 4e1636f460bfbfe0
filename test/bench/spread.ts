/** The value below which a share of the list lies (nearest rank); NaN of an empty list. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** p50, p95, p99 and the largest of a list. */
export function spread(values: readonly number[]): {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
} {
  return { p50: median(values), p95: quantile(values, 0.95), p99: quantile(values, 0.99), max: quantile(values, 1) }
}
