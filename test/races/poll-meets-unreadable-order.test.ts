import { expect, test } from 'vitest'
import { replayMessage } from '../../src/usecases/match.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn } from '../support/goods.ts'
import { connectWoo, jobDeps, lanes, playWoo, publishAll, shownOf, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

// A read of the platform finds units missing: somebody bought them. They are withheld until the order is booked, or a poll has found that there
// is none. A poll that finds the order and cannot read it has found the buyer of these very units.

test('units of an order that a poll met and cannot read are not sold twice; they are free when it is understood', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 10 } })
  const platform = await playWoo()
  platform.sandbox.seed([{ sku: 'MUG', title: 'MUG', gtin: null, quantity: 10, prices: { shop: '1' }, parent: null }])
  const account = await connectWoo(context, platform)
  let isUnderstood = false
  const deps = jobDeps(context)
  const reason = 'order is "packed", a state that orderStates do not name'
  const warned: string[] = []
  deps.log.warn = (...said: unknown[]) => void warned.push(String(said[1]))
  lanes({
    ...deps,
    connectorOf: name => {
      const connector = deps.connectorOf(name)
      return (
        connector && {
          ...connector,
          open: (access, tools) => {
            const session = connector.open(access, tools)
            return {
              ...session,
              orders: async function* (since) {
                for await (const page of session.orders(since))
                  yield isUnderstood
                    ? page
                    : { orders: [], unreadable: page.orders.map(({ externalId }) => ({ externalId, reason, raw: '{}' })) }
              },
              order: async id => (isUnderstood ? session.order(id) : { externalId: id, reason, raw: '{}' }),
            }
          },
        }
      )
    },
  })
  const poll = async (): Promise<void> => {
    const [asked] = await sql<{ id: number }[]>`
      insert into account_requests (account_id, kind, actor) values (${account}, 'poll', 'test') returning id`
    await sql`insert into change (kind, account_id) values ('channel', ${account})`
    await until(
      'the poll is over',
      async () => (await sql`select 1 from account_requests where id = ${asked?.id ?? 0} and state = 'done'`).length === 1,
    )
  }
  const stock = async () =>
    (
      await sql<{ withheld: number; waits: boolean }[]>`
      select withheld, waiting_since is not null as waits from publications where field = 'stock'`
    )[0]
  const account1 = async () =>
    (await sql<{ covered: Date; polled: Date }[]>`select covered_until as covered, polled_until as polled from accounts`)[0]

  await publishAll(context, account)
  await until(
    'both are in step',
    async () => (await sql`select 1 from publications where field = 'stock' and expected = 10 and waiting_since is null`).length === 1,
  )
  platform.sandbox.misbehave({ kind: 'webhook-drop' })
  platform.sandbox.buy({ ref: 'unseen', channelRef: 'shop', lines: [{ sku: 'MUG', quantity: 4 }] })
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 11, kind: 'count' }])
  await until('the push of what is left went out', () => shownOf(platform.sandbox, 'MUG') === 7)

  await poll()
  const before = await account1()
  await poll()
  await poll()
  const after = await account1()
  expect(await stock()).toEqual({ withheld: 4, waits: false })
  expect(shownOf(platform.sandbox, 'MUG')).toBe(7)
  expect(await sql`select state, reason from inbox`).toEqual([{ state: 'refused', reason: `unreadable: ${reason}` }])
  // Polls go on from where they were; only what is known to be known stays.
  expect(after?.polled.getTime()).toBeGreaterThan(before?.polled.getTime() ?? 0)
  expect(after?.covered).toEqual(before?.covered)
  expect(warned.filter(words => words.includes(reason))).toHaveLength(1)

  // Taken up again too early, it is kept aside again.
  const [kept] = await sql<{ id: number }[]>`select id from inbox`
  await replayMessage(context, kept?.id ?? 0)
  await until('it is kept aside again', () => warned.filter(words => words.includes(reason)).length === 2)
  await poll()
  expect(await stock()).toEqual({ withheld: 4, waits: false })

  isUnderstood = true
  await replayMessage(context, kept?.id ?? 0)
  await until('the order is booked', async () => (await sql`select 1 from order_lines where reserved = 4`).length === 1)
  expect(await stock()).toEqual({ withheld: 0, waits: false })
  await until('polls cover again', async () => {
    await poll()
    return ((await account1())?.covered.getTime() ?? 0) > (after?.covered.getTime() ?? 0)
  })
  expect(shownOf(platform.sandbox, 'MUG')).toBe(7)
})
