import { z } from '@hono/zod-openapi'
import { Fault } from '../values/fault.ts'

/** What every list takes. */
export const PAGE = {
  cursor: z.string().max(500).optional().openapi({ description: 'What the page before answered as `next`.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}

/** A page of a list: `next` is the cursor of the page after, null on the last. */
export const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), next: z.string().nullable() })

type Place = readonly (string | number)[]

/** Where a list goes on: the place of the last item seen. Opaque to the caller, but nothing secret: it is not signed. */
export const writeCursor = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url')

/** Reads a cursor of ours; null for the first page. Throws `invalid` for anything else. */
export function readCursor<Shape extends z.ZodType<Place>>(cursor: string | undefined, shape: Shape): z.infer<Shape> | null {
  if (cursor === undefined) return null
  const read = shape.safeParse(parse(cursor))
  if (read.success) return read.data
  throw new Fault('invalid', 'This cursor is none of ours: take `next` of the page before, or leave it out.', {
    field: 'cursor',
    expected: 'the `next` of the page before',
  })
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

const ById = z.tuple([z.int().min(0).max(Number.MAX_SAFE_INTEGER)])

/** The id after which (or before which) the page begins. */
export const idCursor = (cursor: string | undefined): number | null => readCursor(cursor, ById)?.[0] ?? null

/** Cuts a page out of rows that were read one beyond `limit`. */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  place: (row: Row) => Place,
  show: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(show), next: rows.length > limit && last !== undefined ? writeCursor(place(last)) : null }
}
