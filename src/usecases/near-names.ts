import { isNamed, type NamedKind, namesLike } from '../../db/names.ts'
import { Fault } from '../values/fault.ts'
import { parseInstant } from '../values/instant.ts'
import { nearest } from '../values/near.ts'
import type { Context } from './context.ts'

/** Which names a field of a request holds, by the last word of its path: `lines.0.sku`. */
const KINDS: Readonly<Record<string, NamedKind>> = {
  ...{ sku: 'sku', part: 'sku', location: 'location', from: 'location', to: 'location', locations: 'location' },
  ...{ channel: 'channel', reasonCode: 'reason', delivery: 'delivery', transfer: 'transfer' },
  ...{ channels: 'channel', list: 'list', baseList: 'list', region: 'region', group: 'group', tier: 'tier', partner: 'partner' },
  ...{ product: 'product', handle: 'product', category: 'category' },
}

/** What was named, and what may have been meant: the likeliest first, at most three. */
export type Near = { readonly kind: NamedKind; readonly names: readonly string[] }

/**
 * For a refusal of a name that nobody knows: names like it. Null where the fault is about anything else. `detail.named` says what was named, where the field does not.
 */
export async function nearNames({ sql }: Pick<Context, 'sql'>, { code, detail }: Fault): Promise<Near | null> {
  const { named, field } = detail
  const kind = KINDS[(typeof named === 'string' ? named : field)?.split('.').at(-1) ?? '']
  if (kind === undefined || typeof detail.value !== 'string' || (code !== 'not_found' && code !== 'invalid')) return null
  // `from` and `to` of a period are instants, not names.
  if (parseInstant(detail.value) !== null) return null
  if (await isNamed(sql, kind, detail.value)) return null
  return { kind, names: nearest(detail.value, await namesLike(sql, kind, detail.value)) }
}

const WORDS: Readonly<Record<NamedKind, string>> = {
  ...{ sku: 'SKU', location: 'location', channel: 'channel', reason: 'reason', delivery: 'delivery', transfer: 'transfer' },
  ...{
    list: 'price list',
    region: 'region',
    group: 'channel group',
    tier: 'partner tier',
    partner: 'partner',
    product: 'product',
    category: 'category',
  },
}

/** Refuses names to narrow a list by that nobody has: the list would be empty as if there were nothing. Fault: not_found. */
export async function refuseUnknown(
  { sql }: Pick<Context, 'sql'>,
  named: Readonly<Partial<Record<'sku' | 'part' | 'location' | 'from' | 'to' | 'channel', string | undefined>>>,
): Promise<void> {
  for (const [field, value] of Object.entries(named)) {
    const kind = KINDS[field]
    if (value === undefined || kind === undefined || (await isNamed(sql, kind, value))) continue
    throw new Fault('not_found', `There is no ${WORDS[kind]} ${value}.`, { field, value })
  }
}
