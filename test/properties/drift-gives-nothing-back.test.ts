import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdLease, noteCovered } from '../../db/accounts.ts'
import { settleDrifts } from '../../db/drift.ts'
import { intend, markSent, noteReads, noteResults } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { driftingChannel } from '../support/drifting.ts'
import { book, change } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

// A platform of one number, and a hub that hears of its orders late, looks at it, and sends, in any order. Whatever it takes for drift and repairs, the platform
// never has more than there is; and once all is told, it shows just what is there.
type Step = { readonly kind: 'buy' | 'tell' | 'look' | 'send' | 'poll' | 'receive' | 'edit'; readonly units: number }

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('buy', 'buy', 'tell', 'look', 'look', 'send', 'send', 'poll', 'receive', 'edit'),
  units: fc.integer({ min: 1, max: 3 }),
})

const { sql } = await freshDatabase()

test('no order that the hub has not heard of is given back by the repair of a difference, whatever the order of things', {
  timeout: 120_000,
}, async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async steps => {
      run++
      await play(`sku-${run}`, steps)
    }),
    { numRuns: repetitions('histories of drift', 25, 500) },
  )
})

async function play(code: string, steps: readonly Step[]): Promise<void> {
  const sku = code.toUpperCase()
  const shop = await driftingChannel(sql, code, [sku])
  const lease = await holdLease(sql, shop.accountId, 'test', 600_000)
  const [ids] = await sql<{ listing: number }[]>`select id as listing from listings where account_id = ${shop.accountId}`
  const listing = ids?.listing ?? 0
  let shown = 10
  let there = 10
  let orders = 0
  const untold: { id: string; units: number }[] = []
  const look = async (): Promise<Date> => {
    const [clock] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
    const at = clock?.now ?? new Date()
    await noteReads(sql, shop.accountId, 60_000, [{ listing, quantity: shown, at }])
    return at
  }
  const send = async (): Promise<void> => {
    await intend(sql, shop.accountId, null)
    const readSince = await look()
    const sent = await markSent(sql, shop.accountId, lease?.token ?? 0, [{ listing, field: 'stock', readSince }])
    for (const { value } of sent?.send ?? []) {
      const before = shown
      shown = Number(value.quantity)
      expect(shown, `sent over ${before} with ${untold.length} orders untold`).toBeLessThanOrEqual(there)
      await noteResults(sql, shop.accountId, lease?.token ?? 0, [{ listing, field: 'stock', status: 'accepted', applied: true }])
    }
  }
  const tell = async (): Promise<void> => {
    const order = untold.shift()
    if (order !== undefined) await book(sql, shop, code, [{ id: order.id, lines: [{ sku, ordered: order.units }] }])
  }
  const poll = async (): Promise<void> => {
    const [clock] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
    while (untold.length > 0) await tell()
    await noteCovered(sql, shop.accountId, clock?.now ?? new Date())
    await settleDrifts(sql, shop.accountId)
  }
  for (const { kind, units } of steps) {
    if (kind === 'buy' && shown >= units && there >= units) {
      shown -= units
      there -= units
      orders++
      untold.push({ id: `${code}-${orders}`, units })
    }
    if (kind === 'receive') {
      there += units
      await change(sql, [{ sku, location: 'main', quantity: units, kind: 'receive' }])
    }
    // Somebody at the shop takes units out of its number. Putting some in is looked at before the next sale: together they could look as if nothing had been.
    if (kind === 'edit' && units < 3) shown -= Math.min(units, shown)
    if (kind === 'edit' && units === 3 && untold.length === 0) {
      shown += units
      await look()
    }
    if (kind === 'look') await look()
    if (kind === 'tell') await tell()
    if (kind === 'poll') await poll()
    if (kind === 'send') await send()
  }
  for (let n = 0; n < 3; n++) {
    await look()
    await poll()
    await send()
  }
  await settleDrifts(sql, shop.accountId)
  expect(shown).toBe(there)
  const open = await sql`select state, cause, units from drifts where listing_id = ${listing} and ended_at is null`
  expect([...open]).toEqual([])
}
