import { expect, test } from 'vitest'
import type { SandboxAmendment, SandboxOrder } from '../../connectors/sandbox.ts'
import type { Sql } from '../../db/connect.ts'
import { check } from '../../src/usecases/check.ts'
import { everyStage } from '../connectors/platform-stage.ts'
import { shownOf } from '../support/hub.ts'
import { openOneShop } from '../support/one-shop.ts'
import { until } from '../support/until.ts'

// Staff of a shop edit an order that is booked already. What the hub has promised for it follows to the unit, by a message and by looking, and so does what is shown.

const SKUS = ['MUG', 'TEE', 'CAP', 'HAT'] as const
const LAID_IN = 10

for (const stage of await everyStage()) {
  const name = stage.connector.title
  if (stage.traits.editsOrders === false) {
    test.skip(`${name}: an order that staff edit [not declared: edits of orders]`, () => {})
    continue
  }
  test(`${name}: what is promised for an order follows each edit of it`, async () => {
    const { sql, context, sandbox, channelRef, told, poll } = await openOneShop(stage, SKUS, LAID_IN)
    const tells = stage.connector.declares.arrival === 'webhook'
    if (tells) await told()
    const lines = [
      { sku: 'MUG', quantity: 2, unitPrice: '1.00' },
      { sku: 'TEE', quantity: 2, unitPrice: '1.00' },
      { sku: 'CAP', quantity: 1, unitPrice: '1.00' },
    ]
    // Asked for again, the purchase tells its lines as they are by now.
    const order = (): SandboxOrder => {
      const sold = sandbox.buy({ ref: 'b1', channelRef, lines })
      if (!sold) throw new Error('nothing was sold')
      return sold
    }
    const amend = (quantities: Readonly<Record<string, number>>, added: SandboxAmendment['added'] = []): void => {
      const known = new Map(order().lines.map(line => [line.sku, line.externalLineId]))
      const byLine = Object.fromEntries(Object.entries(quantities).map(([sku, units]) => [known.get(sku) ?? sku, units]))
      sandbox.amend?.(order().externalId, { quantities: byLine, added })
    }
    const follows = async (mug: number, tee: number, cap: number, hat: number): Promise<void> => {
      const wanted = [mug, tee, cap, hat]
      await until(`${wanted} are promised`, async () => `${await reservedOf(sql)}` === `${wanted}`)
      await until(`${wanted} are shown less`, () => SKUS.every((sku, n) => shownOf(sandbox, sku) === LAID_IN - (wanted[n] ?? 0)))
    }

    order()
    await follows(2, 2, 1, 0)
    const before = await messages(sql)
    amend({ MUG: 5, TEE: 1, CAP: 0 }, [{ sku: 'HAT', quantity: 3, unitPrice: '1.00' }])
    await follows(5, 1, 0, 3)
    // A look may have brought the edit before its message came.
    if (tells) await until('a message told of it', async () => (await messages(sql)) > before)

    // Nobody tells of this one.
    sandbox.misbehave({ kind: 'webhook-drop' })
    amend({ MUG: 1, HAT: 4 })
    await poll()
    await follows(1, 1, 0, 4)
    amend({ MUG: 0, TEE: 0, HAT: 0 })
    await poll()
    await follows(0, 0, 0, 0)
    const [booked] = await sql<{ orders: number; lines: number }[]>`
      select (select count(*)::int from orders) as orders, (select count(*)::int from order_lines) as lines`
    expect(booked).toEqual({ orders: 1, lines: 4 })
    expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
  })
}

/** Units that are promised, in the order of `SKUS`. */
async function reservedOf(sql: Sql): Promise<number[]> {
  const rows = await sql<{ sku: string; units: number }[]>`
    select v.sku, sum(b.reserved)::int as units from balances b join variants v on v.id = b.variant_id group by 1`
  const units = new Map(rows.map(row => [row.sku, row.units]))
  return SKUS.map(sku => units.get(sku) ?? 0)
}

async function messages(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from inbox where source = 'webhook'`
  return row?.n ?? 0
}
