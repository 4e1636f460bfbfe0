import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { GroupAnswer } from '../../db/groups.ts'
import { balance, book, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { actOn, groupOf } from '../support/pick-up.ts'
import { repetitions } from '../support/repetitions.ts'
import { act, answersOf, atOnce, twoNodes } from '../support/two-nodes.ts'

// What a clerk holds in the hand while somebody else decides about it.

const { sql, nodes } = await twoNodes()
await layIn(sql, { START: { store: 0, depot: 0 } })
const channel = await quietChannel(sql, 'web', ['store', 'depot'])
const [one, other] = nodes.map(node => node.context.sql)
if (one === undefined || other === undefined) throw new Error('two nodes are needed')

async function picked(round: string, stock: Readonly<Record<string, number>>) {
  await layIn(sql, { [round]: stock })
  await book(sql, channel, 'web', [{ id: round, lines: [{ sku: round, ordered: 2 }] }])
  const group = await groupOf(sql, round, 'store')
  const [line = 0] = group.lineIds
  return { ...group, line }
}

const kindsOf = async (orderId: number) =>
  (await sql<{ kind: string }[]>`select kind from acts where order_id = ${orderId} order by id`).map(row => row.kind)

test('an order that is cancelled while it is handed over: it left, or it stays to be put back, never both', async () => {
  const rounds = repetitions('hand over while cancelled', 15, 400)
  for (let round = 0; round < rounds; round++) {
    const { groupId, orderId } = await picked(`H-${round}`, { store: 5 })
    await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
    const [hand, cancel] = answersOf(
      await atOnce<{ readonly outcome: string }>([
        () => actOn(one, 'fulfilment_hand_over_1', groupId, { proof: 'identity' }),
        () => act(nodes[1], 'order_cancel_1', orderId, `c-${round}`),
      ]),
    )
    const left = hand?.outcome === 'handed_over'
    if (left) expect(cancel).toMatchObject({ outcome: 'nothing_open' })
    else expect(hand).toEqual({ outcome: 'closed', state: 'cancelled' })
    expect(await orderLine(sql, `H-${round}`)).toMatchObject({ shipped: left ? 2 : 0, cancelled: left ? 0 : 2, reserved: 0 })
    expect(await balance(sql, `H-${round}`, 'store')).toEqual({ onHand: left ? 3 : 5, reserved: 0 })
    expect(await kindsOf(orderId)).toEqual(left ? ['ready', 'ship'] : ['ready', 'cancel'])
  }
})

test('a parcel that two clerks hand over at once leaves once, and the platform is told once', async () => {
  const rounds = repetitions('hand over twice', 15, 400)
  for (let round = 0; round < rounds; round++) {
    const { groupId, orderId } = await picked(`T-${round}`, { store: 5 })
    await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
    const answers = answersOf(
      await atOnce([
        () => actOn(one, 'fulfilment_hand_over_1', groupId, { proof: 'identity' }),
        () => actOn(other, 'fulfilment_hand_over_1', groupId, { proof: 'identity' }),
      ]),
    )
    expect(answers.map(answer => answer.outcome).toSorted()).toEqual(['closed', 'handed_over'])
    expect(await balance(sql, `T-${round}`, 'store')).toEqual({ onHand: 3, reserved: 0 })
    expect(await kindsOf(orderId)).toEqual(['ready', 'ship'])
  }
})

test('one act that a device sends twice at once, as its answer was lost, counts once', async () => {
  const rounds = repetitions('one act sent twice', 15, 400)
  for (let round = 0; round < rounds; round++) {
    const { groupId, line } = await picked(`O-${round}`, { store: 5 })
    const scan = { key: `scan-${round}`, lines: [{ lineId: line, picked: 1 }] }
    const answers = answersOf(
      await atOnce([() => actOn(one, 'fulfilment_pick_1', groupId, scan), () => actOn(other, 'fulfilment_pick_1', groupId, scan)]),
    )
    for (const answer of answers) expect(answer).toMatchObject({ outcome: 'picked', lines: [{ open: 2, picked: 1 }] })
  }
})

test('units that are written off while they are picked: what is picked of what is gone is to be put back, and nothing is promised that is not there', async () => {
  const rounds = repetitions('pick while lost', 15, 400)
  for (let round = 0; round < rounds; round++) {
    const sku = `M-${round}`
    const { groupId, line } = await picked(sku, { store: 2, depot: 3 })
    const [answer] = answersOf(
      await atOnce<GroupAnswer | unknown>([
        () => actOn(one, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, picked: 2 }] }),
        () =>
          other`select stock_change_2(${other.json({ actor: 'test', lines: [{ sku, location: 'store', kind: 'count', quantity: 1 }] })})`,
      ]),
    ) as [GroupAnswer]
    if (answer.outcome !== 'picked') expect(answer).toMatchObject({ outcome: 'too_many', lineId: line, asked: 2, open: 1 })
    // The lost unit is promised from the depot, and waits to be routed.
    expect(await balance(sql, sku, 'store')).toEqual({ onHand: 1, reserved: 1 })
    expect(await balance(sql, sku, 'depot')).toEqual({ onHand: 3, reserved: 1 })
    const [left] = await sql`
      select assigned - done - released as open, greatest(picked - (assigned - released), 0) as "putBack" from fulfilment_lines where group_id = ${groupId}`
    expect(left).toEqual({ open: 1, putBack: answer.outcome === 'picked' ? 1 : 0 })
  }
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
