import { beforeAll, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { endOverdueExchanges } from '../../jobs/exchange.ts'
import { readPerson } from '../../src/usecases/read-person.ts'
import { book, connect, person, platform } from './channel-stage.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage({ platforms: [platform] })
  key = await stage.key('admin')
  for (const [sku, units] of [
    ['MUG', 40],
    ['CUP', 6],
  ] as const)
    await stockUp(stage.app, key, sku, units)
  await connect(stage, key, 'MUG')
  await ask(stage.app, 'POST /v1/locations', { key, body: { code: 'shop', name: 'Shop', kind: 'store' } })
})

const act = (id: number, what: string, body: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/orders/${id}/${what}`, { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })
type Line = { id: number; sku: string; reserved: number; returned: number; shipped: number; cancelled: number }
type Shown = { state: string; lines: Line[]; events: Record<string, unknown>[]; exchanges: Record<string, unknown>[] } & Record<
  string,
  unknown
>
const order = async (id: number) => (await ask(stage.app, `GET /v1/orders/${id}`, { key })).body as Shown
const life = async (id: number) => (await order(id)).events.map(one => `${one.transition}: ${one.fromState} > ${one.toState}`)
const stock = async (sku: string) =>
  (
    await stage.sql`select sum(b.on_hand)::int as "onHand", sum(b.reserved)::int as reserved from balances b join variants v on v.id = b.variant_id where v.sku = ${sku}`
  )[0]
const broken = async () => (await runRules(stage.sql)).filter(one => one.violations > 0).map(one => one.rule)
const gone = async (externalId: string) => {
  const id = await book(stage, externalId)
  await act(id, 'ship', {})
  return { id, lineId: (await order(id)).lines[0]?.id ?? 0 }
}
const cups = (quantity: number, handOver = 'ship', location?: string) => ({
  lines: [{ sku: 'CUP', quantity }],
  handOver,
  ...(location === undefined ? {} : { location }),
})

test('what comes back is in stock once, what goes out for it is promised at once, and the platform hears of neither', async () => {
  const { id, lineId } = await gone('X-1')
  const before = [await stock('MUG'), await stock('CUP')]
  const wish = { received: [{ lineId, toStock: 1 }], location: 'shop', replacement: cups(1), reason: 'too small' }
  const done = await act(id, 'exchanges', wish, 'x-1')
  expect(done.body).toMatchObject({ state: 'fulfilled', replacementState: 'accepted', number: 'X-1-X1', replayed: false })
  expect((await act(id, 'exchanges', wish, 'x-1')).body).toEqual({ ...done.body, replayed: true })
  expect((await act(id, 'exchanges', { ...wish, reason: 'other' }, 'x-1')).status).toBe(409)
  // Told by the field that was sent.
  const again = { announced: [{ lineId, quantity: 5 }], replacement: cups(1) }
  expect((await act(id, 'exchanges', again)).body).toMatchObject({ code: 'invalid', errors: [{ field: 'announced' }] })
  expect((await act(id, 'exchanges', { ...wish, received: [{ lineId, toStock: 5 }] })).body).toMatchObject({
    errors: [{ field: 'received' }],
  })
  const replacementId = Number(done.body.replacementId)
  expect([await stock('MUG'), await stock('CUP')]).toEqual([
    { onHand: (before[0]?.onHand ?? 0) + 1, reserved: before[0]?.reserved },
    { onHand: before[1]?.onHand, reserved: (before[1]?.reserved ?? 0) + 1 },
  ])
  expect(await order(id)).toMatchObject({
    exchangeOf: null,
    lines: [{ shipped: 2, returned: 1 }],
    exchanges: [{ returnId: done.body.returnId, returnState: 'received', replacementId, state: 'accepted', waits: false, difference: '0' }],
  })
  expect(await order(replacementId)).toMatchObject({
    ...{ exchangeOf: id, channel: 'woo-eu', state: 'accepted', total: '0.00', exchanges: [] },
    lines: [{ sku: 'CUP', ordered: 1, reserved: 1, short: 0 }],
  })
  expect((await life(id)).at(-1)).toBe('exchange: fulfilled > fulfilled')
  // Its buyer's data stand under another key.
  expect(await readPerson(stage.context, replacementId)).toEqual(person)
  const keys = await stage.sql`select sealed_key from order_people where order_id in (${id}, ${replacementId})`
  expect(new Set(keys.map(row => String(row.sealed_key))).size).toBe(2)
  // It is shipped as any order, and no act waits for the platform.
  expect((await act(replacementId, 'ship', { tracking: { carrier: 'DHL', number: '77' } })).status).toBe(200)
  expect(await order(replacementId)).toMatchObject({ state: 'fulfilled', acts: [{ kind: 'ship', state: 'confirmed' }] })
  expect(await stage.sql`select 1 from acts where order_id = ${replacementId} and state <> 'confirmed'`).toHaveLength(0)
  expect(
    await stage.sql`select 1 from change c join acts a on a.id = c.ref_id where c.kind = 'act' and a.order_id = ${replacementId}`,
  ).toHaveLength(0)
  // Nor does money go back through it.
  expect((await act(replacementId, 'refund', { shipping: '1.00', cause: 'other' })).text).toContain('cannot be refunded')
  expect(await broken()).toEqual([])
})

test('all of what goes out is promised, or nothing is done', async () => {
  const { id, lineId } = await gone('X-2')
  const before = [await stock('MUG'), await stock('CUP'), await order(id)]
  const wish = {
    received: [{ lineId, toStock: 1 }],
    location: 'shop',
    replacement: {
      ...cups(1),
      lines: [
        { sku: 'MUG', quantity: 1 },
        { sku: 'CUP', quantity: 600 },
      ],
    },
  }
  const none = await act(id, 'exchanges', wish, 'x-2')
  expect(none.body).toMatchObject({ status: 409, code: 'insufficient_stock', missing: [{ sku: 'CUP', asked: 600 }] })
  expect([await stock('MUG'), await stock('CUP'), await order(id)]).toEqual(before)
  // The key is free again.
  expect((await act(id, 'exchanges', { ...wish, replacement: cups(1) }, 'x-2')).body).toMatchObject({ replayed: false })
  expect(await broken()).toEqual([])
})

test('what cannot be meant is refused with what is wrong', async () => {
  const { id, lineId } = await gone('X-3')
  const announced = [{ lineId, quantity: 1 }]
  const received = [{ lineId, toStock: 1 }]
  const refused = async (body: unknown, words: string, status = 422) => {
    const answer = await act(id, 'exchanges', body)
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(words)])
  }
  await refused({ replacement: cups(1) }, 'Say which units come back')
  await refused({ announced, received, location: 'shop', replacement: cups(1) }, 'Say which units come back')
  await refused({ received, replacement: cups(1) }, 'Say where the goods came to')
  await refused({ received: [{ lineId }], location: 'shop', replacement: cups(1) }, 'Say how many units')
  await refused({ announced, waits: true, replacement: cups(1) }, 'Say by returnBy until when it waits')
  await refused({ announced, replacement: cups(1, 'counter') }, 'Name the store')
  await refused({ announced, replacement: cups(1, 'ship', 'shop') }, 'Name the store')
  await refused({ announced, replacement: cups(1, 'collect', 'shop') }, 'Nothing can be collected at shop')
  await refused({ announced, replacement: cups(1, 'counter', 'nowhere') }, 'no open location nowhere')
  await refused({ announced, location: 'nowhere', replacement: cups(1) }, 'no open location nowhere')
  await refused({ announced, replacement: { ...cups(1), lines: [{ sku: 'NONE', quantity: 1 }] } }, 'There is no SKU NONE')
  await refused({ announced, replacement: cups(1), waits: true }, 'until when it waits')
  await refused({ announced, replacement: cups(1), returnBy: '2020-01-01T00:00:00Z' }, 'is over')
  await refused({ received, location: 'shop', replacement: cups(1), waits: true, returnBy: '2999-01-01T00:00:00Z' }, 'nothing to wait for')
  await refused({ announced, replacement: cups(1), difference: '1.234' }, 'no amount of EUR')
  await refused({ announced: [{ lineId, quantity: 3 }], replacement: cups(1) }, 'has 2 units that can come back, not 3')
  await refused({ announced: [{ lineId: 999_999, quantity: 1 }], replacement: cups(1) }, 'There is no line', 404)
  expect((await act(999_999, 'exchanges', { announced, replacement: cups(1) })).status).toBe(404)
  expect((await act(id, 'hold', { kind: 'return' })).status).toBe(422)
  expect((await order(id)).exchanges).toEqual([])
})

const later = '2999-01-01T00:00:00Z'

test('what waits for goods is held with its stock promised, goes on when all of them came, and is cancelled when they will not', async () => {
  const { id, lineId } = await gone('X-4')
  const before = await stock('CUP')
  const wish = { announced: [{ lineId, quantity: 2 }], location: 'shop', replacement: cups(1), waits: true, returnBy: later }
  const { returnId, replacementId, replacementState } = (await act(id, 'exchanges', wish)).body
  expect(replacementState).toBe('held')
  expect(await order(Number(replacementId))).toMatchObject({ holds: [{ kind: 'return', byRule: true }], lines: [{ reserved: 1 }] })
  expect((await act(Number(replacementId), 'ship', {})).status).toBe(409)
  // They are announced already: neither another exchange nor a return takes the same units.
  expect((await act(id, 'exchanges', wish)).text).toContain('has 0 units that can come back')
  expect((await act(id, 'returns/receive', { location: 'shop', lines: [{ lineId, toStock: 1 }] })).status).toBe(422)
  const part = await act(id, `returns/${returnId}/receive`, { location: 'shop', lines: [{ lineId, toStock: 1, scrapped: 1 }] })
  expect(part.body).toMatchObject({ state: 'returned' })
  expect(await order(Number(replacementId))).toMatchObject({ state: 'accepted', holds: [{ endedBy: expect.stringContaining('key:') }] })
  expect(await life(Number(replacementId))).toEqual(['book: null > held', 'let_go: held > accepted'])
  await act(Number(replacementId), 'cancel', {})

  const other = await gone('X-5')
  const waiting = { ...wish, announced: [{ lineId: other.lineId, quantity: 2 }] }
  const second = (await act(other.id, 'exchanges', waiting)).body
  // One of two came: somebody has to decide.
  await act(other.id, `returns/${second.returnId}/receive`, { location: 'shop', lines: [{ lineId: other.lineId, toStock: 1 }] })
  expect(await order(Number(second.replacementId))).toMatchObject({
    state: 'held',
    holds: [{ reason: '1 of 2 units came back', endedAt: null }],
  })
  expect((await act(Number(second.replacementId), 'let-go', { kind: 'return' })).body).toMatchObject({ state: 'accepted' })
  await act(Number(second.replacementId), 'cancel', {})

  const third = await gone('X-6')
  const stays = (await act(third.id, 'exchanges', { ...wish, announced: [{ lineId: third.lineId, quantity: 1 }] })).body
  expect((await stock('CUP'))?.reserved).toBe((before?.reserved ?? 0) + 1)
  await act(third.id, `returns/${stays.returnId}/cancel`, undefined)
  expect(await order(Number(stays.replacementId))).toMatchObject({ state: 'cancelled', lines: [{ reserved: 0, cancelled: 1 }] })
  expect(await stock('CUP')).toEqual(before)
  expect(await broken()).toEqual([])
})

test('where only some came in time, what goes out for them goes on and the rest ends; where that is not plain, a person decides', async () => {
  const { id, lineId } = await gone('X-8')
  const before = await stock('CUP')
  const returnBy = new Date(Date.now() + 60_000)
  const wish = { announced: [{ lineId, quantity: 2 }], replacement: cups(4), waits: true, returnBy: returnBy.toISOString() }
  const { returnId, replacementId } = (await act(id, 'exchanges', wish)).body
  await act(id, `returns/${returnId}/receive`, { location: 'shop', lines: [{ lineId, toStock: 1 }] })
  expect(await order(id)).toMatchObject({ exchanges: [{ state: 'held', announced: 2, came: 1, goesOn: 2 }] })
  // One of the four is given up before.
  const [cup] = (await order(Number(replacementId))).lines
  await act(Number(replacementId), 'cancel', { lines: [{ lineId: cup?.id, quantity: 1 }] })
  expect(await endOverdueExchanges(stage.sql, new Date(returnBy.getTime() - 1))).toBe(0)
  expect((await Promise.all([1, 2].map(() => endOverdueExchanges(stage.sql, returnBy)))).reduce((a, b) => a + b)).toBe(1)
  expect(await order(Number(replacementId))).toMatchObject({ state: 'accepted', lines: [{ reserved: 2, cancelled: 2 }] })
  expect((await life(Number(replacementId))).slice(-2)).toEqual(['cancel: held > held', 'let_go: held > accepted'])
  expect((await stock('CUP'))?.reserved).toBe((before?.reserved ?? 0) + 2)
  await act(Number(replacementId), 'cancel', {})

  const other = await gone('X-9')
  const odd = (await act(other.id, 'exchanges', { ...wish, announced: [{ lineId: other.lineId, quantity: 2 }], replacement: cups(1) })).body
  await act(other.id, `returns/${odd.returnId}/receive`, { location: 'shop', lines: [{ lineId: other.lineId, toStock: 1 }] })
  expect(await endOverdueExchanges(stage.sql, returnBy)).toBe(0)
  expect(await order(other.id)).toMatchObject({ exchanges: [{ state: 'held', came: 1, goesOn: null }] })
  await act(Number(odd.replacementId), 'let-go', { kind: 'return' })
  expect(await order(Number(odd.replacementId))).toMatchObject({ state: 'accepted', lines: [{ reserved: 1 }] })
  await act(Number(odd.replacementId), 'cancel', {})
  expect(await stock('CUP')).toEqual(before)
  expect(await broken()).toEqual([])
})

test('goods that do not come in time end what waits for them, and stand among the exceptions until somebody has said what became of them', async () => {
  const { id, lineId } = await gone('X-7')
  const before = await stock('CUP')
  const returnBy = new Date(Date.now() + 60_000)
  const wish = { announced: [{ lineId, quantity: 1 }], replacement: cups(1), waits: true, returnBy: returnBy.toISOString() }
  const { returnId, replacementId } = (await act(id, 'exchanges', wish)).body
  const sent = (await act(id, 'exchanges', { ...wish, waits: false })).body
  expect(await endOverdueExchanges(stage.sql, new Date(returnBy.getTime() - 1))).toBe(0)
  expect(await endOverdueExchanges(stage.sql, returnBy)).toBe(1)
  expect(await endOverdueExchanges(stage.sql, returnBy)).toBe(0)
  expect(await order(Number(replacementId))).toMatchObject({ state: 'cancelled' })
  expect((await order(Number(replacementId))).events.at(-1)).toMatchObject({ actor: 'rule', reason: 'the goods did not come back in time' })
  expect(await order(Number(sent.replacementId))).toMatchObject({ state: 'accepted', lines: [{ reserved: 1 }] })
  expect((await stock('CUP'))?.reserved).toBe((before?.reserved ?? 0) + 1)
  // They may come all the same: an ordinary return.
  expect((await act(id, `returns/${returnId}/receive`, { location: 'shop', lines: [{ lineId, toStock: 1 }] })).body).toMatchObject({
    returnId,
  })
  expect((await act(id, 'refund', { lines: [{ lineId, quantity: 1, amount: '12.75' }], cause: 'returned' })).status).toBe(200)
  expect(await broken()).toEqual([])
})
