import { expect, test } from 'vitest'
import { noteAccountHealth, readAccounts } from '../../db/accounts.ts'
import { openAccount } from '../../jobs/account.ts'
import { setAccountPaused } from '../../src/usecases/channels.ts'
import { freshDatabase } from '../support/database.ts'
import { connectAmazon, connectWoo, jobDeps, testContext } from '../support/hub.ts'

test('a platform that asked to wait for a day is not called sooner by whoever has the account next, unless a person paused and resumed it', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const id = await connectWoo(context, { address: 'http://127.0.0.1:1' } as Parameters<typeof connectWoo>[1], 1)
  const inMs = async (): Promise<number> => {
    const [row] = await readAccounts(sql, id)
    if (row === undefined) throw new Error('no account')
    const stop = new AbortController()
    const account = await openAccount(jobDeps(context), row, 1, { renewedAt: () => performance.now(), signal: stop.signal })
    const { inMs: ms } = account.pace.ready('call')
    stop.abort()
    await account.close()
    return ms
  }
  expect(await inMs()).toBe(0)
  await sql`update accounts set lease_token = 1`
  await noteAccountHealth(sql, id, 1, { reason: 'throttled: GET /x: asks to wait', forMs: 86_400_000 })
  expect(await inMs()).toBeGreaterThan(86_390_000)
  await setAccountPaused(context, 'woo', true, 'the shop moves')
  await setAccountPaused(context, 'woo', false, '')
  expect(await inMs()).toBe(0)
  await noteAccountHealth(sql, id, 1, { reason: 'down: no answer', forMs: 86_400_000 })
  expect(await inMs()).toBe(0)
})

test('an operation of Amazon that was told to wait holds up no other operation of whoever has the account next', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const id = await connectAmazon(context, { address: 'http://127.0.0.1:1' } as Parameters<typeof connectAmazon>[1], 1)
  await sql`update accounts set lease_token = 1`
  await noteAccountHealth(sql, id, 1, { reason: 'throttled: Amazon searchOrders: too many calls', forMs: 179_000 })
  const [row] = await readAccounts(sql, id)
  if (row === undefined) throw new Error('no account')
  const account = await openAccount(jobDeps(context), row, 1, { renewedAt: () => performance.now(), signal: new AbortController().signal })
  expect(account.pace.ready('patchListingsItem').inMs).toBe(0)
  await account.close()
})
