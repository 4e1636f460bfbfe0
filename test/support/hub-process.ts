import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { EmbeddedOptions } from '../../db/embedded.ts'

/** What the hub's process answered: its server, or why there is none. */
export type HubAnswer = {
  readonly url?: string
  readonly adopted?: boolean
  readonly pid?: number
  readonly said?: readonly string[]
  readonly error?: string
}

export type HubProcess = {
  readonly answer: HubAnswer
  readonly child: ChildProcess
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** Starts `embedded-hub.ts` as a process, as another user when told, and waits for its answer. */
export async function startHub(options: EmbeddedOptions, as: { readonly uid?: number; readonly gid?: number } = {}): Promise<HubProcess> {
  const child = fork(fileURLToPath(new URL('./embedded-hub.ts', import.meta.url)), [JSON.stringify(options)], {
    ...as,
    execArgv: [],
    // A home that another user may not enter must not be where the process begins.
    ...(as.uid === undefined ? {} : { cwd: '/', env: { PATH: process.env.PATH ?? '' } }),
  })
  const ended = once(child, 'exit')
  const [answer] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => [{ error: `the process ended with ${code}` }]),
  ])) as [HubAnswer]
  return {
    answer,
    child,
    stop: async () => {
      // One that was refused its folder is ending by itself, so the message may find nobody.
      if (child.connected) child.send('stop', () => {})
      await ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
