import { z } from 'zod'
import { observeListings } from '../../db/listings.ts'
import { intend } from '../../db/publications.ts'
import { bookOrders } from '../../src/usecases/book-orders.ts'
import type { PlatformShape } from '../../src/usecases/channels.ts'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { ask, type Stage } from './stage.ts'

const Settings = z.strictObject({ address: z.url() })
const Credentials = z.strictObject({ token: z.string().min(10) })

/** A platform's shapes as main.ts would take them from its connector. */
export const platform: PlatformShape = {
  platform: 'woocommerce',
  stockPerAccount: false,
  readSettings: value => Settings.parse(value),
  readCredentials: value => Credentials.parse(value),
}

export const CREDENTIAL = 'canary-credential-77'

export const account = {
  name: 'woo',
  platform: 'woocommerce',
  settings: { address: 'https://shop.example' },
  credentials: { token: CREDENTIAL },
  channels: [{ code: 'woo-eu', name: 'Shop', ref: 'shop', currency: 'EUR' }],
}

export const person = { name: 'Wilhelmina Canary', email: 'wilhelmina@example.net', address: { city: 'Bremen' } }

/** Connects an account through the API and notes one listing as its platform would show it. Answers the listing's id. */
export async function connect(stage: Stage, key: string, externalSku: string): Promise<number> {
  const made = await ask(stage.app, 'POST /v1/accounts', { key, body: account })
  if (made.status !== 201) throw new Error(made.text)
  await observeListings(
    stage.sql,
    Number(made.body.id),
    [
      {
        channelRef: 'shop',
        externalId: '501',
        parentId: null,
        sku: externalSku,
        productType: null,
        gtin: null,
        title: 'Mug',
        state: 'active',
        quantity: 1,
        price: null,
      },
    ],
    'test',
  )
  await intend(stage.sql, Number(made.body.id), null)
  const [row] = await stage.sql<{ id: number }[]>`select id from listings`
  if (row === undefined) throw new Error('no listing was noted')
  return row.id
}

/** Books an order of the channel as its platform would state it. Answers our id. */
export async function book(stage: Stage, externalId: string, more: Partial<ChannelOrder> = {}): Promise<number> {
  const [row] = await stage.sql<{ id: number }[]>`select id from accounts`
  const order: ChannelOrder = {
    externalId,
    number: externalId,
    channelRef: 'shop',
    stamp: '2026-11-22T10:00:00Z',
    placedAt: '2026-11-22T09:59:00Z',
    effect: 'reserve',
    platformState: 'processing',
    currency: 'EUR',
    total: '25.5',
    person,
    lines: [
      {
        externalLineId: '1',
        listingRef: '501',
        sku: 'MUG',
        title: 'Mug',
        ordered: 2,
        cancelled: 0,
        shipped: 0,
        returned: 0,
        unitPrice: '12.75',
      },
    ],
    ...more,
  }
  const [booked] = await bookOrders(stage.context, row?.id ?? 0, [order], { fresh: false })
  if (booked?.orderId === undefined) throw new Error(`not booked: ${JSON.stringify(booked)}`)
  return booked.orderId
}
