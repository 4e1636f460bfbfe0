import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { connectAmazon, GERMANY, jobDeps, lanes, playAmazon, publishAll, SWEDEN, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const SCALE = 400

test('Amazon is asked to fill the queue once something is published, and again when the subscription was dropped', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 10 } })
  const platform = await playAmazon({ scale: SCALE, unsubscribed: true })
  platform.sandbox.seed([
    { sku: 'MUG', title: 'Mug', gtin: null, quantity: 10, prices: { [GERMANY.id]: '10', [SWEDEN.id]: '10' }, parent: null },
  ])
  const account = await connectAmazon(context, platform, SCALE)
  lanes(jobDeps(context))
  const calls = (operation: string) =>
    platform.sandbox.journal(0, 100_000).filter(one => one.kind === 'call' && one.data.operation === operation)
  const subscriptions = () =>
    platform.sandbox.journal(0, 100_000).filter(one => one.kind === 'webhook' && one.data.subscribed !== undefined)
  await until('the account is observed', async () => (await sql`select from accounts where observed_at is not null`).length === 1)
  // An account that is only observed is not written to at all.
  expect([calls('createDestination').length, calls('createSubscription').length]).toEqual([0, 0])
  await publishAll(context, account)
  await until('it is subscribed', () => subscriptions().length === 1)
  await until('that is noted', async () => (await sql`select from accounts where webhooks_since is not null`).length === 1)
  platform.sandbox.buy({ ref: 'b1', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 1 }] })
  await until(
    'the queue tells an order',
    async () => (await sql`select from inbox where source = 'queue' and topic = 'ORDER_CHANGE'`).length === 1,
  )
  const origin = platform.address
  const grant = { grant_type: 'client_credentials', scope: 'sellingpartnerapi::notifications' }
  const keys = { client_id: 'amzn1.application-oa2-client.0', client_secret: 'client-secret-x' }
  const token = await fetch(`${origin}/auth/o2/token`, { method: 'POST', body: new URLSearchParams({ ...grant, ...keys }) })
  const headers = { 'x-amz-access-token': ((await token.json()) as { access_token: string }).access_token }
  const dropped = await fetch(`${origin}/notifications/v1/subscriptions/ORDER_CHANGE/${subscriptions()[0]?.ref}`, {
    method: 'DELETE',
    headers,
  })
  expect(dropped.status).toBe(200)
  await until('it is subscribed again', () => subscriptions().length === 2)
  expect(calls('createDestination')).toHaveLength(1)
})
