import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export type LaneProcess = {
  /** As which it holds leases, and names itself in each of its calls (`x-lane`). */
  readonly owner: string
  readonly kill: () => Promise<void>
  readonly ended: Promise<unknown>
  /** It kills itself at this point of its next push. */
  readonly dieAt: (point: string) => void
  /** Stops it as a whole (SIGSTOP) and lets it go on (SIGCONT). */
  readonly freeze: () => void
  readonly thaw: () => void
}

/** Lanes in a process of their own, with the database's address and the keyring. It is killed when the test ends. */
export async function startLaneProcess(url: string, secret: string, env: Readonly<Record<string, string>> = {}): Promise<LaneProcess> {
  const owner = `lane-${randomBytes(4).toString('hex')}`
  const path = fileURLToPath(new URL('./lane-child.ts', import.meta.url))
  const child = fork(path, [url, secret, owner], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  if (child.stdout) await once(child.stdout, 'data')
  return {
    owner,
    kill,
    ended,
    dieAt: point => void child.send(point),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}
