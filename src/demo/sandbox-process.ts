import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { SandboxesConfig } from '../../connectors/sandbox-config.ts'
import { openSandboxes, type RemoteSandboxes } from '../../connectors/sandbox-remote.ts'
import { isFree, makeSandboxFolder, moveToFreePort, readSandboxFolder } from './sandbox-folder.ts'

export type SandboxProcess = {
  readonly address: string
  readonly config: SandboxesConfig
  readonly remote: RemoteSandboxes
  /** True when a process that outlived its hub was taken over. */
  readonly adopted: boolean
  /** Starts it again whenever it died or does not answer any more; `onRevived` is told afterwards. */
  readonly watch: (onRevived: () => Promise<void>) => void
  /** Ends the process in good order; its state stays. */
  readonly stop: () => Promise<void>
}

const START_MS = 15_000
const STOP_MS = 3_000
const LOOK_MS = 1_000
const ANSWER_MS = 2_000
/** So many looks in a row without an answer count as dead: a busy machine may miss one. */
const MISSED_MAX = 3

/**
 * Brings up the process that plays the platforms, with its durable state in `folder`: adopts the one that still runs, else starts it. `anew`
 * ends it and throws its state away first.
 * @throws Error when it does not come up, with the end of its log.
 */
export async function startSandboxes(folder: string, anew: boolean, log: Logger): Promise<SandboxProcess> {
  if (anew) {
    await endProcess(folder)
    await rm(folder, { recursive: true, force: true })
  }
  let config = (await readSandboxFolder(folder)) ?? (await makeSandboxFolder(folder))
  let remote = openSandboxes(addressOf(config), config.token)
  const adopted = await isAlive(remote)
  if (!adopted) {
    await endProcess(folder)
    if (!(await isFree(config.port))) {
      await remote.close()
      config = await moveToFreePort(folder, config)
      remote = openSandboxes(addressOf(config), config.token)
    }
    await launch(folder, remote)
  }

  const ending = new AbortController()
  let watching = Promise.resolve()
  const watch = async (onRevived: () => Promise<void>): Promise<void> => {
    for (let missed = 0; !ending.signal.aborted; ) {
      await wait(LOOK_MS, undefined, { signal: ending.signal }).catch(() => {})
      if (ending.signal.aborted || (await isAlive(remote))) missed = 0
      else if (isRunning(await pidOf(folder)) && ++missed < MISSED_MAX) continue
      else {
        log.warn('the sandboxes do not answer: they are started again')
        try {
          await endProcess(folder)
          await launch(folder, remote)
          await onRevived()
        } catch (error) {
          log.error({ err: error }, 'the sandboxes could not be started again; trying once more')
        }
      }
    }
  }
  return {
    ...{ address: addressOf(config), config, remote, adopted },
    watch: onRevived => {
      watching = watch(onRevived)
    },
    stop: async () => {
      ending.abort()
      await watching
      await endProcess(folder)
      await remote.close()
    },
  }
}

const addressOf = (config: SandboxesConfig): string => `http://127.0.0.1:${config.port}`

async function launch(folder: string, remote: RemoteSandboxes): Promise<void> {
  // The sources run as they are on our Node, the built program as JavaScript: the sandboxes are of the same kind as we are.
  const program = fileURLToPath(new URL(`../../connectors/sandboxes${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))
  const path = join(folder, 'sandboxes.log')
  const out = await open(path, 'w', 0o600)
  try {
    // In a session of its own, so that Ctrl-C at the terminal reaches us only, and we end it in good order.
    const child = spawn(process.execPath, [program, folder], { detached: true, stdio: ['ignore', out.fd, out.fd], env: plainEnvironment() })
    child.unref()
    const failed = new Promise<never>((_, reject) => child.once('error', reject))
    failed.catch(() => {}) // Heard below while we wait; afterwards the watch sees whether it lives.
    await Promise.race([failed, writeFile(pidFile(folder), String(child.pid), { mode: 0o600 })])
    const until = Date.now() + START_MS
    while (!(await Promise.race([failed, isAlive(remote)]))) {
      if (child.exitCode !== null || Date.now() > until)
        throw new Error(`the sandboxes do not start: ${(await readFile(path, 'utf8')).trim().slice(-2000) || 'they do not answer'}`)
      await wait(50)
    }
  } finally {
    await out.close()
  }
}

/** What the sandboxes need; the hub's secrets are none of their business. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'SYSTEMROOT', 'TEMP']
  return { ...Object.fromEntries(kept.map(name => [name, process.env[name]])), NODE_NO_WARNINGS: '1' }
}

async function isAlive(remote: RemoteSandboxes): Promise<boolean> {
  return remote.health(ANSWER_MS).then(
    () => true,
    () => false,
  )
}

const pidFile = (folder: string): string => join(folder, 'sandboxes.pid')

/** The process of this folder, or null. A number that was left behind may be another program's by now. */
async function pidOf(folder: string): Promise<number | null> {
  const pid = existsSync(pidFile(folder)) ? Number(await readFile(pidFile(folder), 'utf8')) : 0
  if (!Number.isInteger(pid) || pid <= 1 || !isRunning(pid)) return null
  const command = existsSync('/proc/self/cmdline') ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : `sandboxes${folder}`
  return command.includes('sandboxes') && command.includes(folder) ? pid : null
}

function isRunning(pid: number | null): boolean {
  if (pid === null) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function endProcess(folder: string): Promise<void> {
  const pid = await pidOf(folder)
  if (pid !== null) {
    process.kill(pid, 'SIGTERM')
    const until = Date.now() + STOP_MS
    while (isRunning(await pidOf(folder)) && Date.now() < until) await wait(20)
    if (isRunning(await pidOf(folder))) process.kill(pid, 'SIGKILL')
    while (isRunning(await pidOf(folder)) && Date.now() < until + STOP_MS) await wait(20)
  }
  await rm(pidFile(folder), { force: true })
}
