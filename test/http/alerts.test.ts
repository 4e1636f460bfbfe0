import { beforeAll, expect, test } from 'vitest'
import { lookForAlerts } from '../../db/alerts.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { setAlertLimit } from '../../src/usecases/alert-limits.ts'
import { quietChannel } from '../support/goods.ts'
import { ask, type Stage, setStage } from './stage.ts'

type Row = Readonly<Record<string, unknown>>

let stage: Stage
let admin: string
let operator: string
beforeAll(async () => {
  stage = await setStage()
  ;[admin, operator] = [await stage.key('admin'), await stage.key('channels:write')]
  await quietChannel(stage.sql, 'shop')
  // The horizon is the cluster's: what other tests write just now would be told as well.
  await setAlertLimit(stage.context, null, 'feed_held', null, { off: true })
})
const itemsOf = (body: Row): Row[] => body.items as Row[]
const fail = (state: string) =>
  stage.sql`update accounts set state = ${state}, state_reason = 'auth: 401', state_since = clock_timestamp() - interval '330 seconds'`
const look = (aheadMs = 0) => lookForAlerts(stage.sql, ALERT_KINDS, new Date(Date.now() + aheadMs))

test('an endpoint is made with its secret shown once, told of an alert, and its log is read by whoever administers', async () => {
  const url = 'https://ops.example.org/in?key=theirs'
  const made = await ask(stage.app, 'POST /v1/webhook-endpoints', {
    ...{ key: admin, idempotencyKey: 'e1', body: { url, name: 'pager', kinds: ['credentials'] } },
  })
  expect(made).toMatchObject({
    status: 201,
    body: { url, name: 'pager', kinds: ['credentials'], state: 'active', secrets: [null], waiting: 0 },
  })
  expect(made.body.secret).toMatch(/^whsec_/)
  const again = await ask(stage.app, 'POST /v1/webhook-endpoints', {
    ...{ key: admin, idempotencyKey: 'e1', body: { url, name: 'pager', kinds: ['credentials'] } },
  })
  expect(again.body).toMatchObject({ id: made.body.id, secret: null })
  const twice = await ask(stage.app, 'POST /v1/webhook-endpoints', { key: admin, body: { url: url.toUpperCase() } })
  expect(twice).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect((await ask(stage.app, 'GET /v1/webhook-endpoints', { key: operator })).status).toBe(403)

  await fail('failing')
  expect(await look()).toEqual({ opened: 1, ended: 0, told: 1 })
  const { body } = await ask(stage.app, 'GET /v1/alerts?open=true', { key: operator })
  const [alert] = itemsOf(body)
  expect(alert).toMatchObject({
    ...{ kind: 'credentials', subject: 'account:shop', account: 'shop', channel: null, endedAt: null },
    title: 'shop: the platform refuses our credentials',
    text: 'For 5 min. Nothing goes out and no order comes in until it takes them again.',
  })
  expect((await ask(stage.app, `GET /v1/alerts/${alert?.id}`, { key: operator })).body).toEqual(alert)
  expect((await ask(stage.app, 'GET /v1/alerts/999', { key: operator })).status).toBe(404)
  const log = await ask(stage.app, `GET /v1/webhook-deliveries?endpoint=${made.body.id}&state=waiting`, { key: admin })
  expect(itemsOf(log.body)).toMatchObject([
    { endpoint: made.body.id, alert: alert?.id, event: 'alert.opened', attempts: 0, via: 'webhook' },
  ])
  const one = await ask(stage.app, `GET /v1/webhook-deliveries/${itemsOf(log.body)[0]?.id}`, { key: admin })
  expect(JSON.parse(String(one.body.body))).toMatchObject({ type: 'alert.opened', data: { alert: alert?.id } })
  expect(one.body.tries).toEqual([])

  const metrics = await ask(stage.app, 'GET /metrics', { key: await stage.key('metrics:read') })
  expect(metrics.text).toContain('concord_alerts{kind="credentials"} 1')
  expect(metrics.text).toContain('concord_alert_deliveries_waiting 1')

  await fail('active')
  expect(await look(120_000)).toEqual({ opened: 0, ended: 1, told: 1 })
  expect(itemsOf((await ask(stage.app, 'GET /v1/alerts?open=true', { key: operator })).body)).toEqual([])
  expect(itemsOf((await ask(stage.app, 'GET /v1/alerts?open=false&kind=credentials', { key: operator })).body)).toHaveLength(1)
  const since = new Date(Date.now() - 60_000).toISOString()
  const replayed = await ask(stage.app, `POST /v1/webhook-endpoints/${made.body.id}/replay`, { key: admin, body: { since } })
  expect(replayed.body).toEqual({ deliveries: 2 })
  expect((await ask(stage.app, 'POST /v1/webhook-deliveries/999/replay', { key: admin })).status).toBe(404)
  expect(stage.logged()).not.toContain(String(made.body.secret))
  expect(stage.logged()).not.toContain('key=theirs')
})

test('an endpoint is changed, paused, given a new secret, tested and removed', async () => {
  const made = await ask(stage.app, 'POST /v1/webhook-endpoints', { key: admin, body: { url: 'https://two.example.org/' } })
  const at = `/v1/webhook-endpoints/${made.body.id}`
  const rotated = await ask(stage.app, `POST ${at}/rotate`, { key: admin, body: { overlapS: 3_600 } })
  expect(rotated.body.secret).toMatch(/^whsec_/)
  expect(rotated.body.secret).not.toBe(made.body.secret)
  const paused = await ask(stage.app, `PATCH ${at}`, { key: admin, body: { state: 'paused', kinds: ['refusals'] } })
  expect(paused.body).toMatchObject({ state: 'paused', kinds: ['refusals'], secrets: [null, rotated.body.endsAt] })
  expect(await ask(stage.app, `POST ${at}/test`, { key: admin })).toMatchObject({
    status: 409,
    body: { detail: 'It is paused: let it go on first.' },
  })
  await ask(stage.app, `PATCH ${at}`, { key: admin, body: { state: 'active' } })
  expect((await ask(stage.app, `POST ${at}/test`, { key: admin })).body.delivery).toBeGreaterThan(0)
  expect((await ask(stage.app, `DELETE ${at}`, { key: admin })).status).toBe(200)
  expect((await ask(stage.app, `DELETE ${at}`, { key: admin })).status).toBe(404)
  expect((await ask(stage.app, `POST ${at}/rotate`, { key: admin, body: { overlapS: 1e9 } })).status).toBe(422)
  const [dropped] = itemsOf((await ask(stage.app, `GET /v1/webhook-deliveries?endpoint=${made.body.id}`, { key: admin })).body)
  expect(dropped).toMatchObject({ event: 'webhook.test', state: 'dropped' })
})

test.each([
  ['ftp://ops.example.org/', 'This is no address of a webhook.'],
  ['ops.example.org', 'This is no address of a webhook.'],
  ['https://user:pass@ops.example.org/', 'A webhook’s address holds no user and no password: each delivery is signed.'],
])('%s is refused as an endpoint', async (url, detail) =>
  expect(await ask(stage.app, 'POST /v1/webhook-endpoints', { key: admin, body: { url } })).toMatchObject({
    status: 422,
    body: { detail },
  }),
)

test('e-mail addresses are added, tested and removed', async () => {
  const made = await ask(stage.app, 'POST /v1/alert-emails', { key: admin, body: { email: 'ana@example.org', language: 'zh-CN' } })
  expect(made).toMatchObject({ status: 201, body: { email: 'ana@example.org', language: 'zh-CN', kinds: [], state: 'active' } })
  expect(made.text).not.toContain('secret')
  const twice = await ask(stage.app, 'POST /v1/alert-emails', { key: admin, body: { email: 'ANA@example.org' } })
  expect(twice.body).toMatchObject({ code: 'conflict', detail: 'This e-mail address is told of alerts already.' })
  expect((await ask(stage.app, 'POST /v1/alert-emails', { key: admin, body: { email: 'nobody' } })).status).toBe(422)
  expect((await ask(stage.app, `POST /v1/alert-emails/${made.body.id}/test`, { key: admin })).body.delivery).toBeGreaterThan(0)
  const changed = await ask(stage.app, `PATCH /v1/alert-emails/${made.body.id}`, { key: admin, body: { state: 'paused', language: 'en' } })
  expect(changed.body).toMatchObject({ state: 'paused', language: 'en', email: 'ana@example.org' })
  // A webhook's number is no e-mail address's.
  expect((await ask(stage.app, `POST /v1/webhook-endpoints/${made.body.id}/test`, { key: admin })).status).toBe(404)
  expect((await ask(stage.app, `DELETE /v1/alert-emails/${made.body.id}`, { key: admin })).status).toBe(200)
  expect((await ask(stage.app, 'GET /v1/alert-emails', { key: admin })).body).toEqual({ items: [] })
})

test('limits are shown as supplied, set for the installation and a channel, and taken back', async () => {
  const late = (body: Row) => itemsOf(body).filter(one => one.kind === 'channel_late')
  const usual = await ask(stage.app, 'GET /v1/alert-limits', { key: operator })
  expect(itemsOf(usual.body)).toHaveLength(Object.keys(ALERT_KINDS).length)
  expect(late(usual.body)).toEqual([
    { kind: 'channel_late', channel: null, amount: 900, unit: 'seconds', quietS: 120, off: false, actor: null, setAt: null },
  ])
  const put = (kind: string, body: Row) => ask(stage.app, `PUT /v1/alert-limits/${kind}`, { key: operator, body })
  await put('channel_late', { amount: 600 })
  const set = await put('channel_late', { channel: 'shop', off: true })
  expect(late(set.body)).toMatchObject([
    { channel: null, amount: 600, quietS: 120, off: false },
    { channel: 'shop', amount: 600, off: true },
  ])
  expect(late((await put('channel_late', { channel: 'shop', usual: true })).body)).toHaveLength(1)
  expect(await put('credentials', { channel: 'shop', amount: 1 })).toMatchObject({
    ...{ status: 422, body: { detail: 'credentials has one limit for the whole installation.' } },
  })
  expect((await put('channel_late', {})).status).toBe(422)
  expect((await put('channel_late', { channel: 'none', amount: 1 })).status).toBe(404)
  expect((await put('nothing', { amount: 1 })).status).toBe(422)
})
