import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { platforms } from '../../connectors/registry.ts'
import { sandboxesShape } from '../../connectors/sandbox-config.ts'
import { openSandboxes } from '../../connectors/sandbox-remote.ts'
import { serveSandboxes } from '../../connectors/sandbox-server.ts'

const TOKEN = 'opens-the-control-door-of-the-test'
const WOO = { consumerKey: 'ck_a', consumerSecret: 'cs_a', currency: 'EUR' }
const AMAZON = {
  ...{ clientId: 'c', clientSecret: 's', refreshToken: 'r', sellerId: 'A1' },
  marketplaces: [{ id: 'A1PA6795UKMFR9', currency: 'EUR', country: 'DE' }],
}
const SHOPIFY = { accessToken: 'shpat_a', clientSecret: 's', currency: 'EUR' }

async function play(told: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'concord-sandboxes-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  onTestFinished(await serveSandboxes(sandboxesShape.parse({ port, token: TOKEN, scale: 1, lagMs: 0, ...told }), folder))
  return `http://127.0.0.1:${port}`
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const at = probe.address()
      probe.close(() => resolve(typeof at === 'object' && at ? at.port : 0))
    })
  })
}

const journalOf = async (address: string, platform: string): Promise<number> => {
  const remote = openSandboxes(address, TOKEN)
  onTestFinished(remote.close)
  return (await remote.platform(platform).journal(0, 100)).filter(entry => entry.kind === 'call').length
}

test('each platform answers at its own paths and below its name, and what is nobody’s goes to the one that has the rest', async () => {
  const address = await play({ woocommerce: WOO, amazon: AMAZON, shopify: SHOPIFY })
  const graphql = { method: 'POST', body: JSON.stringify({ query: 'query Shop { shop { name } }', operationName: 'Shop', variables: {} }) }
  for (const path of ['/wp-json/wc/v3/products', '/woocommerce/wp-json/wc/v3/products'])
    expect((await fetch(address + path)).status).toBe(401)
  for (const path of ['/admin/api/2026-10/graphql.json', '/shopify/admin/api/2026-10/graphql.json'])
    expect((await fetch(address + path, { ...graphql, headers: { 'x-shopify-access-token': 'wrong' } })).status).toBe(401)
  expect((await fetch(`${address}/listings/2021-08-01/items/A1/MUG`)).status).toBe(403)
  expect(await Promise.all(['woocommerce', 'shopify', 'ebay'].map(name => journalOf(address, name)))).toEqual([2, 2, 0])
})

test('who is not named is not played, and a path that is nobody’s is said to be so', async () => {
  const address = await play({ woocommerce: WOO })
  const answer = await fetch(`${address}/admin/api/2026-10/graphql.json`, { method: 'POST' })
  expect([answer.status, await answer.json()]).toEqual([
    404,
    { error: 'no platform that is played here has /admin/api/2026-10/graphql.json' },
  ])
})

test('a platform that nobody knows, and keys that are not of its shape, are refused in words', async () => {
  await expect(play({ bazaar: {} })).rejects.toThrow('config.json names bazaar, which is no platform of connectors/registry.ts')
  await expect(play({ woocommerce: { ...WOO, consumerKey: 7 } })).rejects.toThrow(/consumerKey/)
})

test('the loader of each registry line brings the sandbox of that platform', async () => {
  for (const { connector, sandbox } of platforms) {
    const { played } = await sandbox()
    expect([connector.platform, typeof played.open]).toEqual([connector.platform, 'function'])
  }
})
