import { Buffer } from 'node:buffer'
import type { Sql } from '../../db/connect.ts'
import type { StockDefaults } from '../../src/domain/catalog/stock-rows.ts'
import type { Context } from '../../src/usecases/context.ts'
import type { ImportRequest } from '../../src/usecases/import-file.ts'
import type { FileKind, ImportChoices } from '../../src/usecases/import-formats.ts'
import type { PriceUpload } from '../../src/usecases/import-price.ts'
import type { StockUpload } from '../../src/usecases/import-stock.ts'
import { readKeyring } from '../../src/values/sealed.ts'

export const KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`

export async function contextOf(sql: Sql): Promise<Context> {
  return { sql, keyring: await readKeyring(KEYS), actor: 'cli:test' }
}

/** A request for a file with this content, in pieces of a few bytes so that no reader may rely on whole lines. */
export function fileOf(
  kind: FileKind,
  content: string | Uint8Array,
  rest: Partial<Omit<ImportRequest, 'choices'>> & { readonly choices?: Partial<ImportChoices> } = {},
): ImportRequest {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const piece = Math.max(7, Math.ceil(bytes.length / 50))
  return {
    kind,
    name: 'test.csv',
    encoding: 'utf-8',
    delimiter: ',',
    dryRun: false,
    source: async function* () {
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece)
    },
    ...rest,
    choices: { currency: 'EUR', location: null, compareAt: 'ignore', ignoreOtherColumns: false, ...rest.choices },
  }
}

/** The same for a stock file, which is read once. */
export function stockFileOf(
  content: string | Uint8Array,
  rest: Partial<Omit<StockUpload, 'defaults'>> & { readonly defaults?: Partial<StockDefaults> } = {},
): StockUpload {
  const { source, name, encoding, delimiter } = fileOf('catalog', content)
  return {
    ...{ name, encoding, delimiter, format: 'csv', ignoreOtherColumns: false, again: false, source: source() },
    ...rest,
    defaults: { location: null, basis: 'on_hand', mode: 'absolute', occurredAt: null, ...rest.defaults },
  }
}

/** The same for a price file, which is read once. */
export function priceFileOf(content: string | Uint8Array, rest: Partial<PriceUpload> = {}): PriceUpload {
  const { source, name, encoding, delimiter } = fileOf('catalog', content)
  return { ...{ name, encoding, delimiter, format: 'csv', ignoreOtherColumns: false, source: source() }, zone: 'UTC', ...rest }
}

/** Everything that an import could leave behind; equal before and after means that nothing happened. */
export async function traces(sql: Sql): Promise<object> {
  const [row] = await sql`
    select (select count(*) from movements) as movements, (select count(*) from change) as changes, (select count(*) from prices) as prices,
      (select sum(version) from variants) as variants, (select sum(version) from products) as products,
      (select sum(on_hand) from balances) as "onHand"`
  return row ?? {}
}
