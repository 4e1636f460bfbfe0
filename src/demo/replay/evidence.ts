import type { ShownListing } from '../../../connectors/sandbox.ts'
import type { Books } from '../../../db/replay-books.ts'
import type { Told } from './journal.ts'
import type { Plan, Platform } from './plan.ts'
import type { Done } from './sell.ts'

/** Everything that a report is made from: what was planned and done, what each platform's journal and shop window say, and the hub's books. */
export type Evidence = {
  readonly plan: Plan
  readonly done: Done
  readonly told: Readonly<Record<Platform, Told>>
  readonly shown: Readonly<Record<Platform, readonly ShownListing[]>>
  readonly books: Books
  readonly check: {
    readonly violations: number
    readonly findings: readonly { readonly rule: string; readonly violations: number; readonly examples: readonly unknown[] }[]
  }
}

/** Two sources that contradict each other, or something that must not be. */
export type Difference = {
  readonly what: string
  readonly platform?: string
  /** SKU or order. */
  readonly of: string
  readonly expected: unknown
  readonly found: unknown
  /** Which sources say so: expected / found. */
  readonly sources: string
}

/** Sums by SKU. */
export function bySku(lines: Iterable<{ readonly sku: string; readonly quantity: number }>): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  return sums
}
