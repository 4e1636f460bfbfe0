import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { endOverdueExchanges } from '../../jobs/exchange.ts'
import { trackingPath } from '../../src/usecases/tracking-link.ts'
import { ask } from '../http/stage.ts'
import { balance, book, layIn } from '../support/goods.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
})
afterAll(() => close(stage.sql, 1))

async function sold(id: string, units = 1) {
  const [booked] = await book(stage.sql, stage, 'shop', [{ id, effect: 'settle', lines: [{ sku: 'MUG', ordered: units, shipped: units }] }])
  const [line] = await stage.sql<{ id: number }[]>`select id from order_lines where order_id = ${booked?.orderId ?? 0}`
  return { orderId: booked?.orderId ?? 0, line: line?.id ?? 0 }
}
const replacementOf = async (orderId: number) =>
  (
    await stage.sql<{ id: number; state: string }[]>`select id, state from orders where exchange_of = ${orderId} order by id desc limit 1`
  )[0] ?? { id: 0, state: '' }

const form = (line: number, more: Record<string, string>) => ({
  ...{
    [`back-${line}`]: '1',
    [`sku-${line}`]: 'ATTACK',
    [`units-${line}`]: '',
    how: 'stock',
    location: 'lyon',
    handOver: 'counter',
    store: '',
  },
  ...{ returnBy: '', difference: '', reason: '', ...more },
})

test('goods are exchanged at a counter: the page leads from each order to the other, and offers what is left to do', async () => {
  const { orderId, line } = await sold('X-1')
  const path = `/orders/${orderId}`
  expect((await visit(stage, path, ana)).html).toContain(`action="${path}/exchange"`)
  const before = await balance(stage.sql, 'MUG', 'lyon')
  const refused = async (more: Record<string, string>) => flashOf((await send(stage, `${path}/exchange`, ana, form(line, more))).html)
  expect(await refused({ [`back-${line}`]: '' })).toContain('Enter how many units come back.')
  expect(await refused({ [`sku-${line}`]: '' })).toContain('For this SKU is missing.')
  expect(await refused({ [`sku-${line}`]: 'NONE' })).toContain('There is no SKU NONE.')
  expect(await refused({ difference: 'much' })).toContain('“much” is not an amount')
  const waits = { how: 'announced', handOver: 'ship', waits: 'yes' }
  const inChinese = { ...ana, cookie: `${ana.cookie}; concord_language=zh-CN` }
  expect(await refused(waits)).toContain('Enter by when they are to be back: what goes out waits until then.')
  expect(await refused({ ...waits, returnBy: '2020-01-01' })).toContain('This day is over')
  expect(await refused({ waits: 'yes' })).toContain('These goods are here')
  const told = await send(stage, `${path}/exchange`, inChinese, form(line, { ...waits, handOver: 'counter', returnBy: '2999-01-01' }))
  expect(told.html).toContain('当场交付的商品不会等待。')
  // None of it lies there.
  expect(await refused({})).toContain('Not all of it can be promised there (ATTACK 0/1): nothing was exchanged.')
  expect(await balance(stage.sql, 'MUG', 'lyon')).toEqual(before)
  const done = await send(stage, `${path}/exchange`, ana, form(line, { store: 'berlin' }))
  expect(flashOf(done.html)).toBe('1 unit exchanged: order X-1-X1 goes out.')
  const { id, state } = await replacementOf(orderId)
  expect(state).toBe('fulfilled')
  expect(done.html).toContain(`<a href="/orders/${id}">X-1-X1</a>`)
  expect(textOf(done.html)).toContain('Exchanged')
  expect(await balance(stage.sql, 'MUG', 'lyon')).toEqual({ ...before, onHand: before.onHand + 1 })
  const other = await visit(stage, `/orders/${id}`, ana)
  expect(other.html).toContain(`<a href="${path}">Goes out in exchange for goods of order X-1.</a>`)
  expect(other.html).not.toContain(`action="/orders/${id}/refund"`)
  expect(textOf(other.html)).not.toContain('Platform id')
  const chinese = await visit(stage, path, ana, { cookie: 'concord_language=zh-CN' })
  expect(chinese.html).toContain('换出订单')
  expect(englishLeft(chinese.html, ['Product MUG'])).toEqual([])
})

test('what waits for goods says so, to its buyer as well, goes on with the receipt, and stands among the exceptions where they do not come', async () => {
  const { orderId, line } = await sold('X-2')
  const path = `/orders/${orderId}`
  const link = await trackingPath(stage.context, orderId)
  const seen = async () =>
    textOf((await ask(stage.pages, `GET ${link}`, { headers: { 'accept-language': 'en', accept: 'text/html' } })).text)
  const waits = form(line, { how: 'announced', handOver: 'ship', waits: 'yes', returnBy: '2999-01-01', location: 'berlin' })
  const page = await send(stage, `${path}/exchange`, ana, waits)
  const { id } = await replacementOf(orderId)
  expect(textOf(page.html)).toContain('It goes out only when they are back.')
  expect((await visit(stage, `/orders/${id}`, ana)).html).toContain('Held: goods to come back first')
  expect(await seen()).toMatch(/In exchange We hold it for you, and send it as soon as your goods are back: by .* at 23:59, please/)
  const [back] = await stage.sql<{ id: number }[]>`select id from returns where order_id = ${orderId}`
  expect(page.html).toContain(`id="expected-${back?.id}"`)
  const came = await send(stage, `${path}/return`, ana, { return: String(back?.id), location: 'berlin', [`stock-${line}`]: '1' })
  expect(flashOf(came.html)).toBe('Order X-2: 1 unit came back.')
  expect((await replacementOf(orderId)).state).toBe('accepted')
  expect(await seen()).toContain('In exchange Your order is confirmed')
  // It is sent from its own page, whatever its platform takes.
  const sent = await send(stage, `/orders/${id}/ship`, ana, { carrier: 'DHL', number: '0099', url: '' })
  expect(flashOf(sent.html)).toContain('X-2-X1')
  expect(await seen()).toContain('DHL 0099')

  const late = await sold('X-3')
  await send(
    stage,
    `/orders/${late.orderId}/exchange`,
    ana,
    form(late.line, { ...waits, [`back-${late.line}`]: '1', [`sku-${late.line}`]: 'ATTACK' }),
  )
  await stage.sql`update exchanges set return_by = clock_timestamp() - interval '1 hour' where replacement_id = ${(await replacementOf(late.orderId)).id}`
  expect(await endOverdueExchanges(stage.sql, new Date())).toBe(1)
  expect((await replacementOf(late.orderId)).state).toBe('cancelled')
  const chinese = await visit(stage, `/orders/${(await replacementOf(late.orderId)).id}`, ana, { cookie: 'concord_language=zh-CN' })
  expect(textOf(chinese.html)).toContain('商品未按期退回')
  const exceptions = await visit(stage, '/orders/exceptions', ana)
  expect(exceptions.html).toContain(`<a href="/orders/${late.orderId}#exchanges">`)
  const [gone] = await stage.sql<{ id: number }[]>`select id from returns where order_id = ${late.orderId}`
  const given = await send(stage, `/orders/${late.orderId}/returns/${gone?.id}/cancel`, ana, {})
  expect(flashOf(given.html)).toBe('Order X-3: these goods are not expected any more.')
  expect((await visit(stage, `/orders/${late.orderId}`, ana)).html).toContain('Announced goods do not come')
  expect((await visit(stage, '/orders/exceptions', ana)).html).not.toContain(`#exchanges`)
})

test('where only some of it came, the page tells what becomes of the rest', async () => {
  const waits = { how: 'announced', handOver: 'ship', waits: 'yes', returnBy: '2999-01-01', location: 'berlin' }
  for (const [units, words] of [
    ['2', 'If the others stay away, 1 unit of what goes out goes on then, and the rest is cancelled.'],
    ['1', 'Say on its page what goes out: cancel the rest of it, then let it go.'],
  ] as const) {
    const { orderId, line } = await sold(`X-5-${units}`, 2)
    const path = `/orders/${orderId}`
    await send(stage, `${path}/exchange`, ana, form(line, { ...waits, [`back-${line}`]: '2', [`units-${line}`]: units }))
    const [back] = await stage.sql<{ id: number }[]>`select id from returns where order_id = ${orderId}`
    const page = await send(stage, `${path}/return`, ana, { return: String(back?.id), location: 'berlin', [`stock-${line}`]: '1' })
    expect(textOf(page.html)).toContain(`1 of 2 units came. ${words}`)
    const chinese = await visit(stage, path, ana, { cookie: 'concord_language=zh-CN' })
    expect(textOf(chinese.html)).toContain('已退回 1 / 2 件。')
    expect(englishLeft(chinese.html, ['Product MUG'])).toEqual([])
  }
})

test('the page of the buyer says in his language why what was to go out does not, or a part of it, and nothing of how we call that', async () => {
  const waits = { how: 'announced', handOver: 'ship', waits: 'yes', returnBy: '2999-01-01', location: 'berlin' }
  await layIn(stage.sql, { ATTACK: { berlin: 20 } })
  const given = async (id: string) => {
    const { orderId, line } = await sold(id, 2)
    await send(stage, `/orders/${orderId}/exchange`, ana, form(line, { ...waits, [`back-${line}`]: '2' }))
    const [back] = await stage.sql<{ id: number }[]>`select id from returns where order_id = ${orderId}`
    const link = await trackingPath(stage.context, orderId)
    const seen = async (language = 'en') =>
      textOf((await ask(stage.pages, `GET ${link}?language=${language}`, { headers: { accept: 'text/html' } })).text)
    return { path: `/orders/${orderId}`, line, back: String(back?.id), seen, goes: (await replacementOf(orderId)).id }
  }
  const overdue = async (id: number) => {
    await stage.sql`update exchanges set return_by = clock_timestamp() - interval '1 hour' where replacement_id = ${id}`
    expect(await endOverdueExchanges(stage.sql, new Date())).toBe(1)
  }
  const late = await given('X-6')
  await overdue(late.goes)
  expect(await late.seen()).toContain(
    'In exchange Cancelled Your goods did not come back in time, so we could not keep this for you any longer.',
  )
  expect(await late.seen('zh-CN')).toContain('换货商品 已取消 您的商品未按期退回，我们无法继续为您保留。')

  const half = await given('X-7')
  await send(stage, `${half.path}/return`, ana, { return: half.back, location: 'berlin', [`stock-${half.line}`]: '1' })
  await overdue(half.goes)
  expect(await half.seen()).toContain('1 cancelled. Your goods did not come back in time')

  const away = await given('X-8')
  await send(stage, `${away.path}/returns/${away.back}/cancel`, ana, {})
  expect(await away.seen()).toContain('Cancelled Your goods do not come back after all')

  const ended = await given('X-9')
  await send(stage, `/orders/${ended.goes}/cancel`, ana, { cause: 'fraud', reason: 'looks like a thief' })
  expect(await ended.seen()).toMatch(/In exchange Cancelled Please ask where you bought/)
  expect(await ended.seen()).not.toMatch(/fraud|thief|rule/)
})

test('what no page of ours would send is refused in words, whoever made it up: numbers that are none, characters that nobody sees, endless reasons', async () => {
  const { orderId, line } = await sold('X-4')
  const path = `/orders/${orderId}`
  const before = await balance(stage.sql, 'MUG', 'lyon')
  const back = { location: 'lyon', [`stock-${line}`]: '1' }
  for (const made of ['1.5', '1e30', '-1', 'NaN', '0x10'])
    for (const [where, fields] of [
      [`${path}/returns/${made}/cancel`, {}],
      [`${path}/return`, { ...back, return: made }],
      [`${path}/groups/${encodeURIComponent(made)}/parcel`, { do: 'send' }],
      [`${path}/notices/${made}/again`, {}],
    ] as const)
      expect([made, where, flashOf((await send(stage, where, ana, fields)).html)]).toEqual([
        made,
        where,
        expect.stringMatching(/no longer there|There is no|not found/),
      ])
  expect(await balance(stage.sql, 'MUG', 'lyon')).toEqual(before)
  const endless = await send(stage, `${path}/exchange`, ana, form(line, { reason: 'x'.repeat(5_000), store: 'berlin' }))
  expect(flashOf(endless.html)).toContain('at most 300 characters, this has 5000')
  expect(await replacementOf(orderId)).toEqual({ id: 0, state: '' })
  await send(stage, `${path}/return`, ana, { ...back, reason: 'too\u0000 small' })
  expect(await stage.sql`select reason from order_events where order_id = ${orderId} and transition = 'return'`).toEqual([
    { reason: 'too small' },
  ])
})
