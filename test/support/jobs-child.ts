// All jobs of a hub in a process of their own, to be killed: the database's address, the keyring, its name, its public address and an SMTP server are its arguments. It begins
// with the first message, which says where it dies: `NAME` (before a statement that holds this is sent), `NAME~` (while that is under way), `NAME!` (once it has done something).
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import { pino } from 'pino'
import { connectorOf } from '../../connectors/registry.ts'
import { connect, type Sql } from '../../db/connect.ts'
import { startLanes } from '../../jobs/worker.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { die } from './dying-sql.ts'

/** Time for a statement to reach the server before the process is gone. */
const UNDER_WAY_MS = 2

const [url = '', keyring = '', owner = '', publicUrl = '', smtp = ''] = process.argv.slice(2)

/** A statement of the library, which every connection to the database sends as its own, also those beside the pool. */
type Statement = {
  readonly executed: boolean
  readonly strings: readonly string[]
  readonly args: readonly unknown[]
  handle: () => Promise<void>
  resolve: (rows: unknown) => void
}

function dieAt(point: string, sql: Sql): void {
  const name = point.replace(/[~!]$/, '')
  if (name === '') return
  const statements = Object.getPrototypeOf(sql`select 1`) as Statement
  const { handle } = statements
  statements.handle = function (this: Statement) {
    if (!this.executed && textOf(this.strings, this.args).includes(name)) {
      const { resolve } = this
      if (name === point) die()
      else if (point.endsWith('!')) this.resolve = rows => (did(rows) ? die() : resolve(rows))
      else setTimeout(die, UNDER_WAY_MS)
    }
    return handle.call(this)
  }
}

/** A statement with the names that were put into it. */
const textOf = (parts: readonly unknown[], values: readonly unknown[]): string =>
  parts.map((part, at) => `${part}${String((values[at] as { value?: unknown } | null | undefined)?.value ?? '?')}`).join('')

/** Rows were written, or a function answered other than that there was nothing to do. */
function did(rows: unknown): boolean {
  const [row] = rows as readonly Readonly<Record<string, unknown>>[]
  if (row === undefined) return Number((rows as { count?: number }).count) > 0
  return Object.values(row).some(value => value !== 0 && value !== null)
}

// Whoever started it may end without killing it.
process.on('disconnect', () => process.exit())
flushCompileCache()
process.stdout.write('started\n')
const [point] = await once(process, 'message')
const sql = connect(url, { name: owner })
dieAt(String(point), sql)
startLanes({
  ...{ sql, keyring: await readKeyring(keyring), connectorOf, owner },
  log: pino({ level: process.env.CONCORD_TEST_LOG ?? 'silent' }),
  random: Math.random,
  publicUrl,
  telling: { toPrivate: true, smtp: { url: smtp, from: 'hub@example.org' } },
})
