import { beforeEach, expect, test } from 'vitest'
import { dueActs, markActSent, noteAct } from '../../db/acts.ts'
import { listAlerts, lookForAlerts } from '../../db/alerts.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { askAgain, readyOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { setAlertLimit } from '../../src/usecases/alert-limits.ts'
import { alertText } from '../../src/usecases/alert-text.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, orderLine, quietChannel } from '../support/goods.ts'

const { sql } = await freshDatabase()
const context = { sql, keyring: await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`), actor: 'ana' }
await layIn(sql, { MUG: { a: 20 } })
const shop = await quietChannel(sql, 'shop')
await sql`update accounts set lease_token = 1, lease_until = clock_timestamp() + interval '1 hour'`

const MIN = 60_000
const look = (ms = 0) => lookForAlerts(sql, ALERT_KINDS, new Date(Date.now() + ms))
const open = async () => (await listAlerts(sql, { open: true }, null, 50)).filter(one => one.kind.startsWith('acts'))

/** An order of two units, of which the hub ships one. */
async function shipped(externalId: string) {
  const [booked] = await book(sql, shop, 'shop', [{ id: externalId, lines: [{ sku: 'MUG', ordered: 2 }] }])
  if (booked === undefined || !('orderId' in booked)) throw new Error(`${externalId} was not booked`)
  const { orderId } = booked
  const line = await sql<{ id: number }[]>`select id from order_lines where order_id = ${orderId}`
  const acted = await shipOrder(context, null, orderId, {
    lines: [{ lineId: line[0]?.id ?? 0, quantity: 1 }],
    tracking: { carrier: 'DHL', number: '1' },
  })
  return { orderId, actId: acted.actId }
}

/** The platform says no to the oldest act that is due. */
async function refuse(words: string): Promise<void> {
  const [due] = await dueActs(sql, shop.accountId, 1)
  if (due === undefined || !(await markActSent(sql, due.id, 1))) throw new Error('no act is due')
  await noteAct(sql, { id: due.id, state: 'sent', attempts: due.attempts + 1 }, 'refused', { code: 'no', words }, null)
}

beforeEach(async () => {
  await sql`delete from alerts`
  await sql`delete from acts`
  await setAlertLimit(context, null, 'feed_held', null, { off: true })
})

test('a shipment that the platform refuses is told at once with its order and what to do, until it is asked for again', async () => {
  const { orderId, actId } = await shipped('R-1')
  await refuse('no such carrier')
  await look(1000)
  const [alert] = await open()
  expect(alert).toMatchObject({ kind: 'acts_refused', subject: 'channel:shop', facts: { refused: 1, order: 'R-1', act: 'ship' } })
  expect(alertText('acts_refused', 'channel:shop', alert?.facts ?? {}, 'en').text).toMatch(
    /order R-1: "ship".*ask again on the order's page, or do it at the platform/,
  )
  expect(alertText('acts_refused', 'channel:shop', alert?.facts ?? {}, 'zh-CN').text).toContain('订单 R-1：“发货”')
  const before = await orderLine(sql, 'R-1')
  const again = await askAgain(context, 'again-1', orderId, actId)
  expect(again).toMatchObject({ actId, lines: [{ quantity: 1 }], replayed: false })
  expect((await askAgain(context, 'again-1', orderId, actId)).replayed).toBe(true)
  // The books moved when it was shipped, and do not move once more.
  expect(await orderLine(sql, 'R-1')).toEqual(before)
  expect(await look(2000)).toMatchObject({ ended: 1 })
  const [due] = await dueActs(sql, shop.accountId, 1)
  expect(due).toMatchObject({ id: actId, state: 'intended', body: { tracking: { number: '1' } } })
  await expect(askAgain(context, null, orderId, actId)).rejects.toThrow('This act was not refused: it is intended.')
})

test('an act that waits for a quarter of an hour is told, also one that is asked for again, but from then on', async () => {
  const { orderId, actId } = await shipped('R-2')
  await look(14 * MIN)
  expect(await open()).toEqual([])
  await look(16 * MIN)
  expect(await open()).toMatchObject([{ kind: 'acts_late', facts: { waiting: 1, order: 'R-2', act: 'ship', limit: 900 } }])
  await sql`update acts set created_at = clock_timestamp() - interval '1 day'`
  await refuse('busy')
  await askAgain(context, null, orderId, actId)
  await sql`delete from alerts`
  await look(10 * MIN)
  expect(await open()).toEqual([])
  await look(16 * MIN)
  expect(await open()).toMatchObject([{ kind: 'acts_late' }])
})

test('what moved no books is asked for anew instead, and is then told no more', async () => {
  const [booked] = await book(sql, shop, 'shop', [{ id: 'R-3', lines: [{ sku: 'MUG', ordered: 2 }] }])
  const orderId = booked !== undefined && 'orderId' in booked ? booked.orderId : 0
  const { actId } = await readyOrder(context, null, orderId, {})
  await refuse('not now')
  await look(1000)
  expect(await open()).toHaveLength(1)
  await expect(askAgain(context, null, orderId, actId)).rejects.toThrow('ask for it anew')
  await expect(askAgain(context, null, orderId, 999_999)).rejects.toThrow('There is no act 999999.')
  await readyOrder(context, null, orderId, {})
  expect(await look(2000)).toMatchObject({ ended: 1 })
})
