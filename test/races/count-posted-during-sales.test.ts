import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { close, connect, type Sql } from '../../db/connect.ts'
import { postedOf } from '../../src/domain/inventory/count.ts'
import { enterCount, startCount, submitCount } from '../../src/usecases/count-stock.ts'
import { decideCount } from '../../src/usecases/decide-count.ts'
import { reviewCount } from '../../src/usecases/review-count.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

const { sql, url } = await freshDatabase({ max: 12 })
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
const as = (actor: string) => ({ sql, keyring, actor })

const SKUS = ['PEN', 'INK', 'PAD', 'CAP']
const STOCKED = 400

/** What a shop does meanwhile: sells, receives, holds, settles and lets go, one after the other; answers the units that came and went for each SKU. */
async function trade(shop: Sql, round: string, seller: number, ended: () => boolean): Promise<Map<string, number>> {
  const net = new Map<string, number>()
  for (let n = 0; !ended() || n < 12; n++) {
    const sku = `${SKUS[(n + seller) % SKUS.length]}-${round}`
    const moved = (units: number) => net.set(sku, (net.get(sku) ?? 0) + units)
    if (n % 4 === 3) {
      await change(shop, [{ sku, location: 'main', quantity: 1, kind: 'receive' }])
      moved(1)
    } else if (n % 4 === 1) {
      const [held] = await reserve(shop, [{ key: `${round}/${seller}/${n}`, lines: [{ sku, quantity: 1 }] }])
      if (held?.outcome !== 'reserved' || held.basket === undefined) continue
      const [row] =
        await shop`select stock_end_hold_1(${shop.json({ actor: 'test', basket: held.basket, end: n % 8 === 1 ? 'settle' : 'release' })}) as answer`
      if (row?.answer.outcome === 'settled') moved(-1)
    } else {
      await change(shop, [{ sku, location: 'main', quantity: 1, kind: 'sale' }])
      moved(-1)
    }
  }
  return net
}

test('a count that is approved while the shop sells ends at what is counted, less what was sold since and plus what came', async () => {
  const other = connect(url, { max: 4 })
  const rounds = repetitions('count posted during sales', 4, 60)
  for (let round = 0; round < rounds; round++) {
    const names = SKUS.map(sku => `${sku}-${round}`)
    await layIn(sql, Object.fromEntries(names.map(sku => [sku, { main: STOCKED }])))
    // What is missing from the shelf (or too many) while the books say otherwise.
    const slip = new Map(names.map((sku, n) => [sku, [-7, 5, 0, -1][n] ?? 0]))
    let over = false
    const shops = [sql, other, sql].map((shop, seller) => trade(shop, `${round}`, seller, () => over))

    const { id } = await startCount(as('user:clerk'), null, { location: 'main', skus: names })
    for (const sku of names) {
      // Looks at the shelf: it holds what the books say at this very instant, and the slip. Which instant that is, the entry states.
      const [seen] = await sql`
        select clock.at, stock_on_hand_at(v.id, p.id, clock.at) as units from (select clock_timestamp() as at) clock, variants v, locations p
        where v.sku = ${sku} and p.code = 'main'`
      await enterCount(as('user:clerk'), null, id, [
        { sku, counted: seen?.units + (slip.get(sku) ?? 0), countedAt: seen?.at.toISOString() },
      ])
    }
    await submitCount(as('user:clerk'), null, id)
    const before = await reviewCount(as('user:boss'), id, 'all', 0, 10)
    const approvals = await Promise.allSettled(
      ['user:boss', 'user:deputy'].map(actor => decideCount(as(actor), null, id, { decision: 'approved', reasonCode: 'miscount' }, false)),
    )
    over = true
    const nets = await Promise.all(shops)
    expect(approvals.filter(approval => approval.status === 'fulfilled')).toHaveLength(1)
    expect(before.lines).toHaveLength(SKUS.length)

    const after = await reviewCount(as('user:boss'), id, 'all', 0, 10)
    for (const sku of names) {
      const net = nets.reduce((sum, one) => sum + (one.get(sku) ?? 0), 0)
      const line = after.lines.find(one => one.sku === sku)
      const [row] = await sql`select on_hand, reserved from balances b join variants v on v.id = b.variant_id where v.sku = ${sku}`
      // The books by themselves, were nothing counted; then the rule on top of them.
      const books = STOCKED + net
      expect(row).toEqual({ on_hand: books + postedOf(books, line?.counted ?? 0, line?.book ?? 0), reserved: 0 })
      // A sale that was under way when the shelf was looked at may lie on either side of that instant, never half of it.
      expect(Math.abs((line?.posted ?? 0) - (slip.get(sku) ?? 0))).toBeLessThanOrEqual(shops.length)
      expect(
        await sql`select coalesce(sum(m.on_hand), 0)::int as units from movements m join variants v on v.id = m.variant_id where v.sku = ${sku} and m.kind = 'count' and m.cause_kind = 'count'`,
      ).toEqual([{ units: line?.posted }])
    }
  }
  await close(other, 1)
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
