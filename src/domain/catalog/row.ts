/** One thing that is wrong with a cell, in words that a person can act on. `expected` says what would be right. */
export type CellError = { readonly column: string; readonly value: string; readonly expected: string }

/**
 * What became of one record of a file: a row to stage, an ignored one (with the reason under which it is counted), or one that is wrong.
 * `notes` are counted over the file. A wrong row keeps what could be read of it, so that duplicates of it are found all the same.
 */
export type RowReading<Body> =
  | { readonly kind: 'row'; readonly body: Body; readonly notes: readonly string[] }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'wrong'; readonly body: Partial<Body>; readonly errors: readonly CellError[] }

/** Cells of one record by our column names; '' where the record or the file has none. */
export type Cells = (column: string) => string

/** A catalog row as it is staged. What is absent stays as it is in the catalog. */
export type CatalogBody = {
  readonly sku: string | null
  /** Where the file has no SKU: the candidates, see `deriveSku`. */
  readonly derive?: { readonly plain: string; readonly marked: string }
  readonly handle: string | null
  readonly title?: string
  readonly vendor?: string
  readonly category?: string
  readonly variantTitle?: string
  readonly gtin?: string
  readonly gtinGiven?: string
  readonly options?: Readonly<Record<string, string>>
  readonly cost?: string
  readonly costCurrency?: string
  readonly weightGrams?: number
  readonly hazard?: string
  readonly status?: 'active' | 'archived'
  readonly prices?: readonly { readonly currency: string; readonly amount: string; readonly from: string | null }[]
  /** Counted on-hand units at a location. */
  readonly stock?: { readonly location: string; readonly quantity: number }
}
