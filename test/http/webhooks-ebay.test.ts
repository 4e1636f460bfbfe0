import { beforeAll, expect, test } from 'vitest'
import { makeEbaySandbox } from '../../connectors/ebay/sandbox.ts'
import { verificationToken } from '../../connectors/ebay/webhook.ts'
import type { DoorCall } from '../../connectors/webhooks.ts'
import { webhookRoutes } from '../../src/http/webhooks.ts'
import { type Keyring, seal } from '../../src/values/sealed.ts'
import { GERMANY, KEYS } from '../connectors/ebay-stage.ts'
import { freshDatabase } from '../support/database.ts'
import { testKeyring, webhookAccountRow } from '../support/webhook-account.ts'

const { sql } = await freshDatabase()
const SECRET = 'the secret of the address'
const sent: { headers: Record<string, string>; body: string }[] = []
const sandbox = makeEbaySandbox({
  ...{ file: ':memory:', now: () => new Date(), scale: 1, random: () => 0.5, lagMs: 0, ...KEYS, marketplace: GERMANY },
  ask: async url => (await routes().request(url)).text(),
  deliver: async (_url, headers, body) => {
    sent.push({ headers: { ...headers }, body })
    return 202
  },
})
const call: DoorCall = async ({ url, ...init }) => {
  const answer = await sandbox.fetch(new Request(url, init))
  return { status: answer.status, text: await answer.text() }
}
let keyring: Keyring

const routes = (more: object = {}) => webhookRoutes({ sql, keyring, ring: () => {}, call, publicUrl: 'https://hub.example', ...more })

beforeAll(async () => {
  keyring = await testKeyring()
  await webhookAccountRow(sql, keyring, { token: 'shop', secret: SECRET })
  await webhookAccountRow(sql, keyring, { token: 'bay', secret: SECRET, platform: 'ebay' })
  const credentials = await seal(keyring, 'credentials', JSON.stringify(KEYS))
  await sql`update accounts set credentials = ${credentials}, settings = ${sql.json({ endpoint: 'https://door.example' })} where platform = 'ebay'`
})

test('the address answers the challenge as eBay was told it, whatever stands before the hub, and no other platform has one', async () => {
  const answer = await routes().request('http://10.0.0.7:8080/webhooks/bay?challenge_code=abc')
  const text = new TextEncoder().encode(`abc${await verificationToken(SECRET)}https://hub.example/webhooks/bay`)
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', text)).toString('hex')
  expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
    200,
    'application/json',
    { challengeResponse: hash },
  ])
  for (const path of ['bay', 'shop?challenge_code=abc', 'nobody?challenge_code=abc'])
    expect((await routes().request(`/webhooks/${path}`)).status).toBe(404)
})

test('a notification is stored once when eBay signed it, refused when not, and asked for again while its key cannot be read', async () => {
  const token = async (grant: Record<string, string>): Promise<string> => {
    const headers = { authorization: `Basic ${btoa(`${KEYS.clientId}:${KEYS.clientSecret}`)}` }
    const { text } = await call({
      method: 'POST',
      url: 'https://door.example/identity/v1/oauth2/token',
      headers,
      body: new URLSearchParams(grant).toString(),
    })
    return JSON.parse(text).access_token
  }
  const app = await token({ grant_type: 'client_credentials' })
  const post = (path: string, body: object) =>
    call({
      ...{ method: 'POST', url: `https://door.example/commerce/notification/v1/${path}`, body: JSON.stringify(body) },
      headers: { authorization: `Bearer ${app}`, 'content-type': 'application/json' },
    })
  const deliveryConfig = { endpoint: 'https://hub.example/webhooks/bay', verificationToken: await verificationToken(SECRET) }
  expect((await post('destination', { name: 'Hub', status: 'ENABLED', deliveryConfig })).status).toBe(201)
  const payload = { format: 'JSON', schemaVersion: '1.0', deliveryProtocol: 'HTTPS' }
  const wanted = { topicId: 'MARKETPLACE_ACCOUNT_DELETION', status: 'ENABLED', payload, destinationId: 'destination-1' }
  expect((await post('subscription', wanted)).status).toBe(201)
  sandbox.closeAccount('somebody')
  await sandbox.tick()
  const [delivery] = sent
  if (!delivery) throw new Error('nothing was sent')

  const deliver = async (body: string, app = routes()) =>
    (await app.request('/webhooks/bay', { method: 'POST', headers: delivery.headers, body })).status
  const away = routes({ call: () => Promise.reject(new Error('no answer')) })
  expect(await deliver(delivery.body, away)).toBe(503)
  expect(await deliver(delivery.body.replace('somebody', 'anybody'))).toBe(401)
  expect([await deliver(delivery.body), await deliver(delivery.body)]).toEqual([202, 202])
  expect([...(await sql`select topic, state from inbox`)]).toEqual([{ topic: 'MARKETPLACE_ACCOUNT_DELETION', state: 'new' }])
})
