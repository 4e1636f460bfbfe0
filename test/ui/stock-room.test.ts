import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { change } from '../support/goods.ts'
import { buckets } from '../support/supply.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, numbersOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'
import { lastId, lineIds, wrongs } from './stock-stage.ts'

let stage: UiStage
let ana: Person
let clerk: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  clerk = await stage.person('clerk')
})
afterAll(() => close(stage.sql, 1))

describe('a delivery', () => {
  const fields = { reference: 'PO-1', supplier: 'Keramik', location: 'lyon', expectedAt: '2027-01-10', currency: 'EUR', note: '' }

  test.each([
    ['MUG many', 'Line 1: “MUG many” cannot be read. Write the SKU, the units and, if known, what one costs: MUG-BLUE 120 3.40'],
    ['MUG 5\nPEN 3\nMUG 2', 'MUG stands in line 1 and in line 3. Say it once, with all its units.'],
    ['MUG 5\nATACK 3', 'There is no SKU ATACK. Check the spelling, or look it up in the list, and try again. Did you mean ATTACK?'],
    ['MUG 5\nGHOST 3', 'There is no SKU GHOST. Check the spelling, or look it up in the list, and try again.'],
  ])('of lines %j is refused beside them, and the lines stay', async (lines, words) => {
    const page = await send(stage, '/stock/deliveries/new', clerk, { ...fields, lines })
    expect(wrongs(page.html)).toEqual([words])
    expect(page.html).toContain(`>${lines}</textarea>`)
    expect((await buckets(stage.sql, 'MUG', 'lyon')).incoming).toBe(0)
  })

  test('is pasted from a spreadsheet, received in part with some put aside, and closed short', async () => {
    const made = await send(stage, '/stock/deliveries/new', clerk, { ...fields, lines: 'MUG\t120\t3.40\r\nPEN;30\r\n\r\n' })
    expect(flashOf(made.html)).toBe('Delivery PO-1: 150 units expected on 2027-01-10. Receive it here when it comes.')
    expect((await buckets(stage.sql, 'MUG', 'lyon')).incoming).toBe(120)
    const id = await lastId(stage, 'deliveries')
    const lines = await lineIds(stage, 'delivery', id)
    const here = `/stock/deliveries/${id}/receive`
    const tooMany = await send(stage, here, clerk, { [`units:${lines.MUG}`]: '2', [`aside:${lines.MUG}`]: '3' })
    expect(wrongs(tooMany.html)).toEqual(['MUG: 3 cannot be put aside when 2 came.'])
    const came = await send(stage, here, clerk, {
      [`units:${lines.MUG}`]: '100',
      [`aside:${lines.MUG}`]: '4',
      [`units:${lines.PEN}`]: '',
      reasonCode: 'damaged',
    })
    expect(flashOf(came.html)).toBe('Delivery PO-1: 100 units received at lyon, 50 to come. The channels follow.')
    expect(await buckets(stage.sql, 'MUG', 'lyon')).toEqual({ onHand: 104, reserved: 0, unavailable: 4, incoming: 20 })
    const closed = await send(stage, `/stock/deliveries/${id}/end`, clerk, { act: 'close' })
    expect(flashOf(closed.html)).toBe('Delivery PO-1: closed, 50 units will not come.')
    expect(numbersOf(closed.html, `line-${lines.MUG}`).slice(0, 4)).toEqual([120, 100, 20, 0])
    expect(closed.html).not.toContain('/receive"')
    const late = await send(stage, here, clerk, { all: 'yes' })
    expect(flashOf(late.html)).toBe('Already done differently Delivery PO-1 has ended already: nothing of it is to come.')
  })

  test('is received as expected with one button, once however often it is pressed', async () => {
    await send(stage, '/stock/deliveries/new', clerk, { ...fields, reference: 'PO-2', expectedAt: '2026-01-05', lines: 'PEN 8' })
    const id = await lastId(stage, 'deliveries')
    const list = await visit(stage, '/stock/deliveries', clerk)
    expect(textOf(/<tr id="delivery-.*?<\/tr>/s.exec(list.html)?.[0] ?? '')).toContain('PO-2 Keramik lyon 2026-01-05 1 8 0 0 8')
    expect(textOf((await visit(stage, '/stock', clerk)).html)).toContain('Deliveries to come 1 1 late')
    const all = { all: 'yes', _key: crypto.randomUUID() }
    const both = await Promise.all([
      send(stage, `/stock/deliveries/${id}/receive`, clerk, all),
      send(stage, `/stock/deliveries/${id}/receive`, clerk, all),
    ])
    expect(both.map(page => flashOf(page.html)).sort()).toEqual([
      'Delivery PO-2: 8 units received at lyon; nothing is to come any more. The channels follow.',
      'Delivery PO-2: this was booked already; nothing was booked twice.',
    ])
    expect((await buckets(stage.sql, 'PEN', 'lyon')).onHand).toBe(8)
    const twice = await send(stage, '/stock/deliveries/new', clerk, { ...fields, reference: 'PO-2', lines: 'PEN 8' })
    expect(wrongs(twice.html)).toEqual(['There is a delivery PO-2 already. Choose another reference, or open that one.'])
  })

  test('that never comes is cancelled', async () => {
    await send(stage, '/stock/deliveries/new', clerk, { ...fields, reference: 'PO-3', lines: 'PEN 5' })
    const page = await send(stage, `/stock/deliveries/${await lastId(stage, 'deliveries')}/end`, clerk, { act: 'cancel' })
    expect(flashOf(page.html)).toBe('Delivery PO-3: cancelled, 5 units will not come.')
    expect((await buckets(stage.sql, 'PEN', 'lyon')).incoming).toBe(0)
    const list = await visit(stage, '/stock/deliveries?show=cancelled', clerk)
    expect(textOf(list.html)).toContain('5 0 5 0 cancelled')
  })
})

describe('a transfer', () => {
  test('is asked for, sent, received short and damaged, and what is missing is still coming or lost', async () => {
    await change(stage.sql, [{ sku: 'MUG', location: 'lyon', quantity: 60, kind: 'count' }])
    const before = { lyon: await buckets(stage.sql, 'MUG', 'lyon'), berlin: await buckets(stage.sql, 'MUG', 'berlin') }
    const same = await send(stage, '/stock/transfers/new', clerk, {
      from: 'lyon',
      to: 'lyon',
      lines: 'MUG 20',
      reference: '',
      expectedAt: '',
      note: '',
    })
    expect(wrongs(same.html)).toEqual(['From and to are the same location. Choose another one.'])
    const asked = await send(stage, '/stock/transfers/new', clerk, {
      from: 'lyon',
      to: 'berlin',
      lines: 'MUG 20',
      reference: 'T-9',
      expectedAt: '',
      note: '',
    })
    expect(flashOf(asked.html)).toBe('Transfer T-9: 20 units asked for from lyon to berlin. Send it here when it leaves.')
    const here = `/stock/transfers/${await lastId(stage, 'transfers')}`
    const beyond = await send(stage, `${here}/send`, clerk, { 'send:MUG:': '21', expectedAt: '' })
    expect(wrongs(beyond.html)).toEqual(['MUG: 21 are more than the 20 that are left.'])
    const sent = await send(stage, `${here}/send`, clerk, { 'send:MUG:': '15', expectedAt: '2027-02-01' })
    expect(flashOf(sent.html)).toBe('Transfer T-9: 15 units on the way to berlin. Receive it here when it arrives.')
    const came = { 'good:MUG:': '9', 'damaged:MUG:': '2', reasonCode: 'damaged', _key: crypto.randomUUID() }
    const short = await send(stage, `${here}/receive`, clerk, came)
    expect(flashOf(short.html)).toBe(
      'Transfer T-9: 11 units arrived at berlin, 4 missing. Say below whether they are lost or still coming.',
    )
    const twice = await send(stage, `${here}/receive`, clerk, came)
    expect(flashOf(twice.html)).toBe('Transfer T-9: this was booked already; nothing was booked twice.')
    const more = await send(stage, `${here}/receive`, clerk, { 'good:MUG:': '5', 'damaged:MUG:': '' })
    expect(wrongs(more.html)).toEqual(['MUG: 5 are more than the 4 that are left.'])
    const coming = await send(stage, `${here}/resolve`, clerk, { as: 'coming', expectedAt: '2027-02-09' })
    expect(flashOf(coming.html)).toBe('Transfer T-9: 4 units still coming, by 2027-02-09.')
    const noReason = await send(stage, `${here}/resolve`, clerk, { as: 'lost', reasonCode: '' })
    expect(wrongs(noReason.html)).toEqual(['Reason is missing. Fill it in and save again.'])
    const lost = await send(stage, `${here}/resolve`, clerk, { as: 'lost', reasonCode: 'theft' })
    expect(flashOf(lost.html)).toBe('Transfer T-9: 4 units written off as lost.')
    const ended = await send(stage, `${here}/cancel`, clerk, {})
    expect(flashOf(ended.html)).toBe('Transfer T-9: 5 units will not be sent.')
    const after = { lyon: await buckets(stage.sql, 'MUG', 'lyon'), berlin: await buckets(stage.sql, 'MUG', 'berlin') }
    expect([
      before.lyon.onHand - after.lyon.onHand,
      after.berlin.onHand - before.berlin.onHand,
      after.berlin.unavailable - before.berlin.unavailable,
    ]).toEqual([15, 11, 2])
    expect(numbersOf(ended.html, 'line-0')).toEqual([20, 5, 15, 11, 4, 0])
    const list = await visit(stage, '/stock/transfers?show=received', clerk)
    expect(textOf(list.html)).toContain('20 5 0 11 4 received')
    expect(ended.html).not.toContain(`action="${here}/`)
  })

  test('of more than is free says what is missing and what to do', async () => {
    await send(stage, '/stock/transfers/new', clerk, {
      from: 'berlin',
      to: 'lyon',
      lines: 'PEN 50',
      reference: 'T-10',
      expectedAt: '',
      note: '',
    })
    const page = await send(stage, `/stock/transfers/${await lastId(stage, 'transfers')}/send`, clerk, { all: 'yes' })
    expect(flashOf(page.html)).toBe('Not enough stock PEN at berlin: 0 free, 50 to be sent. Send fewer, or receive stock first.')
  })
})

describe('what a person may not do', () => {
  test('is not shown: marketing looks, a clerk works, nobody else approves', async () => {
    const marketing = await stage.person('marketing')
    const id = await lastId(stage, 'deliveries')
    for (const path of [
      '/stock',
      '/stock?sku=MUG',
      '/stock/deliveries',
      `/stock/deliveries/${id}`,
      '/stock/transfers',
      '/stock/counts',
      '/stock/lots',
      '/stock/reasons',
    ]) {
      const page = await visit(stage, path, marketing)
      expect([path, page.status, /method="post" action="\/stock/.test(page.html)]).toEqual([path, 200, false])
    }
    expect((await visit(stage, '/stock/deliveries/new', marketing)).status).toBe(403)
    expect((await send(stage, '/stock/move/MUG', marketing, { kind: 'receive', location: 'lyon', quantity: '1' })).status).toBe(403)
    for (const path of ['/stock/deliveries/999', '/stock/transfers/x', '/stock/counts/0']) {
      expect([path, (await visit(stage, path, ana)).status]).toEqual([path, 404])
    }
  })
})

describe('every page of the stock room', () => {
  const paths = async (): Promise<string[]> => [
    ...[
      '/stock',
      '/stock?act=return&sku=MUG',
      '/stock?sku=NOPE',
      '/stock/deliveries?show=all',
      '/stock/deliveries/new',
      '/stock/transfers?show=all',
    ],
    ...['/stock/transfers/new', '/stock/counts', '/stock/lots', '/stock/reasons', '/skus/MUG', '/channels/shop'],
    ...[
      `/stock/deliveries/${await lastId(stage, 'deliveries')}`,
      `/stock/transfers/${await lastId(stage, 'transfers')}`,
      `/stock/counts/${await lastId(stage, 'counts')}`,
    ],
  ]

  test('speaks one language: in Chinese no English word of the console is left', async () => {
    const admin = await stage.person('admin')
    await send(stage, '/stock/deliveries/new', clerk, {
      reference: 'PO-9',
      location: 'lyon',
      expectedAt: '2026-01-05',
      supplier: '',
      currency: '',
      note: '',
      lines: 'PEN 5',
    })
    await send(stage, '/stock/counts', clerk, { location: 'berlin', skus: 'MUG', note: '' })
    await send(stage, `/stock/counts/${await lastId(stage, 'counts')}/line`, clerk, { sku: 'MUG', counted: '1' })
    for (const path of await paths()) {
      const { html, status } = await visit(stage, path, admin, { cookie: 'concord_language=zh-CN' })
      expect([path, status, englishLeft(html)]).toEqual([path, 200, []])
    }
    await send(stage, `/stock/counts/${await lastId(stage, 'counts')}/submit`, clerk, {})
    const review = await visit(stage, `/stock/counts/${await lastId(stage, 'counts')}`, admin, { cookie: 'concord_language=zh-CN' })
    expect(englishLeft(review.html)).toEqual([])
  })

  test('refuses in Chinese words too', async () => {
    const chinese = { ...clerk, cookie: `${clerk.cookie}; concord_language=zh-CN` }
    const page = await send(stage, '/stock/move/MUG', chinese, { kind: 'restore', location: 'lyon', quantity: '9000' })
    expect(wrongs(page.html)[0]).toMatch(/^MUG（lyon）：不可用的只有 \d+ 件，无法恢复 9000 件。/)
    const delivery = await send(stage, '/stock/deliveries/new', chinese, {
      reference: 'PO-9',
      location: 'lyon',
      expectedAt: '2027-01-05',
      lines: 'PEN 5',
    })
    expect(wrongs(delivery.html)).toEqual(['到货单 PO-9 已存在。请换一个单号，或打开该单。'])
    const place = await send(stage, '/stock/move/MUG', chinese, { kind: 'receive', location: 'lyno', quantity: '1' })
    expect(flashOf(place.html)).toContain('请核对拼写或在列表中查找后重试。 是否指 lyon？')
  })
})
