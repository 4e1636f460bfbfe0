import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

export type Run = {
  readonly folder: string
  /** Program and arguments, for Node. */
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly logFile: string
  readonly signal: AbortSignal
}

const START_MS = 120_000
const STOP_MS = 10_000

/** Runs a peer's program to its end. @throws Error with the end of its log when it fails. */
export async function run(options: Run): Promise<void> {
  const child = await begin(options)
  const [code] = (await once(child, 'exit')) as [number | null]
  options.signal.throwIfAborted()
  if (code !== 0) throw new Error(`${options.args.join(' ')} ended with ${code}: ${await endOf(options.logFile)}`)
}

/** Starts a peer's program, waits until the address answers, and answers what stops it. @throws Error with the end of its log. */
export async function serve(options: Run, address: string): Promise<() => Promise<void>> {
  const child = await begin(options)
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(late)
  }
  try {
    for (const end = Date.now() + START_MS; ; await wait(100, undefined, { signal: options.signal })) {
      const answers = await fetch(address).then(
        response => response.ok,
        () => false,
      )
      if (answers) return stop
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > end)
        throw new Error(`${options.folder} does not start: ${await endOf(options.logFile)}`)
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Its input is a pipe from us, by whose end it notices when we are killed. */
async function begin({ folder, args, environment, logFile, signal }: Run): Promise<ChildProcess> {
  signal.throwIfAborted()
  const log = await open(logFile, 'a', 0o600)
  try {
    return spawn(process.execPath, ['--import', './end-with-parent.mjs', ...args], {
      cwd: folder,
      stdio: ['pipe', log.fd, log.fd],
      // In a session of its own, so that Ctrl-C reaches us alone, and we end it in good order.
      detached: true,
      env: { ...kept(), ...environment, NODE_ENV: 'production', NODE_NO_WARNINGS: '1' },
    })
  } finally {
    await log.close()
  }
}

/** A peer gets its settings from us alone. */
function kept(): Record<string, string> {
  return Object.fromEntries(['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap(name => (process.env[name] ? [[name, process.env[name]]] : [])))
}

async function endOf(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8').catch(() => '')).trim().slice(-2000)
}
