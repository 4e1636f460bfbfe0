import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PushItem, PushOutcome, RemoteListing } from '../../connectors/contract.ts'
import { REVISIONS_MAX } from '../../connectors/ebay/sandbox/revise.ts'
import { type EbayStage, GERMANY, openEbay } from './ebay-stage.ts'
import { goods, listingOf, shownOf } from './stage.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const price = (regular: string) => [{ channelRef: GERMANY.id, price: { currency: 'EUR', regular, sale: null } }]

describe('250 revisions of a listing in a day', () => {
  let stage: EbayStage
  let mug: RemoteListing
  beforeEach(async () => {
    // A scale of 1: eBay's own numbers.
    stage = await openEbay({ options: { scale: 1 }, settings: { scale: 1 } })
    stage.sandbox.seed([goods(stage, 'MUG', 500), goods(stage, 'TEE-S', 5, { parent: 'TEE' }), goods(stage, 'TEE-M', 5, { parent: 'TEE' })])
    mug = await listingOf(stage, 'MUG')
  })
  afterEach(() => stage.close())

  const push = async (item: PushItem, session = stage.session): Promise<PushOutcome | undefined> => (await session.push([item]))[0]
  const accepted = (): number =>
    stage.sandbox.journal(0, 100_000).filter(entry => entry.kind === 'quantity' && entry.data.cause === 'push').length

  test('are enforced by eBay, and hit a client that ignores them', async () => {
    const statuses: (string | undefined)[] = []
    for (let n = 0; n < REVISIONS_MAX + 5; n += 1)
      statuses.push((await push({ listing: mug, stock: { quantity: 500 - n }, first: true }))?.stock?.status)
    expect(statuses.filter(status => status === 'accepted').length).toBe(REVISIONS_MAX)
    expect(statuses.slice(-5)).toEqual(Array(5).fill('retry'))
    stage.clock.advance(DAY)
    expect((await push({ listing: mug, stock: { quantity: 1 }, first: true }))?.stock?.status).toBe('accepted')
  })

  test('leave some for what is sold out and for what is below its floor, however often everything else changes', async () => {
    let dangerous = 0
    // A change every minute of two days, and now and then one that cannot wait.
    for (let minute = 0; minute < 2 * 24 * 60; minute += 1) {
      stage.clock.advance(MINUTE)
      const usual = (await push({ listing: mug, stock: { quantity: 100 + (minute % 50) } }))?.stock
      expect(usual?.status).not.toBe('rejected')
      // It says when to come again, so that nobody has to ask every minute.
      if (usual?.status === 'retry') expect(usual.afterMs).toBeLessThanOrEqual(DAY / 20)
      if (minute % 100 !== 50) continue
      dangerous += 1
      const soldOut = await push({ listing: mug, stock: { quantity: 0 } })
      const floor = await push({ listing: mug, prices: price(`${20 + (minute % 7)}.00`), first: true })
      expect([soldOut?.stock?.status, floor?.prices?.[0]?.status]).toEqual(['accepted', 'accepted'])
      expect(shownOf(stage, 'MUG').quantity).toBe(0)
    }
    expect(dangerous).toBe(29)
    expect(stage.sandbox.journal(0, 100_000).some(entry => entry.kind === 'call' && entry.data.status === 207)).toBe(false)
    // What is kept back is not wasted either: most of the two days' revisions were used.
    expect(accepted()).toBeGreaterThan(330)
  }, 30_000)

  test('are left after many restarts, of which none knows what was spent before', async () => {
    let sent = 0
    for (let restart = 0; restart < 10; restart += 1) {
      const session = stage.reopen()
      for (let n = 0; n < 30; n += 1)
        if ((await push({ listing: mug, stock: { quantity: 100 + n } }, session))?.stock?.status === 'accepted') sent += 1
      stage.clock.advance(MINUTE)
    }
    expect(sent).toBeLessThanOrEqual(40)
    expect((await push({ listing: mug, stock: { quantity: 0 } }))?.stock?.status).toBe('accepted')
  })

  test('are shared by the variations of one listing', async () => {
    const [small, medium] = [await listingOf(stage, 'TEE-S'), await listingOf(stage, 'TEE-M')]
    const statuses: (string | undefined)[] = []
    for (const listing of [small, medium, small, medium]) statuses.push((await push({ listing, stock: { quantity: 4 } }))?.stock?.status)
    expect(statuses).toEqual(['accepted', 'accepted', 'accepted', 'retry'])
    expect((await push({ listing: mug, stock: { quantity: 4 } }))?.stock?.status).toBe('accepted')
  })

  test('let a price that turns at its instant go a little further than the rest', async () => {
    const spend = async (item: PushItem): Promise<number> => {
      for (let n = 0; ; n += 1) if ((await push(item))?.prices?.[0]?.status !== 'accepted') return n
    }
    expect(await spend({ listing: mug, prices: price('11.00') })).toBe(3)
    expect(await spend({ listing: mug, prices: price('12.00'), urgent: true })).toBe(15)
    expect((await push({ listing: mug, prices: price('13.00'), first: true }))?.prices?.[0]?.status).toBe('accepted')
  })
})
