import { expect, test } from 'vitest'
import { findAccounts, keepDeliveries } from '../../src/usecases/keep-deliveries.ts'
import { freshDatabase } from '../support/database.ts'
import { quietChannel } from '../support/goods.ts'
import { testKeyring, webhookAccountRow } from '../support/webhook-account.ts'

test('deliveries that come at once are stored each once, and a repeated one is told as known', async () => {
  const { sql } = await freshDatabase()
  const { accountId } = await quietChannel(sql, 'shop')
  const keep = keepDeliveries(sql)
  const delivery = (n: number) => ({
    ...{ accountId, source: 'webhook' as const, deliveryId: `d${n}`, topic: 'order.created' },
    sealedBody: Uint8Array.from([n % 256, 0, 255, n >> 8]),
  })
  const ids = await Promise.all(Array.from({ length: 400 }, (_, at) => keep(delivery(at % 300))))

  // Of two that are under way at once, either may be the one that is stored.
  const told = Array.from({ length: 300 }, (_, n) => [ids[n], ids[n + 300] ?? null].filter(id => id !== null))
  expect(told.filter(stored => stored.length !== 1)).toEqual([])
  const rows = await sql<{ id: number; delivery: string; body: Uint8Array }[]>`select id, delivery_id as delivery, body from inbox`
  expect(new Map(rows.map(row => [row.delivery, [row.id, [...row.body]]]))).toEqual(
    new Map(Array.from({ length: 300 }, (_, n) => [`d${n}`, [told[n]?.[0], [...delivery(n).sealedBody]]])),
  )
  const rung = await sql<
    { tx: string; accountId: number }[]
  >`select tx::text as tx, account_id as "accountId" from change where kind = 'inbox'`
  const written = await sql<{ tx: string }[]>`select distinct xmin::text as tx from inbox`
  // Once for the deliveries of one statement.
  expect(rung.map(row => row.tx).sort()).toEqual(written.map(row => row.tx).sort())
  expect(new Set(rung.map(row => row.accountId))).toEqual(new Set([accountId]))
})

test('accounts that are looked for at once are each found by their own token, as they are now', async () => {
  const { sql } = await freshDatabase()
  const keyring = await testKeyring()
  const ids = [
    await webhookAccountRow(sql, keyring, { token: 'one', secret: 'a' }),
    await webhookAccountRow(sql, keyring, { token: 'two', secret: null }),
  ]
  const find = findAccounts(sql)
  const tokens = Array.from({ length: 90 }, (_, n) => ['one', 'two', 'nobody'][n % 3] ?? '')
  const found = await Promise.all(tokens.map(find))
  expect(found.map(account => account?.id ?? null)).toEqual(tokens.map((_, n) => ids[n % 3] ?? null))
  expect(found.slice(0, 2).map(account => account?.sealedSecret === null)).toEqual([false, true])
  await sql`update accounts set webhook_secret = null where webhook_token = 'one'`
  expect((await find('one'))?.sealedSecret).toBeNull()
})
