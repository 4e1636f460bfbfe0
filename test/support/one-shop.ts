import type { Sandbox } from '../../connectors/sandbox.ts'
import type { Sql } from '../../db/connect.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import type { PlatformStage } from '../connectors/platform-stage.ts'
import { freshDatabase } from './database.ts'
import { layIn } from './goods.ts'
import { jobDeps, lanes, openDoor, playPlatform, publishAll, testContext } from './hub.ts'
import { until } from './until.ts'

/** At this pace nobody waits long for a slow shop's next turn. */
const SCALE = 20

export type OneShop = {
  readonly sql: Sql
  readonly context: Context
  readonly sandbox: Sandbox
  readonly channelRef: string
  /** Waits until the shop tells of its orders by itself. */
  readonly told: () => Promise<void>
  /** Has the shop's orders looked at once more, soon. */
  readonly poll: () => Promise<unknown>
}

/** A hub with one shop on this platform, in step with it: these SKUs lie in one place, so many of each. */
export async function openOneShop({ connector, live }: PlatformStage, skus: readonly string[], quantity: number): Promise<OneShop> {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: quantity }])))
  const scale = Math.max(SCALE, live.scale)
  const { sandbox, address } = await playPlatform(live.make, { scale })
  const { channels, ...access } = live.account(address, scale)
  const prices = Object.fromEntries(channels.map(one => [one.ref, '1.00']))
  sandbox.seed(skus.map(sku => ({ sku, title: sku, gtin: null, quantity, prices, parent: null })))
  const account = { ...access, channels, name: 'shop', platform: connector.platform }
  const { accountId } = await createAccount(context, platformShape(connector), account, null)
  lanes(jobDeps(context, await openDoor(context)))
  await publishAll(context, accountId)
  const isTold = async () => (await sql`select 1 from accounts where id = ${accountId} and webhooks_since is not null`).length > 0
  const told = async (): Promise<void> => void (await until('the shop tells of its orders', isTold))
  const poll = () => sql`insert into account_requests (account_id, kind, actor) values (${accountId}, 'poll', 'test')`
  return { sql, context, sandbox, channelRef: channels[0]?.ref ?? '', told, poll }
}
