import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type unstable_startWorker as StartWorker, unstable_startWorker } from 'wrangler'
import { WEBHOOK_BODY_MAX } from '../../src/http/webhooks.ts'
import { type Keyring, unsealText } from '../../src/values/sealed.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { testKeyring, testKeys, webhookAccountRow, wooDelivery } from '../support/webhook-account.ts'

const secret = 'signed in the shop'
const body = JSON.stringify({ id: 11, status: 'processing', note: '简体 ü' })
const noNetwork = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}

describe('the Worker in front of the hub', () => {
  let db: TestDatabase
  let keyring: Keyring
  let accountId: number
  let worker: Awaited<ReturnType<typeof StartWorker>>

  beforeAll(async () => {
    db = await freshDatabase()
    keyring = await testKeyring()
    accountId = await webhookAccountRow(db.sql, keyring, { token: 'tok', secret })
    const settings = { ...noNetwork, CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: db.url }
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
    worker = await unstable_startWorker({
      config: 'wrangler.toml',
      bindings: { CONCORD_KEYS: { type: 'plain_text', value: testKeys } },
      dev: { server: { port: 0, hostname: '127.0.0.1' }, logLevel: 'error', inspector: false, watch: false, persist: false },
    })
    // Only the first answer shows that the runtime came up: `ready` comes before it does.
    expect((await send({ method: 'POST', body: 'webhook_id=3' })).status).toBe(200)
  })
  beforeEach(async () => {
    await db.sql`truncate inbox, change`
  })
  afterAll(async () => {
    await worker?.dispose()
    vi.unstubAllEnvs()
  })

  const send = async (init: RequestInit) => {
    const answer = await worker.fetch('http://hub.example/webhooks/tok', init as unknown as Parameters<typeof worker.fetch>[1])
    return { status: answer.status, text: await answer.text() }
  }
  const stored = () => db.sql<{ body: Uint8Array; delivery_id: string }[]>`select delivery_id, body from inbox order by id`

  test('stores a signed delivery, sealed, with its change row, and answers 202', async () => {
    expect(await send(wooDelivery(body, 'e1', secret))).toEqual({ status: 202, text: 'stored' })
    const rows = await stored()
    expect(rows.map(row => row.delivery_id)).toEqual([expect.stringMatching(/^3:e1:/)])
    expect(await unsealText(keyring, 'inbox', rows[0]?.body ?? new Uint8Array())).toBe(body)
    expect([...(await db.sql`select kind, account_id from change`)]).toEqual([{ kind: 'inbox', account_id: accountId }])
  })

  test('stores it once when it comes again', async () => {
    expect((await send(wooDelivery(body, 'e1', secret))).text).toBe('stored')
    expect(await send(wooDelivery(body, 'e1', secret))).toEqual({ status: 202, text: 'known already' })
    expect(await stored()).toHaveLength(1)
    expect(await db.sql`select from change`).toHaveLength(1)
  })

  test('refuses what is forged, unsigned or too large, and stores none of it', async () => {
    expect((await send(wooDelivery(body, 'e2', 'guess'))).status).toBe(401)
    expect((await send(wooDelivery(body, 'e3', null))).status).toBe(401)
    expect((await send(wooDelivery('x'.repeat(WEBHOOK_BODY_MAX + 1), 'e4', secret))).status).toBe(413)
    expect(await stored()).toHaveLength(0)
  })

  test('answers a ping 200, and an unknown address 404', async () => {
    expect(await send({ method: 'POST', body: 'webhook_id=3' })).toEqual({ status: 200, text: 'pong' })
    const answer = await worker.fetch('http://hub.example/webhooks/nobody', { method: 'POST', body: 'x' })
    expect(answer.status).toBe(404)
  })

  test('takes fifty deliveries, ten at a time, each over a connection of its own', async () => {
    for (let group = 0; group < 5; group++) {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => send(wooDelivery(body, `many-${group}-${i}`, secret))))
      expect(answers.map(answer => answer.status)).toEqual(Array(10).fill(202))
    }
    expect(await stored()).toHaveLength(50)
  })

  test('asks the platform to come back while the database does not take it', async () => {
    await db.sql`alter table inbox rename to inbox_away`
    try {
      expect((await send(wooDelivery(body, 'e5', secret))).status).toBe(503)
    } finally {
      await db.sql`alter table inbox_away rename to inbox`
    }
    expect((await send(wooDelivery(body, 'e5', secret))).status).toBe(202)
  })
})

test('the Worker can be bundled for deployment, and reaches no more of the hub than the door and the inbox', async () => {
  const check = spawn('npm', ['run', '-s', 'edge:check'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const printed: Buffer[] = []
  check.stdout.on('data', (part: Buffer) => printed.push(part))
  expect(await once(check, 'close')).toEqual([0, null])
  expect(Buffer.concat(printed).toString()).toMatch(/^edge bundle: \d+ bytes, \d+ gzipped, \d+ files of ours\n/)
})
