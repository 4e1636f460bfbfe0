import { type CatalogAnswer, type CatalogCommand, catalogCommand, type ProductInput, type VariantInput } from '../../db/catalog.ts'
import type { JsonValue } from '../../db/connect.ts'
import type { LocationKind } from '../../db/locations.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { readGtin } from '../values/gtin.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'

type Done = Extract<CatalogAnswer, { readonly outcome: 'done' }>

/** A variant as somebody states it: `gtin` with 8, 12, 13 or 14 digits, as printed. */
export type VariantStated = Omit<VariantInput, 'gtinGiven'>

/**
 * Puts products with their variants, all or none. `create`: nothing of it may exist. `add`: the variants are new, the product is not. `put`: what
 * exists is brought to what is stated. Throws `invalid` (a GTIN's check digit), `not_found`, or `conflict` for what exists already.
 */
export function putProducts(
  context: Context,
  key: string | null,
  mode: 'create' | 'add' | 'put',
  products: readonly (Omit<ProductInput, 'variants'> & { readonly variants: readonly VariantStated[] })[],
): Promise<Done> {
  const read = products.map((product, at) => ({
    ...product,
    variants: product.variants.map((variant, n) =>
      withGtin(variant, products.length === 1 ? `variants.${n}.gtin` : `products.${at}.variants.${n}.gtin`),
    ),
  }))
  return run(context, 'catalog_put_1', `catalog.${mode}`, key, { mode, products: read } as unknown as Body)
}

export type ProductChange = {
  readonly title?: string | undefined
  readonly vendor?: string | null | undefined
  readonly category?: string | null | undefined
}

/** Changes a product. `version` is what the caller has seen: when it is no longer so, `stale` is thrown. */
export function changeProduct(
  context: Context,
  key: string | null,
  handle: string,
  version: number | undefined,
  set: ProductChange,
): Promise<Done> {
  return run(context, 'product_change_1', 'product.change', key, {
    handle,
    ...(version === undefined ? {} : { version }),
    set: { ...set } as unknown as Body,
  })
}

/** Changes a variant; its SKU never changes. */
export function changeVariant(
  context: Context,
  key: string | null,
  sku: string,
  version: number | undefined,
  set: Omit<VariantStated, 'sku'>,
): Promise<Done> {
  const { sku: _, ...stated } = withGtin({ sku, ...set }, 'gtin')
  return run(context, 'variant_change_1', 'variant.change', key, {
    sku,
    ...(version === undefined ? {} : { version }),
    set: stated as unknown as Body,
  })
}

export type LocationStated = {
  readonly code: string
  readonly name?: string | undefined
  readonly kind?: LocationKind | undefined
  /** Its time zone, by the IANA name. */
  readonly zone?: string | undefined
  readonly country?: string | null | undefined
  readonly active?: boolean | undefined
}

/** Makes a location, or changes one; its code and kind never change. */
export function putLocation(context: Context, key: string | null, mode: 'create' | 'change', location: LocationStated): Promise<Done> {
  const { kind, ...rest } = location
  // `kind` is the command's own word.
  return run(context, 'location_put_1', `location.${mode}`, key, { mode, place: kind, ...rest } as unknown as Body)
}

type Body = { readonly [field: string]: JsonValue }

async function run(context: Context, name: CatalogCommand, kind: string, key: string | null, body: Body): Promise<Done> {
  const cmd = { ...body, ...command(context, kind, key, body) }
  return done(await carryOut(key, () => catalogCommand(context.sql, name, cmd)))
}

function done(answer: CatalogAnswer): Done {
  switch (answer.outcome) {
    case 'done':
      return answer
    case 'unknown':
      throw new Fault('not_found', `There is no ${named(answer.field)} ${String(answer.value)}.`, {
        field: answer.field,
        value: answer.value,
      })
    case 'exists': {
      const of = answer.product === undefined ? '' : ` (product ${answer.product})`
      throw new Fault('conflict', `The ${named(answer.field)} ${String(answer.value)} exists already${of}.`, {
        field: answer.field,
        value: answer.value,
      })
    }
    case 'stale':
      throw new Fault('stale', `It was changed meanwhile and has version ${answer.version} now: read it again.`, {
        version: answer.version,
      })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

const NAMES: Readonly<Record<string, string>> = { sku: 'SKU', handle: 'product', code: 'location' }
const named = (field: string): string => NAMES[field] ?? field

function withGtin(variant: VariantStated, field: string): VariantInput {
  if (variant.gtin === undefined) return variant
  if (variant.gtin === null) return { ...variant, gtinGiven: null }
  const read = readGtin(variant.gtin)
  if ('wrong' in read)
    throw new Fault('invalid', `The GTIN ${variant.gtin} of ${variant.sku} is wrong: ${read.wrong}.`, {
      field,
      value: variant.gtin,
      expected: read.wrong,
    })
  return { ...variant, gtin: read.gtin, gtinGiven: variant.gtin }
}
