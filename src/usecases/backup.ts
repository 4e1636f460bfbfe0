import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { backupLines, backupTables, connectedPrograms, migrationNames } from '../../db/backup.ts'
import { dropStaged, filledTables, stageBackup, switchToStaged } from '../../db/restore.ts'
import { Fault } from '../values/fault.ts'
import { seal, unsealText } from '../values/sealed.ts'
import type { Context } from './context.ts'

/** What a backup says of itself in its first line. */
type Head = { readonly format: number; readonly release: string; readonly createdAt: string }
/** What its last line says: how many lines there are, their SHA-256, and the same sealed with the installation's key. */
type Foot = { readonly lines: number; readonly sha256: string; readonly seal: string }

export type BackupFacts = Head & { readonly lines: number; readonly migrations: readonly string[]; readonly tables: readonly string[] }

const FORMAT = 1
const HEAD = '#concord-backup\t'
const FOOT = '#end\t'
const PIECE = 256 * 1024

/**
 * The hub as lines of text, from one snapshot: a first line that says what it is, a line for each row, and a last line that seals it. What
 * is encrypted in the database stays encrypted. The context's connection must have no statement time-out.
 */
export async function* backup(
  context: Context,
  release: string,
  now: Date,
  onLines: (lines: number) => void = () => {},
): AsyncGenerator<Buffer> {
  const head: Head = { format: FORMAT, release, createdAt: now.toISOString() }
  const hash = createHash('sha256')
  const first = Buffer.from(`${HEAD}${JSON.stringify(head)}\n`)
  hash.update(first)
  yield first
  let lines = 1
  const rows = await backupLines(context.sql, await backupTables(context.sql))
  for await (const piece of rows as AsyncIterable<Buffer>) {
    hash.update(piece)
    for (const byte of piece) if (byte === 10) lines++
    onLines(lines)
    yield piece
  }
  const sha256 = hash.digest('hex')
  const foot: Foot = { lines, sha256, seal: Buffer.from(await seal(context.keyring, 'backup', sha256)).toString('base64') }
  yield Buffer.from(`${FOOT}${JSON.stringify(foot)}\n`)
}

/**
 * Reads a backup to its end and answers what it is.
 * @throws Fault invalid when it is no backup, is cut short, was changed, or was made with other keys.
 */
export async function verifyBackup(context: Context, source: () => AsyncIterable<Uint8Array>): Promise<BackupFacts> {
  const hash = createHash('sha256')
  const facts = { migrations: [] as string[], tables: [] as string[] }
  let head: Head | null = null
  let foot: Foot | null = null
  let lines = 0
  for await (const batch of lineBatches(source())) {
    for (const line of batch) {
      if (foot !== null) throw damaged('there is more after its last line')
      if (line.startsWith(FOOT)) {
        foot = readJson<Foot>(line.slice(FOOT.length))
        continue
      }
      lines++
      hash.update(line).update('\n')
      if (lines === 1) head = readHead(line)
      else if (line.startsWith('#migration\t')) facts.migrations.push(line.slice('#migration\t'.length))
      else if (line.startsWith('#table\t')) facts.tables.push(line.slice('#table\t'.length))
    }
  }
  if (head === null || foot === null) throw damaged('it is cut short')
  const sha256 = hash.digest('hex')
  if (foot.lines !== lines || foot.sha256 !== sha256) throw damaged('its content does not match its checksum')
  if ((await openSeal(context, foot.seal)) !== sha256) throw damaged('its seal does not match its content')
  return { ...head, lines, migrations: facts.migrations.sort(), tables: facts.tables }
}

/**
 * Restores a backup into this database, which must have the same migrations: all of it or nothing. Refuses one that holds anything unless
 * `overwrite`, and one that a program of ours is connected to. The source is read twice.
 * @throws Fault invalid (not a sound backup, other migrations), conflict (not empty, in use).
 */
export async function restore(context: Context, source: () => AsyncIterable<Uint8Array>, overwrite: boolean): Promise<BackupFacts> {
  const facts = await verifyBackup(context, source)
  await refuseOtherSchema(context, facts)
  const users = await connectedPrograms(context.sql)
  if (users.length > 0) throw new Fault('conflict', `stop the hub first: ${users.join(', ')} uses this database`, { value: users })
  const tables = await backupTables(context.sql)
  if (!overwrite) refuseFilled(await filledTables(context.sql, tables))
  try {
    await stageBackup(context.sql, Readable.from(rowsOf(source())))
    if (!(await switchToStaged(context.sql, tables, overwrite))) refuseFilled(await filledTables(context.sql, tables))
  } catch (error) {
    await dropStaged(context.sql)
    throw error
  }
  return facts
}

async function refuseOtherSchema(context: Context, facts: BackupFacts): Promise<void> {
  const ours = (await migrationNames(context.sql)).join(', ')
  const theirs = facts.migrations.join(', ')
  const columns = (await backupTables(context.sql))
    .map(table => `${table.name}:${table.columns.join(',')}`)
    .sort()
    .join('\n')
  if (ours !== theirs || columns !== [...facts.tables].sort().join('\n')) {
    throw new Fault(
      'invalid',
      `the backup is of release ${facts.release} (${theirs}), this database has ${ours}: restore it with that release, then migrate`,
      {
        field: 'migrations',
        value: theirs,
        expected: ours,
      },
    )
  }
}

function refuseFilled(filled: readonly string[]): void {
  if (filled.length === 0) return
  throw new Fault(
    'conflict',
    `this database is not empty (${filled.slice(0, 5).join(', ')}${filled.length > 5 ? ', …' : ''}): restore into an empty one, or pass --force to replace all of it`,
    {
      value: filled,
    },
  )
}

/** The lines that COPY takes: all but the first and the last, which are ours. */
async function* rowsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const batch of lineBatches(bytes)) {
    const rows = batch.filter(line => !line.startsWith(HEAD) && !line.startsWith(FOOT))
    if (rows.length > 0) yield Buffer.from(`${rows.join('\n')}\n`)
  }
}

/** Whole lines, some hundred kilobytes of them at a time. A last line without its end counts as one: the checksum judges it. */
async function* lineBatches(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of bytes) {
    pieces.push(piece)
    size += piece.length
    const end = piece.lastIndexOf(10)
    if (end < 0 || size < PIECE) continue
    const all = Buffer.concat(pieces)
    const cut = all.lastIndexOf(10)
    yield all.subarray(0, cut).toString('utf8').split('\n')
    pieces = [all.subarray(cut + 1)]
    size = all.length - cut - 1
  }
  const rest = Buffer.concat(pieces).toString('utf8')
  if (rest !== '') yield rest.replace(/\n$/, '').split('\n')
}

function readHead(line: string): Head {
  if (!line.startsWith(HEAD)) throw new Fault('invalid', 'this file is no backup of Concord', { field: 'file' })
  const head = readJson<Head>(line.slice(HEAD.length))
  if (head.format !== FORMAT)
    throw new Fault('invalid', `the backup has format ${head.format}, this release reads ${FORMAT}: use a newer release`, { field: 'file' })
  return head
}

async function openSeal(context: Context, sealed: string): Promise<string> {
  try {
    return await unsealText(context.keyring, 'backup', Buffer.from(sealed, 'base64'))
  } catch (error) {
    const words =
      error instanceof Error && error.message.includes('CONCORD_KEYS')
        ? `it is ${error.message}: without that key its credentials cannot be read either`
        : 'it was sealed with another key than this hub has, or was changed. Put the keys of the hub that wrote it into CONCORD_KEYS, or its file .concord/keys here'
    throw damaged(words)
  }
}

function readJson<Shape>(text: string): Shape {
  try {
    return JSON.parse(text) as Shape
  } catch {
    throw damaged('a line of ours in it cannot be read')
  }
}

const damaged = (why: string): Fault => new Fault('invalid', `the backup cannot be trusted: ${why}`, { field: 'file' })
