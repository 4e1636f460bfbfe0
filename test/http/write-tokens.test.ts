import { beforeAll, expect, test } from 'vitest'
import { makeShownCache } from '../../src/usecases/shown-cache.ts'
import { book, connect, platform } from './channel-stage.ts'
import { type Answer, ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
let listing: number
beforeAll(async () => {
  stage = await setStage({ platforms: [platform] })
  key = await stage.key('admin')
  await stockUp(stage.app, key, 'MUG', 10)
  await stockUp(stage.app, key, 'CUP', 4)
  listing = await connect(stage, key, 'MUG')
})

const write = (route: string, body?: unknown) => ask(stage.app, route, { key, ...(body === undefined ? {} : { body }) })

/** What another node answers, whose memory never grows old, when the token of the write is passed on. */
async function seenBy(other: Stage['app'], wrote: Answer): Promise<unknown> {
  const token = wrote.headers.get('concord-token')
  const read = await ask(other, `GET /v1/availability/MUG?channel=woo-eu${token === null ? '' : `&atLeast=${token}`}`, { key })
  const [item] = read.body.items as { channels: { atp: number }[] }[]
  return item?.channels[0]?.atp
}

test('the token of each write that changes what can be sold makes another node read it', async () => {
  const other = stage.another({ platforms: [platform], shown: makeShownCache(stage.sql, { elapsedMs: () => 0 }) })
  const none = await ask(stage.app, 'GET /v1/locations', { key })
  expect(await seenBy(other, none)).toBe(10)

  const held = await write('POST /v1/reservations', { lines: [{ sku: 'MUG', quantity: 3 }] })
  const ordered = await write(`POST /v1/reservations/${held.body.id}/order`, {
    ...{ channel: 'woo-eu', externalId: 'H-1' },
    lines: [{ sku: 'MUG', quantity: 4 }],
  })
  expect(ordered.body).not.toHaveProperty('token')
  expect(await seenBy(other, ordered)).toBe(6)

  const [first, second] = [await book(stage, 'W-1'), await book(stage, 'W-2')]
  const shipped = await write(`POST /v1/orders/${first}/ship`, {})
  expect(shipped.body).not.toHaveProperty('token')
  expect(await seenBy(other, shipped)).toBe(2)
  const cancelled = await write(`POST /v1/orders/${second}/cancel`, {})
  expect(cancelled.body).not.toHaveProperty('token')
  expect(await seenBy(other, cancelled)).toBe(4)

  expect(await seenBy(other, await write('PATCH /v1/locations/berlin', { active: false }))).toBe(0)
  expect(await seenBy(other, await write('PATCH /v1/locations/berlin', { active: true }))).toBe(4)

  const judged = await ask(stage.app, 'POST /v1/imports/stock', {
    ...{ key, body: 'sku,location,quantity\nMUG,berlin,20\n', headers: { 'content-type': 'text/csv' } },
  })
  const applied = await write(`POST /v1/imports/${judged.body.id}/apply`)
  expect(await seenBy(other, applied)).toBe(16)
})

test('also a write that promises nothing anew answers one: a hold that is extended, a listing that is matched', async () => {
  const held = await write('POST /v1/reservations', { lines: [{ sku: 'CUP', quantity: 1 }] })
  expect((await write(`POST /v1/reservations/${held.body.id}/extend`, { expiresInS: 60 })).headers.get('concord-token')).toMatch(/^\d+$/)
  expect((await write(`POST /v1/listings/${listing}/match`, { sku: 'CUP' })).headers.get('concord-token')).toMatch(/^\d+$/)
})
