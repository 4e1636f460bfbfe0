import { afterAll, beforeAll, expect, test } from 'vitest'
import { lookForAlerts } from '../../db/alerts.ts'
import { close } from '../../db/connect.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { setAlertLimit } from '../../src/usecases/alert-limits.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'
import { wrongs } from './stock-stage.ts'

let stage: UiStage
let admin: Person
let operator: Person
beforeAll(async () => {
  stage = await setUiStage()
  ;[admin, operator] = [await stage.person('admin'), await stage.person('operations')]
  // The horizon is the cluster's: what other tests write just now would be told as well.
  await setAlertLimit(stage.context, null, 'feed_held', null, { off: true })
})
afterAll(() => close(stage.sql, 1))

const CHINESE = { 'accept-language': 'zh-CN', cookie: 'concord_language=zh-CN' }
const badges = (html: string): string[] => [...html.matchAll(/<b class="badge"[^>]*title="([^"]*)"/g)].map(found => found[1] ?? '')
const fail = (state: string) =>
  stage.sql`update accounts set state = ${state}, state_reason = 'auth: 401', state_since = clock_timestamp() - interval '330 seconds'`
const rowOf = (html: string, id: string): string => textOf(new RegExp(`<tr id="${id}".*?</tr>`, 's').exec(html)?.[0] ?? '')

test('nothing wrong says so; what is wrong counts in the navigation and on the board, and is over when it is', async () => {
  const none = await visit(stage, '/alerts', operator)
  expect(textOf(none.html)).toContain('Nothing is wrong. What is wrong for longer than its limit appears here.')
  expect(badges(none.html)).toEqual([])
  expect(textOf((await visit(stage, '/alerts?show=over', operator)).html)).toContain('Nothing has been wrong yet.')

  await fail('failing')
  await lookForAlerts(stage.sql, ALERT_KINDS)
  // The count serves all pages for a second.
  await expect.poll(async () => badges((await visit(stage, '/alerts', operator)).html), { interval: 100 }).toEqual(['1 alert is open'])
  const open = await visit(stage, '/alerts', operator)
  expect(textOf(open.html)).toContain(
    'shop: the platform refuses our credentials For 5 min. Nothing goes out and no order comes in until it takes them again.',
  )
  expect(textOf((await visit(stage, '/', operator)).html)).toMatch(/Alerts 1 Listings to match/)
  const chinese = await visit(stage, '/alerts', operator, CHINESE)
  expect(textOf(chinese.html)).toContain('shop：平台拒绝我们的凭据 已持续 5 分钟。')
  expect(englishLeft(chinese.html)).toEqual([])

  await fail('active')
  await lookForAlerts(stage.sql, ALERT_KINDS, new Date(Date.now() + 120_000))
  expect(textOf((await visit(stage, '/alerts', operator)).html)).toContain('Nothing is wrong.')
  expect(textOf((await visit(stage, '/alerts?show=over', operator)).html)).toMatch(
    /shop: the platform refuses our credentials .* over \d{4}-/,
  )
})

test('limits are set for the installation and a channel, turned off and taken back, by whoever may change channels', async () => {
  const set = (fields: Readonly<Record<string, string>>, who = operator) => send(stage, '/alerts/limits', who, { told: 'on', ...fields })
  const done = await set({ kind: 'channel_late', channel: 'shop', amount: '300' })
  expect(flashOf(done.html)).toBe('The limit is saved.')
  expect(rowOf(done.html, 'limit-channel_late-shop')).toBe('Changes go out late shop 300 s 120 s operations@example.org')
  expect(rowOf(done.html, 'limit-channel_late')).toBe('Changes go out late all 900 s 120 s as supplied')
  expect(rowOf((await set({ kind: 'refusals', told: 'off' })).html, 'limit-refusals')).toMatch(/^Refusals rise all not told 600 s/)
  expect(rowOf((await set({ kind: 'refusals', told: 'usual' })).html, 'limit-refusals')).toBe(
    'Refusals rise all 10 within an hour 600 s as supplied',
  )
  expect(flashOf((await set({ kind: 'credentials', channel: 'shop', amount: '5' })).html)).toContain(
    'This alert has one limit for the whole installation.',
  )
  expect(flashOf((await set({ kind: 'credentials', amount: 'many' })).html)).toContain('many')
  const marketing = await stage.person('marketing')
  expect(textOf((await visit(stage, '/alerts/limits', marketing)).html)).toContain('Your role may not change limits.')
  expect((await set({ kind: 'credentials', amount: '5' }, marketing)).status).toBe(403)
  expect(englishLeft((await visit(stage, '/alerts/limits', operator, CHINESE)).html)).toEqual([])
})

test('an administrator adds a webhook whose secret is shown once, tries it, gives it a new secret, pauses and removes it', async () => {
  expect((await visit(stage, '/alerts/told', operator)).status).toBe(403)
  expect((await visit(stage, '/alerts', operator)).html).not.toContain('/alerts/told')
  const bad = await send(stage, '/alerts/told/webhook', admin, { url: 'https://a:b@ops.example.org/', name: 'pager', kind: '' })
  expect(wrongs(bad.html)).toEqual([
    'This is no address of a webhook. Enter for example https://ops.example.org/concord, without user and password.',
  ])
  const added = await send(stage, '/alerts/told/webhook', admin, { url: 'https://ops.example.org/in', name: 'pager', kind: 'refusals' })
  const [, secret = ''] =
    /^https:\/\/ops\.example\.org\/in is told of alerts\. Its secret, shown this once: (whsec_\S+)$/.exec(flashOf(added.html)) ?? []
  expect(secret).not.toBe('')
  expect((await visit(stage, '/alerts/told', admin)).html).not.toContain(secret)
  const [{ id } = { id: 0 }] = await stage.sql<{ id: number }[]>`select id from alert_endpoints`
  expect(rowOf(added.html, `endpoint-${id}`)).toMatch(/^https:\/\/ops\.example\.org\/in pager Refusals rise active 0 /)
  const twice = await send(stage, '/alerts/told/webhook', admin, { url: 'https://ops.example.org/in', kind: '' })
  expect(wrongs(twice.html)).toEqual(['It is told of alerts already.'])

  const act = (name: string) => send(stage, `/alerts/told/webhook/${id}/${name}`, admin, {})
  const tested = await act('test')
  expect(flashOf(tested.html)).toMatch(/^Delivery \d+ is on its way\. See below how it went\.$/)
  const [{ delivery } = { delivery: 0 }] = await stage.sql<{ delivery: number }[]>`select id as delivery from alert_deliveries`
  expect(rowOf(tested.html, `delivery-${delivery}`)).toMatch(/test msg_[0-9a-f]{32} pager waits – 0 .* Send again$/)
  expect(flashOf((await send(stage, `/alerts/deliveries/${delivery}/replay`, admin, {})).html)).toBe(
    `Delivery ${delivery} goes out again, under its old id.`,
  )
  const rotated = await act('rotate')
  expect(flashOf(rotated.html)).toMatch(/^The new secret, shown this once: whsec_\S+ The old one signs as well for a day\.$/)
  expect(rowOf(rotated.html, `endpoint-${id}`)).toContain('2 secrets sign')
  const paused = await act('pause')
  expect(flashOf(paused.html)).toBe('It is told nothing until you let it go on.')
  expect(rowOf(paused.html, `endpoint-${id}`)).toContain('paused')
  expect(englishLeft((await visit(stage, '/alerts/told', admin, CHINESE)).html)).toEqual([])
  expect(flashOf((await act('resume')).html)).toBe('It is told again.')
  const removed = await act('remove')
  expect(flashOf(removed.html)).toBe('It is told no more.')
  expect(textOf(removed.html)).toContain('No webhook yet.')
  expect(flashOf((await act('remove')).html)).toContain('Not found')
})

test('an administrator adds an e-mail address in a language of its own', async () => {
  const bad = await send(stage, '/alerts/told/email', admin, { email: 'nobody', language: 'en', kind: '' })
  expect(wrongs(bad.html)).toEqual(['This is no e-mail address. Enter for example ana@example.org.'])
  const added = await send(stage, '/alerts/told/email', admin, { email: 'wei@example.org', language: 'zh-CN', kind: '' })
  expect(flashOf(added.html)).toBe('wei@example.org is told of alerts.')
  const rows = await stage.sql<{ language: string }[]>`select language from alert_endpoints where via = 'email'`
  expect(rows.map(row => row.language)).toEqual(['zh-CN'])
})
