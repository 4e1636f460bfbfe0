import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { signCall } from '../../connectors/woocommerce/auth.ts'
import { makeWooSandbox } from '../../connectors/woocommerce/sandbox.ts'
import { woocommerceWebhook } from '../../connectors/woocommerce/webhook.ts'
import { bought } from './cases/orders.ts'
import { goods, STARTED_AT, seeded } from './stage.ts'
import { onWoo, openWoo, wooKeys } from './woocommerce-stage.ts'

const sandbox = (now = () => STARTED_AT) =>
  makeWooSandbox({ file: ':memory:', now, scale: 1, random: seeded(1), deliver: async () => 200, lagMs: 0, ...wooKeys })
const path = '/wp-json/wc/v3/products'
const plain = { keysInQuery: false, now: STARTED_AT }
const asked = async (url: string, init?: RequestInit): Promise<[number, unknown]> => {
  const shop = sandbox()
  const answer = await shop.fetch(new Request(url, init))
  const body: unknown = await answer.json()
  shop.close()
  return [answer.status, body]
}
const refused = (message: string) => [401, { code: 'woocommerce_rest_authentication_error', message, data: { status: 401 } }]

describe('proving who calls WooCommerce', () => {
  test('signs by OAuth over plain HTTP as the example of RFC 5849 is built: sorted, encoded twice, secret and an empty token secret', () => {
    const { url, headers } = signCall('GET', 'http://shop.example/wp-json/wc/v3/products', { sku: 'a b,c', page: 1 }, wooKeys, plain)
    expect(headers).toEqual({})
    const names = url
      .slice(url.indexOf('?') + 1)
      .split('&')
      .map(part => part.split('=')[0])
    expect(names).toEqual([...names].sort())
    expect(url).toContain('sku=a%20b%2Cc')
    expect(url).not.toContain(wooKeys.consumerSecret)
  })

  test.each(['plain', 'a b&c=d', "O'Neil (50%)*!", 'größe,ß', '[1]+/~'])('is understood with the query value %s', async sku => {
    const { url } = signCall('GET', `http://127.0.0.1${path}`, { sku }, wooKeys, plain)
    expect(await asked(url)).toEqual([200, []])
  })

  test('goes as Basic authentication over HTTPS, or in the query for hosts that strip the header', async () => {
    const basic = signCall('GET', `https://shop.example${path}`, { page: 1 }, wooKeys, plain)
    expect(basic.url).not.toContain('ck_')
    expect(await asked(basic.url, { headers: basic.headers })).toEqual([200, []])
    const inQuery = signCall('GET', `https://shop.example${path}`, {}, wooKeys, { ...plain, keysInQuery: true })
    expect([inQuery.headers, await asked(inQuery.url)]).toEqual([{}, [200, []]])
  })

  test('is refused over plain HTTP with Basic authentication', async () => {
    const { headers } = signCall('GET', `https://shop.example${path}`, {}, wooKeys, plain)
    expect((await asked(`http://127.0.0.1${path}`, { headers }))[0]).toBe(401)
  })

  test('is refused with a wrong signature, a changed query, an old time, and a nonce that was used', async () => {
    const signed = signCall('GET', `http://127.0.0.1${path}`, { page: 1 }, wooKeys, plain).url
    expect(await asked(signed.replace('page=1', 'page=2'))).toEqual(refused('Invalid signature - provided signature does not match.'))
    const wrong = signCall('GET', `http://127.0.0.1${path}`, {}, { ...wooKeys, consumerSecret: 'cs_no' }, plain).url
    expect(await asked(wrong)).toEqual(refused('Invalid signature - provided signature does not match.'))
    const old = signCall('GET', `http://127.0.0.1${path}`, {}, wooKeys, { ...plain, now: new Date(STARTED_AT.getTime() - 901_000) }).url
    expect(await asked(old)).toEqual(refused('Invalid timestamp.'))
    const shop = sandbox()
    expect((await shop.fetch(new Request(signed))).status).toBe(200)
    const again = await shop.fetch(new Request(signed))
    expect([again.status, await again.json()]).toEqual(refused('Invalid nonce - nonce has already been used.'))
    shop.close()
  })
})

describe('the WooCommerce sandbox', () => {
  const batchOf = (count: number): [string, RequestInit] => {
    const { url, headers } = signCall('POST', `https://shop.example${path}/batch`, {}, wooKeys, plain)
    const update = Array.from({ length: count }, (_, n) => ({ id: n + 1, stock_quantity: 1 }))
    return [url, { method: 'POST', headers, body: JSON.stringify({ update }) }]
  }

  test('refuses a batch of more than 100, and answers errors of items inside a 200', async () => {
    const [status, body] = await asked(...batchOf(101))
    expect([status, body]).toEqual([
      413,
      {
        code: 'woocommerce_rest_request_entity_too_large',
        message: 'Unable to accept more than 100 items for this request.',
        data: { status: 413 },
      },
    ])
    expect(await asked(...batchOf(1))).toEqual([
      200,
      { update: [{ id: 1, error: { code: 'woocommerce_rest_product_invalid_id', message: 'Invalid ID.', data: { status: 400 } } }] },
    ])
  })

  test('answers an address that it does not have with WordPress’s own error', async () => {
    const [status, body] = await asked('https://shop.example/wp-json/wc/v3/nothing')
    expect([status, body]).toMatchObject([404, { code: 'rest_no_route' }])
  })

  test('survives its own death: orders, stock, faults and waiting webhooks are there again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'concord-woo-'))
    const file = join(folder, 'shop.sqlite')
    const before = await openWoo({}, file)
    before.sandbox.seed([goods(before, 'MUG', 5)])
    await before.session.ensureWebhooks?.(before.hub.address, before.hub.secret)
    await before.settle()
    before.sandbox.misbehave({ kind: 'throttle', operation: 'orders.get', times: 1 })
    const sold = bought(before, 'b1', 'MUG', 2)
    const journal = before.sandbox.journal(0, 1000)
    await before.close()
    const after = await openWoo({}, file)
    try {
      after.clock.advance(60_000)
      expect(after.sandbox.journal(0, 1000)).toEqual(journal)
      expect(after.sandbox.shown()).toMatchObject([{ sku: 'MUG', quantity: 3 }])
      expect(bought(after, 'b1', 'MUG', 2)).toEqual(sold)
      await expect(after.session.order(sold.externalId)).rejects.toMatchObject({ kind: 'throttled' })
      await after.settle()
      expect(after.hub.received.map(each => each.headers.get('x-wc-webhook-topic'))).toContain('order.created')
    } finally {
      await after.close()
      rmSync(folder, { recursive: true })
    }
  })

  test('does not let a pending order be paid for what is no longer there', () =>
    onWoo({}, async stage => {
      stage.sandbox.seed([goods(stage, 'RARE', 1)])
      const pending = bought(stage, 'slow', 'RARE', 1, { unpaid: true })
      bought(stage, 'quick', 'RARE', 1)
      stage.sandbox.pay(pending.externalId)
      expect(await stage.session.order(pending.externalId)).toMatchObject({ platformState: 'pending' })
      expect(stage.sandbox.shown()).toMatchObject([{ quantity: 0 }])
    }))

  test('keeps in its journal the cause of every number that it shows', () =>
    onWoo({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      const sold = bought(stage, 'b1', 'MUG', 4)
      stage.sandbox.refund(sold.externalId, [{ externalLineId: sold.lines[0]?.externalLineId ?? '', quantity: 1 }])
      stage.sandbox.cancel(sold.externalId)
      const numbers = stage.sandbox.journal(0, 100).filter(entry => entry.kind === 'quantity')
      const id = sold.externalId
      expect(numbers.map(entry => [entry.sku, entry.data.value, entry.data.cause])).toEqual([
        ['MUG', 5, `order ${id}`],
        ['MUG', 6, `refund of order ${id}`],
        ['MUG', 9, `order ${id} cancelled`],
      ])
    }))
})

describe('WooCommerce’s webhook door', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const headers = (more: Record<string, string>): Headers =>
    new Headers({ 'x-wc-webhook-id': '3', 'x-wc-webhook-topic': 'order.updated', ...more })

  test('checks the signature of the documentation’s algorithm', async () => {
    // printf '{"id":1}' | openssl dgst -sha256 -hmac secret -binary | base64
    const signature = 'A971iWIMgT8Zj9A9eWfikrFj7wQ16/Qwcc4OlRl2PLc='
    const given = headers({ 'x-wc-webhook-signature': signature })
    expect(await woocommerceWebhook.verify('secret', given, bytes('{"id":1}'))).toBe(true)
    expect(await woocommerceWebhook.verify('secret', given, bytes('{"id":2}'))).toBe(false)
    expect(await woocommerceWebhook.verify('', given, bytes('{"id":1}'))).toBe(false)
    expect(await woocommerceWebhook.verify('secret', headers({ 'x-wc-webhook-signature': 'not base64!' }), bytes('{"id":1}'))).toBe(false)
  })

  test('tells two deliveries of one second apart, to which WooCommerce gives the same id', () => {
    const of = (signature: string) =>
      woocommerceWebhook.identify(headers({ 'x-wc-webhook-delivery-id': 'd41d', 'x-wc-webhook-signature': signature }), bytes('{}'))
    expect(of('AAA=')?.deliveryId).not.toBe(of('BBB=')?.deliveryId)
    expect(of('AAA=')).toEqual(of('AAA='))
  })

  test('takes the form that a new webhook sends for a ping', () => {
    expect(
      woocommerceWebhook.identify(new Headers({ 'content-type': 'application/x-www-form-urlencoded' }), bytes('webhook_id=12')),
    ).toBeNull()
    expect(woocommerceWebhook.identify(headers({ 'x-wc-webhook-delivery-id': 'd41d' }), bytes('{"id":12}'))).toMatchObject({
      topic: 'order.updated',
    })
  })

  test('reads what each topic tells', () =>
    onWoo({}, async stage => {
      const read = (topic: string, body: object) => stage.session.readMessage(topic, JSON.stringify(body))
      expect(read('order.deleted', { id: 727 })).toEqual({ kind: 'reread', externalIds: ['727'] })
      expect(read('product.updated', { id: 7, sku: 'MUG' })).toEqual({ kind: 'listings', externalSkus: ['MUG'] })
      expect(read('product.updated', { id: 7, sku: '' })).toMatchObject({ kind: 'nothing' })
      expect(read('coupon.updated', { id: 7 })).toMatchObject({ kind: 'nothing' })
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      const sold = bought(stage, 'b1', 'MUG', 4)
      await stage.session.ensureWebhooks?.(stage.hub.address, stage.hub.secret)
      stage.sandbox.refund(sold.externalId, [{ externalLineId: sold.lines[0]?.externalLineId ?? '', quantity: 1 }])
      await stage.settle()
      const told = stage.hub.received.filter(each => each.headers.get('x-wc-webhook-topic') === 'order.updated')
      // The webhook does not hold the refund's lines.
      expect(told.map(each => stage.session.readMessage('order.updated', each.body))).toEqual([
        { kind: 'reread', externalIds: [sold.externalId] },
      ])
    }))
})
