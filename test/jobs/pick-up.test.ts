import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { runRules } from '../../db/check.ts'
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

test('by rule it is sent to who left an address, and cancelled for who did not; what cannot be ended holds up nobody, and is told', async () => {
  await sql`select pick_up_rule_set_1('{"actor": "test", "rule": {"becomes": "ship"}}')`
  const broken = await waits('BROKEN', { city: 'Paris' })
  await sql`update order_people set sealed_body = '\\x00' where order_id = ${broken.orderId}`
  const home = await waits('HOME', { city: 'Berlin', country: 'DE' })
  const nowhere = await waits('NOWHERE', { city: ' ' })
  await expect(lookAfterWaiting(context, NOW, 10)).rejects.toThrow('1 groups that nobody came for')
  expect(await became(home.groupId)).toEqual({ becomes: 'ship', actor: 'rule' })
  expect(await became(nowhere.groupId)).toEqual({ becomes: 'cancel', actor: 'rule' })
  expect(await became(broken.groupId)).toBeUndefined()
  expect(await balance(sql, 'HOME', 'north')).toEqual({ onHand: 2, reserved: 2 })
  expect(await balance(sql, 'NOWHERE', 'north')).toEqual({ onHand: 2, reserved: 0 })
  await sql`delete from order_people where order_id = ${broken.orderId}`
  expect(await lookAfterWaiting(context, NOW, 10)).toEqual({ told: 0, ended: 1 })
  expect(await lookAfterWaiting(context, NOW, 10)).toEqual({ told: 0, ended: 0 })
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
