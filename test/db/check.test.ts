import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { freshDatabase } from '../support/database.ts'
import { book, change, layIn, quietChannel, reserve } from '../support/goods.ts'

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { main: 10 }, LAMP: { main: 3 } })
const channel = await quietChannel(sql, 'web')
await book(sql, channel, 'web', [{ id: 'A1', lines: [{ sku: 'MUG', ordered: 3 }] }])
await reserve(sql, [{ key: 'h', lines: [{ sku: 'LAMP', quantity: 1 }] }])
await change(sql, [{ sku: 'MUG', location: 'main', quantity: 1, kind: 'receive' }])

async function broken(): Promise<string[]> {
  return (await runRules(sql)).filter(finding => finding.violations > 0).map(finding => finding.rule)
}

test('clean books break no rule', async () => {
  expect(await broken()).toEqual([])
})

// Each plants one kind of damage, which exactly the named rules must find, and mends it again.
const damage: readonly [string, string, string, readonly string[]][] = [
  [
    'a balance that was edited',
    "update balances set on_hand = on_hand + 1 where variant_id = (select id from variants where sku = 'MUG')",
    "update balances set on_hand = on_hand - 1 where variant_id = (select id from variants where sku = 'MUG')",
    ['the sums of the ledger equal the balances'],
  ],
  [
    'a promise that vanished',
    "update reservations set state = 'released', quantity = 0 where basket like 'order:%'",
    "update reservations set state = 'open', quantity = 3 where basket like 'order:%'",
    ['reserved equals the open reservations', 'an order line adds up, and what it has reserved is what is promised to it'],
  ],
  [
    'a line whose units went missing',
    'update order_lines set ordered = ordered + 1',
    'update order_lines set ordered = ordered - 1',
    ['an order line adds up, and what it has reserved is what is promised to it'],
  ],
  [
    'a change row that was lost',
    "with gone as (delete from change where kind = 'stock' returning *) insert into change (tx, kind, variant_id, at) select tx, 'price', variant_id, at from gone union all select '1', 'price', null, now() - interval '2 hours'",
    "update change set kind = 'stock' where kind = 'price' and variant_id is not null",
    ['every movement has its row in the change feed'],
  ],
]

for (const [what, plant, mend, rules] of damage)
  test(`finds ${what}`, async () => {
    await sql.unsafe(plant)
    expect(await broken()).toEqual(rules)
    await sql.unsafe(mend)
    expect(await broken()).toEqual([])
  })
