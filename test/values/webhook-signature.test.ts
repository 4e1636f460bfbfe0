import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { newWebhookSecret, signWebhook } from '../../src/values/webhook-signature.ts'

const BODY = '{"type":"alert.opened","data":{"kind":"credentials","subject":"account:café"}}'

test('the signature is the one that the specification publishes for its example', async () => {
  const at = new Date(1_614_265_330_000)
  const headers = await signWebhook(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], 'msg_p5jXN8AQM9LWM0D4loKWxJek', at, '{"test": 2432232314}')
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('the library of the specification takes it by the old secret and by the new one, and not by a third, nor with another body', async () => {
  const [old, current, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
  const headers = { ...(await signWebhook([current, old], 'msg_1', new Date(), BODY)) }
  expect(headers['webhook-signature'].split(' ')).toHaveLength(2)
  expect(new Webhook(old).verify(BODY, headers)).toEqual(JSON.parse(BODY))
  expect(new Webhook(current).verify(BODY, headers)).toEqual(JSON.parse(BODY))
  expect(() => new Webhook(other).verify(BODY, headers)).toThrow('No matching signature found')
  expect(() => new Webhook(current).verify(`${BODY} `, headers)).toThrow('No matching signature found')
})

test('a secret has 32 random bytes behind its prefix, and one without it is refused without being told', async () => {
  const secret = newWebhookSecret()
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(newWebhookSecret()).not.toBe(secret)
  const refusal = await signWebhook(['hidden-secret'], 'msg_1', new Date(), BODY).catch((error: unknown) => String(error))
  expect(refusal).toBe('Error: a webhook secret begins with whsec_')
})
