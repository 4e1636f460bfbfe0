import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from '../../db/embedded-control.ts'
import { ask } from './ask.ts'
import type { Article } from './goods.ts'
import { install, PROJECTS } from './install.ts'
import { adminOf, seedMedusa } from './medusa-seed.ts'
import { articlesOfMedusa, buyInMedusa, ordersOfMedusa, variantsOfMedusa } from './medusa-shop.ts'
import { run, serve } from './server.ts'
import { type Peers, SCALE, type Shop } from './shop.ts'

const PROGRAM = 'node_modules/@medusajs/cli/cli.js'

/** A Medusa on an empty database of its own, with the articles in it. */
export async function startMedusa({ folder, say, signal }: Peers, databaseUrl: string, goods: readonly Article[]): Promise<Shop> {
  const home = await install(PROJECTS.medusa, say, signal)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const user = { email: 'peer@example.org', password: randomBytes(12).toString('hex') }
  const program = {
    ...{ folder: home, logFile: join(folder, 'medusa.log'), signal },
    environment: { DATABASE_URL: databaseUrl, PEER_SECRET: randomBytes(24).toString('hex'), MEDUSA_DISABLE_TELEMETRY: 'true' },
  }
  say('medusa: making its tables')
  await run({ ...program, args: [PROGRAM, 'db:migrate'] })
  await run({ ...program, args: [PROGRAM, 'user', '--email', user.email, '--password', user.password] })
  const stop = await serve({ ...program, args: [PROGRAM, 'start', '--host', '127.0.0.1', '--port', String(port)] }, `${url}/health`)
  try {
    const { token } = (await ask('POST', `${url}/auth/user/emailpass`, {}, user)).body as { token: string }
    const seed = await seedMedusa(adminOf(url, `Bearer ${token}`), goods, done => say(`medusa: ${done} SKUs laid in`))
    const admin = adminOf(url, `Basic ${Buffer.from(`${seed.apiKey}:`).toString('base64')}`)
    const variantOf = new Map((await variantsOfMedusa(admin)).map(({ sku, id }) => [sku, id]))
    return {
      name: 'medusa',
      access: { platform: 'medusa', settings: { url, scale: SCALE }, credentials: { apiKey: seed.apiKey }, channelRef: seed.locationId },
      buy: (lines, shopper) => buyInMedusa(url, seed, variantOf, lines, shopper),
      articles: () => articlesOfMedusa(admin, seed.locationId),
      orders: () => ordersOfMedusa(admin),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
