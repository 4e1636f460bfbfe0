import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, inject, test } from 'vitest'
import { packageRoot } from '../../db/root.ts'

/** Reference material beside the project, or null. Nothing in it is copied into the project. */
export function sharedPath(path: string): string | null {
  const full = join(packageRoot(), '..', 'shared', path)
  return existsSync(full) ? full : null
}

/**
 * A suite that needs something the machine may not have. Where `thing` is null the suite is left out, by name: its title says what it
 * needs, and the closing lines of the run repeat it.
 *
 *     suiteWith('Redis', inject('provided').redisUrl, 'the queue on Redis', url => { test(…) })
 */
export function suiteWith<Thing>(need: string, thing: Thing | null, title: string, tests: (thing: Thing) => void): void {
  if (thing !== null) describe(title, () => tests(thing))
  else describe.skip(`${title} [needs ${need}]`, () => test('is left out on this machine', () => {}))
}

export const redisUrl = (): string | null => inject('provided').redisUrl
export const chromium = (): string | null => inject('provided').chromium
