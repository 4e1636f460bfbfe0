import { expect, test } from 'vitest'
import { readAccounts } from '../../db/accounts.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { changeAccount, createAccount } from '../../src/usecases/channels.ts'
import { stage } from '../connectors/woocommerce-stage.ts'
import { freshDatabase } from '../support/database.ts'
import { jobDeps, lanes, playPlatform, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

test('an account whose key was refused goes on by itself once it has another, in the process that holds it', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const { address } = await playPlatform(stage.live.make)
  const { credentials, ...account } = stage.live.account(address, stage.live.scale)
  const made = {
    ...account,
    credentials: { ...(credentials as object), consumerSecret: 'cs_ended' },
    name: 'shop',
    platform: 'woocommerce',
  }
  await createAccount(context, platformShape(stage.connector), made, null)
  lanes(jobDeps(context))
  const read = async () => (await readAccounts(sql))[0]
  await until('the key is refused', async () => (await read())?.stateReason?.startsWith('auth'))
  const [lease] = await sql`select lease_owner, lease_token from accounts`

  const good = credentials as Record<string, unknown>
  await changeAccount(context, platformShape(stage.connector), 'shop', { credentials: good }, 'the-same-key')
  await changeAccount(context, platformShape(stage.connector), 'shop', { credentials: good }, 'the-same-key')
  await until('its listings are read', async () => (await read())?.observedAt)
  await until('the account is well', async () => (await read())?.state === 'active')
  expect(await sql`select lease_owner, lease_token from accounts`).toEqual([lease])
  expect(await sql`select 1 from audit where act = 'account.set'`).toHaveLength(1)
})
