import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { substituteShort } from '../../db/substitutes.ts'
import { substituteUnits } from '../../src/usecases/substitute.ts'
import { setSubstitutionRules } from '../../src/usecases/substitution-rules.ts'
import { balance, book, layIn, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { act, atOnce, twoNodes } from '../support/two-nodes.ts'

const { sql, nodes } = await twoNodes()
await layIn(sql, { START: { main: 0 } })
const channel = await quietChannel(sql, 'web', ['main'])

/** Two orders that are short of one unit each, and so many units of what may be handed over instead. */
async function twoShort(round: string, there: number): Promise<{ instead: string; orders: number[]; lines: number[] }> {
  const [sold, instead] = [`SOLD-${round}`, `INSTEAD-${round}`]
  await layIn(sql, { [sold]: { main: 0 }, [instead]: { main: there } })
  const substitutes = [{ sku: instead, automatic: true, abovePercent: null }]
  await setSubstitutionRules(nodes[0].context, `rule-${round}`, { sku: sold, channel: null, substitutes })
  const booked = await book(
    sql,
    channel,
    'web',
    [`${round}-1`, `${round}-2`].map(id => ({ id, lines: [{ sku: sold, ordered: 1 }] })),
  )
  const orders = booked.map(one => one.orderId ?? 0)
  const lines = await sql<{ id: number }[]>`select id from order_lines where order_id = any(${orders}) order by order_id`
  return { instead, orders, lines: lines.map(line => line.id) }
}

const given = (orders: readonly number[]) => sql<{ units: number }[]>`
  select coalesce(sum(reserved), 0)::int as units from order_lines where order_id = any(${[...orders]}) and instead_of is not null`

test('the last unit is handed over instead to one of two orders, whoever looks: rules in two hubs, and a person twice with one key', async () => {
  const rounds = repetitions('last substitute', 12, 300)
  for (let round = 0; round < rounds; round++) {
    const { instead, orders, lines } = await twoShort(`last-${round}`, 1)
    const wish = { lineId: lines[1] ?? 0, sku: instead }
    await atOnce([
      () => substituteShort(nodes[0].context.sql, new Date(), 10),
      () => substituteShort(nodes[1].context.sql, new Date(), 10),
      () => substituteUnits(nodes[0].context, `p-${round}`, orders[1] ?? 0, wish).catch(error => error.code),
      () => substituteUnits(nodes[1].context, `p-${round}`, orders[1] ?? 0, wish).catch(error => error.code),
    ])
    expect(await given(orders)).toEqual([{ units: 1 }])
    expect(await balance(sql, instead, 'main')).toEqual({ onHand: 1, reserved: 1 })
  }
})

test('an order that is cancelled while something is handed over instead has nothing promised afterwards', async () => {
  const rounds = repetitions('cancel against substitute', 12, 300)
  for (let round = 0; round < rounds; round++) {
    const { instead, orders } = await twoShort(`cancel-${round}`, 2)
    await atOnce<unknown>([
      () => substituteShort(nodes[0].context.sql, new Date(), 10),
      () => act(nodes[1], 'order_cancel_1', orders[0] ?? 0, `c-${round}`),
    ])
    // Whom the rules passed over for the other one's lock has its turn now.
    await substituteShort(sql, new Date(), 10)
    expect(
      await sql`
      select sum(reserved)::int as reserved, sum(short)::int as short, sum(cancelled)::int as cancelled from order_lines where order_id = any(${orders}) group by order_id
      order by order_id`,
    ).toEqual([
      { reserved: 0, short: 0, cancelled: 1 },
      { reserved: 1, short: 0, cancelled: 0 },
    ])
    expect(await balance(sql, instead, 'main')).toEqual({ onHand: 2, reserved: 1 })
  }
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
