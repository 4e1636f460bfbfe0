import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ebayWebhook, isSigned, publicKey, signatureIn, verificationToken } from '../../connectors/ebay/webhook.ts'
import type { DoorAccount, DoorCall } from '../../connectors/webhooks.ts'
import { doorAccount, openEbay } from './ebay-stage.ts'
import { goods, listingOf } from './stage.ts'

const VECTORS = new URL('../../../shared/specs/ebay/notification-signature-vectors.json', import.meta.url)

type Vector = { signature: string; message: unknown; response: { key: string } | null; public_key: string }

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe.skipIf(!existsSync(VECTORS))('eBay’s own signature vectors (needs ../shared/specs/ebay)', () => {
  const vectors = existsSync(VECTORS) ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as Record<string, Vector>) : {}
  const signed = async (name: string, body: string): Promise<boolean> => {
    const vector = vectors[name]
    const header = signatureIn(new Headers({ 'x-ebay-signature': vector?.signature ?? '' }))
    const key = await publicKey(vector?.response?.key ?? '')
    if (!header || !key) throw new Error(`${name} has no signature or no key`)
    return isSigned(header.signature, bytes(body), key)
  }

  test('the valid one holds, as eBay sends it and as a proxy may have written it anew', async () => {
    const message = vectors.VALID?.message
    expect(await signed('VALID', JSON.stringify(message))).toBe(true)
    expect(await signed('VALID', JSON.stringify(message, null, 2))).toBe(true)
  })

  test('the one that does not match fails, and so does any other body under the valid one', async () => {
    expect(await signed('SIGNATURE_MISMATCH', JSON.stringify(vectors.SIGNATURE_MISMATCH?.message))).toBe(false)
    expect(await signed('VALID', JSON.stringify(vectors.VALID?.message).replace('test_user', 'other_user'))).toBe(false)
    expect(await signed('VALID', '')).toBe(false)
  })

  test('the door finds the key by the name that the header gives, and asks eBay for it', async () => {
    const asked: string[] = []
    const call: DoorCall = async ({ url }) => {
      asked.push(new URL(url).pathname)
      if (url.endsWith('/token')) return { status: 200, text: JSON.stringify({ access_token: 't', expires_in: 7200 }) }
      const found = Object.values(vectors).find(one => url.endsWith(`/${JSON.parse(atob(one.signature)).kid}`))
      return found ? { status: 200, text: JSON.stringify(found.response) } : { status: 404, text: '{}' }
    }
    const account = accountWith(call)
    const headers = (name: string) => new Headers({ 'x-ebay-signature': vectors[name]?.signature ?? '' })
    const verdict = (name: string) => ebayWebhook.verify('', headers(name), bytes(JSON.stringify(vectors[name]?.message)), account)
    expect([await verdict('VALID'), await verdict('SIGNATURE_MISMATCH'), await verdict('VALID')]).toEqual([true, false, true])
    expect(asked.map(path => path.split('/').at(-2))).toEqual(['oauth2', 'public_key'])
  })
})

let accounts = 0
/** An account of its own, so that no key of another test is known. */
function accountWith(call: DoorCall): DoorAccount {
  accounts += 1
  return {
    settings: { endpoint: 'https://ebay.example' },
    credentials: async () => ({ clientId: `app-${accounts}`, clientSecret: 's' }),
    call,
  }
}

const header = (kid: string): Headers =>
  new Headers({ 'x-ebay-signature': btoa(JSON.stringify({ alg: 'ecdsa', kid, signature: btoa('not a signature'), digest: 'SHA1' })) })

describe('eBay’s door', () => {
  test('answers the challenge with the hash of code, token and address, in that order', async () => {
    const address = 'https://hub.example/webhooks/7'
    const answer = await ebayWebhook.challenge?.('secret', address, new URLSearchParams({ challenge_code: 'a8628072' }))
    const token = await verificationToken('secret')
    expect(token).toMatch(/^[\w-]{32,80}$/)
    const digest = await crypto.subtle.digest('SHA-256', bytes(`a8628072${token}${address}`) as Uint8Array<ArrayBuffer>)
    expect(JSON.parse(answer ?? '')).toEqual({ challengeResponse: Buffer.from(digest).toString('hex') })
    expect(await ebayWebhook.challenge?.('secret', address, new URLSearchParams())).toBeNull()
  })

  test('asks for a key once for many deliveries that come at once', async () => {
    const stage = await openEbay()
    try {
      stage.sandbox.seed([goods(stage, 'MUG', 50)])
      await stage.session.ensureWebhooks?.(stage.hub.address, stage.hub.secret)
      const listing = await listingOf(stage, 'MUG')
      stage.hub.received.length = 0
      for (let n = 0; n < 12; n += 1)
        stage.sandbox.buy({ ref: `b${n}`, channelRef: listing.channelRef, lines: [{ sku: 'MUG', quantity: 1 }] })
      await stage.settle()
      const account = { ...doorAccount(stage.ebay), settings: { endpoint: 'https://once.example' } }
      const before = stage.sandbox.journal(0, 10_000).length
      const verdicts = await Promise.all(
        stage.hub.received.map(({ headers, body }) => ebayWebhook.verify('', headers, bytes(body), account)),
      )
      expect(verdicts).toEqual(Array(12).fill(true))
      expect(
        stage.sandbox
          .journal(0, 10_000)
          .slice(before)
          .map(entry => entry.data.operation),
      ).toEqual(['token', 'notification'])
    } finally {
      await stage.close()
    }
  })

  test('asks to send again while eBay cannot say what the key is, and takes it when it can', async () => {
    const stage = await openEbay()
    try {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      await stage.session.ensureWebhooks?.(stage.hub.address, stage.hub.secret)
      stage.hub.received.length = 0
      const listing = await listingOf(stage, 'MUG')
      stage.sandbox.buy({ ref: 'b1', channelRef: listing.channelRef, lines: [{ sku: 'MUG', quantity: 1 }] })
      await stage.settle()
      const [first] = stage.hub.received
      if (!first) throw new Error('nothing came')
      const account = { ...doorAccount(stage.ebay), settings: { endpoint: 'https://down.example' } }
      stage.sandbox.misbehave({ kind: 'error', operation: 'notification', times: 1 })
      expect(await ebayWebhook.verify('', first.headers, bytes(first.body), account)).toBe('later')
      expect(await ebayWebhook.verify('', first.headers, bytes(first.body), account)).toBe(true)
    } finally {
      await stage.close()
    }
  })

  test('refuses a key that eBay does not know, and lets inventions use up few calls of the quota', async () => {
    let calls = 0
    const account = accountWith(async ({ url }) => {
      calls += 1
      return url.endsWith('/token') ? { status: 200, text: '{"access_token":"t","expires_in":7200}' } : { status: 404, text: '{}' }
    })
    expect(await ebayWebhook.verify('', header('invented'), bytes('{}'), account)).toBe(false)
    expect(await ebayWebhook.verify('', header('invented'), bytes('{}'), account)).toBe(false)
    expect(calls).toBe(2)
    for (let n = 0; n < 50; n += 1) await ebayWebhook.verify('', header(`invented-${n}`), bytes('{}'), account)
    expect(calls).toBeLessThan(13)
  })

  test('takes no header that is not eBay’s, without a call', async () => {
    const account = accountWith(() => Promise.reject(new Error('must not be called')))
    const wrong = [
      '',
      'x',
      btoa('{'),
      btoa('{"kid":"../../token","alg":"ecdsa","signature":"AA=="}'),
      btoa('{"kid":"k","alg":"none","signature":"AA=="}'),
    ]
    for (const text of wrong)
      expect(await ebayWebhook.verify('', new Headers({ 'x-ebay-signature': text }), bytes('{}'), account)).toBe(false)
    expect(ebayWebhook.identify(new Headers(), new Uint8Array())).toBeNull()
  })
})
