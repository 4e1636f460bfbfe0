// The process that plays the platforms: `node dist/connectors/sandboxes.js FOLDER`. It outlives the hub that started it, so that killing the
// hub does not kill the platform; it ends on SIGTERM, and when its folder is gone or belongs to another set of sandboxes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sandboxesShape } from './sandbox-config.ts'
import { serveSandboxes } from './sandbox-server.ts'

const LOOK_MS = 2_000

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: sandboxes FOLDER, which holds config.json')
const path = join(folder, 'config.json')
const config = sandboxesShape.parse(JSON.parse(readFileSync(path, 'utf8')))
const stop = await serveSandboxes(config, folder)

let isEnding = false
const end = (): void => {
  if (isEnding) return
  isEnding = true
  void stop().finally(() => process.exit())
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
setInterval(() => {
  if (!isStillOurs()) end()
}, LOOK_MS)

function isStillOurs(): boolean {
  try {
    return readFileSync(path, 'utf8').includes(config.token)
  } catch {
    return false // Deleted, with or without its folder: nobody can find this process any more.
  }
}
