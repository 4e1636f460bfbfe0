import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { uploadPrices } from '../../src/usecases/import-price.ts'
import { type Guarded, guardedChannel, heldBack } from '../support/guarded.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'
import { wrongs } from './stock-stage.ts'

let stage: UiStage
let shop: Guarded
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
  shop = await guardedChannel(stage.sql, 'web', 100)
})
afterAll(() => close(stage.sql, 1))

const badge = (html: string): string => /<b class="badge"[^>]*>(\d+)<\/b>/.exec(html)?.[1] ?? ''
const revision = (html: string): string => /name="revision" value="(\d+)"/.exec(html)?.[1] ?? ''
const lastIncident = async (): Promise<number> => Number((await stage.sql<{ id: number }[]>`select max(id) as id from quarantines`)[0]?.id)

test('nothing held back says so', async () => {
  const page = await visit(stage, '/held', ana)
  expect(textOf(page.html)).toContain('Nothing is held back. When a change goes beyond a channel’s limits, it waits here.')
  expect(badge(page.html)).toBe('')
})

test('prices beyond the limits stand with their numbers, count in the navigation, and go out when somebody approves what was seen', async () => {
  await shop.setPrices('9.5')
  await shop.push()
  // The count serves all pages for a second.
  await expect.poll(async () => badge((await visit(stage, '/held', ana)).html), { interval: 100 }).toBe('1')
  const id = await lastIncident()
  const list = await visit(stage, '/held', ana)
  expect(textOf(new RegExp(`<tr id="held-${id}">.*?</tr>`, 's').exec(list.html)?.[0] ?? '')).toMatch(
    /^web: prices held back 49 of 100 listings may change price within 60 min, and 49 already did 51 .* to decide$/,
  )
  expect(textOf((await visit(stage, '/', ana)).html)).toContain('Held back: to decide 1')
  expect(textOf((await visit(stage, '/', ana)).html)).toContain('51 values held back')
  const channel = textOf((await visit(stage, '/channels/web', ana)).html)
  expect(channel).toContain('1 decision waits')
  // Held back by us is not refused by the platform.
  expect(channel).not.toContain('Send again')

  // Why a value does not go on is said in the language of whoever looks, wherever it stands.
  const sku = /WEB-\d+/.exec((await visit(stage, `/held/${id}`, ana)).html)?.[0] ?? ''
  for (const path of [`/skus/${sku}`, '/channels/web/publications?state=quarantined']) {
    expect(textOf((await visit(stage, path, ana)).html)).toContain(`Incident ${id}: 49 of 100 listings may change price`)
    const { html } = await visit(stage, path, ana, { cookie: 'concord_language=zh-CN' })
    expect(textOf(html)).toContain(`事件 ${id}：100 个在售商品中`)
    expect(html).not.toContain('held by the guard')
  }

  const one = await visit(stage, `/held/${id}`, ana)
  expect(textOf(/<tr id="item-.*?<\/tr>/s.exec(one.html)?.[0] ?? '')).toMatch(/^WEB-0000\d\d EUR 10\.00 EUR 9\.50 −5 % too many at once$/)
  expect(one.html.match(/<tr id="item-/g)?.length).toBe(51)

  expect(textOf(one.html)).toContain('The window counts anew from the approval on: 49 listings may follow within 60 min.')
  const chinese = await visit(stage, `/held/${id}`, ana, { cookie: 'concord_language=zh-CN' })
  expect(textOf(chinese.html)).toContain('从批准起重新计算时间窗口：60 分钟内还可有 49 个在售商品变化。')
  const pricing = await stage.person('pricing')
  expect(textOf((await visit(stage, `/held/${id}`, pricing)).html)).toContain('Your role may not decide on prices. Ask somebody who may.')
  expect(flashOf((await send(stage, `/held/${id}`, pricing, { decision: 'approve', revision: revision(one.html) })).html)).toContain(
    'Not allowed',
  )
  const stale = await send(stage, `/held/${id}`, ana, { decision: 'approve', revision: '0' })
  expect(flashOf(stale.html)).toContain('More has joined since you looked. Look at the numbers again, then decide.')

  const done = await send(stage, `/held/${id}`, ana, { decision: 'approve', revision: revision(one.html), note: 'the summer list' })
  expect(flashOf(done.html)).toBe(
    'web: approved, 51 values go out now. The window counts anew from the approval on: 49 listings may follow within 60 min.',
  )
  expect(textOf(done.html)).toContain('the summer list')
  expect(await heldBack(stage.sql, shop)).toEqual({})
  expect(textOf((await visit(stage, '/held?show=decided', ana)).html)).toContain('approved operations@example.org')
})

test('rejected ones leave the channel as it is, and can still be approved', async () => {
  await shop.age('3 hours')
  await shop.setPrices('2')
  await shop.push()
  const id = await lastIncident()
  const one = await visit(stage, `/held/${id}`, ana)
  expect(textOf(one.html)).toContain('prices fall by more than 50 %')
  expect(textOf(one.html)).toContain('−78.9 % drops too far')
  const rejected = await send(stage, `/held/${id}`, ana, { decision: 'reject', revision: revision(one.html), note: '' })
  expect(flashOf(rejected.html)).toBe('web: rejected. The channel keeps what it shows.')
  expect(rejected.html).not.toContain('value="reject"')
  expect(rejected.html).toContain('value="approve"')

  // The books take it back: nothing is left to let out.
  await shop.setPrices('9.5')
  await shop.push()
  const over = await visit(stage, `/held/${id}`, ana)
  expect(textOf(over.html)).toContain('needed no more')
  expect(over.html).not.toContain('value="approve"')
})

test('a price file that waits stands there with its decision, for whoever may decide', async () => {
  const context = { sql: stage.sql, keyring: stage.keyring, actor: 'user:ben' }
  const fileOf = async (amount: string): Promise<number> => {
    const text = `sku,currency,amount\n${shop.skus.map(sku => `${sku},EUR,${amount}\n`).join('')}`
    const source = (async function* () {
      yield Buffer.from(text)
    })()
    const upload = {
      name: `to-${amount}.csv`,
      source,
      format: 'csv',
      encoding: 'utf-8',
      delimiter: ',',
      ignoreOtherColumns: false,
    } as const
    return (await uploadPrices(context, upload)).id
  }
  const [id, other] = [await fileOf('33'), await fileOf('44')]
  const row = (html: string, file: number): string => textOf(new RegExp(`<tr id="file-${file}">.*?</tr>`, 's').exec(html)?.[0] ?? '')
  const page = await visit(stage, '/held', ana)
  expect(row(page.html, id)).toMatch(/^to-33.csv web 100 .* Look and decide$/)
  expect(englishLeft((await visit(stage, '/held', ana, { cookie: 'concord_language=zh-CN' })).html)).toEqual([])
  const pricing = await stage.person('pricing')
  expect(row((await visit(stage, '/held', pricing)).html, id)).toContain('Your role may not decide on prices. Ask somebody who may.')
  const stateOf = async (file: number) => (await stage.sql`select state from imports where id = ${file}`)[0]?.state
  expect((await send(stage, `/prices/import/${other}/decide`, pricing, { decision: 'approve' })).status).toBe(403)
  const rejected = await send(stage, `/prices/import/${other}/decide`, ana, { decision: 'reject' })
  expect(flashOf(rejected.html)).toBe('to-44.csv: rejected. Nothing of it applies.')
  expect(row((await visit(stage, '/held', ana)).html, other)).toBe('')
  expect(await stateOf(other)).toBe('rejected')
  expect(flashOf((await send(stage, `/prices/import/${id}/decide`, ana, { decision: 'approve', note: 'agreed' })).html)).toContain(
    'to-33.csv: ',
  )
  await expect.poll(() => stateOf(id)).toBe('done')
  expect(flashOf((await send(stage, `/prices/import/${id}/decide`, ana, { decision: 'reject' })).html)).toContain(
    'Somebody has decided on this already.',
  )
})

test('the limits of a channel stand beside each other, are changed by whoever may change channels, and turned off by leaving them empty', async () => {
  const rowOf = (html: string): string => textOf(/<tr id="guard-web".*?<\/tr>/s.exec(html)?.[0] ?? '')
  const before = await visit(stage, '/held/limits', ana)
  expect(rowOf(before.html)).toMatch(/^web 20 % of the listings, from \d+ on, within 60 min by more than 50 %/)
  const fields = {
    ...{ changedPercent: '12.5 %', changedLeast: '30', windowMinutes: '90', dropPercent: '', zeroListings: '', zeroPercent: '5' },
    releaseMinutes: '15',
  }
  const set = await send(stage, '/held/limits/web', ana, fields)
  expect(flashOf(set.html)).toBe('web: limits saved. What is held already still waits for a decision.')
  expect(rowOf(set.html)).toMatch(
    /^web 12\.5 % of the listings, from 30 on, within 90 min not watched not watched .* operations@example\.org$/,
  )
  const wrong = async (field: string, value: string) =>
    wrongs((await send(stage, '/held/limits/web', ana, { ...fields, [field]: value })).html)
  expect(await wrong('dropPercent', '100')).toEqual([
    'A price falls by more than %: “100” is not a number from 0 to below 100. Enter for example 20.',
  ])
  expect(await wrong('windowMinutes', '0')).toEqual(['Window in minutes: “0” is not a whole number from 1 to 10080.'])
  const pricing = await stage.person('pricing')
  expect((await visit(stage, '/held/limits', pricing)).html).not.toContain('hx-post')
  expect((await send(stage, '/held/limits/web', pricing, fields)).status).toBe(403)
})

test('speaks one language at a time', async () => {
  const cookie = 'concord_language=zh-CN'
  for (const path of ['/held', '/held?show=decided', '/held/limits', `/held/${await lastIncident()}`])
    expect(englishLeft((await visit(stage, path, ana, { cookie })).html), path).toEqual([])
})
