import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { program } from './embedded-binaries.ts'
import { giveTo, type Place } from './embedded-place.ts'

const LOG_MAX = 10 * 1024 * 1024

/** A server that `postmaster.pid` speaks of and that lives. */
export type Living = { readonly pid: number; readonly port: number }

export type Ended = { readonly code: number; readonly output: string }

/** Runs one of PostgreSQL's programs as the user that owns the data. Resolves with its exit code; rejects when it cannot run at all. */
export function runProgram(place: Place, name: 'initdb' | 'pg_ctl', args: readonly string[]): Promise<Ended> {
  const path = program(place.binaries, name)
  const { account } = place
  return new Promise((resolve, reject) => {
    const child = execFile(
      path,
      [...args],
      {
        cwd: place.home,
        env: environment(),
        windowsHide: true,
        ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
      },
      (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`.trim()
        if (error === null) return resolve({ code: 0, output })
        if (typeof error.code === 'number') return resolve({ code: error.code, output })
        const hint = error.code === 'ENOENT' && existsSync(path) ? ' (these programs need glibc; on Alpine set DATABASE_URL instead)' : ''
        reject(new Error(`cannot run ${path}: ${error.message}${hint}`, { cause: error }))
      },
    )
    child.stdin?.end()
  })
}

/**
 * The living server of this data folder, or null. A `postmaster.pid` that was left behind is no server, even when its number now belongs
 * to another program (containers hand out the same few numbers again); such a file is removed, or PostgreSQL itself would not start.
 */
export async function findLiving(place: Place): Promise<Living | null> {
  const file = `${place.data}/postmaster.pid`
  const lines = await readFile(file, 'utf8').then(
    text => text.split('\n'),
    error => {
      if (error.code === 'ENOENT') return []
      throw new Error(`cannot read ${file}: ${error.message}; start concord as the user who owns ${place.home}`, { cause: error })
    },
  )
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return null
  if (!isAlive(pid)) return null
  if (!(await isPostmaster(pid, place.data))) {
    await rm(file, { force: true })
    return null
  }
  return { pid, port: Number(lines[3]) }
}

/** Starts the server, detached from us, and waits until it takes connections. Where it does not come up, `output` is what it wrote to its log. */
export async function startServer(place: Place, port: number, settings: Readonly<Record<string, string | number>>): Promise<Ended> {
  const logged = await prepareLog(place)
  const flags = Object.entries({ listen_addresses: '127.0.0.1', unix_socket_directories: '', port, ...settings }).map(
    ([name, value]) => `-c ${name}=${value}`,
  )
  const ended = await runProgram(place, 'pg_ctl', ['start', '-w', '-t', '60', '-D', place.data, '-l', place.log, '-o', flags.join(' ')])
  return ended.code === 0
    ? ended
    : { code: ended.code, output: (await readFile(place.log)).subarray(logged).toString().trim() || ended.output }
}

/** Stops the server; `fast` ends its sessions in good order, `immediate` is a crash in all but name. */
export async function stopServer(place: Place, mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
  const ended = await runProgram(place, 'pg_ctl', ['stop', '-w', '-t', '60', '-m', mode, '-D', place.data])
  if (ended.code !== 0 && (await findLiving(place)) !== null) {
    throw new Error(`PostgreSQL in ${place.data} did not stop: ${ended.output}`)
  }
}

/** A free port of the loopback: the wished one where it is free, so that the address stays the same from start to start. */
export async function freePort(wish = 0): Promise<number> {
  const port = await new Promise<number | null>(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(null))
    probe.listen({ host: '127.0.0.1', port: wish, exclusive: true }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
    })
  })
  if (port !== null) return port
  if (wish === 0) throw new Error('no free port on 127.0.0.1')
  return freePort()
}

/** Resolves with the size of the log so far, bytes. */
async function prepareLog(place: Place): Promise<number> {
  if (existsSync(place.log) && (await stat(place.log)).size > LOG_MAX) await rename(place.log, `${place.log}.1`)
  const file = await open(place.log, 'a', 0o600)
  await file.close()
  await giveTo(place.account, place.log)
  return (await stat(place.log)).size
}

/** Ours would steer the server: a stray PGDATA, PGPORT or locale of the shell. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_') && name !== 'LANG')
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether a process is the server of this data folder, by its command line. */
async function isPostmaster(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'win32') return true // No cheap way to ask; pg_ctl judges there.
  const command = existsSync('/proc/self/cmdline')
    ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') // Gone meanwhile.
    : await new Promise<string>(resolve => execFile('ps', ['-o', 'command=', '-p', String(pid)], (_, stdout) => resolve(stdout)))
  return command.includes('postgres') && command.includes(data)
}
