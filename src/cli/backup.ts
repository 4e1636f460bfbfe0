import { constants, createReadStream, createWriteStream, existsSync } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { backup, restore } from '../usecases/backup.ts'
import { Fault } from '../values/fault.ts'
import type { Call, Command, ExitCode } from './command.ts'
import { counted } from './counted.ts'
import { shownAt } from './instants.ts'
import { progressOn } from './terminal.ts'

const about = { takes: [1, 1], database: 'migrated', isLong: true } as const

/** `backup`, `restore`. */
export const backupCommands: readonly Command[] = [
  {
    name: 'backup',
    usage: 'FILE',
    summary: 'Write the whole hub to a file, from one snapshot, while it runs',
    details: `Credentials, messages and personal data stay encrypted in it: keep CONCORD_KEYS (or .concord/keys) in another place, and keep
it, because without it they cannot be read and the file cannot be restored. Logins and the jobs that wait are left out.`,
    examples: ['backup concord-2026-11-22.backup'],
    ...about,
    run: write,
  },
  {
    name: 'restore',
    usage: 'FILE [--force]',
    summary: 'Put a backup into an empty database of the same release: all of it or nothing',
    details: `The hub must be stopped. --force replaces everything that is in the database. After it, every channel is compared as a whole,
and orders since the backup are read again from the platforms; what was done by hand since then has to be done again.`,
    examples: ['restore concord-2026-11-22.backup', 'restore concord-2026-11-22.backup --force'],
    options: { force: { type: 'boolean' } },
    ...about,
    run: read,
  },
]

async function write(call: Call): Promise<ExitCode> {
  const file = call.args[0] ?? ''
  // An older backup is never replaced by accident.
  if (existsSync(file)) throw new Fault('conflict', `${file} is there already: choose another name`, { field: 'file', value: file })
  const draft = `${file}.part`
  const progress = progressOn(call.terminal)
  let lines = 0
  const source = backup(call.context, call.wiring.release, call.wiring.now(), count => {
    lines = count
    progress.at('written', count, null)
  })
  try {
    await pipeline(Readable.from(source), createGzip(), createWriteStream(draft, { mode: 0o600 }))
    await rename(draft, file)
  } finally {
    progress.end()
    await rm(draft, { force: true })
  }
  call.answer(
    { file, lines },
    `${file}: ${counted(lines, 'line')}. Without the keys (CONCORD_KEYS or .concord/keys) it cannot be restored: keep them apart from it.`,
  )
  return 0
}

async function read(call: Call): Promise<ExitCode> {
  const file = call.args[0] ?? ''
  try {
    await access(file, constants.R_OK)
  } catch {
    throw new Fault('not_found', `there is no file ${file} that can be read`, { field: 'file', value: file })
  }
  const facts = await restore(call.context, () => unpacked(file), call.flag('force'))
  call.answer(
    { ...facts, tables: facts.tables.length },
    `Restored ${counted(facts.lines, 'line')} of ${shownAt(facts.createdAt)}, written by release ${facts.release}.`,
  )
  return 0
}

async function* unpacked(file: string): AsyncGenerator<Uint8Array> {
  const packed = createReadStream(file)
  const plain = createGunzip()
  packed.once('error', error => plain.destroy(error))
  packed.pipe(plain)
  try {
    for await (const piece of plain) yield piece as Uint8Array
  } catch (error) {
    const isDamage = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
    throw isDamage
      ? new Fault('invalid', `the backup cannot be trusted: ${file} is cut short, damaged or no backup`, { field: 'file', value: file })
      : error
  } finally {
    packed.destroy()
  }
}
