import { describe, expect, test } from 'vitest'
import { uploadPrices } from '../../src/usecases/import-price.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel, heldBack } from '../support/guarded.ts'
import { contextOf, priceFileOf } from '../usecases/import-support.ts'

const { sql } = await freshDatabase()

type Told = {
  readonly goes: number
  readonly moved: number
  readonly allowed: number
  readonly quarantined: Readonly<Record<string, number>>
}

async function dry(channel: string, skus: readonly string[], amount: string): Promise<Told | undefined> {
  const prices = skus.map(sku => ({ sku, currency: 'EUR', amount }))
  const [row] = await sql<{ told: { told: { fields: (Told & { channel: string })[] } } }[]>`
    select dry_run_1('prices_set_2', ${sql.json({ actor: 'test', prices })}, '{"limit": 1}') as told`
  return row?.told.told.fields.find(field => field.channel === channel)
}

async function approve(shop: Guarded): Promise<Readonly<Record<string, unknown>>> {
  const [open] = await sql<{ id: number; why: Record<string, unknown> }[]>`
    select id, why from quarantines where channel_id = ${shop.channelId} and decided_at is null`
  await sql`select quarantine_decide_1(${sql.json({ actor: 'user:ana', quarantine: open?.id ?? 0, decision: 'approve' })})`
  await sql`select guard_release_1(${open?.id ?? 0}, clock_timestamp(), 1000)`
  return open?.why ?? {}
}

describe('the window of the guard', () => {
  test('an incident tells how many had gone by then, in the same push too', async () => {
    const shop = await guardedChannel(sql, 'gone', 100)
    await shop.setPrices('9')
    expect(await shop.push()).toBe(49)
    expect(await approve(shop)).toMatchObject({ limit: 'changed', listings: 100, allowed: 49, moved: 49 })
  })

  test('begins anew when a person approved what was held as too many: what had gone before does not count against what comes', async () => {
    const shop = await guardedChannel(sql, 'anew', 100)
    await shop.setPrices('9')
    expect(await shop.push()).toBe(49)
    await approve(shop)
    expect(await shop.push()).toBe(51)
    expect(await dry('anew', shop.skus.slice(0, 49), '8.5')).toMatchObject({ moved: 0, allowed: 49, goes: 49, quarantined: {} })
    await shop.setPrices('8.5', shop.skus.slice(0, 49))
    expect(await shop.push()).toBe(49)
    expect(await dry('anew', shop.skus.slice(49, 50), '8.5')).toMatchObject({ moved: 49, goes: 0, quarantined: { changed: 1 } })
    await shop.setPrices('8.5', shop.skus.slice(49, 50))
    expect(await shop.push()).toBe(0)
    expect(await heldBack(sql, shop)).toEqual({ changed: 1 })
    // And what was approved is the baseline of a fall: 8.5 to 4 is more than half of it, 10 to 4.6 would have been as well.
    expect(await dry('anew', shop.skus.slice(0, 1), '4.6')).toMatchObject({ goes: 1, quarantined: {} })
    expect(await dry('anew', shop.skus.slice(0, 1), '4.4')).toMatchObject({ goes: 0, quarantined: { dropped: 1 } })
  })

  test('does not begin anew when a fall was approved: nobody looked at the others then', async () => {
    const shop = await guardedChannel(sql, 'fall', 100)
    await shop.setPrices('9', shop.skus.slice(0, 40))
    await shop.setPrices('4', shop.skus.slice(99))
    expect(await shop.push()).toBe(40)
    await approve(shop)
    expect(await shop.push()).toBe(1)
    expect(await dry('fall', shop.skus.slice(40, 60), '9')).toMatchObject({ moved: 40, goes: 9, quarantined: { changed: 11 } })
  })

  test('is what a dry run weighs against: not what is intended, but what the platform had', async () => {
    const shop = await guardedChannel(sql, 'tried', 60)
    const [one = ''] = shop.skus
    await shop.setPrices('4', [one])
    expect(await shop.push()).toBe(0)
    // From 4 to 4.5 is no fall, from the 10 that the platform shows it is: it would join the incident.
    expect(await dry('tried', [one], '4.5')).toMatchObject({ goes: 0, quarantined: { dropped: 1 } })
    await shop.setPrices('4.5', [one])
    expect(await shop.push()).toBe(0)
    expect(await heldBack(sql, shop)).toEqual({ dropped: 1 })
  })

  test('counts a listing of a price file once, and tells what had gone before it', async () => {
    const context = await contextOf(sql)
    const shop = await guardedChannel(sql, 'filed', 100)
    await shop.setPrices('9', shop.skus.slice(0, 40))
    expect(await shop.push()).toBe(40)
    const upload = (skus: readonly string[]) =>
      uploadPrices(context, priceFileOf(`sku,currency,amount\n${skus.map(sku => `${sku},EUR,8\n`).join('')}`))
    expect((await upload(shop.skus.slice(0, 49))).outcome).toBe('judged')
    expect(await upload(shop.skus.slice(0, 50))).toMatchObject({
      outcome: 'waiting',
      judgement: { guard: [{ channel: 'filed', changed: 50, limit: 'changed', allowed: 49, moved: 40 }] },
    })
  })

  test('counts no more listings than matter, and lets pass just what a whole count would', async () => {
    const shop = await guardedChannel(sql, 'counted', 300)
    await sql`update listings set state = 'gone' where channel_id = ${shop.channelId} and external_id < 'COUNTED-000020'`
    const asks = [0, 1, 49, 50, 55, 56, 57, 280, 300]
    for (const [percent, allowed] of [
      ['20', 56],
      ['33.3333', 93],
      ['0', 49],
    ] as const) {
      await sql`select guard_limits_set_1(${sql.json({ channel: 'counted', changedPercent: percent, actor: 'test' })})`
      await sql`delete from guard_tallies`
      const windows = await sql<{ asked: number; listings: number; left: number; whole: number }[]>`
        select a as asked, w.listings, w.left_over as left, n.left_over as whole from unnest(${asks}::int[]) a
        cross join lateral guard_window(${shop.channelId}, 'price', clock_timestamp(), a) w
        cross join lateral guard_window(${shop.channelId}, 'price', clock_timestamp()) n order by a`
      expect(windows.map(({ asked, left }) => Math.min(asked, left))).toEqual(asks.map(asked => Math.min(asked, allowed)))
      expect(windows.map(({ whole }) => whole)).toEqual(asks.map(() => allowed))
      // Up to the least that always may, nothing is counted.
      expect(windows.filter(({ listings }) => listings === 0).map(({ asked }) => asked)).toEqual([0, 1, 49])
    }
  })
})
