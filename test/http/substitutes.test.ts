import { beforeAll, expect, test } from 'vitest'
import { cliOn } from '../cli/stage.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
let cli: ReturnType<typeof cliOn>
let order: number
const short = async (id: string) => {
  const [booked] = await book(stage.sql, await channel, 'web', [{ id, lines: [{ sku: 'MUG', ordered: 3 }] }])
  return booked?.orderId ?? 0
}
let channel: ReturnType<typeof quietChannel>
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('admin')
  cli = cliOn(stage.url)
  await layIn(stage.sql, { MUG: { main: 1 }, CUP: { main: 5 }, POT: { main: 0 } })
  channel = quietChannel(stage.sql, 'web')
  order = await short('W-1')
})

const rules = async (query = '') => (await ask(stage.app, `GET /v1/substitution-rules${query}`, { key })).body.items
const put = (query: string, body: unknown, by = key) => ask(stage.app, `PUT /v1/substitution-rules?${query}`, { key: by, body })
const linesOf = async (id: number) =>
  (await ask(stage.app, `GET /v1/orders/${id}`, { key })).body.lines as { id: number; insteadOf: number | null; externalLineId: string }[]

test('what may be handed over instead is stated, listed and taken back by API and command line', async () => {
  const stated = await put('sku=MUG', {
    substitutes: [
      { sku: 'POT', automatic: true },
      { sku: 'CUP', abovePercent: 12.5 },
    ],
  })
  const substitutes = [
    { sku: 'POT', automatic: true, abovePercent: null },
    { sku: 'CUP', automatic: false, abovePercent: 12.5 },
  ]
  expect(stated.body.items).toMatchObject([{ sku: 'MUG', channel: null, substitutes }])
  expect((await put('sku=NONE', { substitutes: [] })).status).toBe(404)
  expect((await put('sku=MUG', { substitutes: [{ sku: 'MUG' }] })).body).toMatchObject({
    code: 'invalid',
    errors: [{ field: 'substitutes.0.sku' }],
  })
  expect((await put('sku=MUG&channel=nowhere', { substitutes: [] })).status).toBe(422)
  expect((await put('sku=MUG', { substitutes: [] }, await stage.key('orders:write'))).status).toBe(403)

  expect((await cli(['order', 'substitute-rule', 'MUG', 'CUP', '--channel', 'web', '--automatic', '--above-percent', '20'])).out).toMatch(
    /MUG +web +CUP +by itself +at most 20 % dearer/,
  )
  expect(await rules('?sku=MUG')).toMatchObject([
    { channel: null, substitutes },
    { channel: 'web', substitutes: [{ sku: 'CUP', automatic: true }] },
  ])
  expect((await cli(['order', 'substitute-rule', 'MUG', '--channel', 'web', '--none'])).code).toBe(0)
  expect(await rules()).toHaveLength(1)
  await put('sku=CUP&channel=web', { substitutes: [{ sku: 'MUG' }] })
  await put('sku=CUP', { substitutes: [{ sku: 'POT' }] })
  const pages: string[][] = []
  for (let cursor: string | null = ''; cursor !== null && pages.length < 9; ) {
    const { body } = await ask(stage.app, `GET /v1/substitution-rules?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`, { key })
    pages.push((body.items as { sku: string; channel: string | null }[]).map(one => `${one.sku} ${one.channel}`))
    cursor = body.next as string | null
  }
  expect(pages).toEqual([['CUP null', 'CUP web'], ['MUG null']])
  expect((await ask(stage.app, 'GET /v1/substitution-rules?cursor=none', { key })).body).toMatchObject({ code: 'invalid' })
  const listed = await cli(['order', 'substitute-rule', '--limit', '2'])
  expect(listed.out).toContain('… and 1 more (--limit 3)')
  expect(listed.out).not.toMatch(/^MUG /m)
  expect((await cli(['order', 'substitute-rule', '--limit', '0'])).code).toBe(2)
  for (const query of ['sku=CUP&channel=web', 'sku=CUP']) await put(query, { substitutes: [] })

  expect((await cli(['order', 'substitute-rule', 'MUG', '--automatic'])).code).toBe(2)
  expect((await cli(['order', 'substitute-rule', 'MUG', 'NONE'])).code).toBe(1)
  expect((await cli(['order', 'substitute-rule', 'CUP'])).out).toContain('Nothing may be handed over instead.')
})

test('what the rules allow and is there is proposed, and handed over once under one key', async () => {
  const [sold] = await linesOf(order)
  const lineId = sold?.id ?? 0
  expect((await ask(stage.app, `GET /v1/orders/${order}/substitutes`, { key })).body.items).toEqual([
    { lineId, short: 2, sku: 'CUP', free: 5, automatic: false },
  ])
  const give = (body: object, idempotencyKey = 'give-1') =>
    ask(stage.app, `POST /v1/orders/${order}/substitute`, { key, body: { lineId, sku: 'CUP', ...body }, idempotencyKey })
  const done = await give({ quantity: 1, reason: 'she agreed' })
  expect(done.body).toMatchObject({ sku: 'CUP', quantity: 1, replayed: false })
  expect((await give({ quantity: 1, reason: 'she agreed' })).body).toEqual({ ...done.body, replayed: true })
  expect((await give({ quantity: 2 })).body).toMatchObject({ code: 'conflict' })
  expect((await give({ quantity: 5 }, 'give-2')).body).toMatchObject({ code: 'invalid', errors: [{ field: 'quantity' }] })
  expect((await give({ sku: 'POT' }, 'give-3')).body).toMatchObject({ code: 'insufficient_stock' })
  expect(await linesOf(order)).toMatchObject([
    { sku: 'MUG', externalLineId: '1', insteadOf: null, ordered: 2, substituted: 1, reserved: 1, short: 1 },
    { sku: 'CUP', externalLineId: '1', insteadOf: lineId, ordered: 1, substituted: 0, reserved: 1, short: 0, unitPrice: '10.00' },
  ])
  expect((await cli(['order', 'substitute', 'web/W-1', 'MUG', '--with', 'CUP', '--reason', 'she agreed'])).out).toMatch(
    /CUP for line \d+ +1 +1 +0/,
  )
  expect((await cli(['order', 'substitute', 'web/W-1', 'MUG', '--with', 'CUP'])).code).toBe(1)
})

test('it is shipped, refunded and returned as what its channel sold, and comes back as what it is', async () => {
  await stage.sql`update orders set total = 30 where id = ${order}`
  await ask(stage.app, `POST /v1/orders/${order}/ship`, { key, body: { tracking: { carrier: 'DHL', number: '1' } } })
  const [, cup] = await linesOf(order)
  const refund = { lines: [{ lineId: cup?.id, quantity: 3, amount: '20' }], cause: 'returned' }
  expect((await ask(stage.app, `POST /v1/orders/${order}/refund`, { key, body: refund })).status).toBe(200)
  const acts =
    await stage.sql`select kind, body->'lines' as lines, body->'refund'->'amounts' as amounts from acts where order_id = ${order} order by id`
  expect(acts).toMatchObject([
    { kind: 'ship', lines: [{ externalLineId: '1', quantity: 3 }] },
    { kind: 'refund', lines: [{ externalLineId: '1', quantity: 3 }], amounts: { 1: '20.00' } },
  ])
  const back = { location: 'main', lines: [{ lineId: cup?.id, toStock: 1 }] }
  await ask(stage.app, `POST /v1/orders/${order}/returns/receive`, { key, body: back })
  expect((await ask(stage.app, 'GET /v1/stock/CUP', { key })).body).toMatchObject({ locations: [{ onHand: 4 }] })
})
