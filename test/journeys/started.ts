import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { packageRoot } from '../../db/root.ts'

/** A copy of the program in a folder of its own, as a clone would be after `npm ci`. */
export type Copy = { readonly folder: string; readonly home: string; readonly remove: () => Promise<void> }

const PARTS = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', 'connectors', 'jobs', 'db']

export async function copyProgram(): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), 'concord-start-'))
  await chmod(folder, 0o711) // As root, PostgreSQL runs as another user, who must get through.
  for (const part of PARTS) await cp(join(packageRoot(), part), join(folder, part), { recursive: true })
  await symlink(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'))
  return { folder, home: join(folder, 'home'), remove: () => rm(folder, { recursive: true, force: true }) }
}

export type Started = {
  /** All that it wrote to the terminal so far. */
  readonly said: () => string
  /** What `npm start` tells the person: resolves with the address once it answers. */
  readonly url: Promise<string>
  /** To npm and all that it started in its session, as a terminal's Ctrl-C or a power cut. Resolves when npm has ended. */
  readonly signal: (name: 'SIGINT' | 'SIGKILL') => Promise<void>
  readonly isRunning: () => boolean
}

/** Runs `npm start` as a person would. */
export function npmStart({ folder, home }: Copy, env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn('npm', ['start'], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...plain(), CONCORD_HOME: home, ...env },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  const ended = once(child, 'exit')
  return { said: () => text, url: address(child, () => text), signal: name => end(child, ended, name), isRunning: () => isGroup(child) }
}

function address(child: ChildProcess, said: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const found = /open at {2}(http\S+)/.exec(said())?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout?.on('data', look)
    child.once('exit', code => reject(new Error(`npm start ended with ${code}: ${said()}`)))
  })
}

async function end(child: ChildProcess, ended: Promise<unknown>, name: 'SIGINT' | 'SIGKILL'): Promise<void> {
  if (isGroup(child)) process.kill(-(child.pid ?? 0), name)
  await ended
}

/** Whether anything of the session lives: npm, its shell, the hub. */
function isGroup(child: ChildProcess): boolean {
  return child.pid !== undefined && isAlive(-child.pid)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The shell's environment without what the test run or a developer has set for Concord, npm and Node. */
function plain(): NodeJS.ProcessEnv {
  const ours = /^(CONCORD_|VITEST|npm_|NODE_|TEST$|DATABASE_URL$|REDIS_URL$|PUBLIC_URL$|PORT$|HOST$|LOG_LEVEL$|TRUST_PROXY$)/
  // Without the project's own programs on the PATH: npm itself must bring the right Node, whatever the shell's is.
  const path = (process.env.PATH ?? '').split(delimiter).filter(folder => !folder.includes('node_modules'))
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))), PATH: path.join(delimiter) }
}
