import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export type JobsProcess = {
  /** Begins with all jobs, and dies at that point (see `jobs-child.ts`); empty: nowhere. */
  readonly begin: (point?: string) => void
  readonly kill: () => Promise<void>
  readonly ended: Promise<unknown>
}

/** A process that is ready to do all jobs of a hub, once it is told to. It is killed when the test ends. */
export async function readyJobsProcess(url: string, secret: string, publicUrl: string, smtp: string): Promise<JobsProcess> {
  const path = fileURLToPath(new URL('./jobs-child.ts', import.meta.url))
  const owner = `jobs-${randomBytes(4).toString('hex')}`
  const child = fork(path, [url, secret, owner, publicUrl, smtp], { execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  if (child.stdout) await once(child.stdout, 'data')
  return { begin: (point = '') => void child.send(point), kill, ended }
}
