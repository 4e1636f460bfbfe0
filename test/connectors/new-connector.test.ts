import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { packageRoot } from '../../db/root.ts'

const run = promisify(execFile)
const root = packageRoot()
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)

/** What a connector stands on, without its installed packages, which are linked. */
async function copyOfProject(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'concord-connector-'))
  onTestFinished(() => rm(copy, { recursive: true, force: true }))
  for (const part of [
    'connectors',
    'db',
    'src',
    'test/connectors',
    'test/support',
    'package.json',
    'tsconfig.json',
    'biome.json',
    '.gitignore',
  ])
    await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

const lay = (copy: string, ...names: string[]) => run(process.execPath, [join(copy, 'src', 'new-connector.ts'), ...names], { cwd: copy })

test('a new connector is laid down whole: it compiles, keeps the rules of style, and its contract with its own sandbox', async () => {
  const copy = await copyOfProject()
  const { stdout } = await lay(copy, 'mirakl')
  const files = ['index', 'wire', 'client', 'sandbox'].map(file => `connectors/mirakl/${file}.ts`)
  const tests = ['test/connectors/mirakl-stage.ts', 'test/connectors/mirakl.test.ts']
  for (const file of [...files, ...tests, 'connectors/mirakl/README.md', 'connectors/registry.ts']) expect(stdout).toContain(file)
  const registry = await readFile(join(copy, 'connectors/registry.ts'), 'utf8')
  expect(registry).toContain("  { connector: mirakl, sandbox: () => import('./mirakl/sandbox.ts') },\n]")
  for (const file of [...files, ...tests]) expect(await readFile(join(copy, file), 'utf8')).not.toMatch(/bazaar/i)

  const config = {
    extends: './tsconfig.json',
    include: [],
    files: ['connectors/registry.ts', ...files, ...tests],
    compilerOptions: { incremental: false },
  }
  await writeFile(join(copy, 'tsconfig.new.json'), JSON.stringify(config))
  // Without the servers that tests of other rooms need.
  await writeFile(join(copy, 'vitest.config.mjs'), 'export default { test: { testTimeout: 60_000 } }')
  const [types, style] = await Promise.all([
    run(bin('tsc'), ['-p', 'tsconfig.new.json', '--noEmit'], { cwd: copy }),
    run(bin('biome'), ['check', ...files, ...tests, 'connectors/registry.ts'], { cwd: copy }),
    run(bin('vitest'), ['run', '--reporter=json', '--outputFile=told.json', 'test/connectors/mirakl.test.ts'], { cwd: copy }),
  ])
  expect([types.stdout, style.stderr]).toEqual(['', ''])
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(await readFile(join(copy, 'told.json'), 'utf8'))
  expect([numFailedTests, numPassedTests > 30, numPendingTests > 30]).toEqual([0, true, true])
}, 60_000)

test('a name that is taken, or cannot be one, is refused in words and nothing is written', async () => {
  const copy = await copyOfProject()
  const before = await readFile(join(copy, 'connectors/registry.ts'), 'utf8')
  for (const [names, words] of [
    [['shopify'], 'there is a folder connectors/shopify already'],
    [['My-Shop'], '"My-Shop" cannot be a platform\'s name'],
    [[], 'usage: npm run new:connector NAME'],
  ] as const)
    await expect(lay(copy, ...names)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(words) })
  expect(await readFile(join(copy, 'connectors/registry.ts'), 'utf8')).toBe(before)
})
