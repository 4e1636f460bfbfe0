import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { choose } from '../../db/pick-up-choice.ts'
import { endUncollected, keepGroup } from '../../db/pick-up-kept.ts'
import { balance, orderLine } from '../support/goods.ts'
import { actOn } from '../support/pick-up.ts'
import { pickUpShop, toCollect } from '../support/pick-up-stage.ts'
import { repetitions } from '../support/repetitions.ts'
import { answersOf, atOnce, twoNodes } from '../support/two-nodes.ts'

// The buyer comes, calls or chooses in the very moment in which the hub decides.

const { sql, nodes } = await twoNodes()
const channel = await pickUpShop(sql)
const [one, other] = [nodes[0].context.sql, nodes[1].context.sql]
const [place] = await sql<{ id: number }[]>`select id from locations where code = 'south'`
const south = place?.id ?? 0
const freshOrders = (letter: string, rounds: number) => Array.from({ length: rounds }, (_, n) => `${letter}-${n}`)
const late = '2030-01-01T00:00:00Z'
type Told = { readonly outcome: string }

const kinds = async (orderId: number) =>
  (await sql<{ kind: string }[]>`select kind from acts where order_id = ${orderId} order by id`).map(row => row.kind)

test('collected at the desk while its time is over: it is handed over or put back, never both, whatever the rule does with it', async () => {
  const rounds = repetitions('collected while put back', 12, 400)
  for (const name of freshOrders('C', rounds)) {
    const ship = Math.random() < 0.5
    const { groupId, orderId } = await toCollect(sql, channel, name, { north: 5 })
    await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
    const [hand, end] = answersOf(
      await atOnce<Told>([
        () => actOn(one, 'fulfilment_hand_over_1', groupId, { proof: 'identity' }),
        () => endUncollected(other, { actor: 'rule', groupId, ship, now: late }),
      ]),
    )
    const left = hand?.outcome === 'handed_over'
    if (left) expect(end).toMatchObject({ outcome: 'not_over', state: 'done' })
    else expect([hand, end]).toMatchObject([{ outcome: 'closed', state: 'cancelled' }, { outcome: 'not_collected' }])
    expect(await balance(sql, name, 'north')).toEqual({ onHand: left ? 3 : 5, reserved: !left && ship ? 2 : 0 })
    expect(await orderLine(sql, name)).toMatchObject({ shipped: left ? 2 : 0, cancelled: left || ship ? 0 : 2 })
    expect(await kinds(orderId)).toEqual(['ready', ...(left ? ['ship'] : ship ? [] : ['cancel'])])
  }
})

test('two processes that put the same group back at once: one does, and the platform is told once', async () => {
  const rounds = repetitions('put back twice', 8, 400)
  for (const name of freshOrders('T', rounds)) {
    const { groupId, orderId } = await toCollect(sql, channel, name, { north: 5 })
    await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
    const answers = answersOf(
      await atOnce([one, other].map(node => () => endUncollected(node, { actor: 'rule', groupId, ship: false, now: late }))),
    )
    expect(answers.map(answer => answer.outcome).toSorted()).toEqual(['not_collected', 'not_over'])
    expect(await kinds(orderId)).toEqual(['ready', 'cancel'])
  }
})

test('kept longer while it is put back: it is kept and stays promised, or it is gone and he is told so', async () => {
  const rounds = repetitions('kept while put back', 12, 400)
  for (const name of freshOrders('K', rounds)) {
    const { groupId } = await toCollect(sql, channel, name, { north: 5 })
    await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
    const [kept, end] = answersOf(
      await atOnce<Told>([
        () => keepGroup(one, { actor: 'buyer:1', groupId, counts: true, now: late }),
        () => endUncollected(other, { actor: 'rule', groupId, ship: false, now: late }),
      ]),
    )
    const isKept = kept?.outcome === 'kept'
    if (isKept) expect(end).toMatchObject({ outcome: 'not_over', state: 'ready' })
    else expect([kept, end]).toMatchObject([{ outcome: 'closed', state: 'cancelled' }, { outcome: 'not_collected' }])
    expect(await balance(sql, name, 'north')).toEqual({ onHand: 5, reserved: isKept ? 2 : 0 })
  }
})

test('a buyer who wants it sent while the store makes it ready after all: one of both holds, and every unit is promised once', async () => {
  const rounds = repetitions('chosen while made ready', 12, 400)
  for (const name of freshOrders('S', rounds)) {
    const { groupId, orderId } = await toCollect(sql, channel, name, { north: 5 })
    const [made, chosen] = answersOf(
      await atOnce<Told>([
        () => actOn(one, 'fulfilment_ready_1', groupId, { all: true }),
        () => choose(other, { actor: 'test', orderId, choice: 'ship' }),
      ]),
    )
    if (made?.outcome === 'ready') expect(chosen).toMatchObject({ outcome: 'nothing_to_choose', state: 'in_fulfilment' })
    else expect([made, chosen]).toMatchObject([{ outcome: 'closed', state: 'cancelled' }, { outcome: 'chosen' }])
    expect(await balance(sql, name, 'north')).toEqual({ onHand: 5, reserved: 2 })
  }
})

test('two buyers who want the last two of another store: one has them, the other is told how many there are', async () => {
  const rounds = repetitions('two choose one store', 8, 400)
  for (const name of freshOrders('L', rounds)) {
    const first = await toCollect(sql, channel, name, { north: 4, south: 2 })
    const second = await toCollect(sql, channel, `${name}b`, {}, null, name)
    const answers = answersOf(
      await atOnce<Told>([
        () => choose(one, { actor: 'test', orderId: first.orderId, choice: 'store', locationId: south }),
        () => choose(other, { actor: 'test', orderId: second.orderId, choice: 'store', locationId: south }),
      ]),
    )
    expect(answers.map(answer => answer.outcome).toSorted()).toEqual(['chosen', 'insufficient'])
    expect(await balance(sql, name, 'south')).toEqual({ onHand: 2, reserved: 2 })
  }
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
