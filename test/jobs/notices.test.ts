import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeOutside } from '../../connectors/outside.ts'
import { claimNotices, orderNotices } from '../../db/buyer-notices.ts'
import { tellWaiting } from '../../db/pick-up-kept.ts'
import { writePlatforms } from '../../db/platforms.ts'
import { makeMail } from '../../jobs/mail.ts'
import { tellBuyers } from '../../jobs/notices.ts'
import type { TellDeps } from '../../jobs/tell.ts'
import { NOTICE_KINDS } from '../../src/domain/notices/kinds.ts'
import { makeLog } from '../../src/http/log.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { addEndpoint } from '../../src/usecases/alert-endpoints.ts'
import { sendSample, setChannelNotices, setTemplate } from '../../src/usecases/notice-settings.ts'
import { sealPerson } from '../../src/usecases/seal-person.ts'
import type { OrderPerson } from '../../src/values/channel-order.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { actOn, groupOf } from '../support/pick-up.ts'
import { type SmtpServer, smtpServer } from '../support/smtp-server.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
const lines: string[] = []
const log = makeLog({ destination: { write: line => lines.push(line) } })
const got: { readonly headers: Record<string, string>; readonly body: string }[] = []
const server = createServer((request, response) => {
  let body = ''
  request.on('data', chunk => {
    body += chunk
  })
  request.on('end', () => {
    got.push({ headers: request.headers as Record<string, string>, body })
    response.writeHead(200).end()
  })
})
const outside = makeOutside({ allowPrivate: true })
const signal = new AbortController().signal
const BUYER: OrderPerson = { name: 'Ida <b>Berg</b>', email: 'ida@example.org', phone: '+4915112345' }

let smtp: SmtpServer
let mail: ReturnType<typeof makeMail>
let receiver: string
let accountId: number
let last = 0

beforeAll(async () => {
  smtp = await smtpServer()
  mail = makeMail(`smtp://127.0.0.1:${smtp.port}`, 'hub@example.org')
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await layIn(sql, { MUG: { berlin: 500 } })
  accountId = (await quietChannel(sql, 'shop')).accountId
  await sql`update locations set name = 'Berlin Mitte', zone = 'Europe/Berlin'`
})
afterAll(async () => {
  mail.close()
  await Promise.all([smtp.close(), outside.close(), new Promise(resolve => server.close(resolve))])
})

const deps = (more: Partial<TellDeps> = {}): TellDeps => ({
  ...{ sql, keyring: context.keyring, log, owner: 'one', random: () => 0, post: outside.post, mail: mail.send },
  publicUrl: 'https://hub.example.org',
  ...more,
})
const tell = (more: Partial<TellDeps> = {}) => tellBuyers(deps(more), signal)
const inMs = (ms: number) => () => new Date(Date.now() + ms)

async function order(person: OrderPerson | null = BUYER): Promise<number> {
  last += 1
  const sketch = { id: `N-${last}`, placedAt: new Date().toISOString(), lines: [{ sku: 'MUG', ordered: 2 }] }
  const [booked] = await book(sql, { accountId }, 'shop', [sketch])
  if (booked?.orderId === undefined) throw new Error('not booked')
  if (person !== null) {
    const { sealedKey, sealedBody } = await sealPerson(context, person)
    await sql`insert into order_people (order_id, sealed_key, sealed_body) values (${booked.orderId}, decode(${sealedKey}, 'base64'), decode(${sealedBody}, 'base64'))`
  }
  return booked.orderId
}
const told = async (orderId: number) =>
  (await orderNotices(sql, orderId)).map(({ kind, via, state, trouble }) => [kind, via, trouble ?? state])
const lettersSince = (count: number) => smtp.letters.slice(count)
/** The parts of a letter, each as it is written in its head. */
const wordsOf = (letter: string | undefined): string =>
  (letter ?? '')
    .split(/^--.*$/m)
    .map(part => {
      const [, body = ''] = /\n\n([\s\S]*)$/.exec(part) ?? []
      if (/^Content-Transfer-Encoding: base64$/m.test(part)) return Buffer.from(body, 'base64').toString('utf8')
      if (!/^Content-Transfer-Encoding: quoted-printable$/m.test(part)) return body
      const bytes = body
        .replaceAll('=\n', '')
        .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      return Buffer.from(bytes, 'latin1').toString('utf8')
    })
    .join('\n')

test('nothing is told to a buyer before somebody says so, and never where the platform tells its buyers itself', async () => {
  const quiet = await order()
  expect(await told(quiet)).toEqual([])
  await writePlatforms(sql, [{ platform: 'none', saleDates: false, saleBeside: false, referencePrice: false, tellsBuyers: true }])
  await expect(setChannelNotices(context, null, 'shop', { kinds: ['ready'] })).rejects.toMatchObject({
    code: 'invalid',
    detail: { field: 'kinds', reason: 'platform_tells' },
  })
  await writePlatforms(sql, [{ platform: 'none', saleDates: false, saleBeside: false, referencePrice: false }])
  await expect(setChannelNotices(context, null, 'shp', { kinds: [] })).rejects.toMatchObject({ code: 'not_found' })
  expect(await setChannelNotices(context, null, 'shop', { kinds: [...NOTICE_KINDS], senderName: 'Lumen & Oak' })).toMatchObject({
    ...{ kinds: NOTICE_KINDS, byEmail: true, senderName: 'Lumen & Oak', language: null },
  })
})

test('a buyer is told by e-mail that the order is confirmed, once, and then that it is ready, with the code and the page to follow it', async () => {
  const before = smtp.letters.length
  const id = await order()
  await sql`insert into order_events (order_id, transition, from_state, to_state, actor) values (${id}, 'let_go', 'held', 'accepted', 'test')`
  expect(await tell()).toBe(1)
  const { groupId } = await groupOf(sql, `N-${last}`, 'berlin')
  const ready = await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
  if (ready.outcome !== 'ready') throw new Error(ready.outcome)
  await tell()
  expect(await told(id)).toEqual([
    ['confirmed', 'email', 'done'],
    ['ready', 'email', 'done'],
  ])
  const [first, second] = lettersSince(before)
  expect(first).toMatchObject({ from: 'hub@example.org', to: 'ida@example.org' })
  expect(first?.text).toContain('From: "Lumen & Oak" <hub@example.org>')
  expect(first?.text).toContain(`Subject: Lumen & Oak: your order N-${last} is confirmed`)
  const words = wordsOf(second?.text)
  expect(words).toContain(`Your code: ${ready.code}`)
  expect(words).toContain('Berlin Mitte')
  expect(words).toMatch(/Follow your order: https:\/\/hub\.example\.org\/track\/[\w-]{24}\?language=en/)
  // As text it is as it was told, as HTML it is text.
  expect(words).toContain('Hello Ida <b>Berg</b>,')
  expect(words).toContain('Hello Ida &lt;b&gt;Berg&lt;/b&gt;,')
})

test('what left, what was cancelled and what was paid back is told, in the language of the channel', async () => {
  await setChannelNotices(context, null, 'shop', { language: 'zh-CN' })
  const before = smtp.letters.length
  const id = await order()
  const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${id}`
  await shipOrder(context, null, id, {
    lines: [{ lineId: line?.id ?? 0, quantity: 1 }],
    tracking: { carrier: 'DHL', number: '00340434', url: 'https://dhl.example/00340434' },
  })
  await cancelOrder(context, null, id, { cause: 'customer' })
  await sql`insert into acts (account_id, channel_id, order_id, kind, key, body, actor)
    select ${accountId}, channel_id, id, 'refund', 'r', '{"refund": {"total": "12.5"}}', 'test' from orders where id = ${id}`
  await sql`update acts set state = 'confirmed', ended_at = clock_timestamp() where order_id = ${id} and kind = 'refund'`
  await tell()
  expect((await told(id)).map(([kind, , state]) => [kind, state])).toEqual([
    ['confirmed', 'overtaken'],
    ['shipped', 'done'],
    ['cancelled', 'done'],
    ['refunded', 'done'],
  ])
  const letters = lettersSince(before).map(({ text }) => wordsOf(text))
  expect(letters.some(text => text.includes('DHL 00340434'))).toBe(true)
  expect(letters.some(text => text.includes('退款 EUR 12.50'))).toBe(true)
  expect(letters.some(text => text.includes('1 × MUG') && text.includes('已取消'))).toBe(true)
  await setChannelNotices(context, null, 'shop', { language: null })
})

test('whoever sends telephone messages is told by webhook with what they need; all others without a word of the buyer', async () => {
  await setChannelNotices(context, null, 'shop', { byEmail: false })
  const plain = await addEndpoint(context, null, 'webhook', `${receiver}/plain`, { kinds: ['order.ready', 'order.cancelled'] })
  const sms = await addEndpoint(context, null, 'webhook', `${receiver}/sms`, { kinds: ['order.ready'], tellsBuyers: true })
  const id = await order()
  const { groupId } = await groupOf(sql, `N-${last}`, 'berlin')
  const ready = await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
  if (ready.outcome !== 'ready') throw new Error(ready.outcome)
  await tell()
  expect(await told(id)).toEqual([
    ['ready', 'webhook', 'done'],
    ['ready', 'webhook', 'done'],
  ])
  const [first, second] = got.slice(-2).sort((a, b) => a.body.length - b.body.length)
  if (first === undefined || second === undefined) throw new Error('not told')
  expect(new Webhook(plain.secret ?? '').verify(first.body, first.headers)).toEqual({
    type: 'order.ready',
    timestamp: expect.any(String),
    data: {
      ...{ order: { id, number: `N-${last}`, channel: 'shop' }, group: groupId, language: 'en', place: 'Berlin Mitte' },
      collectBy: ready.collectBy === null ? null : new Date(ready.collectBy).toISOString(),
    },
  })
  expect(new Webhook(sms.secret ?? '').verify(second.body, second.headers)).toMatchObject({
    data: {
      buyer: { phone: BUYER.phone, name: BUYER.name },
      ...{ code: ready.code, link: expect.stringMatching(/^https:\/\/hub\.example\.org\/track\//) },
      message: { subject: `Lumen & Oak: order N-${last} is ready for you to collect`, text: expect.stringContaining(String(ready.code)) },
    },
  })
  const nobody = await order({ email: 'x@example.org' })
  await actOn(sql, 'fulfilment_ready_1', (await groupOf(sql, `N-${last}`, 'berlin')).groupId, { all: true })
  await tell()
  expect((await told(nobody)).map(one => one[2]).sort()).toEqual(['done', 'no_phone'])
  await setChannelNotices(context, null, 'shop', { byEmail: true })
})

test('a letter that a server does not take is tried again under one id; one whose worker died is sent by another', async () => {
  const before = smtp.letters.length
  const id = await order()
  // The worker that has it dies here.
  expect(await claimNotices(sql, 'dead', 45_000, 10)).toHaveLength(1)
  expect(await tell()).toBe(0)
  smtp.refuse('451 busy')
  expect(await tell({ now: inMs(46_000) })).toBe(1)
  expect(await told(id)).toEqual([['confirmed', 'email', 'EMESSAGE']])
  smtp.refuse(null)
  expect(await tell({ now: inMs(46_000) })).toBe(0)
  expect(await tell({ now: inMs(60_000) })).toBe(1)
  expect(await told(id)).toEqual([['confirmed', 'email', 'done']])
  const [notice] = await sql<{ id: string }[]>`select message_id as id from buyer_notices where order_id = ${id}`
  expect(lettersSince(before).map(letter => /Message-ID: <(.*)@/.exec(letter.text)?.[1])).toEqual([notice?.id])
})

test('a choice is told of once, however often its group fails; the next choice is told of anew', async () => {
  const id = await order()
  const { groupId, lineIds } = await groupOf(sql, `N-${last}`, 'berlin', 'collect', new Date(Date.now() - 2 * 3_600_000))
  await sql`update order_lines set method = 'collect' where order_id = ${id}`
  const asked = () => sql`select cause, via from buyer_notices where order_id = ${id} and kind = 'choice_needed'`
  expect(await tellWaiting(sql, new Date(), 10)).toBe(1)
  await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: lineIds[0] ?? 0, short: 1, left: 500 }] })
  await actOn(sql, 'fulfilment_reject_1', groupId, { reason: 'no staff' })
  expect(await asked()).toHaveLength(1)
  // He chose, and the same group fails him again.
  await sql`insert into order_events (order_id, transition, from_state, to_state, actor) values (${id}, 'choose', 'accepted', 'routed', 'test')`
  await sql`insert into order_events (order_id, group_id, transition, from_state, to_state, actor) values (${id}, ${groupId}, 'choice_needed', 'waiting', 'waiting', 'test')`
  expect(await asked()).toHaveLength(2)
  await tell()
})

test('who is forgotten, told no address, or whose order went on is told nothing', async () => {
  const before = smtp.letters.length
  const [forgotten, silent, switched] = [await order(), await order({ name: 'Ida' }), await order()]
  await sql`delete from order_people where order_id = ${forgotten}`
  await sql`update buyer_notices set due_at = clock_timestamp() + interval '1 hour' where order_id = ${switched}`
  await tell()
  expect([await told(forgotten), await told(silent)]).toEqual([[['confirmed', 'email', 'nobody']], [['confirmed', 'email', 'no_address']]])
  await setChannelNotices(context, null, 'shop', { kinds: ['ready'] })
  await tell({ now: inMs(3_700_000) })
  expect(await told(switched)).toEqual([['confirmed', 'email', 'switched_off']])
  await sql`update orders set people_gone_at = clock_timestamp() where id = ${forgotten}`
  await setChannelNotices(context, null, 'shop', { kinds: [...NOTICE_KINDS] })
  await cancelOrder(context, null, forgotten, { cause: 'customer' })
  expect(await told(forgotten)).toHaveLength(1)
  expect(lettersSince(before)).toEqual([])
  // An order that was placed long before we heard of it is old news.
  const [old] = await book(sql, { accountId }, 'shop', [{ id: 'OLD', lines: [{ sku: 'MUG', ordered: 1 }] }])
  expect(await told(old?.orderId ?? 0)).toEqual([])
})

test('a merchant’s own words hold, for one channel or for all; broken ones are refused with their line; a sample comes to whoever asks', async () => {
  const place = { channel: null, kind: 'confirmed', language: 'en' } as const
  await expect(setTemplate(context, null, place, { subject: 'S', body: 'Hi\n{{nobody}}' })).rejects.toMatchObject({
    ...{
      code: 'invalid',
      message: 'Line 2 of the body: there is no {{nobody}} here.',
      detail: { field: 'body', line: 2, reason: 'unknown' },
    },
  })
  await setTemplate(context, null, place, { subject: 'All: {{order}}', body: 'all' })
  await setTemplate(context, null, { ...place, channel: 'shop' }, { subject: 'Shop: {{order}}', body: 'shop' })
  const before = smtp.letters.length
  await order()
  await tell()
  await setTemplate(context, null, { ...place, channel: 'shop' }, null)
  await order()
  await tell()
  await sql`insert into users (email, name, role, password_hash) values ('ana@example.org', 'Ana', 'operations', 'x')`
  await expect(sendSample(context, null, 'nobody@example.org', 'ready', 'en')).rejects.toMatchObject({ code: 'not_found' })
  await sendSample(context, null, 'ana@example.org', 'ready', 'en')
  await tell()
  const subjects = lettersSince(before).map(({ to, text }) => [to, /^Subject: (.*)$/m.exec(text)?.[1]])
  expect(subjects).toEqual([
    ['ida@example.org', `Shop: N-${last - 1}`],
    ['ida@example.org', `All: N-${last}`],
    ['ana@example.org', 'Sample shop: order 1042 is ready for you to collect'],
  ])
})

test('no log and no row of the outbox holds a word of a buyer', async () => {
  const [row] = await sql<{ text: string }[]>`select string_agg(n::text, ' ') as text from buyer_notices n`
  for (const word of ['ida@example.org', 'Berg', '15112345']) expect(`${lines.join('')} ${row?.text}`).not.toContain(word)
})
