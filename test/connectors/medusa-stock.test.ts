import { describe, expect, test } from 'vitest'
import type { PushItem } from '../../connectors/contract.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { BERLIN, exchanges, LOCATIONS, MALMO, medusaKeys, onMedusa } from './medusa-stage.ts'
import { goods, listingOf, type Stage, shownOf } from './stage.ts'

const LEVELS = '/admin/inventory-items/location-levels/batch'
const authorization = `Basic ${Buffer.from(`${medusaKeys.apiKey}:`).toString('base64')}`

/** A call as somebody else makes it, such as the shop's own people. */
async function asked(sandbox: Sandbox, method: 'GET' | 'POST', path: string, body?: object) {
  const init = { method, headers: { authorization }, ...(body ? { body: JSON.stringify(body) } : {}) }
  const answer = await sandbox.fetch(new Request(`http://medusa${path}`, init))
  return { status: answer.status, body: JSON.parse(await answer.text()) }
}

async function stockOf(stage: Stage, sku: string, quantity: number): Promise<PushItem> {
  return { listing: await listingOf(stage, sku), stock: { quantity } }
}

const levelOf = async (stage: Stage, sku: string) => {
  const query = `/admin/product-variants?sku=${sku}&fields=id,*inventory_items.inventory.location_levels`
  const { body } = await asked(stage.sandbox, 'GET', query)
  const [level] = body.variants[0].inventory_items[0].inventory.location_levels
  return { stocked: level.stocked_quantity, reserved: level.reserved_quantity }
}

const calls = (stage: Stage, operation: string): number =>
  stage.sandbox.journal(0, 10_000).filter(entry => entry.kind === 'call' && entry.ref === operation).length

/** Packs all of an order, as the shop's people do. */
async function pack(sandbox: Sandbox, orderId: string, lineId: string, quantity: number): Promise<void> {
  const body = { items: [{ id: lineId, quantity }], location_id: BERLIN.ref }
  expect((await asked(sandbox, 'POST', `/admin/orders/${orderId}/fulfillments`, body)).status).toBe(200)
}

describe('Medusa takes its own reservations off by itself', () => {
  test('so what goes out is what may be sold and what is reserved, and just that may be sold', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      stage.sandbox.buy({ ref: 'b1', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 4 }] })
      const [outcome] = await stage.session.push([await stockOf(stage, 'MUG', 7)])
      expect([await levelOf(stage, 'MUG'), shownOf(stage, 'MUG').quantity]).toEqual([{ stocked: 11, reserved: 4 }, 7])
      // A fulfilment of that moment may come over it, so it is looked at again.
      expect(outcome).toEqual({ stock: { status: 'accepted', applied: false } })
      const [free] = await stage.session.push([{ listing: await listingOf(stage, 'MUG'), stock: { quantity: 0 } }])
      expect([free?.stock?.status, shownOf(stage, 'MUG').quantity, (await listingOf(stage, 'MUG')).quantity]).toEqual(['accepted', 0, 0])
    })
  })

  test('an order that comes between the look and the write takes its units off what was written', async () => {
    let isDue = true
    const before = ({ path }: { path: string }, sandbox: Sandbox): void => {
      if (path !== LEVELS || !isDue) return
      isDue = false
      sandbox.buy({ ref: 'between', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 2 }] })
    }
    await onMedusa({ before }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      await stage.session.push([await stockOf(stage, 'MUG', 5)])
      expect([await levelOf(stage, 'MUG'), shownOf(stage, 'MUG').quantity]).toEqual([{ stocked: 5, reserved: 2 }, 3])
      expect(calls(stage, 'levels.batch')).toBe(1)
    })
  })

  test('what is packed between the look and the write is not sold twice: the row is written again, lower', async () => {
    let due: (() => Promise<void>) | null = null
    const before = async ({ path }: { path: string }): Promise<void> => {
      const work = path === LEVELS ? due : null
      if (work) due = null
      await work?.()
    }
    await onMedusa({ before }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 9), goods(stage, 'CAP', 9)])
      const sold = stage.sandbox.buy({ ref: 'b1', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 4 }] })
      const [line] = sold?.lines ?? []
      const items = [await stockOf(stage, 'MUG', 5), await stockOf(stage, 'CAP', 6)]
      due = () => pack(stage.sandbox, sold?.externalId ?? '', line?.externalLineId ?? '', 4)
      const outcomes = await stage.session.push(items)
      expect(outcomes.map(one => one.stock)).toEqual([
        { status: 'accepted', applied: true },
        { status: 'accepted', applied: true },
      ])
      expect([shownOf(stage, 'MUG').quantity, shownOf(stage, 'CAP').quantity, await levelOf(stage, 'MUG')]).toEqual([
        5,
        6,
        { stocked: 5, reserved: 0 },
      ])
      expect(calls(stage, 'levels.batch')).toBe(2)
    })
  })

  test('a write whose reservations change with every try waits, shown too low rather than too high', async () => {
    let orders: { id: string; line: string }[] = []
    const before = async ({ path }: { path: string }, sandbox: Sandbox): Promise<void> => {
      const next = path === LEVELS ? orders.shift() : undefined
      if (next) await pack(sandbox, next.id, next.line, 1)
    }
    await onMedusa({ before }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 20)])
      orders = Array.from({ length: 6 }, (_, n) => {
        const sold = stage.sandbox.buy({ ref: `b${n}`, channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 1 }] })
        return { id: sold?.externalId ?? '', line: sold?.lines[0]?.externalLineId ?? '' }
      })
      expect((await stage.session.push([await stockOf(stage, 'MUG', 5)]))[0]?.stock).toMatchObject({ status: 'retry' })
      expect(shownOf(stage, 'MUG').quantity).toBeLessThanOrEqual(6)
      expect((await stage.session.push([await stockOf(stage, 'MUG', 5)]))[0]?.stock?.status).toBe('accepted')
      orders = []
      await stage.session.push([await stockOf(stage, 'MUG', 5)])
      expect(shownOf(stage, 'MUG').quantity).toBe(5)
    })
  })

  test('a number below what is reserved is shown as nothing to sell', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      stage.sandbox.buy({ ref: 'b1', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 4 }] })
      stage.sandbox.edit({ sku: 'MUG', quantity: 1 })
      expect((await listingOf(stage, 'MUG')).quantity).toBe(0)
    })
  })
})

test('one bad row in a batch refuses all: it is found by halving, and the others go', async () => {
  await onMedusa({}, async stage => {
    const skus = Array.from({ length: 20 }, (_, n) => `MUG-${n}`)
    stage.sandbox.seed(skus.map(sku => goods(stage, sku, 1)))
    const items: PushItem[] = []
    for (const sku of skus) items.push(await stockOf(stage, sku, 8))
    stage.sandbox.misbehave({ kind: 'poison', sku: 'NONE' })
    // Just one: the first that stands at an even place of a batch of one.
    stage.sandbox.misbehave({ kind: 'partial', times: 1 })
    await stage.session.push(items.slice(7, 8))
    const outcomes = await stage.session.push(items)
    expect(outcomes.map(one => one.stock?.status)).toEqual(skus.map((_, n) => (n === 7 ? 'rejected' : 'accepted')))
    expect(outcomes[7]?.stock).toMatchObject({ code: 'not_found', words: expect.stringContaining('MUG-7') })
    expect(skus.map(sku => shownOf(stage, sku).quantity)).toEqual(skus.map((_, n) => (n === 7 ? 1 : 8)))
    // All, then both halves at each of the five levels that lead to it at the most.
    expect(calls(stage, 'levels.batch') - 1).toBeLessThanOrEqual(11)
  })
})

test('an item that the location does not stock yet is begun there, and nothing is begun for nothing', async () => {
  await onMedusa({ locations: LOCATIONS, channels: [BERLIN, MALMO] }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG', MALMO.ref)
    expect(listing.quantity).toBe(0)
    expect((await stage.session.push([{ listing, stock: { quantity: 0 } }]))[0]?.stock).toEqual({ status: 'accepted', applied: true })
    expect(calls(stage, 'levels.batch')).toBe(0)
    expect((await stage.session.push([{ listing, stock: { quantity: 3 } }]))[0]?.stock).toEqual({ status: 'accepted', applied: true })
    expect([(await listingOf(stage, 'MUG', MALMO.ref)).quantity, (await listingOf(stage, 'MUG')).quantity]).toEqual([3, 5])
    expect(exchanges.at(-3)?.body ?? exchanges.findLast(one => one.path === LEVELS)?.body).toBeDefined()
    expect(exchanges.findLast(one => one.path === LEVELS)?.body).toMatchObject({
      create: [{ location_id: MALMO.ref }],
      update: [],
      delete: [],
    })
  })
})

describe("a variant's prices are replaced as a whole", () => {
  const pathOf = async (stage: Stage): Promise<{ path: string; id: string }> => {
    const listing = await listingOf(stage, 'MUG')
    return { path: `/admin/products/${listing.externalParentId}/variants/batch`, id: listing.externalId }
  }
  const pricesOf = async (stage: Stage) => {
    const { body } = await asked(stage.sandbox, 'GET', '/admin/product-variants?sku=MUG&fields=id,*prices')
    return body.variants[0].prices.map((one: Record<string, unknown>) => [one.currency_code, one.amount, one.min_quantity, one.rules])
  }

  test('so whoever sends one currency loses the others', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const { path, id } = await pathOf(stage)
      await asked(stage.sandbox, 'POST', path, { update: [{ id, prices: [{ amount: 12.34, currency_code: 'usd' }] }] })
      expect(await pricesOf(stage)).toEqual([['usd', 12.34, null, {}]])
      expect((await listingOf(stage, 'MUG')).price).toBeNull()
    })
  })

  test('a new price goes with all that stood there: currencies, regions and quantities, each under its id', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const { path, id } = await pathOf(stage)
      const standing = [
        { amount: 10, currency_code: 'eur' },
        { amount: 12.34, currency_code: 'usd' },
        { amount: 9, currency_code: 'eur', rules: { region_id: 'reg_1' } },
        { amount: 8.5, currency_code: 'eur', min_quantity: 10 },
      ]
      await asked(stage.sandbox, 'POST', path, { update: [{ id, prices: standing }] })
      const idsOf = async () =>
        (await asked(stage.sandbox, 'GET', '/admin/product-variants?sku=MUG&fields=id,*prices')).body.variants[0].prices
      const before = new Set((await idsOf()).map((one: { id: string }) => one.id))
      const price = { currency: 'EUR', regular: '11.49', sale: null }
      const listing = await listingOf(stage, 'MUG')
      const [outcome] = await stage.session.push([{ listing, prices: [{ channelRef: BERLIN.ref, price }] }])
      expect(outcome?.prices).toEqual([{ status: 'accepted', applied: true }])
      expect(new Set(await pricesOf(stage))).toEqual(
        new Set([
          ['eur', 11.49, null, {}],
          ['usd', 12.34, null, {}],
          ['eur', 9, null, { region_id: 'reg_1' }],
          ['eur', 8.5, 10, {}],
        ]),
      )
      expect(new Set((await idsOf()).map((one: { id: string }) => one.id))).toEqual(before)
    })
  })

  test('a first price in a currency is added to them', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const { path, id } = await pathOf(stage)
      await asked(stage.sandbox, 'POST', path, { update: [{ id, prices: [{ amount: 12.34, currency_code: 'usd' }] }] })
      const listing = await listingOf(stage, 'MUG')
      await stage.session.push([{ listing, prices: [{ channelRef: BERLIN.ref, price: { currency: 'EUR', regular: '11', sale: null } }] }])
      expect(await pricesOf(stage)).toEqual([
        ['usd', 12.34, null, {}],
        ['eur', 11, null, {}],
      ])
    })
  })

  test('two channels of two currencies set both in one call, and neither loses the other', async () => {
    await onMedusa({ locations: LOCATIONS, channels: [BERLIN, MALMO] }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const prices = [
        { channelRef: BERLIN.ref, price: { currency: 'EUR', regular: '11', sale: null } },
        { channelRef: MALMO.ref, price: { currency: 'SEK', regular: '119', sale: null } },
      ]
      const [outcome] = await stage.session.push([{ listing: await listingOf(stage, 'MUG'), prices }])
      expect(outcome?.prices?.map(one => one.status)).toEqual(['accepted', 'accepted'])
      expect(await pricesOf(stage)).toEqual([
        ['eur', 11, null, {}],
        ['sek', 119, null, {}],
      ])
      expect(calls(stage, 'variants.batch')).toBe(1)
    })
  })

  test('two locations of one currency would write the same price in turn: the first has it', async () => {
    const second = { ...MALMO, currency: 'EUR' }
    await onMedusa({ locations: LOCATIONS.map(one => ({ ...one, currency: 'EUR' })), channels: [BERLIN, second] }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const price = { currency: 'EUR', regular: '11', sale: null }
      const [outcome] = await stage.session.push([
        { listing: await listingOf(stage, 'MUG', second.ref), prices: [{ channelRef: second.ref, price }] },
      ])
      expect(outcome?.prices?.[0]).toMatchObject({ status: 'rejected', code: 'price_of_the_shop' })
    })
  })
})
