import { beforeAll, expect, test } from 'vitest'
import { sealPerson } from '../../src/usecases/seal-person.ts'
import { cliOn } from '../cli/stage.ts'
import { ask } from '../http/stage.ts'
import { flashOf, send, setUiStage, type UiStage, visit } from './stage.ts'

let stage: UiStage
beforeAll(async () => {
  stage = await setUiStage()
  const { sealedKey, sealedBody } = await sealPerson(stage.context, { name: 'Ida <i>Berg</i>' })
  await stage.sql`insert into order_people (order_id, sealed_key, sealed_body)
    values (${stage.orderId}, decode(${sealedKey}, 'base64'), decode(${sealedBody}, 'base64'))`
})
const read = async (path: string, role: 'operations' | 'pricing' = 'operations', language = 'en') =>
  ask(stage.pages, `GET ${path}`, {
    headers: { cookie: (await stage.person(role)).cookie, accept: 'text/html', 'accept-language': language },
  })
const letter = async (fields: Record<string, string>, role: 'operations' | 'pricing' = 'operations') => {
  const who = await stage.person(role)
  const answer = await stage.pages.request('/orders/notices/letters/ready/en', {
    method: 'POST',
    headers: { accept: 'text/html', cookie: who.cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ _csrf: who.csrf, _key: crypto.randomUUID(), ...fields }),
  })
  return { status: answer.status, text: await answer.text() }
}

test('what a channel tells its buyers is switched on in the console, by name', async () => {
  const off = await read('/orders/notices')
  expect(off.text).not.toMatch(/name="ready"[^>]*checked/)
  const said = await send(stage, '/orders/notices/channels/shop', await stage.person('operations'), {
    ...{ ready: 'yes', shipped: 'yes', byEmail: 'yes', senderName: 'Lumen', replyTo: 'help@example.org', language: 'zh-CN' },
  })
  expect(said.html).toContain('shop: saved.')
  const on = await read('/orders/notices')
  expect(on.text).toMatch(/name="ready"[^>]*checked/)
  expect(on.text).not.toMatch(/name="cancelled"[^>]*checked/)
  expect(on.text).toContain('value="help@example.org"')
  const wrong = await send(stage, '/orders/notices/channels/shop', await stage.person('operations'), { replyTo: 'nobody' })
  expect(wrong.html).toContain('This is no e-mail address.')
  expect((await read('/orders/notices', 'pricing')).status).toBe(200)
  const refused = await send(stage, '/orders/notices/channels/shop', await stage.person('pricing'), {})
  expect(refused.status).toBe(403)
})

test('a letter is seen before it is kept: with a sample, with a real order, and with what is wrong in its line', async () => {
  const first = await read('/orders/notices/letters/ready/en')
  expect(first.text).toContain('Hello Ana Sample,')
  const tried = await letter({
    do: 'preview',
    subject: 'For {{name}}',
    body: 'Hello **{{name}}**\n\n- {{order}}',
    order: String(stage.orderId),
  })
  expect(tried.status).toBe(200)
  expect(tried.text).toContain('For Ida &lt;i&gt;Berg&lt;/i&gt;')
  expect(tried.text).toContain('<ul><li>A-1</li></ul>')
  expect(tried.text).not.toContain('<i>Berg')
  const broken = await letter({ do: 'save', subject: 'S', body: 'one\n{{nobody}}' })
  expect(broken.status).toBe(422)
  expect(broken.text).toContain('Line 2: there is no {{nobody}} here.')
  // What was typed stays.
  expect(broken.text).toContain('one\n{{nobody}}')
  expect((await letter({ do: 'save', subject: 'Mine {{order}}', body: 'my words' })).status).toBe(303)
  expect((await read('/orders/notices/letters/ready/en')).text).toContain('my words')
  expect((await read('/orders/notices')).text).toContain('your own')
  expect((await letter({ do: 'sample' })).status).toBe(303)
  const [sample] = await stage.sql`select u.email, n.kind from buyer_notices n join users u on u.id = n.user_id`
  expect(sample).toEqual({ email: 'operations@example.org', kind: 'ready' })
  expect((await letter({ do: 'usual' })).status).toBe(303)
  expect((await read('/orders/notices/letters/ready/en')).text).not.toContain('my words')
  expect((await letter({ do: 'save', subject: 'S', body: 'b' }, 'pricing')).status).toBe(403)
  expect((await read('/orders/notices/letters/nothing/en')).status).toBe(404)
})

test('the API says what is told, keeps letters, and shows a real buyer only to whoever may see buyers', async () => {
  const [reads, writes, people] = [
    await stage.key('channels:read'),
    await stage.key('channels:write'),
    await stage.key('channels:read', 'orders:people'),
  ]
  const set = await ask(stage.app, 'PATCH /v1/channels/shop/notices', { key: writes, body: { kinds: ['refunded'], senderName: null } })
  expect(set.body).toMatchObject({
    channel: 'shop',
    kinds: ['refunded'],
    senderName: null,
    replyTo: 'help@example.org',
    platformTells: false,
  })
  expect((await ask(stage.app, 'GET /v1/notices', { key: reads })).body).toEqual({ items: [set.body] })
  const path = '/v1/notice-templates/ready/en'
  const wrong = await ask(stage.app, `PUT ${path}?channel=shop`, { key: writes, body: { subject: 'S', body: '{{#lines}}' } })
  expect(wrong.body).toMatchObject({ code: 'invalid', detail: 'Line 1 of the body: {{#lines}} is not closed: {{/lines}} is missing.' })
  const kept = await ask(stage.app, `PUT ${path}?channel=shop`, { key: writes, body: { subject: 'S {{order}}', body: '{{name}}' } })
  expect(kept.body).toMatchObject({ channel: 'shop', isOurs: false, subject: 'S {{order}}' })
  expect((await ask(stage.app, `GET ${path}`, { key: reads })).body).toMatchObject({ isOurs: true })
  const preview = (key: string, body: object) => ask(stage.app, `POST ${path}/preview?channel=shop`, { key, body })
  expect((await preview(reads, {})).body).toMatchObject({ subject: 'S 1042', text: 'Ana Sample\n' })
  expect((await preview(reads, { order: stage.orderId })).status).toBe(403)
  expect((await preview(people, { order: stage.orderId })).body).toMatchObject({ subject: 'S A-1', text: 'Ida <i>Berg</i>\n' })
  expect((await preview(people, { order: 999 })).status).toBe(404)
  expect((await ask(stage.app, `DELETE ${path}?channel=shop`, { key: writes })).body).toMatchObject({ isOurs: true })
  expect((await ask(stage.app, `GET /v1/orders/${stage.orderId}/notices`, { key: await stage.key('orders:read') })).body).toEqual({
    items: [],
  })
})

test('what was told of an order shows what became of it, and is sent again by console, API and command line', async () => {
  const { sql, orderId } = stage
  await sql`
    insert into alert_endpoints (via, address, language, kinds, actor) values ('webhook', 'https://sms.example.org/secret-path', 'en', '{order.ready}', 'test')`
  await sql`
    insert into buyer_notices (order_id, kind, cause, via, endpoint_id, message_id, state, attempts, last_status, last_trouble, ended_at)
    select ${orderId}, 'ready', 'event:0', 'webhook', max(id), 'msg_again', 'failed', 9, 500, 'refused', clock_timestamp() from alert_endpoints`
  const [row] = await sql<{ id: number }[]>`select id from buyer_notices where message_id = 'msg_again'`
  const notice = row?.id ?? 0
  const admin = await stage.person('admin')
  const { html } = await visit(stage, `/orders/${orderId}`, admin)
  expect(html).toMatch(/sms\.example\.org[\s\S]*given up[\s\S]*500/)
  expect(html).not.toContain('secret-path')
  const sent = await send(stage, `/orders/${orderId}/notices/${notice}/again`, admin, {})
  expect(flashOf(sent.html)).toBe('It is sent again, if it is still so.')
  const state = async () => (await sql`select state, attempts from buyer_notices where id = ${notice}`)[0]
  expect(await state()).toEqual({ state: 'waiting', attempts: 0 })

  const over = () => sql`update buyer_notices set state = 'failed', due_at = null, ended_at = clock_timestamp() where id = ${notice}`
  const route = `POST /v1/orders/${orderId}/notices/${notice}/again`
  expect((await ask(stage.app, route, { key: await stage.key('orders:read') })).status).toBe(403)
  const key = await stage.key('orders:write')
  expect(await ask(stage.app, route, { key })).toMatchObject({ status: 409, body: { code: 'conflict', reason: 'waiting' } })
  await over()
  const again = await ask(stage.app, route, { key, idempotencyKey: 'again' })
  expect(again).toMatchObject({ status: 200, body: { items: [{ id: notice, state: 'waiting', host: 'sms.example.org', status: null }] } })
  await over()
  const cli = cliOn(stage.url)
  expect(await cli(['notice', 'told', String(orderId), '--again', String(notice)])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/sms\.example\.org +waiting/),
  })
  await over()
  await sql`update alert_endpoints set removed_at = clock_timestamp() where via = 'webhook'`
  expect(await ask(stage.app, route, { key })).toMatchObject({ status: 409, body: { reason: 'gone' } })
})
