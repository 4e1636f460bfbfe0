import { expect } from 'vitest'
import type { BulkPage, RemoteListing, Session } from '../../../connectors/contract.ts'
import type { Case } from '../conformance.ts'
import { drain, goods, listingOf, mainChannel } from '../stage.ts'

const WRITES = new Set(['quantity', 'price', 'act'])

export const listingCases: readonly Case[] = [
  {
    title: 'lists everything the account sells, over several pages, with quantity and price',
    run: async stage => {
      const simple = Array.from({ length: 130 }, (_, n) => goods(stage, `PAGE-${String(n).padStart(3, '0')}`, n))
      const variations = ['TEE-S', 'TEE-M'].map(sku => goods(stage, sku, 4, { parent: 'TEE', price: '12.50' }))
      stage.sandbox.seed([...simple, ...variations])
      const channel = mainChannel(stage)
      const listed = (await drain(stage.session.listings())).filter(listing => listing.channelRef === channel.ref)
      expect(listed.map(listing => listing.externalSku).sort()).toEqual([...simple, ...variations].map(listing => listing.sku).sort())
      const tee = listed.find(listing => listing.externalSku === 'TEE-M')
      expect(tee).toMatchObject({ quantity: 4, state: 'active', title: expect.stringContaining('TEE-M') })
      expect(tee?.price).toMatchObject({ currency: channel.currency, sale: null })
      expect(Number(tee?.price?.regular)).toBe(12.5)
      expect(listed.find(listing => listing.externalSku === 'PAGE-129')?.quantity).toBe(129)
    },
  },
  {
    title: 'reads named listings as they are now and leaves out what the platform no longer has',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'TEE-S', 6, { parent: 'TEE' }), goods(stage, 'CAP', 7)])
      const mug = await listingOf(stage, 'MUG')
      const tee = await listingOf(stage, 'TEE-S')
      const gone = { ...mug, externalId: '99999999', externalSku: 'NO-SUCH-SKU', externalParentId: null }
      stage.sandbox.buy({ ref: 'b1', channelRef: mug.channelRef, lines: [{ sku: 'MUG', quantity: 2 }] })
      await stage.settle()
      const read = await stage.session.readListings([tee, gone, mug])
      expect(new Map(read.map(listing => [listing.externalSku, listing.quantity]))).toEqual(
        new Map([
          ['TEE-S', 6],
          ['MUG', 3],
        ]),
      )
    },
  },
  {
    title: 'shows each listing in the cheapest calls for many, in parts that go on where another session stopped',
    run: async stage => {
      const simple = Array.from({ length: 130 }, (_, n) => goods(stage, `BULK-${String(n).padStart(3, '0')}`, n))
      stage.sandbox.seed([...simple, ...['TEE-S', 'TEE-M'].map(sku => goods(stage, sku, 4, { parent: 'TEE', price: '12.50' }))])
      const channel = mainChannel(stage)
      const tee = await listingOf(stage, 'TEE-S')
      const seen: RemoteListing[] = []
      const readAll = async (read: (session: Session, place: string | null) => Promise<BulkPage> | undefined): Promise<void> => {
        let place: string | null = null
        do {
          const part: BulkPage | undefined = await read(stage.reopen(), place)
          seen.push(...(part?.listings ?? []))
          place = part?.next ?? null
        } while (place !== null)
      }
      await readAll((session, place) => session.bulk.page(place))
      await readAll((session, place) => session.bulk.family?.(tee.externalParentId ?? '', place))
      const listed = new Map(seen.filter(one => one.channelRef === channel.ref).map(one => [one.externalSku, one]))
      const all = (await drain(stage.session.listings())).filter(one => one.channelRef === channel.ref)
      expect([...listed.keys()].sort()).toEqual(all.map(one => one.externalSku).sort())
      for (const one of all)
        expect(listed.get(one.externalSku)).toMatchObject({ externalId: one.externalId, quantity: one.quantity, price: one.price })
    },
  },
  {
    title: 'changes nothing at the platform while it only observes',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      stage.sandbox.buy({ ref: 'b1', channelRef: mainChannel(stage).ref, lines: [{ sku: 'MUG', quantity: 1 }] })
      await stage.settle()
      const before = stage.sandbox.journal(0, 10_000).length
      await stage.session.test()
      await stage.session.readListings([await listingOf(stage, 'MUG')])
      for await (const page of stage.session.orders(new Date(0))) expect(page.unreadable).toEqual([])
      const seen = stage.sandbox.journal(0, 10_000).slice(before)
      expect(seen.filter(entry => entry.kind === 'call').length).toBeGreaterThan(2)
      expect(seen.filter(entry => WRITES.has(entry.kind))).toEqual([])
    },
  },
]
