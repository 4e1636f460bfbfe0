import { randomBytes, randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type SandboxesConfig, sandboxesShape } from '../../connectors/sandbox-config.ts'
import { GERMANY, SWEDEN } from './listings.ts'

/** The demo's accounts run this many times faster than the real platforms allow, so that a page moves while somebody looks at it. */
export const SCALE = 20
const LAG_MS = 300
/** Below the ports that systems hand out for outgoing connections, so that nobody is likely to sit there at the next start. */
const PORTS = [20_000, 32_000] as const

/** Reads the sandboxes' configuration, or null where there are none yet. */
export async function readSandboxFolder(folder: string): Promise<SandboxesConfig | null> {
  const path = join(folder, 'config.json')
  return existsSync(path) ? sandboxesShape.parse(JSON.parse(await readFile(path, 'utf8'))) : null
}

/** The sandboxes' configuration; made on the first start, with keys of chance and a free port. */
export async function makeSandboxFolder(folder: string): Promise<SandboxesConfig> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const config: SandboxesConfig = {
    ...{ port: await freePort(), token: secret(), scale: SCALE, lagMs: LAG_MS },
    woocommerce: { consumerKey: `ck_${secret()}`, consumerSecret: `cs_${secret()}`, currency: 'EUR' },
    amazon: {
      clientId: `amzn1.application-oa2-client.${randomBytes(16).toString('hex')}`,
      ...{ clientSecret: secret(), refreshToken: `Atzr|${secret()}`, sellerId: 'A3SAMPLESELLER' },
      marketplaces: [GERMANY, SWEDEN],
    },
    shopify: { accessToken: `shpat_${secret()}`, clientSecret: secret(), currency: 'EUR' },
  }
  await writeWhole(join(folder, 'config.json'), config)
  return config
}

/** Notes another port, because somebody else has taken the one that was noted. */
export async function moveToFreePort(folder: string, config: SandboxesConfig): Promise<SandboxesConfig> {
  const moved = { ...config, port: await freePort() }
  await writeWhole(join(folder, 'config.json'), moved)
  return moved
}

/** The keys in it exist nowhere else in the clear, so the file is there whole, before and after. */
async function writeWhole(path: string, config: SandboxesConfig): Promise<void> {
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  await rename(draft, path)
}

/** Whether nobody listens at this port of the loopback. */
export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(...PORTS)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port from ${PORTS[0]} to ${PORTS[1]} on 127.0.0.1`)
}

const secret = (): string => randomBytes(24).toString('base64url')
