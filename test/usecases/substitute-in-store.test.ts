import { pino } from 'pino'
import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { deskGroups } from '../../db/pages-desk.ts'
import { substituteShort } from '../../db/substitutes.ts'
import { trackedOrder } from '../../db/tracked-order.ts'
import { routeAll } from '../../jobs/route.ts'
import { PLAIN_RULES } from '../../src/domain/fulfilment/rules.ts'
import { receiveReturn } from '../../src/usecases/change-order.ts'
import { setChannelNotices } from '../../src/usecases/notice-settings.ts'
import { setSubstitutionRules } from '../../src/usecases/substitution-rules.ts'
import { writeNotice } from '../../src/usecases/write-notice.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { actOn } from '../support/pick-up.ts'
import { leaveAddress, pickUpShop, toCollect } from '../support/pick-up-stage.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
const channel = await pickUpShop(sql)
await sql`insert into routing_rules (version, body, actor) values (1, ${sql.json(PLAIN_RULES)}, 'test')`
const log = pino({ level: 'silent' })

test('what a clerk does not find is handed over as something else from the same shelf: on his list, to the buyer, at the platform, and back to stock', async () => {
  await setChannelNotices(context, null, 'web', { kinds: ['substituted'], byEmail: true, senderName: 'Lumen' })
  await layIn(sql, { JAR: { north: 5, depot: 9 } })
  const { groupId, orderId, line } = await toCollect(sql, channel, 'CAN', { north: 2 })
  await leaveAddress(context, orderId, { city: 'Berlin', country: 'DE' })
  await setSubstitutionRules(context, 'r1', { sku: 'CAN', channel: 'web', substitutes: [{ sku: 'JAR', automatic: true, abovePercent: 0 }] })
  await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, picked: 1, short: 1 }] })

  expect(await substituteShort(sql, new Date(), 10)).toBe(1)
  await routeAll({ ...context, actor: 'routing' }, log)
  const [place] = await sql<{ id: number }[]>`select id from locations where code = 'north'`
  const [group, ...others] = await deskGroups(sql, place?.id ?? 0)
  expect(others).toEqual([])
  expect(group).toMatchObject({
    id: groupId,
    state: 'picking',
    lines: [
      { sku: 'CAN', open: 1, picked: 1 },
      { sku: 'JAR', open: 1, picked: 0 },
    ],
  })

  const notices = await sql<{ id: number; kind: string }[]>`select id, kind from buyer_notices where order_id = ${orderId}`
  expect(notices.map(one => one.kind)).toEqual(['substituted'])
  for (const [language, words] of [
    ['en', ['you get something else instead', '1 × Product JAR, instead of CAN']],
    ['zh-CN', ['有商品已替换', '1 × Product JAR（替代 CAN）']],
  ] as const) {
    await setChannelNotices(context, null, 'web', { language })
    const notice = await writeNotice(context, notices[0]?.id ?? 0, 'https://hub.example.org')
    if ('dropped' in notice) throw new Error(notice.dropped)
    expect(notice.letter.subject).toContain(words[0])
    expect(notice.letter.text).toContain(words[1])
  }
  const goods = { title: 'Product JAR', instead: 'CAN', ordered: 1 }
  expect((await trackedOrder(sql, orderId))?.lines).toMatchObject([{ title: 'CAN', instead: null, ordered: 1 }, goods])

  expect(await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })).toMatchObject({ outcome: 'ready' })
  expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'identity', takenBy: 'buyer' })).toMatchObject({
    outcome: 'handed_over',
  })
  expect(
    await sql`select kind, jsonb_array_length(body->'lines') as lines, body->'lines'->0->'quantity' as units from acts where order_id = ${orderId} order by id`,
  ).toEqual([
    { kind: 'ready', lines: 1, units: 2 },
    { kind: 'ship', lines: 1, units: 2 },
  ])
  expect(await balance(sql, 'JAR', 'north')).toEqual({ onHand: 4, reserved: 0 })
  const jar = group?.lines.find(one => one.sku === 'JAR')?.lineId ?? 0
  await receiveReturn(context, 'b1', orderId, { location: 'south', lines: [{ lineId: jar, toStock: 1, unavailable: 0, scrapped: 0 }] })
  expect(await balance(sql, 'JAR', 'south')).toEqual({ onHand: 1, reserved: 0 })
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
