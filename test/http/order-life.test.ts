import { beforeAll, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { sweepAllDue } from '../../jobs/due.ts'
import { layGroup } from '../support/groups.ts'
import { book, connect, platform } from './channel-stage.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage({ platforms: [platform] })
  key = await stage.key('admin')
  await stockUp(stage.app, key, 'MUG', 40)
  await connect(stage, key, 'MUG')
  await ask(stage.app, 'POST /v1/locations', { key, body: { code: 'shop', name: 'Shop', kind: 'store' } })
})

const act = (id: number, what: string, body: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/orders/${id}/${what}`, { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })
type Shown = { state: string; lines: { id: number; reserved: number; returned: number }[]; events: Record<string, unknown>[] } & Record<
  string,
  unknown
>
const order = async (id: number) => (await ask(stage.app, `GET /v1/orders/${id}`, { key })).body as Shown
const lineOf = async (id: number) => (await order(id)).lines[0]?.id ?? 0
const life = async (id: number) =>
  (await order(id)).events.map(one => `${one.transition}: ${one.fromState} > ${one.toState} by ${one.actor}`)
const shelf = async (location: string) =>
  (
    await stage.sql`select b.on_hand as "onHand", b.reserved, b.unavailable from balances b join locations p on p.id = b.location_id
      join variants v on v.id = b.variant_id where p.code = ${location} and v.sku = 'MUG'`
  )[0]
const broken = async () => (await runRules(stage.sql)).filter(one => one.violations > 0).map(one => one.rule)

test('a held order keeps its stock, is not told as accepted, not shipped, and not on a list to be picked, until somebody lets it go', async () => {
  const id = await book(stage, 'H-1')
  const [{ code } = { code: '' }] = await stage.sql<{ code: string }[]>`
    select p.code from reservations r join locations p on p.id = r.location_id where r.basket = ${`order:${id}`}`
  const waiting = await layGroup(stage.sql, { order: 'H-1', location: code, lines: { 1: 2 } })
  const held = await act(id, 'hold', { kind: 'fraud', reason: 'name and card differ' }, 'hold-1')
  expect(held.body).toEqual({ state: 'held', returnId: null, replayed: false })
  expect((await act(id, 'hold', { kind: 'fraud', reason: 'name and card differ' }, 'hold-1')).body).toMatchObject({ replayed: true })
  expect((await act(id, 'hold', { kind: 'fraud' })).body).toMatchObject({ status: 409 })
  expect(await order(id)).toMatchObject({
    state: 'held',
    lines: [{ reserved: 2 }],
    holds: [{ kind: 'fraud', reason: 'name and card differ', byRule: false, endedAt: null }],
    groups: [{ id: waiting, state: 'cancelled', lines: [{ assigned: 2, released: 2, toPutBack: 0 }] }],
  })
  for (const what of ['acknowledge', 'ship'])
    expect((await act(id, what, what === 'ship' ? {} : undefined)).text).toContain('This order is held: let it go first.')
  await act(id, 'hold', { kind: 'address' })
  expect((await act(id, 'let-go', { kind: 'fraud', reason: 'called him' })).body).toMatchObject({ state: 'held' })
  expect((await act(id, 'let-go', {})).body).toMatchObject({ state: 'accepted' })
  expect((await act(id, 'let-go', {})).body).toMatchObject({ status: 409, code: 'conflict' })
  expect((await act(id, 'ship', {})).status).toBe(200)
  const lines = await life(id)
  expect(lines.map(line => line.replace(/ by .*/, ''))).toEqual([
    'book: null > accepted',
    'release: waiting > cancelled',
    'hold: accepted > held',
    'hold: held > held',
    'let_go: held > held',
    'let_go: held > accepted',
    'ship: accepted > fulfilled',
  ])
  expect(lines[2]).toContain(' by key:')
  expect((await act(id, 'hold', { kind: 'manual' })).body).toMatchObject({ status: 409, code: 'conflict' })
  expect(await broken()).toEqual([])
})

test('what comes back is looked at in whichever store it comes to: for sale, put aside or thrown away, each unit once', async () => {
  const id = await book(stage, 'R-1')
  const lineId = await lineOf(id)
  expect((await act(id, 'returns', { lines: [{ lineId, quantity: 1 }] })).body).toMatchObject({ status: 422, code: 'invalid' })
  await act(id, 'ship', {})
  const announced = await act(id, 'returns', { location: 'shop', lines: [{ lineId, quantity: 2 }], reason: 'too small' }, 'rma-1')
  const { returnId } = announced.body
  expect((await act(id, 'returns', { lines: [{ lineId, quantity: 1 }] })).text).toMatch(/MUG \(line \d+\) has 0 units that can come back/)
  expect(await shelf('shop')).toBeUndefined()
  const looked = { location: 'shop', lines: [{ lineId, toStock: 1, unavailable: 1 }] }
  expect((await act(id, `returns/${returnId}/receive`, { ...looked, lines: [{ lineId, toStock: 3 }] })).status).toBe(422)
  const came = await act(id, `returns/${returnId}/receive`, looked, 'rma-2')
  expect(came.body).toEqual({ state: 'returned', returnId, replayed: false })
  expect((await act(id, `returns/${returnId}/receive`, looked, 'rma-2')).body).toMatchObject({ replayed: true })
  expect((await act(id, `returns/${returnId}/receive`, looked)).body).toMatchObject({ status: 409 })
  expect(await shelf('shop')).toEqual({ onHand: 2, reserved: 0, unavailable: 1 })
  expect(await order(id)).toMatchObject({
    state: 'returned',
    lines: [{ returned: 2 }],
    returns: [{ state: 'received', location: 'shop', lines: [{ announced: 2, toStock: 1, unavailable: 1, scrapped: 0 }] }],
  })
  expect(await life(id)).toHaveLength(4)
  expect(await broken()).toEqual([])
})

test('what is thrown away is never in stock again, and what was announced may stay away', async () => {
  const id = await book(stage, 'R-2')
  const lineId = await lineOf(id)
  await act(id, 'ship', {})
  const before = [await shelf('main'), await shelf('shop')]
  const { returnId } = (await act(id, 'returns', { lines: [{ lineId, quantity: 2 }] })).body
  expect((await act(id, `returns/${returnId}/cancel`, undefined)).body).toMatchObject({ returnId })
  expect((await act(id, `returns/${returnId}/receive`, { location: 'shop', lines: [{ lineId, toStock: 1 }] })).status).toBe(409)
  expect((await act(id, 'returns/receive', { location: 'nowhere', lines: [{ lineId, scrapped: 1 }] })).status).toBe(422)
  expect((await act(id, 'returns/receive', { location: 'shop', lines: [{ lineId, scrapped: 1 }] })).body).toMatchObject({
    state: 'fulfilled',
  })
  expect([await shelf('main'), await shelf('shop')]).toEqual(before)
  expect(await order(id)).toMatchObject({ lines: [{ returned: 1 }] })
  expect(await broken()).toEqual([])
})

test('an order whose row somebody else has is brought to its state as soon as that is over', async () => {
  const id = await book(stage, 'L-1')
  const [{ code } = { code: '' }] = await stage.sql<{ code: string }[]>`
    select p.code from reservations r join locations p on p.id = r.location_id where r.basket = ${`order:${id}`}`
  await layGroup(stage.sql, { order: 'L-1', location: code, lines: { 1: 2 } })
  await stage.sql`select order_turn(${id}, 'route', null, null, '{}')`
  expect((await order(id)).state).toBe('routed')
  const taken = await stage.sql.reserve()
  try {
    await taken`begin`
    await taken`select 1 from orders where id = ${id} for no key update`
    expect(
      (await ask(stage.app, 'POST /v1/stock/count', { key, body: { lines: [{ sku: 'MUG', location: code, quantity: 0 }] } })).status,
    ).toBe(200)
    await taken`commit`
  } finally {
    taken.release()
  }
  expect((await order(id)).state).toBe('routed')
  expect(await broken()).toEqual([])
  await sweepAllDue(stage.sql, new Date())
  expect((await order(id)).state).toBe('accepted')
  expect((await life(id)).at(-1)).toBe('settle: routed > accepted by system')
  expect(await broken()).toEqual([])
})
