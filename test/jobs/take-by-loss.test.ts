import { describe, expect, test } from 'vitest'
import type { PushItem } from '../../connectors/contract.ts'
import { holdLease } from '../../db/accounts.ts'
import { intend, markSent, noteResults, type WorkRow } from '../../db/publications.ts'
import type { Lane } from '../../jobs/lane.ts'
import { takeByLoss } from '../../jobs/take-by-loss.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const none = () => ({ skus: [], stock: [], prices: [] })

/** What taking looks at of a lane: one call at a time may go, which carries so many listings. */
function slowLane(shop: Guarded, pushMax: number): Lane {
  const group = (items: readonly PushItem[]) =>
    Array.from({ length: Math.ceil(items.length / pushMax) }, (_, n) => items.slice(n * pushMax, (n + 1) * pushMax))
  return {
    deps: { sql },
    account: {
      row: { id: shop.accountId },
      session: { group },
      connector: { declares: { pushMax, pushOperation: 'call' } },
      pace: { stand: () => ({ left: 0, ratePerS: 1, burst: 1, closedMs: 0 }) },
    },
  } as unknown as Lane
}

async function stageOf(code: string, listings: number) {
  const shop = await guardedChannel(sql, code, listings)
  await setGuardLimits(await testContext(sql), null, code, { changedPercent: null, dropPercent: null })
  const lease = (await holdLease(sql, shop.accountId, 'test', 3_600_000))?.token ?? 0
  const send = async (rows: readonly WorkRow[]): Promise<string[]> => {
    const out = await markSent(sql, shop.accountId, lease, rows)
    const sent = out?.send ?? []
    await noteResults(
      sql,
      shop.accountId,
      lease,
      sent.map(({ listing, field }) => ({ listing, field, status: 'accepted', applied: true })),
    )
    return rows
      .filter(row => sent.some(one => one.listing === row.listing && one.field === row.field))
      .map(row => `${row.externalSku} ${row.field}`)
  }
  const prices = async (amount: string, skus: readonly string[]): Promise<void> => {
    await shop.setPrices(amount, skus)
    await intend(sql, shop.accountId, null)
  }
  const stock = async (quantity: number, skus: readonly string[]): Promise<void> => {
    await shop.setStock(quantity, skus)
    await intend(sql, shop.accountId, null)
  }
  return { ...shop, send, prices, stock, take: (pushMax: number) => takeByLoss(slowLane(shop, pushMax), { danger: none, rest: none }) }
}

describe('what waits is taken', () => {
  test('by falling loss per call, with all that shares it', async () => {
    const stage = await stageOf('order', 4)
    const [a = '', b = '', c = '', d = ''] = stage.skus
    await stage.prices('10.5', [a])
    await stage.prices('15', [b])
    await stage.prices('12', [c])
    await stage.stock(14, [c])
    await stage.stock(12, [d])
    const { rest } = stage.take(1)
    const order = []
    for (let rows = await rest(20); rows.length > 0; rows = await rest(20)) order.push(await stage.send(rows))
    expect(order).toEqual([[`${b} price`], [`${c} price`, `${c} stock`], [`${a} price`], [`${d} stock`]])
  })

  test('the dangerous apart and first, with what has room in its call and needs no look at the platform', async () => {
    const stage = await stageOf('danger', 12)
    const [gone = '', raised = '', ...others] = stage.skus
    await stage.prices('20', others)
    await stage.stock(15, [raised])
    const { danger, rest } = stage.take(5)
    expect(await danger(20)).toEqual([])
    await stage.stock(0, [gone])
    const rows = await danger(20)
    expect(rows.map(row => row.externalSku)).toContain(gone)
    expect(rows).toHaveLength(5)
    expect(rows.map(row => row.externalSku)).not.toContain(raised)
    expect((await rest(20)).map(row => row.externalSku)).not.toContain(gone)
  })

  test('one call in twenty by age: nothing starves under a steady stream of what is worth more', async () => {
    const stage = await stageOf('aged', 60)
    const [oldest = '', second = '', sold = '', ...stream] = stage.skus
    await stage.prices('10.01', [oldest])
    await stage.prices('10.01', [second])
    const { danger, rest } = stage.take(1)
    const calls: string[] = []
    for (let n = 0; calls.length < 50; n++) {
      // Each time two more come that are worth more, and now and then a SKU sells out.
      await stage.prices(String(20 + n), [stream[(2 * n) % stream.length] ?? '', stream[(2 * n + 1) % stream.length] ?? ''])
      if (n % 5 === 0) await stage.stock(n % 10 === 0 ? 0 : 10, [sold])
      calls.push(...(await stage.send(await danger(20))), ...(await stage.send(await rest(20))))
    }
    const at = [`${oldest} price`, `${second} price`].map(one => calls.indexOf(one))
    expect(at.every(place => place >= 0)).toBe(true)
    expect(at[0]).toBeLessThanOrEqual(20)
    expect(at[1]).toBeLessThanOrEqual(41)
  })
})
