import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { change } from '../support/goods.ts'
import { buckets } from '../support/supply.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, numbersOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person
let clerk: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  clerk = await stage.person('clerk')
})
afterAll(() => close(stage.sql, 1))

const idOf = async (table: 'deliveries' | 'transfers' | 'counts'): Promise<number> => {
  const [row] = await stage.sql<{ id: number }[]>`select max(id) as id from ${stage.sql(table)}`
  return Number(row?.id)
}
const lineIds = async (
  table: 'delivery_lines' | 'count_lines',
  owner: 'delivery_id' | 'count_id',
  id: number,
): Promise<Record<string, number>> => {
  const rows = await stage.sql<{ sku: string; id: number }[]>`
    select v.sku, l.id from ${stage.sql(table)} l join variants v on v.id = l.variant_id where ${stage.sql(owner)} = ${id}`
  return Object.fromEntries(rows.map(row => [row.sku, Number(row.id)]))
}
const wrongs = (html: string): string[] =>
  [...html.matchAll(/<span class="field-wrong"[^>]*>(.*?)<\/span>/gs)].map(found => textOf(found[1] ?? ''))

describe('a delivery', () => {
  const fields = { reference: 'PO-1', supplier: 'Keramik', location: 'lyon', expectedAt: '2027-01-10', currency: 'EUR', note: '' }

  test.each([
    ['MUG many', 'Line 1: “MUG many” cannot be read. Write the SKU, the units and, if known, what one costs: MUG-BLUE 120 3.40'],
    ['MUG 5\nPEN 3\nMUG 2', 'MUG stands in line 1 and in line 3. Say it once, with all its units.'],
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
    const id = await idOf('deliveries')
    const lines = await lineIds('delivery_lines', 'delivery_id', id)
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
    expect(flashOf(late.html)).toContain('Already done differently')
  })

  test('is received as expected with one button, once however often it is pressed', async () => {
    await send(stage, '/stock/deliveries/new', clerk, { ...fields, reference: 'PO-2', expectedAt: '2026-01-05', lines: 'PEN 8' })
    const id = await idOf('deliveries')
    const list = await visit(stage, '/stock/deliveries', clerk)
    expect(textOf(/<tr id="delivery-.*?<\/tr>/s.exec(list.html)?.[0] ?? '')).toContain('PO-2 Keramik lyon 2026-01-05 1 8 0 8')
    expect(textOf((await visit(stage, '/stock', clerk)).html)).toContain('Deliveries to come 1 1 late')
    const all = { all: 'yes', _key: crypto.randomUUID() }
    const both = await Promise.all([
      send(stage, `/stock/deliveries/${id}/receive`, clerk, all),
      send(stage, `/stock/deliveries/${id}/receive`, clerk, all),
    ])
    expect(both.map(page => flashOf(page.html)).some(said => said.startsWith('Delivery PO-2: 8 units received at lyon'))).toBe(true)
    expect((await buckets(stage.sql, 'PEN', 'lyon')).onHand).toBe(8)
    const twice = await send(stage, '/stock/deliveries/new', clerk, { ...fields, reference: 'PO-2', lines: 'PEN 8' })
    expect(wrongs(twice.html)).toEqual(['There is a delivery PO-2 already. Choose another reference, or open that one.'])
  })

  test('that never comes is cancelled', async () => {
    await send(stage, '/stock/deliveries/new', clerk, { ...fields, reference: 'PO-3', lines: 'PEN 5' })
    const page = await send(stage, `/stock/deliveries/${await idOf('deliveries')}/end`, clerk, { act: 'cancel' })
    expect(flashOf(page.html)).toBe('Delivery PO-3: cancelled, 5 units will not come.')
    expect((await buckets(stage.sql, 'PEN', 'lyon')).incoming).toBe(0)
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
    const here = `/stock/transfers/${await idOf('transfers')}`
    const beyond = await send(stage, `${here}/send`, clerk, { 'send:MUG:': '21', expectedAt: '' })
    expect(wrongs(beyond.html)).toEqual(['MUG: 21 are more than the 20 that are left.'])
    const sent = await send(stage, `${here}/send`, clerk, { 'send:MUG:': '15', expectedAt: '2027-02-01' })
    expect(flashOf(sent.html)).toBe('Transfer T-9: 15 units on the way to berlin. Receive it here when it arrives.')
    const short = await send(stage, `${here}/receive`, clerk, { 'good:MUG:': '9', 'damaged:MUG:': '2', reasonCode: 'damaged' })
    expect(flashOf(short.html)).toBe(
      'Transfer T-9: 11 units arrived at berlin, 4 missing. Say below whether they are lost or still coming.',
    )
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
    expect(numbersOf(ended.html, 'line-0')).toEqual([15, 15, 11, 4, 0])
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
    const page = await send(stage, `/stock/transfers/${await idOf('transfers')}/send`, clerk, { all: 'yes' })
    expect(flashOf(page.html)).toBe('Not enough stock PEN at berlin: 0 free, 50 to be sent. Send fewer, or receive stock first.')
  })
})

describe('a count', () => {
  test('is blind: whoever counts is never told what the books say, not even of lines that were counted', async () => {
    await change(stage.sql, [{ sku: 'MUG', location: 'berlin', quantity: 8317, kind: 'count' }])
    const started = await send(stage, '/stock/counts', clerk, { location: 'berlin', skus: 'MUG\nPEN', note: 'Shelf A' })
    const id = await idOf('counts')
    expect(textOf(started.html)).toContain(`Count ${id} of berlin started: 2 to count.`)
    const here = `/stock/counts/${id}`
    const one = await send(stage, `${here}/scan`, clerk, { code: 'mug', add: '1', lot: '' })
    expect(textOf(/id="count-live".*?<\/section>/s.exec(one.html)?.[0] ?? '')).toContain('MUG: 1 counted')
    await send(stage, `${here}/scan`, clerk, { code: 'MUG', add: '1', lot: '' })
    const three = await send(stage, `${here}/line`, clerk, { sku: 'MUG', add: '1' })
    expect(textOf(three.html)).toContain('MUG: 3 counted')
    const nothing = await send(stage, `${here}/scan`, clerk, { code: '999', add: '1', lot: '' })
    expect(textOf(nothing.html)).toContain('No SKU or barcode 999. Enter the SKU by hand, or add it to the catalog first.')
    const below = await send(stage, `${here}/line`, clerk, { sku: 'MUG', add: '-5' })
    expect(textOf(below.html)).toContain('More cannot be taken back than was counted so far.')
    for (const who of [clerk, ana]) {
      for (const path of [here, `${here}?all=yes`])
        expect((await visit(stage, path, who)).html.replace(/value="[0-9a-f-]{36}"/g, '')).not.toContain('8317')
    }
    const early = await send(stage, `${here}/decide-all`, ana, { deed: 'approve', reasonCode: 'miscount' })
    expect(textOf(early.html)).toContain('This count is still being counted: hand it in first.')
  })

  test('is handed in, sent back in part, and approved by somebody else, line by line or as a whole', async () => {
    const id = await idOf('counts')
    const here = `/stock/counts/${id}`
    const lines = await lineIds('count_lines', 'count_id', id)
    const handed = await send(stage, `${here}/submit`, clerk, {})
    expect(flashOf(handed.html)).toContain(`Count ${id} handed in. Somebody who may approve looks at the differences next.`)
    expect(textOf(handed.html)).not.toContain('8,317')
    expect((await send(stage, `${here}/decide-all`, clerk, { deed: 'approve' })).status).toBe(403)
    const review = await visit(stage, here, ana)
    const mug = numbersOf(review.html, `line-${lines.MUG}`)
    expect(mug.slice(0, 2)).toEqual([8317, 3])
    expect(textOf(review.html)).toContain('−8,314')
    const none = await send(stage, `${here}/decide`, ana, { deed: 'approve', reasonCode: 'miscount' })
    expect(flashOf(none.html)).toContain('Tick at least one line first.')
    const noReason = await send(stage, `${here}/decide`, ana, { deed: 'approve', [`line:${lines.MUG}`]: 'yes', reasonCode: '' })
    expect(wrongs(noReason.html)).toEqual(['What differs from the books needs a reason: choose one of the list.'])
    const back = await send(stage, `${here}/decide`, ana, { deed: 'recount', [`line:${lines.MUG}`]: 'yes' })
    expect(textOf(back.html)).toContain(`Count ${id}: 1 line sent back to be counted again.`)
    await send(stage, `${here}/line`, clerk, { sku: 'MUG', counted: '8320' })
    await send(stage, `${here}/submit`, clerk, {})
    const approved = await send(stage, `${here}/decide`, ana, { deed: 'approve', [`line:${lines.MUG}`]: 'yes', reasonCode: 'miscount' })
    expect(flashOf(approved.html)).toBe(`Count ${id}: 1 line approved, 0 rejected. On the books: 3 found, 0 missing.`)
    expect((await buckets(stage.sql, 'MUG', 'berlin')).onHand).toBe(8320)
    const rest = await send(stage, `${here}/decide-all`, ana, { deed: 'approve', uncounted: 'zero', reasonCode: 'miscount' })
    expect(flashOf(rest.html)).toContain('The count is over. The channels follow.')
    expect((await buckets(stage.sql, 'PEN', 'berlin')).onHand).toBe(0)
    const again = await send(stage, `${here}/decide-all`, ana, { deed: 'reject' })
    expect(flashOf(again.html)).toContain('This count is over: its differences are on the books.')
  })

  test('is not approved by whoever counted it, unless it is an administrator', async () => {
    await send(stage, '/stock/counts', ana, { location: 'berlin', skus: 'MUG', note: '' })
    const here = `/stock/counts/${await idOf('counts')}`
    const empty = await send(stage, `${here}/submit`, ana, {})
    expect(textOf(empty.html)).toContain('Nothing was counted yet: enter 0 where a shelf is empty, or cancel the count.')
    await send(stage, `${here}/line`, ana, { sku: 'MUG', counted: '8000' })
    await send(stage, `${here}/submit`, ana, {})
    const own = await send(stage, `${here}/decide-all`, ana, { deed: 'approve', reasonCode: 'miscount' })
    expect(flashOf(own.html)).toContain('Whoever counted or handed it in does not approve it')
    expect((await buckets(stage.sql, 'MUG', 'berlin')).onHand).toBe(8320)
    const rejected = await send(stage, `${here}/decide-all`, await stage.person('admin'), { deed: 'reject' })
    expect(flashOf(rejected.html)).toContain('0 lines approved, 1 rejected.')
  })

  test('is cancelled without a trace on the books', async () => {
    await send(stage, '/stock/counts', clerk, { location: 'lyon', skus: '', note: '' })
    const id = await idOf('counts')
    const page = await send(stage, `/stock/counts/${id}/cancel`, clerk, {})
    expect(textOf(page.html)).toContain(`Count ${id} cancelled. Nothing of it went on the books.`)
    const unknown = await send(stage, '/stock/counts', clerk, { location: 'lyon', skus: 'MUG, GHOST', note: '' })
    expect(wrongs(unknown.html)).toEqual(['There is no SKU GHOST. Check the spelling, or look it up in the list, and try again.'])
  })
})

describe('what a person may not do', () => {
  test('is not shown: marketing looks, a clerk works, nobody else approves', async () => {
    const marketing = await stage.person('marketing')
    const id = await idOf('deliveries')
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
      `/stock/deliveries/${await idOf('deliveries')}`,
      `/stock/transfers/${await idOf('transfers')}`,
      `/stock/counts/${await idOf('counts')}`,
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
    await send(stage, `/stock/counts/${await idOf('counts')}/line`, clerk, { sku: 'MUG', counted: '1' })
    for (const path of await paths()) {
      const { html, status } = await visit(stage, path, admin, { cookie: 'concord_language=zh-CN' })
      expect([path, status, englishLeft(html)]).toEqual([path, 200, []])
    }
    await send(stage, `/stock/counts/${await idOf('counts')}/submit`, clerk, {})
    const review = await visit(stage, `/stock/counts/${await idOf('counts')}`, admin, { cookie: 'concord_language=zh-CN' })
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
  })
})
