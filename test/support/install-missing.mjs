import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Program and Debian package. Elsewhere the suites that need them are left out, and the closing lines name them. */
const WANTED = [
  ['redis-server', 'redis-server', process.env.REDIS_URL !== undefined],
  ['chromium', 'chromium', false],
]
/** Debian asks this file before it starts a package's service; 101 is "not allowed". We want the programs, not services. */
const POLICY = '/usr/sbin/policy-rc.d'

/** As root on Debian: installs Redis and Chromium when they are missing. A failure is told and not fatal: their suites are then left out by name. */
export async function installMissing() {
  const missing = WANTED.filter(([program, , isGiven]) => !isGiven && !isOnPath(program)).map(([, name]) => name)
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !isOnPath('apt-get')) return
  console.log(`installing ${missing.join(' and ')} for the suites that need them …`)
  const isPolicyOurs = !existsSync(POLICY)
  if (isPolicyOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    aptGet('update', '-qq')
    aptGet('install', '-qq', '-y', '--no-install-recommends', ...missing)
  } catch (error) {
    console.error(`could not install ${missing.join(' and ')}: ${error.message}`)
  } finally {
    if (isPolicyOurs) rmSync(POLICY, { force: true })
  }
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const ended = spawnSync('apt-get', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 10 * 60_000 })
  if (ended.status !== 0)
    throw new Error(`apt-get ${args[0]}: ${ended.error?.message ?? ended.stderr.trim().split('\n').slice(-3).join(' ')}`)
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false // Not in this folder.
    }
  })
}
