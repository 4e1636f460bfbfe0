// Runs the tests: `npm test`, `npm run test:long` (--long: full counts). Further arguments go to vitest (file names, -t …).
// Plain JavaScript, because the shell's Node may be too old to read anything else; the tests themselves run on the project's Node.
import { spawn } from 'node:child_process'
import { accessSync, chmodSync, constants, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { closingLines } from './closing-lines.mjs'
import { installMissing } from './install-missing.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const bin = join(root, 'node_modules', '.bin')
const isLong = process.argv.includes('--long')
const rest = process.argv.slice(2).filter(argument => argument !== '--long')

const node = projectNode()
await installMissing()

const dir = mkdtempSync(join(tmpdir(), 'concord-test-'))
chmodSync(dir, 0o711)
const report = join(dir, 'report.json')
const counts = join(dir, 'counts.jsonl')
const described = join(dir, 'described.jsonl')
const code = await runVitest()
await endLeftovers()
// A file that vitest is asked for by name holds a part only; where the descriptions are missing, there is nothing to hold anything against.
const isWhole = rest.length === 0 && existsSync(join(root, '..', 'shared', 'specs'))
const lines = closingLines({ code, report: read(report), counts: read(counts), described: read(described), isLong, isWhole, root })
rmSync(dir, { recursive: true, force: true })
console.log(`\n${lines.text}`)
process.exitCode = lines.exitCode

/** The Node that package.json asks for; the shell's own, where that one could not be installed and is new enough. */
function projectNode() {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  try {
    accessSync(own, constants.X_OK)
    return own
  } catch {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
    if (major > 22 || (major === 22 && minor >= 19)) return process.execPath
    console.error(
      `the tests need Node 22.19 or newer, this is ${process.version}, and npm has not installed node_modules/node: run "npm ci" first`,
    )
    process.exit(1)
  }
}

function runVitest() {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  if (!existsSync(vitest)) {
    console.error('vitest is not installed: run "npm ci" first')
    process.exit(1)
  }
  const child = spawn(node, [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...rest], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
      CONCORD_TEST_DIR: dir,
      CONCORD_COUNTS_FILE: counts,
      // Dozens of processes start from the same sources: the first reads and compiles them for all.
      NODE_COMPILE_CACHE: join(dir, 'compiled'),
      CONCORD_DESCRIBED_FILE: described,
      ...(isLong ? { CONCORD_LONG: '1' } : {}),
    },
  })
  // Ctrl-C reaches vitest by itself, as it shares our terminal; we wait for its end, to clean up after it.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise(resolve => child.once('close', (exit, signal) => resolve(exit ?? `ended by ${signal}`)))
}

/** PostgreSQL runs detached, and Redis outlives its parent, so both survive a vitest that was killed; what still runs in this run's own folder is ended here. */
async function endLeftovers() {
  for (const file of [join(dir, 'postgres', 'postmaster.pid'), ...list(join(dir, 'redis')).filter(name => name.endsWith('.pid'))]) {
    const pid = Number(read(file)?.split('\n')[0])
    if (!Number.isInteger(pid) || pid <= 1) continue
    // A pid file that was left behind may name somebody else's process by now.
    const isOurs = () => !existsSync('/proc/self') || (read(`/proc/${pid}/cmdline`) ?? '').match(/postgres|redis/) !== null
    for (let tries = 0; tries < 50 && existsSync(file) && isOurs(); tries++) {
      signal(pid, tries < 40 ? 'SIGINT' : 'SIGQUIT')
      await wait(100)
    }
  }
}

function list(folder) {
  return existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : []
}

function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself.
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null // Not written: the run broke off, or there was nothing to say.
  }
}
