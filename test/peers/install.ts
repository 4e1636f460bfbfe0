import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../db/root.ts'

/** What npm puts into a peer's folder. */
type Project = { readonly name: string; readonly file: string; readonly manifest: Readonly<Record<string, unknown>> }

export const PROJECTS = {
  medusa: {
    name: 'medusa',
    file: 'medusa-config.js',
    manifest: { dependencies: { '@medusajs/cli': '2.21.2', '@medusajs/framework': '2.21.2', '@medusajs/medusa': '2.21.2' } },
  },
  vendure: {
    name: 'vendure',
    file: 'vendure.mjs',
    manifest: {
      dependencies: { '@vendure/core': '3.7.3', 'sql.js': '1.16.0' },
      // A newer one asks for packages that not every registry has.
      overrides: { '@graphql-tools/batch-execute': '<=10.9.9' },
    },
  },
} as const satisfies Record<string, Project>

/** Written when npm has ended well: what a killed install left is not taken for a peer. */
const INSTALLED = '.installed'
const projects = join(packageRoot(), 'test/peers/projects')

/** Where the peers lie: CONCORD_PEERS, else a folder in the user's cache; never in the project. */
export function peersFolder(): string {
  return process.env.CONCORD_PEERS || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'concord-peers')
}

/** Installs a peer unless it is there already, brings its own few lines up to date, and answers its folder. */
export async function install(project: Project, say: (line: string) => void, signal: AbortSignal): Promise<string> {
  const folder = join(peersFolder(), project.name)
  await mkdir(folder, { recursive: true })
  const manifest = `${JSON.stringify({ name: `concord-peer-${project.name}`, private: true, ...project.manifest }, null, 2)}\n`
  const installed = await readFile(join(folder, INSTALLED), 'utf8').catch(() => null)
  if (installed !== manifest) {
    say(`${project.name}: installing into ${folder}, once; npm needs the network and some minutes`)
    await rm(join(folder, 'package-lock.json'), { force: true })
    await writeFile(join(folder, 'package.json'), manifest)
    await npmInstall(folder, signal)
    await writeFile(join(folder, INSTALLED), manifest)
  }
  for (const file of [project.file, 'end-with-parent.mjs']) await copyFile(join(projects, file), join(folder, file))
  return folder
}

async function npmInstall(folder: string, signal: AbortSignal): Promise<void> {
  const child = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: ['ignore', 2, 2], signal })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`npm install in ${folder} ended with ${code}`)
}
