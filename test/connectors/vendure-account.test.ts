import { expect, test } from 'vitest'
import { AccountTrouble } from '../../connectors/contract.ts'
import { PERMISSIONS } from '../../connectors/vendure/sandbox/schema.ts'
import { drain, goods, listingOf, type Stage } from './stage.ts'
import { EUR, FACTS, type Levers, onVendure, USD, withVendure } from './vendure-stage.ts'

const LOCATIONS = [
  { id: '1', name: 'Berlin' },
  { id: '2', name: 'Malmö' },
]
const WITHOUT = (name: string) => ({ permissions: PERMISSIONS.filter(one => one !== name) })

/** What the check finds wrong. */
const wrongOf = async (stage: Stage): Promise<string[]> =>
  (await stage.session.test()).findings.filter(one => !one.ok).map(one => `${one.what}: ${one.words}`)

test.each<[string, Levers, RegExp]>([
  [
    'a permission to read variants',
    WITHOUT('ReadCatalog'),
    /permission ReadCatalog or ReadProduct: .* to list variants: add it to the role/,
  ],
  ['a permission to write them', WITHOUT('UpdateCatalog'), /permission UpdateCatalog or UpdateProduct: .* to set stock and prices/],
  ['a permission to read orders', WITHOUT('ReadOrder'), /permission ReadOrder: .* to read orders/],
  ['a permission to ship', WITHOUT('UpdateOrder'), /permission UpdateOrder: .* to ship, cancel and refund/],
  ['which of several stock locations is meant', { locations: LOCATIONS }, /several stock locations: name one of 1 \(Berlin\), 2 \(Malmö\)/],
  [
    'a stock location that there is',
    { locations: LOCATIONS, settings: { stockLocation: '3' } },
    /no stock location 3: name one of 1 \(Berlin\)/,
  ],
  ['the channel of the token', { settings: { channelToken: 'another' } }, /no channel with the token of the setting channelToken/],
  ['a currency that the channel sells in', { channels: [EUR, USD] }, /sells in EUR: add USD to it/],
  ['one channel for each currency', { channels: [EUR, { ...EUR, ref: 'again' }] }, /two channels of the account are in EUR/],
  [
    'a server with as many digits',
    { currencies: ['KWD'], channels: [{ ...EUR, currency: 'KWD' }] },
    /keeps 2 digits behind the point, KWD has 3/,
  ],
  [
    'a threshold that sells nothing that is not there',
    { outOfStockThreshold: -5 },
    /sells 5 of each though they are not there: set the threshold to 0/,
  ],
])('the check names %s, where that is missing', async (_title, levers, words) => {
  await onVendure(levers, async stage => {
    const wrong = await wrongOf(stage)
    expect([wrong.length, wrong.join()]).toEqual([1, expect.stringMatching(words)])
  })
})

test('the check tells of what is good to know: other locations, units that are kept back', async () => {
  await onVendure({ locations: LOCATIONS, settings: { stockLocation: '2' }, outOfStockThreshold: 2 }, async stage => {
    const check = await stage.session.test()
    const words = check.findings.map(one => one.words).join('\n')
    expect(check.ok).toBe(true)
    expect(words).toMatch(/stock is kept at Malmö \(2\)/)
    expect(words).toMatch(/sells what lies at Berlin \(1\), too/)
    expect(words).toMatch(/keeps 2 of each back; the hub's own buffer/)
  })
})

test('stock goes to the location that the account names, and no other', async () => {
  await onVendure({ locations: LOCATIONS, settings: { stockLocation: '2' } }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    expect(listing.quantity).toBe(0)
    await stage.session.push([{ listing, stock: { quantity: 3 } }])
    const pushed = stage.sandbox.journal(0, 1000).filter(entry => entry.kind === 'quantity' && entry.data.cause === 'push')
    expect(pushed.map(entry => [entry.ref, entry.data.onHand])).toEqual([['2', 3]])
  })
})

test('a missing permission comes in an HTTP 200, and stops the account with the name of the permission', async () => {
  await onVendure(WITHOUT('UpdateCatalog'), async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    const trouble = await stage.session.push([{ listing, stock: { quantity: 3 } }]).catch((error: unknown) => error)
    expect(trouble).toBeInstanceOf(AccountTrouble)
    expect(trouble).toMatchObject({
      kind: 'auth',
      maybeTookEffect: false,
      message: expect.stringContaining('UpdateCatalog or UpdateProduct'),
    })
    expect(stage.sandbox.journal(0, 1000).filter(entry => entry.ref === 'UpdateVariants')[0]?.data.status).toBe(200)
  })
})

test('the key goes in a header of its own, and the channel by its token', async () => {
  await withVendure(
    () => ({ errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }], data: null }),
    async (session, asked) => {
      await session.test()
      const [first] = asked
      expect([first?.headers.get('vendure-api-key'), first?.headers.get('vendure-token'), first?.headers.get('authorization')]).toEqual([
        'lookup:0123456789',
        'the token',
        null,
      ])
    },
    { channelToken: 'the token' },
  )
})

test('an administrator opens one session for all calls, and another when it is over', async () => {
  const administrator = { username: 'hub', password: 'the password of the hub' }
  await onVendure({ administrator, credentials: administrator, sessionS: 60 }, async stage => {
    const logins = (): number => stage.sandbox.journal(0, 1000).filter(entry => entry.ref === 'Login').length
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    await Promise.all([drain(stage.session.listings()), stage.session.test(), stage.session.order('1')])
    expect(logins()).toBe(1)
    stage.clock.advance(120_000)
    expect((await listingOf(stage, 'MUG')).quantity).toBe(5)
    expect(logins()).toBe(2)
  })
  await onVendure({ administrator, credentials: { ...administrator, password: 'another' } }, async stage => {
    const check = await stage.session.test()
    expect([check.ok, check.findings[0]?.what, check.findings[0]?.words]).toEqual([
      false,
      'key',
      expect.stringContaining('The provided credentials are invalid'),
    ])
    expect(JSON.stringify(check)).not.toContain('another')
  })
})

test('a server that fails within a call may have done it, one that cannot read the document has not', async () => {
  const failing = { errors: [{ message: 'Database is down' }], data: null }
  const unread = JSON.stringify({ errors: [{ message: 'Cannot query field', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] })
  for (const [answer, expected] of [
    [() => failing, { kind: 'down', maybeTookEffect: true, answered: true }],
    [() => new Response(unread, { status: 400 }), { kind: 'down', maybeTookEffect: false, answered: false }],
    [() => new Response('', { status: 429, headers: { 'retry-after': '7' } }), { kind: 'throttled', afterMs: 7000 }],
    [() => new Response('', { status: 302, headers: { location: '/login' } }), { kind: 'down' }],
  ] as const)
    await withVendure(
      ({ name }) => (name === 'Facts' ? FACTS : answer()),
      async session => {
        const listing = { channelRef: 'EUR', externalId: '1', externalParentId: '1', externalSku: 'MUG', productType: null }
        const price = { currency: 'EUR', regular: '3.00', sale: null }
        expect(await session.push([{ listing, prices: [{ channelRef: 'EUR', price }] }]).catch((error: unknown) => error)).toMatchObject(
          expected,
        )
      },
    )
})
