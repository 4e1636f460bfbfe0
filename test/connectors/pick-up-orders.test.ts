import { expect, test } from 'vitest'
import type { Act } from '../../connectors/contract.ts'
import { orderOf } from './cases/orders.ts'
import { BERLIN as MEDUSA_BERLIN, onMedusa } from './medusa-stage.ts'
import { onShopify, BERLIN as SHOPIFY_BERLIN } from './shopify-stage.ts'
import { goods, type Stage } from './stage.ts'
import { onVendure } from './vendure-stage.ts'
import { onWoo } from './woocommerce-stage.ts'

// What buyers collect is recognised on each platform, and what becomes of it is told back: ready where that can be told, then handed over, by no carrier.

type Told = {
  readonly collectAt: unknown
  readonly sentAt: unknown
  readonly ready: unknown
  readonly handedOver: unknown
  readonly effect: unknown
}

async function collected(stage: Stage, channelRef: string): Promise<Told> {
  stage.sandbox.seed([goods(stage, 'MUG', 5)])
  const sold = stage.sandbox.buy({ ref: 'c1', channelRef, lines: [{ sku: 'MUG', quantity: 2 }], pickUp: true })
  const sent = stage.sandbox.buy({ ref: 's1', channelRef, lines: [{ sku: 'MUG', quantity: 1 }] })
  if (!sold || !sent) throw new Error('nothing was sold')
  const lines = sold.lines.map(({ externalLineId, quantity }) => ({ externalLineId, quantity }))
  const act = (kind: Act['kind']): Act => ({ key: `${kind}-1`, kind, externalOrderId: sold.externalId, channelRef, lines })
  const [line] = (await orderOf(stage, sold.externalId)).lines
  const [other] = (await orderOf(stage, sent.externalId)).lines
  const ready = stage.connector.declares.acts.includes('ready') ? await stage.session.act({ ...act('ready'), code: '123456' }) : 'not told'
  const handedOver = await stage.session.act(act('ship'))
  const { effect } = await orderOf(stage, sold.externalId)
  return { collectAt: line?.collectAt, sentAt: other?.collectAt, ready, handedOver, effect }
}

const done = { sentAt: undefined, ready: { status: 'confirmed' }, handedOver: { status: 'confirmed' }, effect: 'settle' }

test('Shopify: at the location of the fulfilment order', () =>
  onShopify({}, async stage => expect(await collected(stage, SHOPIFY_BERLIN.ref)).toEqual({ ...done, collectAt: SHOPIFY_BERLIN.ref })))

test('WooCommerce: at the pick-up location that the checkout wrote; the buyer is told the code with the note', () =>
  onWoo({}, async stage => {
    expect(await collected(stage, 'shop')).toEqual({ ...done, collectAt: 'Main street' })
    const notes = stage.sandbox.journal(0, 1_000).filter(entry => entry.kind === 'note')
    expect(notes.map(entry => entry.data)).toEqual([{ note: 'Your order is ready to be picked up. Code: 123456', customer: true }])
  }))

test('Medusa: by the shipping options that the account names, at the location of the channel', () =>
  onMedusa({}, async stage => expect(await collected(stage, MEDUSA_BERLIN.ref)).toEqual({ ...done, collectAt: MEDUSA_BERLIN.ref })))

test('Vendure: by the shipping methods that the account names, at the place named with them', () =>
  onVendure({ settings: { pickUpMethods: { 'store-pickup': 'berlin' } } }, async stage =>
    expect(await collected(stage, 'EUR')).toEqual({ ...done, collectAt: 'berlin', ready: 'not told' }),
  ))
