import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from './embedded-control.ts'
import { giveTo, type Place } from './embedded-place.ts'

/** The owner of everything in the embedded server. */
export const SUPERUSER = 'concord'

/**
 * Creates the data of a first start; where there is data, checks only that it fits our programs. Builds the folder beside its place and moves it there, so that an interrupted or doubled first start leaves nothing half made.
 */
export async function createData(place: Place, password: string, options: { readonly isQuick: boolean }): Promise<void> {
  if (existsSync(place.data)) return checkRelease(place)
  await Promise.all(
    (await readdir(place.home)).filter(isAbandoned).map(name => rm(join(place.home, name), { recursive: true, force: true })),
  )
  const building = `${place.data}.new-${process.pid}`
  const passwordFile = join(place.home, `password.new-${process.pid}`)
  try {
    await mkdir(building, { mode: 0o700 })
    await giveTo(place.account, building)
    await writeFile(passwordFile, password, { mode: 0o600 })
    await giveTo(place.account, passwordFile)
    const made = await runProgram(place, 'initdb', [
      ...['-D', building, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'],
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', ...(options.isQuick ? ['--no-sync'] : [])],
    ])
    if (made.code !== 0) throw new Error(`cannot create PostgreSQL's data in ${place.data}: ${made.output}`)
    await rename(building, place.data).catch(error => {
      if (!existsSync(place.data)) throw error // Else another start was quicker, and its data is as good.
    })
  } finally {
    await rm(passwordFile, { force: true })
    await rm(building, { recursive: true, force: true })
  }
}

/** What a start that was killed left behind; the number is its process. */
function isAbandoned(name: string): boolean {
  const pid = Number(/^(?:postgres|password)\.new-(\d+)$/.exec(name)?.[1])
  if (!Number.isInteger(pid)) return false
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/** The password of this folder's server, made on first use and readable by its owner only. */
export async function ownPassword(place: Place): Promise<string> {
  if (!existsSync(place.secret)) {
    if (existsSync(place.data))
      throw new Error(`the password of ${place.data} is missing: put ${place.secret} back, or begin anew with --fresh`)
    const draft = `${place.secret}.${process.pid}`
    await writeFile(draft, randomBytes(24).toString('base64url'), { mode: 0o600 })
    await chmod(draft, 0o600)
    // A link fails where the name is taken: of two first starts, both read the same password.
    await link(draft, place.secret).catch(error => {
      if (error.code !== 'EEXIST') throw error
    })
    await rm(draft)
  }
  return readFile(place.secret, 'utf8')
}

/** Data of one major release cannot be opened by another; PostgreSQL says so in its log only. */
async function checkRelease(place: Place): Promise<void> {
  const release = (await readFile(join(place.data, 'PG_VERSION'), 'utf8')).trim()
  const major = place.binaries.version.split('.')[0]
  if (release !== major) {
    throw new Error(
      `${place.data} was made by PostgreSQL ${release}, and this release of concord brings ${major}: back up with the older one and restore with this one`,
    )
  }
}
