import { describe, expect, test } from 'vitest'
import type { BucketStand } from '../../connectors/bucket.ts'
import type { PushItem } from '../../connectors/contract.ts'
import { holdLease } from '../../db/accounts.ts'
import { intend, markSent, noteResults, type WorkRow } from '../../db/publications.ts'
import type { Lane } from '../../jobs/lane.ts'
import { takeByLoss } from '../../jobs/take-by-loss.ts'
import { AGED_S } from '../../src/domain/sync/push-order.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const none = () => ({ skus: [], stock: [], prices: [], line: 0 })

/** A bucket that is used up: one call a second comes back. */
const USED_UP: BucketStand = { left: 0, ratePerS: 1, burst: 1, closedMs: 0, going: 0 }

/** What taking looks at of a lane: one call at a time may go, which carries so many listings. */
function slowLane(shop: Guarded, pushMax: number, stand: () => BucketStand): Lane {
  const group = (items: readonly PushItem[]) =>
    Array.from({ length: Math.ceil(items.length / pushMax) }, (_, n) => items.slice(n * pushMax, (n + 1) * pushMax))
  return {
    deps: { sql },
    account: {
      row: { id: shop.accountId },
      session: { group },
      connector: { declares: { pushMax, pushOperation: 'call' } },
      pace: { stand },
      scale: 1,
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
  const take = (pushMax: number, line = 0, stand = () => USED_UP) => {
    const underWay = () => ({ ...none(), line })
    return takeByLoss(slowLane(shop, pushMax, stand), { danger: none, rest: underWay })
  }
  const waitedFor = (seconds: number, skus: readonly string[]): Promise<unknown> => sql`
    update publications p set waiting_since = clock_timestamp() - make_interval(secs => ${seconds}) from listings l
    where l.id = p.listing_id and l.account_id = ${shop.accountId} and l.external_sku = any(${skus as string[]}) and p.waiting_since is not null`
  return { ...shop, send, prices, stock, take, waitedFor }
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

  test('by what it is worth as long as nothing is old, however many calls go', async () => {
    const stage = await stageOf('young', 42)
    const [light = '', ...heavy] = stage.skus
    await stage.prices('10.01', [light])
    await stage.prices('20', heavy)
    await stage.waitedFor(AGED_S - 60, [light])
    const { rest } = stage.take(1)
    const calls: string[] = []
    while (calls.length < 42) calls.push(...(await stage.send(await rest(20))))
    expect(calls.indexOf(`${light} price`)).toBe(41)
  })

  test('no more of it than goes out in a moment, so that what comes to be worth more does not wait; what is sold out goes ahead of that line', async () => {
    const stage = await stageOf('line', 12)
    const [gone = '', ...others] = stage.skus
    await stage.prices('20', others)
    // Amazon's bucket: five calls a second come back, and are kept for a second.
    const bucket = { left: 0, ratePerS: 5, burst: 5, closedMs: 0, going: 0 }
    expect(await stage.take(1, 0, () => bucket).rest(20)).toHaveLength(1)
    expect(await stage.take(1, 1, () => bucket).rest(20)).toEqual([])
    // What is on its way is not in the line any more; what is left in the bucket goes at once.
    expect(await stage.take(1, 3, () => ({ ...bucket, going: 3 })).rest(20)).toHaveLength(1)
    expect(await stage.take(1, 1, () => ({ ...bucket, left: 4 })).rest(20)).toHaveLength(4)
    await stage.stock(0, [gone])
    expect((await stage.take(1, 1, () => bucket).danger(20)).map(row => row.externalSku)).toEqual([gone])
  })

  test('one call in twenty by age: nothing that is old starves under a steady stream of what is worth more', async () => {
    const stage = await stageOf('aged', 60)
    const [oldest = '', second = '', sold = '', ...stream] = stage.skus
    await stage.prices('10.01', [oldest])
    await stage.prices('10.01', [second])
    await stage.waitedFor(AGED_S + 60, [oldest])
    await stage.waitedFor(AGED_S + 30, [second])
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
