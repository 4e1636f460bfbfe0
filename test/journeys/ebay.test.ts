import { expect, test } from 'vitest'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { GERMANY } from '../connectors/ebay-stage.ts'
import { freshDatabase } from '../support/database.ts'
import { EBAY_HUB, openEbayMarket } from '../support/ebay.ts'
import { balance, change, layIn } from '../support/goods.ts'
import { jobDeps, lanes, publishAll, shownOf, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const SCALE = 100
const { sql } = await freshDatabase()

test('an eBay account is observed and published, its orders are told, booked and shipped, and a buyer who leaves eBay is forgotten', async () => {
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 12 }, LAMP: { main: 3 } }, '9.5')
  const { sandbox, accountId, answers } = await openEbayMarket(context, SCALE)
  sandbox.seed(['MUG', 'LAMP'].map(sku => ({ sku, title: sku, gtin: null, quantity: 99, prices: { [GERMANY.id]: '1.00' }, parent: null })))
  lanes(jobDeps(context, EBAY_HUB))
  await publishAll(context, accountId)
  const price = (sku: string) => sandbox.shown().find(one => one.sku === sku)?.prices[GERMANY.id]?.regular
  await until(
    'eBay shows the hub’s stock and price',
    () => shownOf(sandbox, 'MUG') === 12 && shownOf(sandbox, 'LAMP') === 3 && price('MUG') === '9.50',
  )

  await until('eBay verified the address and tells it of orders', async () => {
    const calls = sandbox.journal(0, 100_000).filter(entry => entry.kind === 'call' && entry.data.operation === 'notification')
    return calls.length > 8
  })
  const person = (name: string) => ({ name, email: `${name}@example.com`, city: 'Berlin', country: 'DE' })
  const [ada] = ['Ada', 'Bo'].map(name =>
    sandbox.buy({ ref: name, channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 2 }], person: person(name) }),
  )
  await until('both orders are booked', async () => (await balance(sql, 'MUG', 'main')).reserved === 4)
  // A poll may have brought an order before its webhook came.
  await until('eBay told of both', async () => (await sql`select from inbox where topic = 'ORDER_CONFIRMATION'`).length === 2)
  expect(answers.every(status => status === 202)).toBe(true)

  const [order] = await sql<{ id: number }[]>`select id from orders where external_id = ${ada?.externalId ?? ''}`
  await shipOrder(context, 'ship-1', order?.id ?? 0, { tracking: { carrier: 'DHL', number: '0034-0434' } })
  await until('eBay has the parcel', () =>
    sandbox.journal(0, 100_000).some(entry => entry.kind === 'act' && entry.data.tracking === '00340434'),
  )

  const people = () => sql<{ id: string }[]>`select o.external_id as id from order_people p join orders o on o.id = p.order_id`
  expect(await people()).toHaveLength(2)
  sandbox.closeAccount('a_stranger')
  sandbox.closeAccount('ada')
  await until('Ada is forgotten', async () => (await people()).every(one => one.id !== ada?.externalId))
  expect(await people()).toHaveLength(1)
  const notices = await until('both notices are answered for', async () => {
    const rows = await sql<
      { state: string; reason: string }[]
    >`select state, reason from inbox where topic = 'MARKETPLACE_ACCOUNT_DELETION' and state <> 'new' order by state desc`
    return rows.length === 2 ? rows : null
  })
  expect([...notices]).toEqual([
    { state: 'ignored', reason: 'an account was closed of somebody who is not known here' },
    { state: 'done', reason: 'personal data of 1 order was removed' },
  ])

  await change(sql, [{ sku: 'LAMP', location: 'main', quantity: 0, kind: 'count' }])
  await until('eBay shows the lamp as sold out', () => shownOf(sandbox, 'LAMP') === 0)
})

test('a sale goes out as the price that is in force, at its instants, and is proven by what eBay shows', async () => {
  const context = await testContext(sql)
  const [account] = await sql<{ id: number }[]>`select id from accounts where name = 'ebay'`
  if (account) await sql`update accounts set state = 'paused' where id = ${account.id}`
  await sql`update accounts set name = 'ebay-before' where name = 'ebay'`
  await sql`update channels set code = 'ebay-before' where code = 'ebay-de'`
  const { sandbox, accountId } = await openEbayMarket(context, SCALE)
  sandbox.seed([{ sku: 'MUG', title: 'MUG', gtin: null, quantity: 5, prices: { [GERMANY.id]: '9.50' }, parent: null }])
  lanes(jobDeps(context))
  await publishAll(context, accountId)
  const shown = () => sandbox.shown()[0]?.prices[GERMANY.id]
  const intended = async () =>
    (await sql`select intended from publications p join channels c on c.id = p.channel_id where c.code = 'ebay-de' and field = 'price'`)[0]
      ?.intended
  await until('the price in force is what the hub means to show', intended)
  await setGuardLimits(context, null, 'ebay-de', { changedPercent: null, dropPercent: null })
  // Reckoned three seconds ahead: not while the first look is taken, and the end not while the sale is.
  const second = (inS: number) => new Date((Math.floor(Date.now() / 1000) + inS) * 1000).toISOString()
  await setPrices(context, null, [{ sku: 'MUG', channel: 'ebay-de', currency: 'EUR', amount: '8.00', from: second(6), to: second(12) }], {
    acceptWindow: true,
  })
  expect([shown()?.regular, await intended()]).toEqual(['9.50', { currency: 'EUR', regular: '9.5', sale: null }])
  await until('the sale shows', () => shown()?.regular === '8.00')
  expect(await intended()).toEqual({ currency: 'EUR', regular: '8', sale: null })
  await until('the sale is over', () => shown()?.regular === '9.50')
  await until('every price is proven', async () => {
    const [row] =
      await sql`select count(*)::int as open from publications p join channels c on c.id = p.channel_id where c.code = 'ebay-de' and field = 'price' and p.state <> 'applied'`
    return row?.open === 0
  })
  // Two changes, and nothing again and again.
  expect(sandbox.journal(0, 100_000).filter(entry => entry.kind === 'price').length).toBe(2)
})
