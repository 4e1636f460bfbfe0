import { describe, expect, test } from 'vitest'
import {
  type AccountAccess,
  AccountTrouble,
  type Connector,
  type ListingKey,
  type PushItem,
  type Session,
} from '../../connectors/contract.ts'
import type { Http, HttpAnswer, HttpCall } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { repetitions } from '../support/repetitions.ts'
import { virtualTime } from '../support/virtual-time.ts'
import { everyStage } from './platform-stage.ts'
import { drain, STARTED_AT, seeded } from './stage.ts'
import { wooChannels, wooKeys } from './woocommerce-stage.ts'

const woo = { settings: { url: 'https://shop.example' }, credentials: wooKeys, channels: wooChannels }
const keyOf = (n: number): ListingKey => ({
  ...{ channelRef: 'shop', externalId: String(n), externalParentId: null, externalSku: `S-${n}`, productType: null },
})

const PLATFORMS = (await everyStage()).map(
  ({ connector, live }) => [connector, live.account('https://shop.example', 1) as AccountAccess] as const,
)

/** Accounts that ask for tokens. */
const byToken = (platform: string, credentials: Readonly<Record<string, unknown>> = {}): readonly [Connector, AccountAccess] => {
  const [connector, access] = PLATFORMS.find(([one]) => one.platform === platform) ?? [woocommerce, woo]
  return [connector, Object.keys(credentials).length === 0 ? access : { ...access, credentials }]
}
const TOKEN_ACCOUNTS = [
  byToken('amazon'),
  byToken('ebay'),
  byToken('shopify', { clientId: 'app', clientSecret: 'a secret of the app' }),
  byToken('medusa', { email: 'hub@shop.example', password: 'a password' }),
  byToken('vendure', { username: 'hub', password: 'a password' }),
]

function open(connector: Connector, access: AccountAccess, http: Http): Session {
  return connector.open(access, { http, now: () => STARTED_AT, pace: makePace(connector.limits, { scale: 1_000_000, full: true }) })
}

describe('a platform that asks to wait (F16)', () => {
  const inFive = new Date(STARTED_AT.getTime() + 5_000).toUTCString()
  const before = new Date(STARTED_AT.getTime() - 60_000).toUTCString()
  test.each([
    [429, undefined, 30_000],
    [429, '5', 5_000],
    [429, ' 7 ', 7_000],
    [429, inFive, 5_000],
    [429, '0', 1_000],
    [429, before, 1_000],
    [429, '-3', 1_000],
    [429, 'soon', 30_000],
    [429, '', 30_000],
    [429, '86400', 86_400_000],
    [429, '5000', 5_000_000],
    [503, '5', 5_000],
  ])('with %s and Retry-After "%s" is called again after %s ms, and not before', async (status, header, waitMs) => {
    const time = virtualTime()
    const calls: number[] = []
    const http: Http = async () => {
      calls.push(time.now())
      const headers: Record<string, string> = header === undefined ? {} : { 'retry-after': header }
      return calls.length === 1 ? { status, headers, text: '<h1>wait</h1>' } : { status: 200, headers: {}, text: '[]' }
    }
    const pace = makePace(woocommerce.limits, { timer: time.timer, full: true })
    const session = woocommerce.open(woo, { http, pace, now: () => new Date(STARTED_AT.getTime() + time.now()) })
    const look = () => session.readListings([keyOf(1)])
    await expect(look()).rejects.toMatchObject({ kind: 'throttled', maybeTookEffect: false })
    const again = look()
    await time.runTo(87_000_000)
    expect(await again).toEqual([])
    expect(calls[1]).toBeGreaterThanOrEqual(waitMs)
    expect(calls[1]).toBeLessThanOrEqual(waitMs + 1_000)
  })
})

describe('a platform that gives no token for a while (F16)', () => {
  test.each(TOKEN_ACCOUNTS.map(([connector, access]) => [connector.title, connector, access] as const))(
    '%s is asked for one again when it said, and what needs one waits for just as long',
    async (_, connector, access) => {
      const time = virtualTime()
      const calls: number[] = []
      const http: Http = async () => {
        calls.push(time.now())
        return { status: 429, headers: { 'retry-after': '7' }, text: '' }
      }
      const pace = makePace(connector.limits, { timer: time.timer, full: true })
      const session = connector.open(access, { http, pace, now: () => new Date(STARTED_AT.getTime() + time.now()) })
      const look = () => session.readListings([{ ...keyOf(1), channelRef: access.channels[0]?.ref ?? '' }])
      await expect(look()).rejects.toMatchObject({ kind: 'throttled', afterMs: 7_000 })
      const again = look().catch(error => error)
      await time.runTo(60_000)
      expect(await again).toMatchObject({ kind: 'throttled' })
      expect(calls[1]).toBeGreaterThanOrEqual(7_000)
      expect(calls[1]).toBeLessThan(9_000)
    },
  )
})

const GARBAGE: readonly string[] = [
  ...['', ' ', 'null', 'true', '0', '""', '"ok"', 'NaN', 'undefined', '{', '[', '[{]', '{"id":', '[null]', '[[]]', '[1,2]', '["a"]'],
  ...[
    '<html><body>maintenance</body></html>',
    '<?xml version="1.0"?><a/>',
    '<b>Warning</b>: in /x.php on line 3\n[]',
    'OK',
    '\uFEFF{',
    '\u0000\u0001',
    '����',
  ],
  ...[
    '{}',
    '{"id":null}',
    '{"success":true}',
    '{"error":"x"}',
    '{"errors":[]}',
    '{"data":null}',
    '{"update":null}',
    '{"update":{}}',
    '{"update":"[]"}',
  ],
  ...[
    '{"items":null}',
    '{"items":{}}',
    '{"orders":"none"}',
    '{"payload":[]}',
    '{"status":7}',
    '{"sku":{},"status":[]}',
    '[{"id":"eleven"}]',
  ],
]

/** The orders that are taken; what could not be read is kept aside with its reason. */
async function ordersOf(session: Session): Promise<unknown[]> {
  const taken: unknown[] = []
  for await (const page of session.orders(new Date(0))) {
    for (const { reason } of page.unreadable) expect(reason).toMatch(/\w/)
    taken.push(...page.orders)
  }
  return taken
}

describe('garbage in place of an answer (F20)', () => {
  const asks: readonly [string, (session: Session, listing: ListingKey) => Promise<unknown>][] = [
    ['a look', (session, listing) => session.readListings([listing])],
    ['a push', (session, listing) => session.push([{ listing, stock: { quantity: 3 } }])],
    ['the orders', ordersOf],
    ['one order', session => session.order('77')],
    ['all listings', session => drain(session.listings())],
  ]
  for (const [connector, access] of PLATFORMS)
    test.each(asks)(
      `to ${connector.platform} for %s is trouble of the account or nothing, and never taken for the truth`,
      async (what, ask) => {
        expect(GARBAGE.length).toBe(40)
        for (const text of GARBAGE) {
          const http: Http = async ({ url }: HttpCall): Promise<HttpAnswer> =>
            /\/token$/.test(url)
              ? { status: 200, headers: {}, text: '{"access_token":"a","expires_in":3600}' }
              : { status: 200, headers: {}, text }
          const listing = { ...keyOf(1), channelRef: access.channels[0]?.ref ?? '' }
          const said = await ask(open(connector, access, http), listing).catch((error: unknown) => error)
          const words = `${JSON.stringify(text)} became ${JSON.stringify(said)}`
          if (said instanceof AccountTrouble) expect(said.kind, words).toBe('down')
          else if (said instanceof Error) throw new Error(words, { cause: said })
          else if (said !== null && typeof said === 'object' && 'reason' in said) expect(said.reason, words).toMatch(/\w/)
          else if (Array.isArray(said) && what === 'a push') expect(said[0]?.stock?.status, words).not.toBe('accepted')
          else if (Array.isArray(said)) expect(said, words).toEqual([])
          else expect(said, words).toBeNull()
        }
      },
    )
})

test('of a batch that is answered in part, in another order, twice or not at all, each item has the outcome that is true of it (F21)', async () => {
  const random = seeded(21)
  for (let round = 0; round < repetitions('batches answered in part', 60, 600); round++) {
    const truth = new Map<number, 'taken' | 'refused' | 'later' | 'missing'>()
    const http: Http = async call => {
      const asked = (JSON.parse(call.body ?? '{}') as { update: { id: number; stock_quantity: number }[] }).update
      const answers = asked.flatMap(({ id, stock_quantity }) => {
        const fate = (['taken', 'taken', 'refused', 'later', 'missing'] as const)[Math.floor(random() * 5)] ?? 'taken'
        truth.set(id, fate)
        if (fate === 'missing') return []
        const error = (status: number) => ({ id, error: { code: 'x', message: 'no', data: { status } } })
        const product = {
          id,
          name: 'x',
          type: 'simple',
          sku: `S-${id}`,
          manage_stock: true,
          stock_quantity,
          status: 'publish',
          regular_price: '1',
          sale_price: '',
        }
        const one = fate === 'taken' ? product : error(fate === 'refused' ? 400 : 429)
        return random() < 0.1 ? [one, one] : [one]
      })
      if (random() < 0.5) answers.sort(() => random() - 0.5)
      return { status: 200, headers: {}, text: JSON.stringify({ update: answers }) }
    }
    const items = Array.from(
      { length: 1 + Math.floor(random() * 40) },
      (_, n): PushItem => ({ listing: keyOf(n + 1), stock: { quantity: n } }),
    )
    const outcomes = await open(woocommerce, woo, http).push(items)
    const expected = items.map(({ listing }) => {
      const fate = truth.get(Number(listing.externalId))
      return fate === 'taken' ? 'accepted' : fate === 'refused' ? 'rejected' : 'retry'
    })
    expect(outcomes.map(one => one.stock?.status)).toEqual(expected)
  }
})
