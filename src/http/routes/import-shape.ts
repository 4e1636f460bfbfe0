import { z } from '@hono/zod-openapi'
import type { ListedImport } from '../../../db/import-list.ts'
import type { GuardPreview } from '../../../db/price-imports.ts'
import type { StockFormat } from '../../usecases/import-stock-records.ts'
import { decisionOf, type ImportStanding } from '../../usecases/read-import.ts'
import { Fault } from '../../values/fault.ts'
import { PAGE } from '../paging.ts'
import { iso, isoOrNull, leaving } from '../shapes.ts'

const State = z.enum(['staging', 'judged', 'waiting', 'applying', 'done', 'refused', 'rejected']).openapi({
  description:
    'staging: it is being read. judged: nothing is wrong with it, and nothing of it applies yet. refused: it has errors. waiting: its prices go beyond a limit of the guard, and a person decides. rejected: that person turned it down.',
})

export const ImportOut = z
  .object({
    id: z.int(),
    kind: z.enum(['catalog', 'stock', 'prices']),
    name: z.string(),
    state: State,
    rows: z.int(),
    applied: z.int().openapi({ description: 'How many rows it has come through, of `rows`.' }),
    new: z.int().openapi({ description: 'Rows of SKUs that had no stock at the location, or no such price, before.' }),
    changed: z.int(),
    unchanged: z.int(),
    overtaken: z
      .int()
      .openapi({ description: 'Rows of an instant after which somebody counted; that count stands. They are among the unchanged.' }),
    failed: z
      .int()
      .openapi({ description: 'Rows that did not fit any more when they were applied, and changed nothing; told in `errors`.' }),
    samples: z
      .record(z.string(), z.array(z.record(z.string(), z.unknown())))
      .openapi({ description: 'The first rows of what is new and what changes.' }),
    guard: z
      .array(
        z.object({
          channel: z.string(),
          listings: z.int().openapi({ description: 'Whose price the channel shows.' }),
          changed: z.int(),
          dropped: z.int().openapi({ description: 'Fall by more than the limit.' }),
          limit: z.enum(['changed', 'dropped']).nullable().openapi({ description: 'The limit of the guard that it goes beyond.' }),
          allowed: z.int().nullable().openapi({ description: 'How many may change within the window.' }),
          moved: z.int().nullable().openapi({ description: 'How many had changed within it before the file.' }),
          percent: z.number().nullable(),
          windowMinutes: z.int().nullable(),
          examples: z.array(z.record(z.string(), z.unknown())),
        }),
      )
      .openapi({ description: 'Of prices: what they would do to the listings of each channel.' }),
    datesIn: z.string().nullable().openapi({
      description: "The zone of dates and times that had none in a price file; `channel`: that of each row's channel. Null: all had one.",
    }),
    note: z.string().nullable().openapi({ description: 'What the person noted who let it through, or turned it down.' }),
    errorRows: z.int().openapi({ description: 'Rows with errors.' }),
    errors: z.array(z.object({ row: z.int(), column: z.string(), value: z.string(), expected: z.string() })).openapi({
      description: 'The first 1,000, each with its row as a spreadsheet numbers it (the header is row 1), or the number of the line.',
    }),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
  })
  .openapi('Import')

/** A line of a list of imports. */
export const ListedOut = z
  .object({
    id: z.int(),
    kind: z.enum(['catalog', 'stock', 'prices']),
    name: z.string(),
    state: State,
    rows: z.int(),
    applied: z.int(),
    new: z.int(),
    changed: z.int(),
    errorRows: z.int(),
    beyond: z.array(z.string()).openapi({ description: 'Channels in which its prices go beyond a limit of the guard.' }),
    actor: z.string().openapi({ description: 'Who sent it.' }),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
    decidedBy: z.string().nullable().openapi({ description: 'Who let it through, or turned it down.' }),
  })
  .openapi('ListedImport')

export const ListQuery = z.strictObject({ ...PAGE, state: State.optional() })

export const listed = (row: ListedImport): z.infer<typeof ListedOut> => ({ ...leaving(row), beyond: [...row.beyond] })

export const Flag = z.enum(['true', 'false']).transform(word => word === 'true')

export const fileContent = (csv: string, line: string) =>
  ({
    'text/csv': { schema: z.string().openapi({ example: csv }) },
    'application/x-ndjson': { schema: z.string().openapi({ example: line }) },
  }) as const

// Proxies in front give up after 30 to 60 s.
export const PATIENCE_MS = 20_000

export function afterMs(ms: number): { readonly passed: Promise<void>; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  return { passed, stop: () => clearTimeout(timer) }
}

/** The format of an upload; null: none of ours. */
export function formatOf(contentType: string | undefined): StockFormat | null {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  if (type === 'text/csv') return 'csv'
  return type === 'application/x-ndjson' || type === 'application/jsonl' ? 'ndjson' : null
}

const BYTES_MOST = 2 * 1024 ** 3

/** The bytes of an upload. Fault: invalid, when they are too many. */
export async function* atMost(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.byteLength
    if (bytes > BYTES_MOST) throw new Fault('invalid', 'A file has at most 2 GB: split it.', { field: 'body', expected: 'at most 2 GB' })
    yield piece
  }
}

/** An import as it leaves. */
export function shown({ summary, createdAt, endedAt, errors, ...found }: ImportStanding): z.infer<typeof ImportOut> {
  const count = (name: string): number => (typeof summary[name] === 'number' ? summary[name] : 0)
  return {
    ...found,
    new: count('new'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    overtaken: count('overtaken'),
    failed: count('failed'),
    samples: (summary.samples ?? {}) as Record<string, Record<string, unknown>[]>,
    guard: ((summary.guard ?? []) as readonly GuardPreview[]).map(guardOf),
    datesIn: typeof summary.datesIn === 'string' ? summary.datesIn : null,
    note: decisionOf(summary)?.note ?? null,
    errorRows: count('errors'),
    errors: [...errors],
    createdAt: iso(createdAt),
    endedAt: isoOrNull(endedAt),
  }
}

const guardOf = ({ limit, allowed, moved, percent, windowMinutes, examples, ...rest }: GuardPreview) => ({
  ...{
    ...rest,
    limit: limit ?? null,
    allowed: allowed ?? null,
    moved: moved ?? null,
    windowMinutes: windowMinutes ?? null,
    percent: percent ?? null,
  },
  examples: examples.map(example => ({ ...example })),
})
