import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { orderExceptions } from '../../db/pages-exceptions.ts'
import { runPickUps } from '../../jobs/pick-up.ts'
import { startTailer } from '../../jobs/tailer.ts'
import { lookAfterWaiting } from '../../src/usecases/not-collected.ts'
import { freshDatabase } from '../support/database.ts'
import { balance } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { actOn } from '../support/pick-up.ts'
import { leaveAddress, pickUpShop, toCollect } from '../support/pick-up-stage.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()
const channel = await pickUpShop(sql)
const context = { ...(await testContext(sql)), actor: 'rule' }
const NOW = new Date('2026-05-20T10:00:00Z')

async function waits(name: string, address: Readonly<Record<string, string>> | null): Promise<{ groupId: number; orderId: number }> {
  const group = await toCollect(sql, channel, name, { north: 2 })
  await actOn(sql, 'fulfilment_ready_1', group.groupId, { all: true, now: '2026-05-04T10:00:00Z' })
  if (address !== null) await leaveAddress(context, group.orderId, address)
  return group
}
const became = async (groupId: number) =>
  (await sql`select detail->>'becomes' as becomes, actor from order_events where group_id = ${groupId} and transition = 'not_collected'`)[0]

test('by rule it is sent to who left an address, and cancelled for who did not; what cannot be ended steps back behind the others, and a person sees it after some tries', async () => {
  await sql`select pick_up_rule_set_1('{"actor": "test", "rule": {"becomes": "ship"}}')`
  const broken = await waits('BROKEN', { city: 'Paris' })
  await sql`update order_people set sealed_body = '\\x00' where order_id = ${broken.orderId}`
  const home = await waits('HOME', { city: 'Berlin', country: 'DE' })
  const nowhere = await waits('NOWHERE', { city: ' ' })
  // It is the first of all, and only one is looked at each time.
  await sql`update fulfilment_groups set collect_by = collect_by - interval '1 day' where id = ${broken.groupId}`
  for (const ended of [0, 1, 1, 0]) expect(await lookAfterWaiting(context, NOW, 1)).toEqual({ told: 0, ended })
  expect(await became(home.groupId)).toEqual({ becomes: 'ship', actor: 'rule' })
  expect(await became(nowhere.groupId)).toEqual({ becomes: 'cancel', actor: 'rule' })
  expect(await became(broken.groupId)).toBeUndefined()
  expect(await balance(sql, 'HOME', 'north')).toEqual({ onHand: 2, reserved: 2 })
  expect(await balance(sql, 'NOWHERE', 'north')).toEqual({ onHand: 2, reserved: 0 })
  const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000)
  const stuck = async (at: Date) => (await orderExceptions(sql, at, 10)).filter(one => one.kind === 'stuck')
  for (const [seconds, tries] of [
    [9, 1],
    [10, 2],
    [29, 2],
    [30, 3],
  ] as const) {
    expect(await stuck(later(seconds))).toEqual([])
    expect(await lookAfterWaiting(context, later(seconds), 1)).toEqual({ told: 0, ended: 0 })
    expect(await sql`select tries, since from order_troubles`).toEqual([{ tries, since: NOW }])
  }
  expect(await stuck(later(30))).toMatchObject([{ orderId: broken.orderId, since: NOW, about: ['sealed data is malformed'] }])
  await sql`delete from order_people where order_id = ${broken.orderId}`
  expect(await lookAfterWaiting(context, later(3_600), 10)).toEqual({ told: 0, ended: 1 })
  expect(await lookAfterWaiting(context, later(3_600), 10)).toEqual({ told: 0, ended: 0 })
  expect(await stuck(later(3_600))).toEqual([])
})

test('the hub looks after it by itself', async () => {
  const { groupId } = await waits('LAMP', null)
  const ending = new AbortController()
  const log = pino({ level: 'silent' })
  const tailer = startTailer(sql, log, ending.signal)
  const running = runPickUps(context, log, tailer, ending.signal)
  onTestFinished(async () => {
    ending.abort()
    await Promise.all([running, tailer.ended])
  })
  expect(await until('it is put back', () => became(groupId))).toEqual({ becomes: 'cancel', actor: 'rule' })
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
