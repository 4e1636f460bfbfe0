import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withAmounts } from '../../connectors/order-parts.ts'
import { misfit } from '../../src/domain/orders/amounts.ts'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { together } from '../../src/values/order-amounts.ts'
import { amountsArb } from '../support/order-amounts.ts'
import { repetitions } from '../support/repetitions.ts'

const IDS = ['a', 'b', 'c']

/** A part with so many units of each line; lines without any are left out. */
function part(units: readonly number[], n: number): ChannelOrder {
  return {
    ...{ externalId: `o@${n}`, number: 'o', channelRef: String(n), stamp: '2026-01-01T00:00:00Z', placedAt: '2026-01-01T00:00:00Z' },
    ...{ effect: 'reserve', platformState: 'open', currency: 'EUR', total: '1.00', person: null },
    lines: IDS.flatMap((id, at) => {
      const ordered = units[at] ?? 0
      const line = { externalLineId: id, listingRef: null, sku: id, title: id, cancelled: 0, shipped: 0, returned: 0, unitPrice: null }
      return ordered === 0 ? [] : [{ ...line, ordered }]
    }),
  }
}

test('an order of several places costs in all of its parts together what it costs as a whole, and each part adds up', () => {
  const units = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4))
  fc.assert(
    fc.property(
      amountsArb(IDS),
      fc.array(units, { minLength: 1, maxLength: 4 }),
      fc.nat(1_000),
      fc.integer({ min: -200, max: 200 }),
      (told, all, share, off) => {
        const whole = { ...told, total: told.total + off, paid: Math.max(0, Math.floor(((told.total + off) * share) / 1_000)) }
        const parts = withAmounts(whole, all.map(part))
        const found = parts.flatMap(one => one.amounts ?? [])
        expect(found.length).toBe(all.filter(one => one.some(units => units > 0)).length)
        if (found.length === 0) return
        const sum = (of: (one: (typeof found)[number]) => number): number => found.reduce((rest, one) => rest + of(one), 0)
        expect([sum(one => one.total), sum(one => one.paid ?? 0), sum(one => one.discount)]).toEqual([
          whole.total,
          whole.paid,
          whole.discount,
        ])
        expect(together(found.map(one => one.shipping))).toEqual(whole.shipping)
        for (const id of IDS) expect(together(found.flatMap(one => one.lines[id] ?? []))).toEqual(whole.lines[id])
        expect(found.map(one => misfit(one)?.total ?? 0)).toEqual(found.map((_, n) => (n === 0 ? off : 0)))
      },
    ),
    { numRuns: repetitions('orders of several places', 200, 20_000) },
  )
})
