import { type ListedImport, listImports } from '../../db/import-list.ts'
import type { ImportKind } from '../../db/imports.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { table } from './terminal.ts'

const KINDS: readonly ImportKind[] = ['prices', 'stock', 'catalog']
const LATEST = 50

/** `import list`. */
export const importListCommand: Command = {
  name: 'import list',
  usage: '[--kind prices|stock|catalog] [--waiting] [--limit N]',
  summary: 'Files that were sent, the newest first: how each stands, who sent it, and for whom it waits',
  details: `The latest ${LATEST} unless told. A price file beyond a limit of the guard waits for somebody with prices:approve: import approve ID, import reject ID.
What nobody applied is forgotten after a day, what waits for a decision after 30.`,
  examples: ['import list', 'import list --kind prices --waiting'],
  options: { kind: { type: 'string' }, waiting: { type: 'boolean' }, ...LIMIT },
  takes: [0, 0],
  database: 'migrated',
  run,
}

async function run(call: Call): Promise<ExitCode> {
  const kind = call.text('kind')
  const known = KINDS.find(one => one === kind)
  if (kind !== undefined && known === undefined) throw wrongUsage(`--kind is one of ${KINDS.join(', ')}`)
  const isWaiting = call.flag('waiting')
  const filter = { kinds: known === undefined ? undefined : [known], state: isWaiting ? ('waiting' as const) : undefined }
  const { rows, more } = await firstOf(call, LATEST, limit => listImports(call.context.sql, filter, null, limit))
  const none = isWaiting ? 'No file waits for a decision.' : 'No file was sent yet.'
  call.answer(rows, rows.length === 0 ? none : listText(rows) + more)
  return 0
}

function listText(rows: readonly ListedImport[]): string {
  const lines = rows.map(row => [row.id, row.kind, row.name, row.state, row.rows, row.actor, shownAt(row.createdAt), waitsFor(row)])
  return table([['id', 'kind', 'file', 'state', 'rows', 'sent by', 'at', ''], ...lines])
}

/** For whom a file waits and what to do then, or who decided. */
function waitsFor(row: ListedImport): string {
  if (row.state === 'waiting') return `waits for whoever may approve prices: import approve ${row.id}`
  if (row.state === 'judged' || row.state === 'applying')
    return `not at its end (${row.applied} of ${row.rows}): import the same file again`
  if (row.state === 'refused') return `${counted(row.errorRows, 'row is', 'rows are')} wrong: import show ${row.id}`
  return row.decidedBy === null ? '' : `${row.state === 'rejected' ? 'turned down' : 'let through'} by ${row.decidedBy}`
}

/** A price file that the guard holds back, in a line, with what lets it through. */
export const waitingFileText = (row: ListedImport): string =>
  `import ${row.id}, price file ${row.name}: ${counted(row.rows, 'row')}, beyond a limit in ${row.beyond.join(', ')}, sent by ${row.actor} at ${shownAt(row.createdAt)}; waits for a decision: import approve ${row.id}`
