import { type AddressInfo, createServer } from 'node:net'
import { serve } from '@hono/node-server'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { close, connect } from '../../db/connect.ts'
import { WEBHOOK_BODY_MAX, webhookRoutes } from '../../src/http/webhooks.ts'
import { type Keyring, readKeyring, unsealText } from '../../src/values/sealed.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { testKeyring, webhookAccountRow, wooDelivery } from '../support/webhook-account.ts'

const secret = 'the shop and we know it'

describe('a webhook', () => {
  let db: TestDatabase
  let keyring: Keyring
  let accountId: number
  let rung: number[]
  let routes: ReturnType<typeof webhookRoutes>

  beforeAll(async () => {
    db = await freshDatabase()
    keyring = await testKeyring()
    accountId = await webhookAccountRow(db.sql, keyring, { token: 'tok', secret })
    await webhookAccountRow(db.sql, keyring, { token: 'no-secret', secret: null })
    await webhookAccountRow(db.sql, keyring, { token: 'no-door', secret, platform: 'memory' })
  })
  beforeEach(async () => {
    await db.sql`truncate inbox, change`
    rung = []
    routes = webhookRoutes({ sql: db.sql, keyring, ring: id => rung.push(id) })
  })
  const send = async (token: string, init: RequestInit) => routes.request(`/webhooks/${token}`, init)
  const stored = () => db.sql`select account_id, source, delivery_id, topic, state, attempts from inbox order by id`
  const body = JSON.stringify({ id: 7, status: 'processing', note: '简体 ü' })

  test('that is signed is sealed, stored, answered 202, and its account rung', async () => {
    const answer = await send('tok', wooDelivery(body, 'd1', secret))
    expect([answer.status, await answer.text()]).toEqual([202, 'stored'])
    expect([...(await stored())]).toEqual([
      {
        account_id: accountId,
        source: 'webhook',
        delivery_id: expect.stringMatching(/^3:d1:/),
        topic: 'order.updated',
        state: 'new',
        attempts: 0,
      },
    ])
    const [row] = await db.sql<{ id: number; body: Uint8Array }[]>`select id, body from inbox`
    expect(Buffer.from(row?.body ?? []).includes('processing')).toBe(false)
    expect(await unsealText(keyring, 'inbox', row?.body ?? new Uint8Array())).toBe(body)
    expect([...(await db.sql`select kind, account_id, ref_id, variant_id from change`)]).toEqual([
      { kind: 'inbox', account_id: accountId, ref_id: row?.id, variant_id: null },
    ])
    expect(rung).toEqual([accountId])
  })

  test('that comes ten times at once is stored once, with one change row and one ring, and each is told 202', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('tok', wooDelivery(body, 'd2', secret))))
    expect(answers.map(answer => answer.status)).toEqual(Array(10).fill(202))
    expect(await stored()).toHaveLength(1)
    expect(await db.sql`select from change`).toHaveLength(1)
    expect(rung).toEqual([accountId])
  })

  test('with the same delivery id at another account is another delivery', async () => {
    await webhookAccountRow(db.sql, keyring, { token: 'second', secret: 'other' })
    await send('tok', wooDelivery(body, 'd3', secret))
    await send('second', wooDelivery(body, 'd3', 'other'))
    expect(await stored()).toHaveLength(2)
  })

  test.each([
    ['is unsigned', () => wooDelivery(body, 'd4', null)],
    ['is signed with another secret', () => wooDelivery(body, 'd4', 'guess')],
    ['was changed on the way', () => ({ ...wooDelivery(body, 'd4', secret), body: body.replace('7', '8') })],
    [
      'has a signature that is none',
      () => ({ ...wooDelivery(body, 'd4', null), headers: { ...wooDelivery(body, 'd4', null).headers, 'x-wc-webhook-signature': 'no' } }),
    ],
  ])('that %s is refused 401 and leaves nothing', async (_, init) => {
    expect((await send('tok', init())).status).toBe(401)
    expect(await stored()).toHaveLength(0)
    expect(rung).toEqual([])
  })

  test('for an account without a secret is refused 401, because nothing can be verified', async () => {
    expect((await send('no-secret', wooDelivery(body, 'd5', ''))).status).toBe(401)
  })

  test.each(['unknown', 'no-door'])('at the address %s, where nothing listens, is answered 404', async token => {
    expect((await send(token, wooDelivery(body, 'd6', secret))).status).toBe(404)
    expect(await stored()).toHaveLength(0)
  })

  test('that is only a ping is answered 200 and not stored', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await send('tok', { method: 'POST', body: 'webhook_id=3', headers })).status).toBe(200)
    expect(await stored()).toHaveLength(0)
  })

  test.each([
    ['no JSON', '{"id": 7, "stat'],
    ['nothing', ''],
    ['bytes that are no text', new Uint8Array([0, 255, 254, 0, 10])],
    ['JSON of another kind', '[[[[]]]]'],
  ])('with a good signature over %s is kept as it came, to be judged later', async (_, garbage) => {
    expect((await send('tok', wooDelivery(garbage, 'd7', secret))).status).toBe(202)
    const [row] = await db.sql<{ body: Uint8Array }[]>`select body from inbox`
    expect(await unsealText(keyring, 'inbox', row?.body ?? new Uint8Array())).toBe(new TextDecoder().decode(Buffer.from(garbage)))
  })

  test('of the greatest size is taken, and one byte more is refused 413', async () => {
    expect((await send('tok', wooDelivery('x'.repeat(WEBHOOK_BODY_MAX), 'd8', secret))).status).toBe(202)
    expect((await send('tok', wooDelivery('x'.repeat(WEBHOOK_BODY_MAX + 1), 'd9', secret))).status).toBe(413)
    expect(await stored()).toHaveLength(1)
  })

  test('without an end is cut off at the limit, whatever it says of its length', async () => {
    const server = serve({ fetch: routes.fetch, port: 0, hostname: '127.0.0.1' })
    try {
      await new Promise(resolve => server.once('listening', resolve))
      const { port } = server.address() as AddressInfo
      let sent = 0
      const endless = new ReadableStream({
        pull: controller => {
          sent += 65_536
          controller.enqueue(new Uint8Array(65_536))
        },
      })
      const init = { ...wooDelivery('', 'd10', secret), body: endless, duplex: 'half' } as RequestInit
      // The server may close before the client has read the answer: then it is the broken upload that it sees.
      const seen = await fetch(`http://127.0.0.1:${port}/webhooks/tok`, init).then(
        answer => answer.status,
        () => 'cut off',
      )
      expect([413, 'cut off']).toContain(seen)
      expect(sent).toBeLessThan(40 * WEBHOOK_BODY_MAX)
      expect(await stored()).toHaveLength(0)
    } finally {
      await new Promise(resolve => server.close(resolve))
    }
  })

  test('while the database is away is answered 503 with the time to come back, and the cause is logged', async () => {
    const nobody = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => nobody.once('listening', resolve))
    const { port } = nobody.address() as AddressInfo
    await new Promise(resolve => nobody.close(resolve))
    const away = connect(`postgres://nobody@127.0.0.1:${port}/nowhere`, { max: 1 })
    const logged: unknown[] = []
    const down = webhookRoutes({ sql: away, keyring, ring: id => rung.push(id), log: (_, error) => logged.push(error) })
    const answer = await down.request('/webhooks/tok', wooDelivery(body, 'd11', secret))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30'])
    expect(logged).toMatchObject([{ code: 'ECONNREFUSED' }])
    expect(rung).toEqual([])
    await close(away, 1)
  })

  test('whose secret is sealed with a key that we no longer have is our own fault: 500, so that it is sent again', async () => {
    const other = await readKeyring(`other:${Buffer.alloc(32, 9).toString('base64')}`)
    const app = webhookRoutes({ sql: db.sql, keyring: other, ring: id => rung.push(id) })
    app.onError((error, c) => c.text(error.message, 500))
    const answer = await app.request('/webhooks/tok', wooDelivery(body, 'd12', secret))
    expect([answer.status, await answer.text()]).toEqual([500, 'sealed with key test, which is not in CONCORD_KEYS'])
    expect(await stored()).toHaveLength(0)
  })
})
