import { expect } from 'vitest'
import type { FieldOutcome, PushItem, PushOutcome, RemoteListing } from '../../../connectors/contract.ts'
import { pricesSeen } from '../../../connectors/sandbox-prices.ts'
import type { Case } from '../conformance.ts'
import { drain, goods, listingOf, mainChannel, type Stage, shownOf } from '../stage.ts'

const HOUR = 3_600_000

/** Pushes through `group`, as a lane does, and answers the outcome of each item. */
async function pushAll(stage: Stage, items: readonly PushItem[]): Promise<Map<PushItem, PushOutcome>> {
  const outcomes = new Map<PushItem, PushOutcome>()
  for (const group of stage.session.group(items)) {
    expect(group.length).toBeLessThanOrEqual(stage.connector.declares.pushMax)
    const answers = await stage.session.push(group)
    expect(answers.length).toBe(group.length)
    group.forEach((item, at) => {
      const answer = answers[at]
      if (answer) outcomes.set(item, answer)
    })
  }
  return outcomes
}

/** A price for the listing's own channel. */
function priced(
  listing: RemoteListing,
  regular: string,
  sale: { amount: string; from: string | null; to: string | null; reference?: string | null } | null = null,
): PushItem {
  const price = { currency: listing.price?.currency ?? '', regular, sale }
  return { listing, prices: [{ channelRef: listing.channelRef, price }] }
}

const stockOf = (outcomes: Map<PushItem, PushOutcome>, item: PushItem): FieldOutcome['status'] | undefined =>
  outcomes.get(item)?.stock?.status

export const pushCases: readonly Case[] = [
  {
    title: 'shows the absolute quantity that was pushed, and leaves the price alone',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'TEE-S', 5, { parent: 'TEE' })])
      const items = [
        { listing: await listingOf(stage, 'MUG'), stock: { quantity: 7 } },
        { listing: await listingOf(stage, 'TEE-S'), stock: { quantity: 0 } },
      ]
      const outcomes = await pushAll(stage, items)
      for (const item of items) {
        const outcome = outcomes.get(item)?.stock
        expect(outcome?.status).toBe('accepted')
        expect(outcomes.get(item)?.prices).toBeUndefined()
        // "Applied" is a claim about what shoppers see at this very moment.
        if (outcome?.status === 'accepted' && outcome.applied)
          expect(shownOf(stage, item.listing.externalSku).quantity).toBe(item.stock.quantity)
      }
      await stage.settle()
      expect([shownOf(stage, 'MUG').quantity, shownOf(stage, 'TEE-S').quantity]).toEqual([7, 0])
      expect((await listingOf(stage, 'MUG')).quantity).toBe(7)
      expect(Number((await listingOf(stage, 'MUG')).price?.regular)).toBe(10)
    },
  },
  {
    title: 'shows the regular price that was pushed, in its channel only, and leaves the quantity alone',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const listing = await listingOf(stage, 'MUG')
      const item = priced(listing, '11.49')
      expect((await pushAll(stage, [item])).get(item)?.prices?.map(outcome => outcome.status)).toEqual(['accepted'])
      await stage.settle()
      const shown = shownOf(stage, 'MUG')
      for (const channel of stage.channels)
        expect(Number(shown.prices[channel.ref]?.regular)).toBe(channel.ref === listing.channelRef ? 11.49 : 10)
      expect(shown.quantity).toBe(5)
    },
  },
  {
    title: 'shows a sale price within its period and takes it away again',
    needs: { what: 'sale dates', has: declares => declares.saleDates },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'TEE-S', 5, { parent: 'TEE' })])
      const now = stage.clock.now().getTime()
      const sale = { amount: '8.00', from: new Date(now - HOUR).toISOString(), to: new Date(now + HOUR).toISOString() }
      for (const sku of ['MUG', 'TEE-S']) {
        await pushAll(stage, [priced(await listingOf(stage, sku), '10.00', sale)])
        await stage.settle()
        const listing = await listingOf(stage, sku)
        expect(Number(shownOf(stage, sku).prices[listing.channelRef]?.sale)).toBe(8)
        expect([listing.price?.sale?.from, listing.price?.sale?.to]).toEqual([sale.from, sale.to])
        await pushAll(stage, [priced(listing, '10.00', null)])
        await stage.settle()
        expect(shownOf(stage, sku).prices[listing.channelRef]).toMatchObject({ sale: null })
        expect((await listingOf(stage, sku)).price?.sale).toBeNull()
      }
    },
  },
  {
    title: 'shows the price that a sale is measured by, and reads it back',
    needs: { what: 'a field for the reference price', has: declares => declares.referencePrice },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      for (const reference of ['8.50', null]) {
        await pushAll(stage, [priced(await listingOf(stage, 'MUG'), '10.00', { amount: '8.00', from: null, to: null, reference })])
        await stage.settle()
        expect((await listingOf(stage, 'MUG')).price?.sale).toEqual({ amount: '8.00', from: null, to: null, reference })
      }
    },
  },
  {
    title: 'ends a sale when its period ends, without another push',
    needs: { what: 'sale dates', has: declares => declares.saleDates },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const listing = await listingOf(stage, 'MUG')
      const now = stage.clock.now().getTime()
      const sale = { amount: '8.00', from: new Date(now + HOUR).toISOString(), to: new Date(now + 2 * HOUR).toISOString() }
      await pushAll(stage, [priced(listing, '10.00', sale)])
      await stage.settle()
      const shown: (string | null | undefined)[] = [shownOf(stage, 'MUG').prices[listing.channelRef]?.sale]
      stage.clock.advance(HOUR + 60_000)
      shown.push(shownOf(stage, 'MUG').prices[listing.channelRef]?.sale)
      stage.clock.advance(HOUR)
      shown.push(shownOf(stage, 'MUG').prices[listing.channelRef]?.sale)
      expect(shown.map(price => (price === null ? null : Number(price)))).toEqual([null, 8, null])
    },
  },
  {
    title: 'begins and ends a sale at once with plain values, though the platform acts on dates a day late',
    needs: { what: 'sale dates', has: declares => declares.saleDates },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      stage.sandbox.misbehave({ kind: 'schedule-late' })
      const listing = await listingOf(stage, 'MUG')
      const push = async (sale: { amount: string; from: string | null; to: string | null } | null): Promise<void> => {
        await pushAll(stage, [priced(listing, '10.00', sale)])
        await stage.settle()
      }
      const beganAt = stage.clock.now().getTime()
      const [from, to] = [HOUR, 2 * HOUR].map(ms => new Date(beganAt + ms).toISOString()) as [string, string]
      await push({ amount: '8.00', from, to })
      stage.clock.advance(HOUR + 120_000)
      expect(shownOf(stage, 'MUG').prices[listing.channelRef]?.sale).toBeNull()
      const pushedAt = stage.clock.now().getTime()
      await push({ amount: '8.00', from: null, to })
      expect(Number(shownOf(stage, 'MUG').prices[listing.channelRef]?.sale)).toBe(8)
      expect((await listingOf(stage, 'MUG')).price?.sale).toMatchObject({ from: null, to })
      stage.clock.advance(HOUR)
      expect(Number(shownOf(stage, 'MUG').prices[listing.channelRef]?.sale)).toBe(8)
      await push(null)
      expect(shownOf(stage, 'MUG').prices[listing.channelRef]?.sale).toBeNull()
      const seen = pricesSeen(stage.sandbox.journal(0, 10_000), stage.clock.now().getTime())
      const ours = seen.filter(one => one.channelRef === listing.channelRef)
      expect(ours.map(one => Number(one.amount))).toEqual([10, 8, 10])
      expect(ours[1]?.atMs).toBeGreaterThanOrEqual(pushedAt)
    },
  },
  {
    title: 'packs many listings into calls that lose and reorder nothing',
    run: async stage => {
      const simple = Array.from({ length: 120 }, (_, n) => goods(stage, `MANY-${n}`, 1))
      const variations = Array.from({ length: 6 }, (_, n) => goods(stage, `TEE-${n}`, 1, { parent: n % 2 === 0 ? 'TEE-A' : 'TEE-B' }))
      stage.sandbox.seed([...simple, ...variations])
      const channel = mainChannel(stage)
      const listings = (await drain(stage.session.listings())).filter(listing => listing.channelRef === channel.ref)
      const items = listings.map((listing, n): PushItem => ({ ...priced(listing, `${20 + n}.00`), stock: { quantity: n } }))
      const groups = stage.session.group(items)
      expect(new Set(groups.flat())).toEqual(new Set(items))
      expect(groups.flat().length).toBe(items.length)
      for (const group of groups)
        expect(group.map(item => items.indexOf(item))).toEqual(group.map(item => items.indexOf(item)).sort((a, b) => a - b))
      const outcomes = await pushAll(stage, items)
      for (const item of items) expect([stockOf(outcomes, item), outcomes.get(item)?.prices?.[0]?.status]).toEqual(['accepted', 'accepted'])
      await stage.settle()
      for (const item of items) {
        const shown = shownOf(stage, item.listing.externalSku)
        expect(shown.quantity).toBe(item.stock?.quantity)
        expect(Number(shown.prices[channel.ref]?.regular)).toBe(Number(item.prices?.[0]?.price.regular))
      }
    },
  },
  {
    title: 'refuses a listing that the platform does not have, and takes its neighbours',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'CAP', 5)])
      const mug = await listingOf(stage, 'MUG')
      const items = [
        { listing: mug, stock: { quantity: 1 } },
        { listing: { ...mug, externalId: '99999999', externalSku: 'NO-SUCH-SKU' }, stock: { quantity: 2 } },
        { listing: await listingOf(stage, 'CAP'), stock: { quantity: 3 } },
      ]
      const outcomes = await pushAll(stage, items)
      expect(items.map(item => stockOf(outcomes, item))).toEqual(['accepted', 'rejected', 'accepted'])
      const refused = items[1] && outcomes.get(items[1])?.stock
      expect(refused).toMatchObject({ code: expect.stringMatching(/\w/), words: expect.stringMatching(/\w/) })
      await stage.settle()
      expect([shownOf(stage, 'MUG').quantity, shownOf(stage, 'CAP').quantity]).toEqual([1, 3])
    },
  },
  {
    title: 'tells apart what a half-failed batch took and what it refused',
    run: async stage => {
      const skus = ['A', 'B', 'C', 'D']
      stage.sandbox.seed(skus.map(sku => goods(stage, sku, 5)))
      const items: PushItem[] = []
      for (const sku of skus) items.push({ listing: await listingOf(stage, sku), stock: { quantity: 9 } })
      stage.sandbox.misbehave({ kind: 'partial', times: 1 })
      const outcomes = await pushAll(stage, items)
      await stage.settle()
      const statuses = items.map(item => stockOf(outcomes, item))
      expect(new Set(statuses)).toEqual(new Set(['accepted', 'rejected']))
      for (const item of items)
        expect(shownOf(stage, item.listing.externalSku).quantity).toBe(stockOf(outcomes, item) === 'accepted' ? 9 : 5)
    },
  },
  {
    title: 'does not call a value applied that the platform accepted and dropped',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const listing = await listingOf(stage, 'MUG')
      stage.sandbox.misbehave({ kind: 'not-applied', times: 1 })
      expect((await stage.session.push([{ listing, stock: { quantity: 9 } }]))[0]?.stock).toEqual({ status: 'accepted', applied: false })
      stage.sandbox.misbehave({ kind: 'not-applied', times: 1 })
      expect((await stage.session.push([priced(listing, '9.00')]))[0]?.prices).toEqual([{ status: 'accepted', applied: false }])
      await stage.settle()
      expect((await listingOf(stage, 'MUG')).quantity).toBe(5)
    },
  },
  {
    title: 'does not call a value applied that takes effect late',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const listing = await listingOf(stage, 'MUG')
      stage.sandbox.misbehave({ kind: 'late', times: 1 })
      const [outcome] = await stage.session.push([{ listing, stock: { quantity: 9 } }])
      expect(outcome?.stock).toEqual({ status: 'accepted', applied: false })
      await stage.sandbox.tick()
      expect(shownOf(stage, 'MUG').quantity).toBe(5)
      await stage.settle()
      expect(shownOf(stage, 'MUG').quantity).toBe(9)
    },
  },
]
