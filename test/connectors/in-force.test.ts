import { describe, expect, test } from 'vitest'
import { isBehind } from '../../connectors/in-force.ts'
import { pricesSeen, recordPrice, SCHEDULE_LATE_MS, type TakenPrice } from '../../connectors/sandbox-prices.ts'
import { openSandboxStore } from '../../connectors/sandbox-store.ts'

const at = (time: string): Date => new Date(`2026-11-27T${time}Z`)
const sale = (from: string | null, to: string | null) => ({
  currency: 'EUR',
  regular: '10',
  sale: { amount: '8.00', from: from && at(from).toISOString(), to: to && at(to).toISOString() },
})

describe('a price in force that is not the one that the dates call for', () => {
  test.each([
    ['the sale began and the regular price shows', sale('08:00:00', null), '10.0', '09:00:00', true],
    ['the sale is open and the regular price shows', sale(null, null), '10', '09:00:00', true],
    ['the sale is over and its price shows', sale(null, '08:00:00'), '8', '09:00:00', true],
    ['the sale has not begun and its price shows', sale('10:00:00', null), '8', '09:00:00', true],
    ['the sale is on and its price shows', sale('08:00:00', '10:00:00'), '8', '09:00:00', false],
    ['the instant is too near for clocks to agree', sale('08:59:30', null), '10', '09:00:00', false],
    ['a price of the platform’s own making shows', sale('08:00:00', null), '7.50', '09:00:00', false],
    ['no price shows', sale('08:00:00', null), '', '09:00:00', false],
  ])('%s', (_, stated, inForce, now, isIt) => {
    expect(isBehind(stated, inForce, at(now))).toBe(isIt)
  })
})

describe('what buyers saw over time', () => {
  const seen = (lateMs: number): (string | number)[][] => {
    let now = at('08:00:00')
    const options = { file: ':memory:', now: () => now, scale: 1, random: () => 0, deliver: async () => 200, lagMs: 0 }
    const store = openSandboxStore(options, '')
    const taken = (regular: string, period: Partial<TakenPrice> = {}): void =>
      recordPrice(store, { sku: 'MUG' }, { channelRef: 'shop', regular, sale: null, from: null, to: null, lateMs, ...period })
    taken('10', { sale: '8', from: at('09:00:00').toISOString(), to: at('11:00:00').toISOString() })
    now = at('10:00:00')
    taken('12', { sale: '8', to: at('11:00:00').toISOString() })
    const list = pricesSeen(store.journal(0, 10), at('12:00:00').getTime())
    store.close()
    return list.map(({ atMs, amount }) => [new Date(atMs).toISOString().slice(11, 19), amount])
  }

  test('each price as it took effect, and the platform’s own beginning and end of a sale', () => {
    expect(seen(0)).toEqual([
      ['08:00:00', '10'],
      ['09:00:00', '8'],
      ['11:00:00', '12'],
    ])
  })

  test('a platform whose schedule is a day late begins and ends nothing by itself', () => {
    expect(seen(SCHEDULE_LATE_MS)).toEqual([
      ['08:00:00', '10'],
      ['10:00:00', '8'],
    ])
  })
})
