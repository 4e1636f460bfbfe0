import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readMessage } from '../../connectors/medusa/messages.ts'
import { medusaWebhook } from '../../connectors/medusa/webhook.ts'
import { BERLIN, LOCATIONS, MALMO, onMedusa, openMedusa, withMedusa } from './medusa-stage.ts'
import { drain, goods } from './stage.ts'

const failing = async (levers: Parameters<typeof openMedusa>[0]): Promise<(string | undefined)[]> => {
  const stage = await openMedusa(levers)
  try {
    const { findings } = await stage.session.test()
    return findings.filter(one => !one.ok).map(one => `${one.what}: ${one.words}`)
  } finally {
    await stage.close()
  }
}

describe('the test of an account names what is missing', () => {
  test('a key that is no secret one', async () => {
    expect(await failing({ credentials: { apiKey: 'pk_1234' } })).toEqual([expect.stringContaining('Secret API Keys')])
  })
  test('a location that is not there, with those that are', async () => {
    const words = await failing({ channels: [{ ...BERLIN, ref: 'sloc_gone' }] })
    expect(words).toEqual([expect.stringMatching(/no stock location sloc_gone; its locations are sloc_01K0BERLIN \(Berlin\)/)])
  })
  test('a location that no sales channel sells from', async () => {
    const locations = [{ id: BERLIN.ref, name: 'Berlin', isSold: false }]
    expect(await failing({ locations })).toEqual([expect.stringContaining('No sales channel sells from Berlin')])
  })
  test('a currency that the store has not', async () => {
    expect(await failing({ channels: [{ ...BERLIN, currency: 'SEK' }] })).toEqual([expect.stringMatching(/sells in EUR, .* set to SEK/)])
  })
  test('an address that is no Medusa server', async () => {
    await withMedusa(
      () => new Response('<h1>Storefront</h1>'),
      async session => {
        const [finding] = (await session.test()).findings
        expect(finding).toMatchObject({ what: 'address', ok: false, words: expect.stringContaining('not of its storefront') })
      },
    )
  })
  test('and tells of other locations that the shop sells from', async () => {
    await onMedusa({ locations: LOCATIONS, channels: [BERLIN] }, async stage => {
      const { ok, findings } = await stage.session.test()
      expect([ok, findings.find(one => one.what === 'other locations')?.words]).toEqual([true, expect.stringContaining(MALMO.ref)])
    })
  })
})

describe('an admin user instead of a key', () => {
  const user = { email: 'hub@example.com', password: 'a long password' }

  test('asks for one token, and for another when it is over', async () => {
    await onMedusa({ ...user, credentials: user }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const tokens = (): number => stage.sandbox.journal(0, 1000).filter(entry => entry.ref === 'token').length
      await Promise.all([drain(stage.session.listings()), drain(stage.session.listings())])
      expect(tokens()).toBe(1)
      stage.clock.advance(25 * 3_600_000)
      expect((await drain(stage.session.listings())).length).toBe(1)
      expect(tokens()).toBe(2)
    })
  })

  test('is told when the password is wrong, and the password is in no error', async () => {
    const credentials = { ...user, password: 'not the password' }
    const [words] = await failing({ ...user, credentials })
    expect(words).toMatch(/^key: .*no admin user/)
    expect(words).not.toContain('not the password')
  })
})

describe('messages of a subscriber', () => {
  const channels = [BERLIN, MALMO]
  test('name the order that is to be read, in each of its parts', () => {
    const placed = JSON.stringify({ name: 'order.placed', data: { id: 'order_1' } })
    const packed = JSON.stringify({ name: 'order.fulfillment_created', data: { order_id: 'order_1', fulfillment_id: 'ful_1' } })
    for (const [topic, body] of [
      ['order.placed', placed],
      ['order.fulfillment_created', packed],
    ] as const)
      expect(readMessage(channels, topic, body)).toEqual({ kind: 'reread', externalIds: ['order_1', `order_1@${MALMO.ref}`] })
  })
  test('of other things concern nobody', () => {
    const body = JSON.stringify({ name: 'inventory-level.updated', data: { id: 'ilev_1' } })
    expect(readMessage(channels, 'inventory-level.updated', body).kind).toBe('nothing')
  })

  test('pass the door by the right signature over the untouched body alone', async () => {
    const body = new TextEncoder().encode(JSON.stringify({ name: 'order.placed', data: { id: 'order_1' } }))
    const signature = createHmac('sha256', 'the secret').update(body).digest('hex')
    const headers = new Headers({ 'x-concord-signature': signature })
    expect(medusaWebhook.identify(headers, body)).toEqual({ deliveryId: signature, topic: 'order.placed' })
    expect(await medusaWebhook.verify('the secret', headers, body)).toBe(true)
    expect(await medusaWebhook.verify('another', headers, body)).toBe(false)
    expect(await medusaWebhook.verify('the secret', headers, new Uint8Array([...body, 32]))).toBe(false)
    expect(await medusaWebhook.verify('the secret', new Headers(), body)).toBe(false)
    expect(await medusaWebhook.verify('', headers, body)).toBe(false)
    expect(medusaWebhook.identify(new Headers(), new TextEncoder().encode('ping'))).toBeNull()
  })
})
