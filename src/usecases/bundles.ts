import { type BundlePart, type BundleRow, type BundleVersion, bundleVersions, readBundle, setBundleRow } from '../../db/bundles.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import type { WriteToken } from './write-token.ts'

export type BundleSet = { readonly changed: boolean; readonly token: WriteToken }

/**
 * Says what a SKU consists of from now on; no parts: it is a bundle no longer. What was sold before keeps what it was sold as. Answers whether
 * anything changed, and the write's token. Throws `not_found` for an unknown bundle, `invalid` for an unknown part, `conflict` with the path where it would hold itself.
 */
export async function setBundle(context: Context, key: string | null, sku: string, parts: readonly BundlePart[]): Promise<BundleSet> {
  const body = { sku, parts: parts.map(part => ({ sku: part.sku, quantity: part.quantity })) }
  const answer = await carryOut(key, () => setBundleRow(context.sql, { ...body, ...command(context, 'bundle.set', key, body) }))
  switch (answer.outcome) {
    case 'done':
    case 'unchanged':
      return { changed: answer.outcome === 'done', token: answer.token }
    case 'unknown':
      if (answer.line === undefined) throw noSku(sku)
      throw new Fault('invalid', `There is no SKU ${String(answer.value)} that could be a part.`, {
        field: `parts.${answer.line}.sku`,
        value: answer.value,
        expected: 'a SKU of the catalog',
      })
    case 'cycle':
      throw new Fault('conflict', `A bundle cannot hold itself: ${answer.path.join(' → ')}.`, { path: answer.path })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

/** A bundle with its parts. Throws `not_found` for an unknown SKU, or one that is no bundle. */
export async function findBundle(context: Context, sku: string): Promise<BundleRow> {
  const row = await readBundle(context.sql, sku)
  if (row === null) throw noSku(sku)
  if (row.parts.length === 0) throw new Fault('not_found', `${sku} is no bundle.`, { field: 'sku', value: sku })
  return row
}

/** What a SKU consisted of over time, the newest first; empty when it never was a bundle. Throws `not_found` for an unknown SKU. */
export async function historyOfBundle(context: Context, sku: string): Promise<readonly BundleVersion[]> {
  if ((await readBundle(context.sql, sku)) === null) throw noSku(sku)
  return bundleVersions(context.sql, sku)
}

const noSku = (sku: string): Fault => new Fault('not_found', `There is no SKU ${sku}.`, { field: 'sku', value: sku })
