import { expect } from 'vitest'
import { AccountTrouble, type PushItem } from '../../../connectors/contract.ts'
import type { Feed } from '../../../connectors/feed.ts'
import type { Case } from '../conformance.ts'
import { drain, goods, mainChannel, type Stage, shownOf } from '../stage.ts'

const needs: NonNullable<Case['needs']> = { what: 'feeds', has: declares => declares.feed !== undefined }

function feedOf(stage: Stage): Feed {
  if (!stage.session.feed) throw new Error('a connector that declares feeds has them')
  return stage.session.feed
}

/** Seeds so many listings at 10.00 and answers one new price for each, in the account's first channel. */
async function repriced(stage: Stage, count: number, regular = '12.50'): Promise<PushItem[]> {
  stage.sandbox.seed(Array.from({ length: count }, (_, n) => goods(stage, `MUG-${n + 1}`, 5)))
  const channel = mainChannel(stage)
  const listings = (await drain(stage.session.listings())).filter(one => one.channelRef === channel.ref)
  return listings
    .sort((a, b) => Number(a.externalSku.slice(4)) - Number(b.externalSku.slice(4)))
    .map(listing => ({ listing, prices: [{ channelRef: channel.ref, price: { currency: channel.currency, regular, sale: null } }] }))
}

async function startOf(stage: Stage, items: readonly PushItem[]): Promise<string> {
  const started = await feedOf(stage).start(await feedOf(stage).upload(items))
  if (started.status !== 'started') throw new Error(started.words)
  return started.feed
}

async function verdictsOf(stage: Stage, feed: string, items: readonly PushItem[]) {
  const seen = await feedOf(stage).look(feed)
  if (seen.status !== 'done') throw new Error(`the feed is ${seen.status}`)
  return feedOf(stage).verdicts(seen.report, items)
}

const priceNow = (stage: Stage, n: number): number => Number(shownOf(stage, `MUG-${n}`).prices[mainChannel(stage).ref]?.regular)
const operation = (stage: Stage): string => stage.traits.operations.feed ?? ''

export const feedCases: readonly Case[] = [
  {
    title: 'changes nothing by a feed that was uploaded and not started',
    needs,
    run: async stage => {
      await feedOf(stage).upload(await repriced(stage, 2))
      await stage.settle()
      expect([priceNow(stage, 1), priceNow(stage, 2)]).toEqual([10, 10])
      expect(await feedOf(stage).startedSince(new Date(0))).toEqual([])
    },
  },
  {
    title: 'takes many prices by one feed: none shows while it waits, each has its verdict in order, and all show afterwards',
    needs,
    run: async stage => {
      const items = await repriced(stage, 60)
      const feed = await startOf(stage, items)
      expect((await feedOf(stage).look(feed)).status).toBe('queued')
      expect(priceNow(stage, 1)).toBe(10)
      await stage.settle()
      const outcomes = await verdictsOf(stage, feed, items)
      expect(outcomes).toEqual(items.map(() => ({ prices: [{ status: 'accepted', applied: false }] })))
      for (let n = 1; n <= 60; n += 1) expect(priceNow(stage, n)).toBe(12.5)
      expect(await verdictsOf(stage, feed, items)).toEqual(outcomes)
    },
  },
  {
    title: 'tells of each item of a feed whether it was refused and why, and takes its neighbours',
    needs,
    run: async stage => {
      const [first, second, third] = await repriced(stage, 3)
      if (!first || !second || !third) throw new Error('three listings were seeded')
      const unknown = { ...second, listing: { ...second.listing, externalSku: 'NO-SUCH-SKU', externalId: 'NO-SUCH-SKU' } }
      const items = [first, unknown, third]
      const feed = await startOf(stage, items)
      await stage.settle()
      const outcomes = await verdictsOf(stage, feed, items)
      expect(outcomes.map(one => one.prices?.[0]?.status)).toEqual(['accepted', 'rejected', 'accepted'])
      const refused = outcomes[1]?.prices?.[0]
      expect(refused?.status === 'rejected' && refused.words).toContain('NO-SUCH-SKU')
      expect([priceNow(stage, 1), priceNow(stage, 2), priceNow(stage, 3)]).toEqual([12.5, 10, 12.5])
    },
  },
  {
    title: 'finds a feed again whose start was never answered, and none where nothing arrived',
    needs,
    run: async stage => {
      const items = await repriced(stage, 2)
      const document = await feedOf(stage).upload(items)
      const before = stage.clock.now()
      for (const [kind, found] of [
        ['timeout-before', 0],
        ['timeout-after', 1],
      ] as const) {
        stage.sandbox.misbehave({ kind, operation: operation(stage), times: 1 })
        const trouble = await feedOf(stage)
          .start(document)
          .catch((error: unknown) => error)
        expect(trouble).toBeInstanceOf(AccountTrouble)
        expect(trouble).toMatchObject({ kind: 'down', maybeTookEffect: true })
        expect((await feedOf(stage).startedSince(before)).length).toBe(found)
      }
      const [feed = ''] = await feedOf(stage).startedSince(before)
      await stage.settle()
      expect((await verdictsOf(stage, feed, items)).map(one => one.prices?.[0]?.status)).toEqual(['accepted', 'accepted'])
      stage.clock.advance(1000)
      expect(await feedOf(stage).startedSince(stage.clock.now())).toEqual([])
    },
  },
  {
    title: 'takes back a feed that waits, and no other',
    needs,
    run: async stage => {
      const items = await repriced(stage, 2)
      const feed = await startOf(stage, items)
      expect(await feedOf(stage).cancel(feed)).toBe(true)
      await stage.settle()
      expect(await feedOf(stage).look(feed)).toEqual({ status: 'cancelled' })
      expect(priceNow(stage, 1)).toBe(10)
      const next = await startOf(stage, items)
      await stage.settle()
      expect(await feedOf(stage).cancel(next)).toBe(false)
      expect(priceNow(stage, 1)).toBe(12.5)
    },
  },
  {
    title: 'says of a feed that the platform dropped that nothing happened, and of one that broke off that it cannot tell',
    needs,
    run: async stage => {
      const items = await repriced(stage, 4)
      for (const kind of ['cancelled', 'fatal'] as const) {
        stage.sandbox.misbehave({ kind, operation: operation(stage), times: 1 })
        const feed = await startOf(stage, items)
        await stage.settle()
        expect(await feedOf(stage).look(feed)).toEqual({ status: kind })
        if (kind === 'cancelled') expect(priceNow(stage, 1)).toBe(10)
      }
      expect([priceNow(stage, 1), priceNow(stage, 4)]).toEqual([12.5, 10])
    },
  },
]
