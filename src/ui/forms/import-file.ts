import type { Context } from 'hono'
import type { Context as UseCaseContext } from '../../usecases/context.ts'
import { applyImport } from '../../usecases/import-apply.ts'
import { encodings } from '../../usecases/import-text.ts'
import type { RequestEnv } from '../../usecases/principal.ts'
import type { ImportStanding } from '../../usecases/read-import.ts'
import { Fault } from '../../values/fault.ts'
import type { UiDeps, UiSurface } from '../deps.ts'
import { setFlash } from '../flash.ts'
import { type ImportRoom, importRooms, roomWords } from '../pages/imports/room.ts'
import { SALES_ADDRESS } from '../pages/imports/sales.tsx'
import { POSTAL_ADDRESS } from '../pages/routing/postal-codes.tsx'
import { type View, viewOf } from '../view.ts'
import { choice, type Given, refusal, text } from './given.ts'

// A form's file is in memory while it is read: half a million rows. Larger ones come as a stream through the API or the command line.
const FILE_MOST_MB = 32
const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const
// Small files are done by then, and the page says so at once.
const PATIENCE_MS = 1_500

/** The forms that bring a file, how large it may be, and what a person is told of a larger one. */
export function importFiles(deps: UiDeps): UiSurface['files'] {
  const form = (address: string, back: string, words: (view: View) => string) => ({
    route: `POST ${address}`,
    most: FILE_MOST_MB * 1024 * 1024,
    tooLarge: (c: Context<RequestEnv>) => {
      const view = viewOf(c, deps)
      setFlash(c, deps, { tone: 'trouble', title: view.t.errors.faults.invalid, text: words(view) })
      return c.redirect(back, 303)
    },
  })
  return [
    ...(['stock', 'prices'] as const).map(room => {
      const { address } = importRooms[room]
      return form(address, address, view => roomWords(view, room).tooLarge(FILE_MOST_MB))
    }),
    form(SALES_ADDRESS, SALES_ADDRESS, view => view.t.imports.sales.tooLarge(FILE_MOST_MB)),
    form(POSTAL_ADDRESS, '/orders/places', view => view.t.routing.postal.tooLarge(FILE_MOST_MB)),
  ]
}

/** What every file that a form brings has: its name, its bytes, and how they are to be read. */
export async function fileOf(c: Context, given: Given) {
  const t = given.view.t.imports
  const { file } = await c.req.parseBody()
  if (!(file instanceof File) || file.size === 0) throw refusal(t.noFile, 'file')
  return {
    name: file.name.slice(0, 200),
    source: file.stream(),
    format: /\.(ndjson|jsonl|json)$/i.test(file.name) ? 'ndjson' : 'csv',
    encoding: choice(given, 'encoding', t.encoding, encodings),
    delimiter: DELIMITERS[choice(given, 'delimiter', t.delimiter, ['comma', 'semicolon', 'tab', 'bar'])],
    ignoreOtherColumns: text(given, 'ignore') === 'yes',
  } as const
}

const DECIMALS = { point: '.', comma: ',' } as const

/** The decimal mark that the form states for a file's amounts; of a file of JSON there is nothing to state. */
export const decimalIn = (given: Given) => DECIMALS[choice(given, 'decimal', given.view.t.imports.decimal, ['point', 'comma'])]

/** What the work answers, or null where it takes longer than a person waits; it goes on then, and what stops it is logged. */
export async function unlessLong<Done>(deps: UiDeps, what: string, work: Promise<Done>): Promise<Done | null> {
  const done = await Promise.race([work, afterMs(PATIENCE_MS)])
  // Nobody waits for the rest; what stops it is told here, and the page offers to go on.
  if (done === null) work.catch(error => deps.log.error({ err: error, import: what }, 'an import stopped before its end'))
  return done
}

/** Applies a judged file, or goes on with one; says whether that is done. */
export async function applyFile(deps: UiDeps, given: Given, context: UseCaseContext, found: ImportStanding): Promise<string> {
  const t = given.view.t.imports
  if (found.state !== 'judged' && found.state !== 'applying') throw new Fault('conflict', t.nothingToApply, { isTranslated: true })
  const done = await unlessLong(
    deps,
    String(found.id),
    applyImport(context, found.id, () => {}),
  )
  return (done === null ? t.begun : t.done)(found.name)
}

/** The room's own address of a file. */
export const fileAddress = (room: ImportRoom, id: string | number): string => `${importRooms[room].address}/${encodeURIComponent(id)}`

function afterMs(ms: number): Promise<null> {
  return new Promise(resolve => {
    setTimeout(() => resolve(null), ms).unref()
  })
}

/** Nothing for a file that is not there; other errors stay. */
export function noneIfUnknown(error: unknown): null {
  if (error instanceof Fault && error.code === 'not_found') return null
  throw error
}
