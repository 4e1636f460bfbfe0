import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from '../../db/embedded-control.ts'
import type { Article } from './goods.ts'
import { install, PROJECTS } from './install.ts'
import { serve } from './server.ts'
import { type Peers, SCALE, type Shop } from './shop.ts'
import { askVendure } from './vendure-ask.ts'
import { seedVendure } from './vendure-seed.ts'
import { articlesOfVendure, buyInVendure, ordersOfVendure, variantsOfVendure } from './vendure-shop.ts'

/** A Vendure, all in memory, with the articles in it. */
export async function startVendure({ folder, say, signal }: Peers, goods: readonly Article[]): Promise<Shop> {
  const home = await install(PROJECTS.vendure, say, signal)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const user = { username: 'peer', password: randomBytes(12).toString('hex') }
  const stop = await serve(
    {
      ...{ folder: home, args: ['vendure.mjs'], logFile: join(folder, 'vendure.log'), signal },
      environment: { PORT: String(port), PEER_USER: user.username, PEER_PASSWORD: user.password, VENDURE_DISABLE_TELEMETRY: 'true' },
    },
    `${url}/health`,
  )
  try {
    const admin = { url: `${url}/admin-api` }
    const { token } = await askVendure(
      admin,
      'mutation($username: String!, $password: String!) { login(username: $username, password: $password) { __typename } }',
      user,
    )
    const seed = await seedVendure({ ...admin, headers: { authorization: `Bearer ${token}` } }, goods, done =>
      say(`vendure: ${done} SKUs laid in`),
    )
    const asHub = { ...admin, headers: { 'vendure-api-key': seed.apiKey } }
    const variantOf = new Map((await variantsOfVendure(asHub)).map(({ sku, id }) => [sku, id]))
    return {
      name: 'vendure',
      access: {
        platform: 'vendure',
        settings: { url, scale: SCALE },
        credentials: { apiKey: seed.apiKey },
        channelRef: 'shop',
      },
      buy: (lines, shopper) => buyInVendure(`${url}/shop-api`, seed.shippingMethodId, variantOf, lines, shopper),
      articles: () => articlesOfVendure(asHub, seed.stockLocationId),
      orders: () => ordersOfVendure(asHub),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
