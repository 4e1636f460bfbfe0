import { beforeAll, expect, test } from 'vitest'
import type { Sandbox } from '../../connectors/sandbox.ts'
import type { Sql } from '../../db/connect.ts'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { check } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { tokenOf } from '../connectors/amazon-limits.ts'
import { KEYS as AMAZON_KEYS } from '../connectors/amazon-stage.ts'
import { headersOf } from '../connectors/ebay-limits.ts'
import { GERMANY as EBAY_GERMANY, KEYS as EBAY_KEYS } from '../connectors/ebay-stage.ts'
import { freshDatabase } from '../support/database.ts'
import { EBAY_HUB, openEbayMarket } from '../support/ebay.ts'
import { balance, layIn } from '../support/goods.ts'
import { connectAmazon, GERMANY, jobDeps, lanes, playAmazon, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

// An order of a marketplace leaves in two parcels: what the marketplace then shows of each is read from it as any client of its API reads it.

/** At this pace nobody waits long for a marketplace's next turn. */
const SCALE = 100

let sql: Sql
let context: Context
beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await testContext(sql)
  await layIn(sql, { MUG: { main: 20 }, LAMP: { main: 20 } })
})

/** Two mugs and a lamp are bought; one mug leaves, then the other with the lamp. Answers the platform's ids of the order, of the mugs and of the lamp. */
async function inTwoParcels(sandbox: Sandbox, name: string, channelRef: string) {
  const lines = [
    { sku: 'MUG', quantity: 2, unitPrice: '9.50' },
    { sku: 'LAMP', quantity: 1, unitPrice: '9.50' },
  ]
  const sold = sandbox.buy({ ref: name, channelRef, lines })
  const externalId = sold?.externalId ?? ''
  const booked = await until('the order is booked', async () => {
    const rows = await sql<{ orderId: number; lineId: number; sku: string; state: string }[]>`
      select o.id as "orderId", l.id as "lineId", l.sku, o.state from orders o join order_lines l on l.order_id = o.id
      where o.external_id = ${externalId} order by l.sku desc`
    return rows.length === 2 && rows[0]?.state !== 'received' ? rows : null
  })
  const [mug, lamp] = booked.map(row => row.lineId)
  const orderId = booked[0]?.orderId ?? 0
  const stateOf = async () => (await sql`select state from orders where id = ${orderId}`)[0]?.state
  const one = (lineId = 0) => ({ lineId, quantity: 1 })
  await shipOrder(context, `${name}-1`, orderId, { lines: [one(mug)], tracking: { carrier: 'DHL', number: 'TRACK1' } })
  expect(await stateOf()).toBe('in_fulfilment')
  await shipOrder(context, `${name}-2`, orderId, { lines: [one(mug), one(lamp)], tracking: { carrier: 'DHL', number: 'TRACK2' } })
  expect(await stateOf()).toBe('fulfilled')
  await until('the platform confirmed both', async () => {
    const acts = await sql<{ state: string }[]>`select state from acts where order_id = ${orderId} and kind = 'ship'`
    return acts.length === 2 && acts.every(act => act.state === 'confirmed')
  })
  const idOf = (sku: string) => sold?.lines.find(line => line.sku === sku)?.externalLineId ?? ''
  return { externalId, mug: idOf('MUG'), lamp: idOf('LAMP') }
}

test('an order of a marketplace leaves in two parcels, and the marketplace shows each with its tracking number and what is in it', async () => {
  const listings = (ref: string) =>
    ['MUG', 'LAMP'].map(sku => ({ sku, title: sku, gtin: null, quantity: 20, prices: { [ref]: '9.50' }, parent: null }))
  const amazon = await playAmazon({ scale: SCALE })
  amazon.sandbox.seed(listings(GERMANY.id))
  await connectAmazon(context, amazon, SCALE)
  const ebay = await openEbayMarket(context, SCALE)
  ebay.sandbox.seed(listings(EBAY_GERMANY.id))
  lanes(jobDeps(context, EBAY_HUB))
  const [theirs, others] = await Promise.all([
    inTwoParcels(amazon.sandbox, 'amazon', GERMANY.id),
    inTwoParcels(ebay.sandbox, 'ebay', EBAY_GERMANY.id),
  ])

  const read = async (sandbox: Sandbox, path: string, headers: Readonly<Record<string, string>>) =>
    (await sandbox.fetch(new Request(`https://platform.example${path}`, { headers }))).json()
  const token = await tokenOf(amazon.sandbox, AMAZON_KEYS)
  const shown = await read(amazon.sandbox, `/orders/2026-01-01/orders/${theirs.externalId}?includedData=PACKAGES,FULFILLMENT`, {
    'x-amz-access-token': token,
  })
  expect(shown).toMatchObject({
    order: {
      fulfillment: { fulfillmentStatus: 'SHIPPED' },
      packages: [
        { carrier: 'DHL', trackingNumber: 'TRACK1', packageItems: [{ orderItemId: theirs.mug, quantity: 1 }] },
        {
          ...{ carrier: 'DHL', trackingNumber: 'TRACK2' },
          packageItems: [
            { orderItemId: theirs.mug, quantity: 1 },
            { orderItemId: theirs.lamp, quantity: 1 },
          ],
        },
      ],
    },
  })
  const path = `/sell/fulfillment/v1/order/${others.externalId}`
  const headers = await headersOf(ebay.sandbox, { ...EBAY_KEYS, marketplace: EBAY_GERMANY })
  expect(await read(ebay.sandbox, `${path}/shipping_fulfillment`, headers)).toMatchObject({
    total: 2,
    fulfillments: [
      { shipmentTrackingNumber: 'TRACK1', shippingCarrierCode: 'DHL', lineItems: [{ lineItemId: others.mug, quantity: 1 }] },
      {
        ...{ shipmentTrackingNumber: 'TRACK2', shippingCarrierCode: 'DHL' },
        lineItems: [
          { lineItemId: others.mug, quantity: 1 },
          { lineItemId: others.lamp, quantity: 1 },
        ],
      },
    ],
  })
  expect(await read(ebay.sandbox, path, headers)).toMatchObject({ orderFulfillmentStatus: 'FULFILLED' })
  expect([await balance(sql, 'MUG', 'main'), await balance(sql, 'LAMP', 'main')]).toEqual([
    { onHand: 16, reserved: 0 },
    { onHand: 18, reserved: 0 },
  ])
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
})
