import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../../db/embedded-control.ts'

export type RedisServer = {
  readonly url: string
  readonly port: number
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
}

/** Starts a Redis of our own on the loopback, with nothing kept on disk. `port` brings one back at its old address after `kill`. */
export async function startRedis(program: string, dir: string, port?: number): Promise<RedisServer> {
  mkdirSync(dir, { recursive: true })
  const chosen = port ?? (await freePort())
  const child = spawn(
    program,
    [
      '--port',
      String(chosen),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      dir,
      '--pidfile',
      join(dir, `redis-${chosen}.pid`),
    ],
    { stdio: 'ignore' },
  )
  await untilOpen(chosen, child)
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  }
}

async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; ) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`redis-server does not answer on port ${port}`, { cause: error })
      await wait(20)
    } finally {
      socket.destroy()
    }
  }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
