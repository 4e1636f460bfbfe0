import { z } from 'zod'
import { Refusal, type Thing } from '../../sandbox-graphql.ts'

const TAKE_MAX = 1000

const text = z.strictObject({ eq: z.string().optional(), in: z.array(z.string()).optional(), notIn: z.array(z.string()).optional() })
const date = z.strictObject({ after: z.iso.datetime().optional(), isNull: z.boolean().optional() })
const options = z.strictObject({
  skip: z.int().min(0).optional(),
  take: z.int().optional(),
  sort: z.record(z.string(), z.enum(['ASC', 'DESC'])).optional(),
  filter: z.record(z.string(), z.unknown()).optional(),
})

/** A list as Vendure's lists are: filtered by fields, sorted, a piece of it. Dates compare as texts, as they do on SQLite. */
export function listOf<Row>(
  rows: readonly Row[],
  asked: unknown,
  fieldOf: (row: Row, field: string) => string | number | null,
  show: (row: Row) => Thing,
): Thing {
  const { skip = 0, take = TAKE_MAX, sort = {}, filter = {} } = options.parse(asked ?? {})
  if (take > TAKE_MAX) throw new Refusal(`Cannot take more than ${TAKE_MAX} results from a list query`, 'USER_INPUT_ERROR')
  const fits = rows.filter(row => Object.entries(filter).every(([field, rule]) => isFit(fieldOf(row, field), rule)))
  const sorted = Object.entries(sort).reduceRight<Row[]>((all, [field, way]) => {
    const sign = way === 'ASC' ? 1 : -1
    return all.toSorted((a, b) => sign * compare(fieldOf(a, field), fieldOf(b, field)))
  }, fits)
  return { __typename: 'List', totalItems: fits.length, items: sorted.slice(skip, skip + take).map(show) }
}

function isFit(value: string | number | null, rule: unknown): boolean {
  const asText = text.safeParse(rule)
  if (asText.success) {
    const told = String(value)
    const { eq, in: among, notIn } = asText.data
    return (eq === undefined || told === eq) && (among === undefined || among.includes(told)) && !notIn?.includes(told)
  }
  const { after, isNull } = date.parse(rule)
  if (isNull !== undefined && (value === null) !== isNull) return false
  return after === undefined || (value !== null && String(value) > after)
}

function compare(a: string | number | null, b: string | number | null): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a ?? '') < String(b ?? '') ? -1 : String(a ?? '') > String(b ?? '') ? 1 : 0
}
