import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shown } from '../../src/domain/inventory/availability.ts'
import { type PriceEntry, priceDocument } from '../../src/domain/pricing/price.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

// The SQL repeats two rules of the domain for many variants at once: here both get the same random input.

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { a: 1, b: 1, c: 1 } })
const channels = [await quietChannel(sql, 'one', ['a', 'b']), await quietChannel(sql, 'two', ['b', 'c'])]
const [variant] = await sql<{ id: number }[]>`select id from variants`
const variantId = variant?.id ?? 0

const balance = fc
  .record({ onHand: fc.nat(30), reserved: fc.nat(30), unavailable: fc.nat(10), safetyStock: fc.nat(8) })
  .filter(one => one.reserved + one.unavailable <= one.onHand)
const policy = fc.record({ buffer: fc.nat(8), cap: fc.option(fc.nat(20)), stopSellingAt: fc.nat(6) })

test('what a channel shows is the same in SQL and in the rule', async () => {
  const runs = repetitions('shown in SQL', 100, 3_000)
  await fc.assert(
    fc.asyncProperty(fc.tuple(balance, balance, balance), policy, async (balances, given) => {
      for (const [at, code] of ['a', 'b', 'c'].entries()) {
        const one = balances[at]
        if (one)
          await sql`update balances b set on_hand = ${one.onHand}, reserved = ${one.reserved}, unavailable = ${one.unavailable}, safety_stock = ${one.safetyStock}
            from locations p where p.id = b.location_id and p.code = ${code}`
      }
      await sql`update channel_policies set buffer = ${given.buffer}, cap = ${given.cap}, stop_selling_at = ${given.stopSellingAt}`
      const ids = channels.map(channel => channel.channelId)
      const rows =
        await sql`select channel_id, atp, shown from channel_shown_1(${ids}::bigint[], ${[variantId]}::bigint[], now()) order by channel_id`
      const rule = [balances.slice(0, 2), balances.slice(1)].map(pool => shown(pool, given))
      expect(rows.map(row => [row.atp, row.shown])).toEqual(rule.map(one => [one.atp, one.shown]))
    }),
    { numRuns: runs },
  )
})

const now = new Date('2026-06-01T12:00:00Z')
const instant = fc.integer({ min: -5, max: 5 }).map(hours => new Date(now.getTime() + hours * 3_600_000))
const entry = fc.record({
  channel: fc.constantFrom(null, 0, 1),
  cents: fc.integer({ min: 1, max: 2_000 }),
  period: fc.option(fc.tuple(instant, fc.option(fc.integer({ min: 1, max: 6 })))),
})

test('the price document is the same in SQL and in the rule', async () => {
  const runs = repetitions('price in SQL', 100, 3_000)
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async sketches => {
      await sql`delete from prices`
      const entries: PriceEntry[] = []
      const taken = new Set<string>()
      for (const sketch of sketches) {
        const channel = sketch.channel === null ? null : (channels[sketch.channel]?.channelId ?? null)
        const startsAt = sketch.period?.[0] ?? null
        const hours = sketch.period?.[1] ?? null
        const endsAt = startsAt && hours !== null ? new Date(startsAt.getTime() + hours * 3_600_000) : null
        const key = `${channel}/${startsAt?.toISOString() ?? ''}`
        if (taken.has(key)) continue
        taken.add(key)
        const amount = (sketch.cents / 100).toFixed(2)
        const [row] = await sql<{ id: number }[]>`
          insert into prices (variant_id, channel_id, currency, amount, starts_at, ends_at, actor)
          values (${variantId}, ${channel}, 'EUR', ${amount}, ${startsAt}, ${endsAt}, 'test') returning id`
        entries.push({ id: row?.id ?? 0, channel, amount, startsAt, endsAt })
      }
      for (const { channelId } of channels) {
        const [row] = await sql<{ price: { regular: string; sale: { amount: string; from: string; to: string | null } | null } | null }[]>`
          select price from channel_price_1(${[channelId]}::bigint[], ${[variantId]}::bigint[], ${now})`
        const rule = priceDocument(entries, channelId, now)
        const inSql = row?.price
          ? {
              regular: Number(row.price.regular),
              sale: row.price.sale && { amount: Number(row.price.sale.amount), from: row.price.sale.from, to: row.price.sale.to },
            }
          : null
        const byRule = rule && {
          regular: Number(rule.regular),
          sale: rule.sale && {
            amount: Number(rule.sale.amount),
            from: rule.sale.from.toISOString(),
            to: rule.sale.to?.toISOString() ?? null,
          },
        }
        expect(inSql).toEqual(byRule)
      }
    }),
    { numRuns: runs },
  )
})
