// `npm run edge:check`: bundles the Worker as a deployment would, without an account and without a network, and looks at what got in.
// Plain JavaScript, because the shell's Node may be too old to read anything else.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

// Workers may have 10 MB, 3 MB without payment; ours is far below, and should somebody pull in the hub, this is where it shows.
const BUNDLE_MAX_BYTES = 512 * 1024

// Ours that may be in the bundle: the door, what it opens, and what it stores through.
const ALLOWED = [
  /^src\/edge\.ts$/,
  /^src\/http\/webhooks\.ts$/,
  /^src\/values\/[a-z-]+\.ts$/,
  /^connectors\/webhooks\.ts$/,
  /^connectors\/[a-z]+\/webhook\.ts$/,
  /^db\/(inbox|connect-pool|connect-arrays)\.ts$/,
]

const out = mkdtempSync(join(tmpdir(), 'concord-edge-'))
try {
  process.exitCode = check(bundle(out))
} finally {
  rmSync(out, { recursive: true, force: true })
}

function bundle(folder) {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const node = existsSync(own) ? own : process.execPath
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  return spawnSync(node, [wrangler, 'deploy', '--dry-run', '--outdir', folder, '--metafile'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CI: '1',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_SEND_ERROR_REPORTS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_WRITE_LOGS: 'false',
    },
  })
}

function check(run) {
  if (run.status !== 0) {
    console.error(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}`.trim())
    console.error(`the Worker could not be bundled (wrangler ended with ${run.status ?? run.signal ?? 'no status'})`)
    return 1
  }
  const code = readFileSync(join(out, 'edge.js'))
  const ours = Object.keys(JSON.parse(readFileSync(join(out, 'bundle-meta.json'), 'utf8')).inputs).filter(isOurs)
  const strangers = ours.filter(path => !ALLOWED.some(allowed => allowed.test(path)))
  console.log(`edge bundle: ${code.length} bytes, ${gzipSync(code).length} gzipped, ${ours.length} files of ours`)
  for (const path of ours.sort()) console.log(`  ${path}`)
  for (const path of strangers) console.error(`the Worker must not reach ${path}`)
  if (code.length > BUNDLE_MAX_BYTES) console.error(`the Worker may have ${BUNDLE_MAX_BYTES} bytes`)
  // A bundle without our own entry would mean that the list is read wrongly, and that nothing was checked.
  if (!ours.includes('src/edge.ts')) console.error('src/edge.ts is not in the list of what was bundled')
  return strangers.length > 0 || code.length > BUNDLE_MAX_BYTES || !ours.includes('src/edge.ts') ? 1 : 0
}

function isOurs(path) {
  return /^(src|connectors|db|jobs|test)\//.test(path)
}
