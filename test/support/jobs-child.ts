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

function mortal(sql: Sql, point: string): Sql {
  const name = point.replace(/[~!]$/, '')
  return new Proxy(sql, {
    apply: (target, self, args: unknown[]) => {
      const [first] = args
      const isIt = name !== '' && Array.isArray(first) && 'raw' in first && textOf(first, args.slice(1)).includes(name)
      if (isIt && name === point) die()
      const query = Reflect.apply(target, self, args) as Promise<unknown> & { execute: () => unknown }
      if (!isIt) return query
      if (point.endsWith('!')) return query.then(rows => (did(rows) ? die() : rows))
      query.execute()
      setTimeout(die, UNDER_WAY_MS)
      return query
    },
  })
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
startLanes({
  ...{ sql: mortal(connect(url, { name: owner }), String(point)), keyring: await readKeyring(keyring), connectorOf, owner },
  log: pino({ level: process.env.CONCORD_TEST_LOG ?? 'silent' }),
  random: Math.random,
  publicUrl,
  telling: { toPrivate: true, smtp: { url: smtp, from: 'hub@example.org' } },
})
