// `npm run new:connector NAME`: lays down a platform's folder, its test and its registry line, as connectors/GUIDE.md describes them.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageRoot } from '../db/root.ts'

/** The platform that the guide explains; its name stands in its files for the new one's. */
const EXAMPLE = 'bazaar'
const REGISTRY = join('connectors', 'registry.ts')

const root = packageRoot()
const [name = '', ...more] = process.argv.slice(2)
const refusal = refusalOf(name, more)
if (refusal === null) {
  const files = layDown(name)
  // Lines have other lengths with another name.
  execFileSync(join(root, 'node_modules', '.bin', 'biome'), ['check', '--write', ...files], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  console.log(`${files.map(file => `  ${file}`).join('\n')}\n\nIt compiles, and "npx vitest run test/connectors/${name}.test.ts" passes: as yet it speaks to its own sandbox in the
words of the guide's example. connectors/GUIDE.md tells what to write next, and in which order.`)
} else {
  console.error(refusal)
  process.exitCode = 2
}

/** Why this name cannot be laid down; null: it can. */
function refusalOf(name: string, more: readonly string[]): string | null {
  if (name === '' || more.length > 0) return 'usage: npm run new:connector NAME, such as npm run new:connector mirakl'
  if (!/^[a-z][a-z0-9]{1,30}$/.test(name))
    return `"${name}" cannot be a platform's name: small letters and digits, a letter first, such as "mirakl"`
  if (existsSync(join(root, 'connectors', name))) return `there is a folder connectors/${name} already`
  return null
}

/** Writes all files and answers their paths below the root. What is there already is never written over. */
function layDown(name: string): string[] {
  const folder = readdirSync(join(root, 'connectors', EXAMPLE)).map(file => join('connectors', EXAMPLE, file))
  const tests = [`${EXAMPLE}-stage.ts`, `${EXAMPLE}.test.ts`].map(file => join('test', 'connectors', file))
  const files = [...folder, ...tests].map(from => {
    const to = renamed(from, name)
    mkdirSync(dirname(join(root, to)), { recursive: true })
    writeFileSync(join(root, to), renamed(readFileSync(join(root, from), 'utf8'), name), { flag: 'wx' })
    return to
  })
  writeFileSync(join(root, REGISTRY), registered(readFileSync(join(root, REGISTRY), 'utf8'), name))
  return [...files, REGISTRY]
}

function renamed(text: string, name: string): string {
  return text.replaceAll(EXAMPLE, name).replaceAll(capital(EXAMPLE), capital(name))
}

function capital(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
}

/** The registry with the platform's import and its line, which are made after those of the last one. */
function registered(text: string, name: string): string {
  const [, last = '', other = ''] = /\n( {2}\{ connector: (\w+),.+\},\n)\]\n/.exec(text) ?? []
  const imported = text.split('\n').find(line => line.startsWith(`import { ${other} } `))
  if (imported === undefined) throw new Error(`${REGISTRY} has no list of platforms whose last line could be followed`)
  const after = (line: string): string => line.replaceAll(other, name)
  return `${after(imported)}\n${text.replace(last, `${last}${after(last)}`)}`
}
