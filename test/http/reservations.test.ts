import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write')
})

const reserve = (body: unknown, idempotencyKey?: string) =>
  ask(stage.app, 'POST /v1/reservations', { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })
const end = (made: Answer, how: string, body: unknown = {}, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/reservations/${made.body.id}/${how}`, { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })
const read = async (made: Answer) => (await ask(stage.app, `GET /v1/reservations/${made.body.id}`, { key })).body
const stock = async (sku: string) => {
  const { onHand, available } = (await ask(stage.app, `GET /v1/stock/${sku}`, { key })).body
  return { onHand, available }
}

describe('a reservation', () => {
  test('promises all lines of a basket and is read back', async () => {
    await stockUp(stage.app, key, 'A', 5)
    await stockUp(stage.app, key, 'B', 5)
    const made = await reserve({
      lines: [
        { sku: 'A', quantity: 2 },
        { sku: 'B', quantity: 3 },
      ],
      expiresInS: 600,
    })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      lines: [
        { sku: 'A', location: 'berlin', quantity: 2 },
        { sku: 'B', location: 'berlin', quantity: 3 },
      ],
      missing: [],
      replayed: false,
    })
    expect(await stock('A')).toEqual({ onHand: 5, available: 3 })
    const basket = await read(made)
    expect(basket).toMatchObject({
      open: 5,
      promises: [
        { sku: 'A', state: 'open' },
        { sku: 'B', state: 'open' },
      ],
    })
    expect(Date.parse(String(made.body.expiresAt)) - Date.now()).toBeGreaterThan(590_000)
  })

  test('takes nothing when one line cannot be had, and says what is missing', async () => {
    const answer = await reserve({
      lines: [
        { sku: 'A', quantity: 1 },
        { sku: 'B', quantity: 9 },
      ],
    })
    expect(answer.body).toMatchObject({ status: 409, code: 'insufficient_stock', missing: [{ sku: 'B', asked: 9, available: 2 }] })
    expect(await stock('A')).toEqual({ onHand: 5, available: 3 })
  })

  test('takes what there is when partial is allowed', async () => {
    const made = await reserve({
      lines: [
        { sku: 'A', quantity: 1 },
        { sku: 'B', quantity: 9 },
      ],
      partial: true,
    })
    expect(made.body).toMatchObject({
      lines: [
        { sku: 'A', quantity: 1 },
        { sku: 'B', quantity: 2 },
      ],
      missing: [{ sku: 'B', asked: 9, available: 2 }],
    })
    expect((await end(made, 'release')).body.lines).toHaveLength(2)
  })

  test('with the same key is made once; with another body that key is refused', async () => {
    await stockUp(stage.app, key, 'C', 5)
    const body = { lines: [{ sku: 'C', quantity: 2 }] }
    const answers = await Promise.all([1, 2, 3, 4].map(() => reserve(body, 'basket-1')))
    expect(new Set(answers.map(answer => answer.body.id)).size).toBe(1)
    expect(answers.filter(answer => answer.body.replayed === false)).toHaveLength(1)
    expect(await stock('C')).toEqual({ onHand: 5, available: 3 })
    expect((await reserve({ lines: [{ sku: 'C', quantity: 1 }] }, 'basket-1')).body).toMatchObject({ status: 409, code: 'conflict' })
  })

  test('that could not be had may be asked again with the same key after a receipt', async () => {
    await stockUp(stage.app, key, 'D', 1)
    const body = { lines: [{ sku: 'D', quantity: 2 }] }
    expect((await reserve(body, 'basket-2')).status).toBe(409)
    await ask(stage.app, 'POST /v1/stock/receive', { key, body: { lines: [{ sku: 'D', location: 'berlin', quantity: 1 }] } })
    expect((await reserve(body, 'basket-2')).status).toBe(201)
  })

  test('is settled in parts: units leave the location, the rest stays promised', async () => {
    await stockUp(stage.app, key, 'E', 5)
    const made = await reserve({ lines: [{ sku: 'E', quantity: 4 }] })
    const settled = await end(made, 'settle', { lines: [{ sku: 'E', quantity: 3 }] }, 'settle-1')
    expect(settled.body).toMatchObject({ lines: [{ sku: 'E', location: 'berlin', quantity: 3 }], replayed: false })
    expect((await end(made, 'settle', { lines: [{ sku: 'E', quantity: 3 }] }, 'settle-1')).body.replayed).toBe(true)
    expect(await stock('E')).toEqual({ onHand: 2, available: 1 })
    expect((await read(made)).open).toBe(1)
    await end(made, 'release')
    expect(await stock('E')).toEqual({ onHand: 2, available: 2 })
    expect((await end(made, 'release')).body).toMatchObject({ status: 409, code: 'conflict' })
  })

  test('is moved to another location in one step, or not at all', async () => {
    await stockUp(stage.app, key, 'F', 3)
    await ask(stage.app, 'POST /v1/locations', { key, body: { code: 'hamburg', name: 'Hamburg', kind: 'store' } })
    const made = await reserve({ lines: [{ sku: 'F', quantity: 2, location: 'berlin' }] })
    const refused = await end(made, 'move', { sku: 'F', to: 'hamburg' })
    expect(refused.body).toMatchObject({
      status: 409,
      code: 'insufficient_stock',
      missing: [{ location: 'hamburg', asked: 2, available: 0 }],
    })
    await ask(stage.app, 'POST /v1/stock/receive', { key, body: { lines: [{ sku: 'F', location: 'hamburg', quantity: 2 }] } })
    const moved = await end(made, 'move', { sku: 'F', to: 'hamburg' })
    expect(moved.body).toMatchObject({
      open: 2,
      promises: [
        { location: 'berlin', state: 'released' },
        { location: 'hamburg', state: 'open', quantity: 2 },
      ],
    })
  })

  test('lasts as long on a node whose clock is behind: its length and its end go by one clock, and what is answered is what is kept', async () => {
    await stockUp(stage.app, key, 'H', 1)
    const late = stage.another({ now: () => new Date(Date.now() - 3600_000) })
    const made = await ask(late, 'POST /v1/reservations', { key, body: { lines: [{ sku: 'H', quantity: 1 }], expiresInS: 600 } })
    const until = String(made.body.expiresAt)
    expect(until).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Math.abs(Date.parse(until) - Date.now() - 600_000)).toBeLessThan(10_000)
    expect(await read(made)).toMatchObject({ open: 1, promises: [{ state: 'open', expiresAt: until }] })
    expect((await reserve({ lines: [{ sku: 'H', quantity: 1 }] })).body).toMatchObject({ code: 'insufficient_stock' })
    const longer = await ask(late, `POST /v1/reservations/${made.body.id}/extend`, { key, body: { expiresInS: 60 } })
    const [{ expiresAt = '' } = {}] = longer.body.promises as { expiresAt?: string }[]
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 60_000)).toBeLessThan(10_000)
  })

  test('that timed out counts as given back at once', async () => {
    await stockUp(stage.app, key, 'G', 1)
    const made = await reserve({ lines: [{ sku: 'G', quantity: 1 }], expiresInS: 60 })
    expect(made.status).toBe(201)
    await stage.sql`update reservations set expires_at = clock_timestamp() - interval '1 second' where expires_at = ${String(made.body.expiresAt)}`
    expect(await read(made)).toMatchObject({ open: 0, promises: [{ state: 'expired' }] })
    expect(await stock('G')).toEqual({ onHand: 1, available: 1 })
    expect((await reserve({ lines: [{ sku: 'G', quantity: 1 }] })).status).toBe(201)
  })

  test('of unknown goods is refused at its line, and an unknown one is not found', async () => {
    expect(
      (
        await reserve({
          lines: [
            { sku: 'A', quantity: 1 },
            { sku: 'NOPE', quantity: 1 },
          ],
        })
      ).body,
    ).toMatchObject({
      status: 422,
      errors: [{ field: 'lines.1.sku', value: 'NOPE' }],
    })
    expect((await reserve({ lines: [{ sku: 'A', quantity: 1 }], channel: 'nowhere' })).body).toMatchObject({
      status: 422,
      errors: [{ field: 'channel' }],
    })
    for (const id of ['bm90aGluZw', 'AAAA', Buffer.from('hold:x:y').toString('base64url')])
      expect((await ask(stage.app, `GET /v1/reservations/${id}`, { key })).status).toBe(404)
  })

  test('is listed with the newest first, by state', async () => {
    const list = await ask(stage.app, 'GET /v1/reservations?sku=F&state=open', { key })
    expect(list.body.items).toEqual([expect.objectContaining({ sku: 'F', location: 'hamburg', quantity: 2 })])
  })

  test('is counted by its outcome', async () => {
    const page = await ask(stage.app, 'GET /metrics', { key: await stage.key('metrics:read') })
    expect(page.text).toMatch(/concord_reservations_total\{outcome="insufficient"\} [1-9]/)
    expect(page.text).toMatch(/concord_reservations_total\{outcome="reserved"\} [1-9]/)
  })
})
