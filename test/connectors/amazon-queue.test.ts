import { afterEach, describe, expect, test } from 'vitest'
import { amazon } from '../../connectors/amazon/index.ts'
import type { AmazonSandboxOptions } from '../../connectors/amazon/sandbox.ts'
import type { Session } from '../../connectors/contract.ts'
import { makeHttp } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import { accessTo, type Exchange, KEYS, openAmazon } from './amazon-stage.ts'
import { bought } from './cases/orders.ts'
import { goods, type Stage } from './stage.ts'

const opened: Stage[] = []
afterEach(async () => {
  for (const stage of opened.splice(0)) await stage.close()
})

async function open(options: Partial<AmazonSandboxOptions> = {}) {
  const wire: Exchange[] = []
  const stage = await openAmazon({ options, record: wire })
  opened.push(stage)
  stage.sandbox.seed([goods(stage, 'MUG', 9)])
  return { stage, wire }
}

const ensure = (session: Session) => {
  if (session.ensureQueue === undefined) throw new Error('Amazon fills a queue')
  return session.ensureQueue()
}

async function told(stage: Stage, ref: string): Promise<number> {
  bought(stage, ref, 'MUG', 1)
  await stage.settle()
  return (await stage.session.receive?.())?.length ?? 0
}

const finding = async (stage: Stage, what = 'order changes') => (await stage.session.test()).findings.find(one => one.what === what)

/** What the owner of the application does at Amazon by hand. */
async function byHand(wire: readonly Exchange[], method: string, path: string, body?: object): Promise<Response> {
  const origin = wire[0]?.url.origin ?? ''
  const grant = {
    grant_type: 'client_credentials',
    scope: 'sellingpartnerapi::notifications',
    client_id: KEYS.clientId,
    client_secret: KEYS.clientSecret,
  }
  const token = await fetch(`${origin}/auth/o2/token`, { method: 'POST', body: new URLSearchParams(grant) })
  const { access_token } = (await token.json()) as { access_token: string }
  const headers = { 'x-amz-access-token': access_token, 'content-type': 'application/json' }
  return fetch(`${origin}/notifications/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
}

const idOf = (wire: readonly Exchange[]): string =>
  JSON.parse(
    wire.findLast(one => one.url.pathname.startsWith('/notifications/v1/subscriptions') && one.status === 200 && one.method !== 'DELETE')
      ?.answered ?? '',
  ).payload.subscriptionId

describe('the queue of an Amazon account', () => {
  test('that nobody has connected gets a destination and a subscription of order changes, once', async () => {
    const { stage, wire } = await open({ unsubscribed: true })
    expect(await told(stage, 'b1')).toBe(0)
    expect(await finding(stage)).toEqual({
      ...{ what: 'order changes', ok: true },
      words: 'Amazon sends no order changes to the queue yet: the hub subscribes to them once something is published.',
    })
    expect([await ensure(stage.session), await ensure(stage.session), await ensure(stage.reopen())]).toEqual([
      'created',
      'present',
      'present',
    ])
    expect(await told(stage, 'b2')).toBe(1)
    expect((await finding(stage))?.words).toBe('Amazon sends order changes to the queue.')
    const made = wire.filter(one => one.method === 'POST' && one.url.pathname.startsWith('/notifications'))
    expect(made.map(one => JSON.parse(one.asked))).toEqual([
      { name: 'Concord', resourceSpecification: { sqs: { arn: 'arn:aws:sqs:eu-west-1:000000000000:notifications' } } },
      { payloadVersion: '1.0', destinationId: expect.any(String) },
    ])
  })

  test('that a person has connected is left as it is', async () => {
    const { stage } = await open()
    expect(await ensure(stage.session)).toBe('present')
    expect(await told(stage, 'b1')).toBe(1)
  })

  test('is subscribed anew when its subscription was dropped, at the destination that is there', async () => {
    const { stage, wire } = await open({ unsubscribed: true })
    await ensure(stage.session)
    expect((await byHand(wire, 'DELETE', `/subscriptions/ORDER_CHANGE/${idOf(wire)}`)).status).toBe(200)
    expect(await told(stage, 'b1')).toBe(0)
    expect(await ensure(stage.session)).toBe('revived')
    expect(await told(stage, 'b2')).toBe(1)
  })

  test('is subscribed once where the answer was lost', async () => {
    const { stage, wire } = await open({ unsubscribed: true })
    for (const operation of ['createDestination', 'createSubscription']) {
      stage.sandbox.misbehave({ kind: 'timeout-after', operation, times: 1 })
      await expect(ensure(stage.session)).rejects.toMatchObject({ name: 'AccountTrouble', maybeTookEffect: true })
    }
    expect(await ensure(stage.session)).toBe('present')
    const made = wire.filter(one => one.method === 'POST' && one.url.pathname.startsWith('/notifications'))
    expect(made).toHaveLength(2)
  })

  test('is not taken from another program, and the check names where order changes go', async () => {
    const { stage, wire } = await open()
    const { http, close } = makeHttp()
    const access = accessTo(wire[0]?.url.origin ?? (await originOf(stage, wire)))
    // The account has another queue than the one that was connected by hand.
    const other = amazon.open(access, {
      http: async call => {
        const answer = await http(call)
        return call.body?.includes('QueueArn')
          ? { ...answer, text: '{"Attributes":{"QueueArn":"arn:aws:sqs:eu-west-1:000000000000:other"}}' }
          : answer
      },
      ...{ now: stage.clock.now, pace: makePace(amazon.limits, { scale: 1000, full: true }) },
    })
    expect(await ensure(other)).toBe('elsewhere')
    const check = await other.test()
    await close()
    expect(check.ok).toBe(false)
    expect(check.findings.filter(one => !one.ok)).toEqual([
      {
        ...{ what: 'order changes', ok: false },
        words:
          'Amazon sends order changes to arn:aws:sqs:eu-west-1:000000000000:notifications: set queueUrl to that queue, or delete the subscription by-hand-ORDER_CHANGE of ORDER_CHANGE, and the hub subscribes to them once something is published.',
      },
    ])
    expect(await told(stage, 'b1')).toBe(1)
  })

  test('where Amazon may not send to it, is told with what to do; an application without the scope is named by the check', async () => {
    const { stage, wire } = await open({ unsubscribed: true })
    const { http, close } = makeHttp()
    const access = accessTo(wire[0]?.url.origin ?? (await originOf(stage, wire)))
    const closed = amazon.open(access, {
      http: async call => {
        const answer = await http(call)
        return call.body?.includes('QueueArn')
          ? { ...answer, text: '{"Attributes":{"QueueArn":"arn:aws:sqs:eu-west-1:000000000000:closed"}}' }
          : answer
      },
      ...{ now: stage.clock.now, pace: makePace(amazon.limits, { scale: 1000, full: true }) },
    })
    await expect(ensure(closed)).rejects.toThrow('let the principal 437568002678 send to the queue')
    await close()
    stage.sandbox.misbehave({ kind: 'unauthorized', operation: 'getDestinations' })
    expect(await finding(stage)).toEqual({ what: 'order changes', ok: false, words: expect.stringContaining('getDestinations is refused') })
  })

  test('that is not set is not asked for', () => {
    const access = accessTo('http://127.0.0.1:1')
    const tools = { http: () => Promise.reject(new Error('nothing is called')), pace: makePace(amazon.limits), now: () => new Date() }
    expect(amazon.open({ ...access, settings: { ...access.settings, queueUrl: undefined } }, tools).ensureQueue).toBeUndefined()
  })
})

async function originOf(stage: Stage, wire: readonly Exchange[]): Promise<string> {
  await stage.session.receive?.()
  return wire[0]?.url.origin ?? ''
}
