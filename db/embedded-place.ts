import { createHash } from 'node:crypto'
import { chmodSync, existsSync, statSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Account, systemAccount } from './embedded-account.ts'
import { type Binaries, copyBinaries, findBinaries } from './embedded-binaries.ts'

/** Where one embedded server lives, and as whom. `home` holds data, log and password. */
export type Place = {
  readonly home: string
  readonly data: string
  readonly log: string
  readonly secret: string
  readonly binaries: Binaries
  /** Null: as the user that we are. */
  readonly account: Account | null
}

/** Where root keeps what must lie outside of a closed folder. */
export const SHELTER = '/var/lib/concord'

/**
 * Settles where the server's files lie. PostgreSQL refuses to run as root, so root runs it as a system user, which must be able to reach
 * data and programs: what lies below a closed folder (such as root's own home) moves to the shelter, and one line says so.
 */
export async function settle(dir: string, options: { readonly shelter: string; readonly say: (line: string) => void }): Promise<Place> {
  const wanted = resolve(dir)
  const binaries = await findBinaries()
  if (process.getuid?.() !== 0) return place(await makeHome(wanted), binaries, null)

  const account = await systemAccount()
  const home = isReachable(wanted, account) ? wanted : join(options.shelter, createHash('sha256').update(wanted).digest('hex').slice(0, 12))
  if (home !== wanted)
    options.say(`${wanted} is closed to the user ${account.name}, who runs PostgreSQL for root: its data is kept in ${home}`)
  const copied = isReachable(join(binaries.native, 'bin'), account) ? binaries : await copyBinaries(binaries, join(options.shelter, 'bin'))
  return place(await makeHome(home), copied, account)
}

/** Gives a file or folder to the user that runs the server. */
export async function giveTo(account: Account | null, path: string): Promise<void> {
  if (account !== null) await chown(path, account.uid, account.gid)
}

/** Whether a user may walk down to a path: each folder above it, as far as it exists, lets him through. */
export function isReachable(path: string, account: Account): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    if (existsSync(at)) {
      const { mode, uid, gid } = statSync(at)
      const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
      if ((mode & bit) === 0) return false
    }
    if (at === dirname(at)) return true
  }
}

async function makeHome(home: string): Promise<string> {
  const made = await mkdir(home, { recursive: true, mode: 0o711 })
  // The umask may have closed what we made for the server's user to walk through.
  if (made !== undefined && process.platform !== 'win32') {
    for (let at = home; at.length >= made.length; at = dirname(at)) chmodSync(at, 0o711)
  }
  return home
}

function place(home: string, binaries: Binaries, account: Account | null): Place {
  return { home, data: join(home, 'postgres'), log: join(home, 'postgres.log'), secret: join(home, 'postgres.secret'), binaries, account }
}
