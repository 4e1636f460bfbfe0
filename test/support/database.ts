import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { close, connect, type Sql } from '../../db/connect.ts'
import { TEMPLATE } from './provided.ts'

export type TestDatabase = { readonly url: string; readonly sql: Sql; readonly drop: () => Promise<void> }

export type DatabaseOptions = {
  /** Most connections of `sql`; 10 unless told. */
  readonly max?: number
  /** Without tables: for tests of the migrations themselves. */
  readonly empty?: boolean
}

const open = new Set<TestDatabase>()

/**
 * A database of the test's own, migrated, at the price of 50 ms. Call it in `beforeAll` or at the top of the file; it is dropped when the
 * file ends, with or without a `drop()`.
 */
export async function freshDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const { postgresUrl, databaseTrouble } = inject('provided')
  if (databaseTrouble !== null && !options.empty) throw new Error(`no database for tests: ${databaseTrouble}`)
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(postgresUrl, server => server`create database ${server(name)} template ${server(options.empty ? 'template0' : TEMPLATE)}`)
  const url = new URL(postgresUrl)
  url.pathname = `/${name}`
  const sql = connect(url.href, { name: 'test', ...(options.max === undefined ? {} : { max: options.max }) })
  const database: TestDatabase = {
    url: url.href,
    sql,
    drop: async () => {
      if (!open.delete(database)) return
      await close(sql, 1)
      await onServer(postgresUrl, server => server`drop database if exists ${server(name)} with (force)`)
    },
  }
  open.add(database)
  return database
}

/** Drops what the file has not dropped itself. */
export async function dropAll(): Promise<void> {
  await Promise.all([...open].map(database => database.drop()))
}

async function onServer(url: string, act: (server: Sql) => Promise<unknown>): Promise<void> {
  const server = connect(url, { max: 1, name: 'test-databases' })
  try {
    await act(server)
  } finally {
    await close(server, 1)
  }
}
