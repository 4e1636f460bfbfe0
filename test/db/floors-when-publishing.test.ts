import { describe, expect, test } from 'vitest'
import { holdLease } from '../../db/accounts.ts'
import { intend, markSent } from '../../db/publications.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { stopBelowFloor } from '../../jobs/push-items.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'

const { sql } = await freshDatabase()

const limit = (kind: 'floor' | 'ceiling', sku: string, amount: string | null) =>
  sql`select price_limits_set_1(${sql.json({ actor: 'test', limits: [{ kind, basis: 'manual', scope: 'variant', sku, amount, currency: 'EUR' }] })})`
const publication = async (sku: string) => {
  const [row] = await sql`
    select p.state, p.reason_code, p.reason, p.intended->>'regular' as intended, trim_scale(p.floor)::text as floor, p.urgency, p.waiting_since is not null as waits, p.held->>'floor' as held_floor
    from publications p join variants v on v.id = p.variant_id where v.sku = ${sku} and p.field = 'price'`
  return { ...row }
}

describe('a floor', () => {
  test('stands beside what is intended, and what is shown below it goes out first', async () => {
    const shop = await guardedChannel(sql, 'first', 60)
    const [sku = '', other = ''] = shop.skus
    await shop.setPrices('9', [other])
    await limit('floor', sku, '12.5')
    await intend(sql, shop.accountId, null)
    expect(await publication(sku)).toMatchObject({ intended: '12.5', floor: '12.5', urgency: 0, waits: true })
    const work = await waitingByLoss(sql, shop.accountId, 10)
    expect(work.map(row => row.externalSku)).toEqual([sku, other])
    await shop.push()
    expect(await publication(sku)).toMatchObject({ state: 'applied', urgency: 6, waits: false })
    await limit('floor', sku, null)
    await intend(sql, shop.accountId, null)
    expect(await publication(sku)).toMatchObject({ intended: '10', floor: null })
  })

  test('lets nobody write a lower price beside it', async () => {
    const shop = await guardedChannel(sql, 'written', 1)
    const [sku = ''] = shop.skus
    await limit('floor', sku, '10')
    await shop.push()
    await expect(
      sql`update publications set intended = '{"currency": "EUR", "regular": "9.99", "sale": null}' where channel_id = ${shop.channelId} and field = 'price'`,
    ).rejects.toThrow('publications_not_below_floor')
    await expect(
      sql`update publications set intended = '{"currency": "EUR", "regular": "12", "sale": {"amount": "9", "from": null, "to": null}}'
        where channel_id = ${shop.channelId} and field = 'price'`,
    ).rejects.toThrow('publications_not_below_floor')
  })

  test('that moved after the price was worked out holds at the door already', async () => {
    const shop = await guardedChannel(sql, 'door', 1)
    const [sku = ''] = shop.skus
    await shop.setPrices('9')
    await intend(sql, shop.accountId, null)
    await limit('floor', sku, '9.5')
    const lease = await holdLease(sql, shop.accountId, 'test', 60_000)
    const rows = await waitingByLoss(sql, shop.accountId, 10)
    expect(rows.map(row => row.field)).toEqual(['price'])
    expect((await markSent(sql, shop.accountId, lease?.token ?? 0, rows))?.send).toEqual([])
    await intend(sql, shop.accountId, null)
    expect(await publication(sku)).toMatchObject({ intended: '9.5' })
  })

  test('is looked at a last time before the call, in decimals: only that field is refused', () => {
    const row = { externalSku: 'TEA', channelRef: 'shop' } as const
    const rows = [
      { ...row, listing: 1, field: 'price' },
      { ...row, listing: 1, field: 'stock' },
      { ...row, listing: 2, field: 'price' },
    ] as unknown as Parameters<typeof stopBelowFloor>[0]
    const price = (regular: string, sale: string | null = null, from: string | null = null) => ({
      currency: 'EUR',
      regular,
      sale: sale === null ? null : { amount: sale, from, to: null },
    })
    const stopped = (value: ReturnType<typeof price>, floor?: string, floorAhead?: string) =>
      stopBelowFloor(rows, [
        {
          listing: 1,
          field: 'price',
          value,
          ...(floor === undefined ? {} : { floor }),
          ...(floorAhead === undefined ? {} : { floorAhead }),
        },
        { listing: 1, field: 'stock', value: { quantity: 1 } },
      ])
    expect(stopped(price('9.99999'), '10')).toMatchObject({
      go: [{ field: 'stock' }],
      stopped: [
        {
          listing: 1,
          field: 'price',
          status: 'rejected',
          code: 'below_floor',
          words: 'TEA must not be shown at 9.99999: its floor there is 10. Set the price or the floor anew.',
        },
      ],
    })
    expect(stopped(price('10.00'), '10').stopped).toEqual([])
    expect(stopped(price('12', '9'), '10').stopped).toMatchObject([{ amount: '9', floor: '10' }])
    expect(stopped(price('12', '9', '2030-01-01T00:00:00Z'), '10').stopped).toEqual([])
    expect(stopped(price('12', '9', '2030-01-01T00:00:00Z'), '10', '9.5').stopped).toMatchObject([{ amount: '9', floor: '9.5' }])
    expect(stopped(price('0.1')).stopped).toEqual([])
  })
})

test('a price that is held between floor and ceiling says what for, leaves what is shown, and comes back by itself', async () => {
  const shop = await guardedChannel(sql, 'held', 2)
  const [sku = ''] = shop.skus
  await shop.setPrices('9', [sku])
  await limit('ceiling', sku, '11')
  await limit('floor', sku, '12')
  expect(await shop.push()).toBe(0)
  expect(await publication(sku)).toMatchObject({
    state: 'refused',
    reason_code: 'floor_above_ceiling',
    intended: '10',
    waits: false,
    reason: `${sku} has no price in held: its floor of 12 EUR (manual) leaves none below its ceiling of 11 EUR (manual); lower the floor or raise the ceiling`,
  })
  await limit('floor', sku, '8')
  expect(await shop.push()).toBe(1)
  expect(await publication(sku)).toMatchObject({ state: 'applied', reason_code: null, reason: null, intended: '9' })
  const events = await sql`
    select h.event from publication_history h join listings l on l.id = h.listing_id where l.external_sku = ${sku} and h.field = 'price' order by h.id`
  // `read`: what the platform showed when its listing was taken up.
  expect(events.map(row => row.event)).toEqual(['intended', 'read', 'held', 'intended', 'sent', 'applied'])
})
