import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../db/root.ts'

/** The hub as operators run it, in a process of its own, so that it can be killed. */
export type HubProcess = {
  /** Starts it and waits until it is ready. Does nothing when it runs. */
  readonly start: () => Promise<void>
  /** kill -9, then waits until it is gone. */
  readonly kill: () => Promise<void>
  /** Ends it in good order. */
  readonly stop: () => Promise<void>
}

export type HubProcessOptions = {
  readonly port: number
  readonly logFile: string
  /** Holds the number of the process while it runs, for `endOrphan`. */
  readonly pidFile: string
  readonly environment: Readonly<Record<string, string>>
}

/** The built program, also when we run from the sources: pages are JSX, which Node does not run as it is. */
const PROGRAM = import.meta.url.endsWith('.ts')
  ? join(packageRoot(), 'dist/src/main.js')
  : fileURLToPath(new URL('../../main.js', import.meta.url))
const START_MS = 30_000
const STOP_MS = 12_000

/** A hub that is not started yet. It always listens at the same port, as the platforms know its address. */
export function makeHubProcess({ port, logFile, pidFile, environment }: HubProcessOptions): HubProcess {
  let child: ChildProcess | null = null

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    child = null
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill(signal)
    const late = new AbortController()
    const isLate = wait(STOP_MS, true, { signal: late.signal }).catch(() => false)
    if (await Promise.race([ended.then(() => false), isLate])) ending.kill('SIGKILL')
    late.abort()
    await ended
  }

  return {
    start: async () => {
      if (child !== null && child.exitCode === null && child.signalCode === null) return
      const out = await open(logFile, 'a', 0o600)
      try {
        child = spawn(process.execPath, [PROGRAM, '--no-demo'], {
          stdio: ['ignore', out.fd, out.fd],
          // In a session of its own, so that Ctrl-C at the terminal reaches us only, and we end it in good order.
          detached: true,
          env: { ...plainEnvironment(), ...environment, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
        })
      } finally {
        await out.close()
      }
      await writeFile(pidFile, String(child.pid ?? ''))
      await untilReady(child, port, logFile)
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}

/** Ends the hub of a replay that was itself killed, if it still runs. A number that was left behind may be another program's by now. */
export async function endOrphan(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 1) return
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (command.includes(PROGRAM)) process.kill(pid, 'SIGKILL')
}

/** The hub gets its settings from us alone: what our own environment says of databases and addresses is of another hub. */
function plainEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_OPTIONS'].flatMap(name => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(kept), NODE_NO_WARNINGS: '1' }
}

async function untilReady(child: ChildProcess, port: number, logFile: string): Promise<void> {
  let failure: Error | null = null
  child.once('error', error => {
    failure = error
  })
  for (const end = Date.now() + START_MS; ; await wait(50)) {
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      answer => answer.ok,
      () => false,
    )
    if (isReady) return
    // Killed while it started: whoever did that starts it again.
    if (child.signalCode === 'SIGKILL') return
    if (failure !== null || child.exitCode !== null || child.signalCode !== null || Date.now() > end)
      throw new Error(`the hub does not start: ${(await readFile(logFile, 'utf8')).trim().slice(-2000) || 'it does not answer'}`, {
        cause: failure,
      })
  }
}
