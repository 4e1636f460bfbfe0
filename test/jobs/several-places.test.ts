import { expect, test } from 'vitest'
import { shopify } from '../../connectors/shopify/index.ts'
import type { WorkRow } from '../../db/publications.ts'
import { prepareItems } from '../../jobs/push-items.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import type { ChannelOrder, ChannelOrderLine } from '../../src/values/channel-order.ts'
import { unsealText } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { MUG: { main: 10 } })
const { accountId } = await createAccount(
  context,
  platformShape(shopify),
  {
    ...{ name: 'shop', platform: 'shopify', settings: { url: 'https://my-shop.myshopify.com' } },
    credentials: { accessToken: 'shpat_1', clientSecret: 'the secret of the app' },
    channels: [
      { code: 'shop-berlin', name: 'Berlin', ref: '70001', currency: 'EUR' },
      { code: 'shop-malmo', name: 'Malmö', ref: '70002', currency: 'EUR' },
    ],
  },
  null,
)

const line: ChannelOrderLine = {
  ...{ externalLineId: '1', listingRef: '40001', sku: 'MUG', title: 'Mug', ordered: 2, cancelled: 0, shipped: 0, returned: 0 },
  unitPrice: '10.00',
}
const part = (minute: number, channelRef: string, lines: readonly ChannelOrderLine[]): ChannelOrder => ({
  ...{ externalId: channelRef === '70001' ? '5' : '5@70002', number: '#1001', channelRef, placedAt: '2026-11-22T08:00:00.000Z' },
  ...{ stamp: `2026-11-22T08:0${minute}:00.000Z`, effect: lines.length === 0 ? 'foreign' : 'reserve' },
  ...{ platformState: 'UNFULFILLED', currency: 'EUR', total: '20.00', lines, person: null },
})
const book = (orders: readonly ChannelOrder[]) => bookOrders(context, accountId, orders, { fresh: true })
const reserved = () =>
  sql<{ code: string; state: string; units: number }[]>`
    select c.code, o.state, sum(l.reserved + l.short)::int as units from orders o join channels c on c.id = o.channel_id
    join order_lines l on l.order_id = o.id group by 1, 2 order by 1`

test('an order that moves to another location is promised there and no more here, and one that never was at a place is not booked there', async () => {
  expect((await book([part(1, '70001', [line]), part(1, '70002', [])])).map(one => one.outcome)).toEqual(['booked', 'exists'])
  expect(await reserved()).toEqual([{ code: 'shop-berlin', state: 'accepted', units: 2 }])
  expect((await sql`select 1 from orders`).length).toBe(1)
  await book([part(2, '70001', []), part(2, '70002', [line])])
  expect(await reserved()).toEqual([
    { code: 'shop-berlin', state: 'foreign', units: 0 },
    { code: 'shop-malmo', state: 'accepted', units: 2 },
  ])
  // And back again.
  await book([part(3, '70001', [line]), part(3, '70002', [])])
  expect((await reserved()).map(one => one.units)).toEqual([2, 0])
})

test('a platform that signs webhooks with a secret of its own has it at our door', async () => {
  const [row] = await sql<{ secret: Uint8Array }[]>`select webhook_secret as secret from accounts where id = ${accountId}`
  expect(await unsealText(context.keyring, 'webhook-secret', row?.secret ?? new Uint8Array())).toBe('the secret of the app')
})

test('where each channel has a stock of its own, none of them is lost from a call', () => {
  const row = (listing: number, field: 'stock' | 'price', channelRef: string) =>
    ({
      ...{
        listing,
        field,
        channelRef,
        externalId: '1',
        externalParentId: '2',
        externalSku: 'MUG',
        productType: null,
        urgency: 9,
        attempts: 0,
      },
    }) as unknown as WorkRow
  const rows = [row(1, 'stock', '70001'), row(2, 'stock', '70002'), row(1, 'price', '70001'), row(2, 'price', '70002')]
  const value = { quantity: 3, currency: 'EUR', regular: '1.00', sale: null }
  const items = prepareItems(
    rows,
    rows.map(one => ({ listing: one.listing, field: one.field, value })),
  )
  expect(items.map(({ item }) => [item.listing.channelRef, item.stock?.quantity, item.prices?.map(one => one.channelRef)])).toEqual([
    ['70001', 3, ['70001', '70002']],
    ['70002', 3, undefined],
  ])
  expect(items.map(one => one.stock?.listing)).toEqual([1, 2])
})
