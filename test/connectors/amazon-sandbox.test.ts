import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Exchange, GERMANY, openAmazon, SELLER, SWEDEN } from './amazon-stage.ts'
import { bought, ordersSince } from './cases/orders.ts'
import { goods, listingOf, type Stage, shownOf } from './stage.ts'

const opened: Stage[] = []
afterEach(async () => {
  for (const stage of opened.splice(0)) await stage.close()
})

async function open(more: Parameters<typeof openAmazon>[0] = {}): Promise<Stage> {
  const stage = await openAmazon(more)
  opened.push(stage)
  return stage
}

/** Calls the sandbox as a client without manners would. */
async function token(stage: Stage): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'amzn1.application-oa2-client.0',
    client_secret: 'client-secret-x',
    refresh_token: 'Atzr|refresh-token-x',
  })
  const answer = await stage.sandbox.fetch(new Request('http://amazon.example/auth/o2/token', { method: 'POST', body }))
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token
}
async function get(stage: Stage, path: string, access: string): Promise<Response> {
  return stage.sandbox.fetch(new Request(`http://amazon.example${path}`, { headers: { 'x-amz-access-token': access } }))
}
const LISTINGS = `/listings/2021-08-01/items/${SELLER}?marketplaceIds=${GERMANY.id}`

describe("Amazon's sandbox", () => {
  test('refuses a token that has ended, and one that it never gave', async () => {
    const stage = await open({ options: { tokenLifeS: 60 } })
    const access = await token(stage)
    expect((await get(stage, LISTINGS, access)).status).toBe(200)
    stage.clock.advance(60_000)
    expect((await get(stage, LISTINGS, access)).status).toBe(403)
    expect((await get(stage, LISTINGS, 'Atza|made-up')).status).toBe(403)
  })

  test('keeps the seller’s handling time when a quantity is merged, and wipes it when it is replaced', async () => {
    const stage = await open()
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const access = await token(stage)
    const attributes = async () => {
      const item = await get(stage, `${LISTINGS.replace('?', '/MUG?')}&includedData=attributes`, access)
      return JSON.stringify(await item.json())
    }
    await stage.session.push([{ listing: await listingOf(stage, 'MUG'), stock: { quantity: 8 } }])
    await stage.settle()
    expect(await attributes()).toContain('"quantity":8,"lead_time_to_ship_max_days":2')
    const patches = [
      { op: 'replace', path: '/attributes/fulfillment_availability', value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 4 }] },
    ]
    const request = new Request(`http://amazon.example${LISTINGS.replace('?', '/MUG?')}`, {
      method: 'PATCH',
      headers: { 'x-amz-access-token': access },
      body: JSON.stringify({ productType: 'HOME', patches }),
    })
    expect((await stage.sandbox.fetch(request)).status).toBe(200)
    await stage.settle()
    expect(await attributes()).toContain('"quantity":4}')
  })

  test('makes the values of one SKU live in the order in which they came, also when the first is late', async () => {
    const stage = await open()
    stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'CAP', 5)])
    const [mug, cap] = [await listingOf(stage, 'MUG'), await listingOf(stage, 'CAP')]
    stage.sandbox.misbehave({ kind: 'late', times: 1 })
    await stage.session.push([{ listing: mug, stock: { quantity: 1 } }])
    await stage.session.push([{ listing: mug, stock: { quantity: 2 } }])
    await stage.session.push([{ listing: cap, stock: { quantity: 3 } }])
    expect(await stage.sandbox.tick()).toBeGreaterThan(0)
    expect([shownOf(stage, 'MUG').quantity, shownOf(stage, 'CAP').quantity]).toEqual([5, 3])
    await stage.settle()
    const live = stage.sandbox.journal(0, 1000).filter(entry => entry.kind === 'quantity' && entry.sku === 'MUG')
    expect(live.map(entry => entry.data.value)).toEqual([1, 2])
  })

  test('sells one stock in two marketplaces, each at its own price', async () => {
    const stage = await open()
    stage.sandbox.seed([{ ...goods(stage, 'MUG', 3), prices: { [GERMANY.id]: '10.00', [SWEDEN.id]: '115.00' } }])
    stage.sandbox.buy({ ref: 'b1', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 2 }] })
    stage.sandbox.buy({ ref: 'b2', channelRef: SWEDEN.id, lines: [{ sku: 'MUG', quantity: 2 }] })
    const orders = await ordersSince(stage.session, new Date(0))
    expect(orders.map(order => [order.channelRef, order.currency, order.total, order.lines[0]?.ordered])).toEqual([
      [GERMANY.id, 'EUR', '20.00', 2],
      [SWEDEN.id, 'SEK', '115.00', 1],
    ])
    expect(shownOf(stage, 'MUG').quantity).toBe(0)
  })

  test('does not touch the seller’s stock for an order that it fills itself', async () => {
    const stage = await open()
    stage.sandbox.seed([goods(stage, 'MUG', 3)])
    const sold = bought(stage, 'b1', 'MUG', 5, { foreign: true })
    expect(sold.lines[0]?.quantity).toBe(5)
    stage.sandbox.cancel(sold.externalId)
    expect(shownOf(stage, 'MUG').quantity).toBe(3)
  })

  test('has all it knew after its process died, and what was queued takes effect', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'amazon-sandbox-'))
    const file = join(folder, 'amazon.sqlite')
    const first = await openAmazon({ file })
    first.sandbox.seed([goods(first, 'MUG', 5)])
    const sold = bought(first, 'b1', 'MUG', 2)
    await first.session.push([{ listing: await listingOf(first, 'MUG'), stock: { quantity: 9 } }])
    const written = first.sandbox.journal(0, 1000).length
    await first.close()
    const second = await open({ file })
    expect(second.sandbox.journal(0, 1000).length).toBe(written)
    expect(bought(second, 'b1', 'MUG', 2)).toEqual(sold)
    await second.settle()
    expect(shownOf(second, 'MUG').quantity).toBe(9)
    expect((await second.session.receive?.())?.some(message => message.body.includes(sold.externalId))).toBe(true)
    await second.close()
    opened.pop()
    rmSync(folder, { recursive: true })
  })

  test('hides the newest changes from a search for as long as it is told to', async () => {
    const stage = await open({ options: { searchDelayMs: 120_000 } })
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const sold = bought(stage, 'b1', 'MUG', 1)
    expect(await ordersSince(stage.session, new Date(0))).toEqual([])
    stage.clock.advance(120_000)
    expect((await ordersSince(stage.session, new Date(0))).map(order => order.externalId)).toEqual([sold.externalId])
  })

  test('takes a package that it knows for the same package', async () => {
    const record: Exchange[] = []
    const stage = await open({ record })
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const sold = bought(stage, 'b1', 'MUG', 2)
    const lines = sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: 1 }))
    const tracking = { carrier: 'DHL', number: 'T-1', shippedAt: stage.clock.now().toISOString() }
    const act = { key: 'k1', kind: 'ship', externalOrderId: sold.externalId, channelRef: GERMANY.id, lines, tracking } as const
    expect([await stage.session.act(act), await stage.session.act(act)]).toEqual([{ status: 'confirmed' }, { status: 'confirmed' }])
    expect((await ordersSince(stage.session, new Date(0)))[0]?.lines[0]?.shipped).toBe(1)
    expect(await stage.session.act({ ...act, key: 'k2', lines: lines.map(line => ({ ...line, quantity: 2 })) })).toMatchObject({
      status: 'refused',
    })
    expect(await stage.session.act({ ...act, key: 'k3', kind: 'cancel' })).toMatchObject({
      status: 'refused',
      code: 'order_partially_shipped',
    })
  })
})
