import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { packageRoot } from '../../db/root.ts'

/** Longer than any build takes: a lock this old was left by a run that was killed. */
const STALE_MS = 120_000

let building: Promise<string> | null = null

/**
 * Builds the programs into `dist/`, as `npm start` does, and answers that folder. For tests of the real programs as processes: pages are JSX,
 * which Node does not run from the sources. Test files run side by side, so one builds at a time; whoever comes later has nothing left to do.
 */
export function builtPrograms(): Promise<string> {
  building ??= build()
  return building
}

async function build(): Promise<string> {
  const dist = join(packageRoot(), 'dist')
  const lock = join(dist, '.building')
  await mkdir(dist, { recursive: true })
  for (;;) {
    try {
      await mkdir(lock)
      break
    } catch {
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
      if (Date.now() - since > STALE_MS) await rm(lock, { recursive: true, force: true })
      else await wait(100)
    }
  }
  try {
    const compiler = join(packageRoot(), 'node_modules/typescript/bin/tsc')
    // Types are a check of their own.
    await promisify(execFile)(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--noCheck'], {
      cwd: packageRoot(),
      maxBuffer: 1024 * 1024,
    })
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
  return dist
}
