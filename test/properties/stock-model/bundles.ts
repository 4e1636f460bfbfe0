import { type Answer, type Part, SKUS, type State } from './state.ts'

export type SetBundle = { readonly sku: string; readonly parts: readonly { readonly sku: string; readonly quantity: number }[] }

/** Says what a bundle consists of from now on. What was promised and sold before stays as it was. */
export function setBundle(state: State, { sku, parts }: SetBundle): Answer {
  const stranger = parts.findIndex(part => !(SKUS as readonly string[]).includes(part.sku))
  if (stranger >= 0) return { outcome: 'unknown', field: 'sku', line: stranger, value: parts[stranger]?.sku }
  if (parts.some(part => part.sku === sku || contains(state, part.sku, sku))) return { outcome: 'cycle' }
  const sums = new Map<string, number>()
  for (const part of parts) sums.set(part.sku, (sums.get(part.sku) ?? 0) + part.quantity)
  const made: Part[] = [...sums].map(([one, each]) => ({ sku: one, each }))
  const now = state.bundles.get(sku) ?? []
  if (now.length === made.length && made.every(part => now.some(one => one.sku === part.sku && one.each === part.each)))
    return { outcome: 'unchanged', parts }
  if (made.length === 0) state.bundles.delete(sku)
  else state.bundles.set(sku, made)
  return { outcome: 'done', parts }
}

function contains(state: State, bundle: string, sku: string): boolean {
  return (state.bundles.get(bundle) ?? []).some(part => part.sku === sku || contains(state, part.sku, sku))
}
