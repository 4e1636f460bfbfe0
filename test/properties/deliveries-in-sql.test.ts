import fc from 'fast-check'
import { expect, test } from 'vitest'
import { INCOMING_RULES } from '../../db/check-incoming.ts'
import { readDelivery, readDeliveryLines } from '../../db/deliveries.ts'
import { averageCost } from '../../src/domain/inventory/average-cost.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { brokenRules, buckets, delivery, made } from '../support/supply.ts'

// Random histories of deliveries of one SKU, against a model that holds nothing but the numbers.

const { sql } = await freshDatabase()

type Model = { ordered: number; received: number; cancelled: number; state: 'open' | 'received' | 'cancelled' }
type Stock = { onHand: number; unavailable: number; average: string | null }
type Step =
  | { readonly act: 'receive'; readonly units: number; readonly cents: number | null; readonly aside: boolean; readonly close: boolean }
  | { readonly act: 'change' | 'cancel'; readonly units: number }
  | { readonly act: 'close' | 'cancelAll' }

const units = fc.integer({ min: 1, max: 9 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    act: fc.constant('receive' as const),
    units,
    cents: fc.option(fc.integer({ min: 0, max: 999 })),
    aside: fc.boolean(),
    close: fc.nat(5).map(n => n === 0),
  }),
  fc.record({ act: fc.constantFrom('change' as const, 'cancel' as const), units }),
  fc.record({ act: fc.constantFrom('close' as const, 'cancelAll' as const) }),
)

const restOf = (model: Model): number => Math.max(0, model.ordered - model.received - model.cancelled)

/** What a step should answer; the model changes where it is carried out. */
function expected(model: Model, stock: Stock, one: Step): string {
  if (model.state !== 'open') return 'ended'
  switch (one.act) {
    case 'receive':
      if (one.cents !== null) {
        const arriving = { units: one.units, unitCost: (one.cents / 100).toFixed(2) }
        stock.average = averageCost({ units: stock.onHand, unitCost: stock.average ?? arriving.unitCost }, arriving)
      }
      model.received += one.units
      stock.onHand += one.units
      stock.unavailable += one.aside ? one.units : 0
      if (one.close) model.cancelled += restOf(model)
      break
    case 'change':
      if (one.units < Math.min(model.ordered, model.received + model.cancelled)) return 'too_few'
      model.ordered = one.units
      break
    case 'cancel':
      if (one.units > restOf(model)) return 'over'
      model.cancelled += one.units
      break
    default:
      if (one.act === 'close' && model.received === 0) return 'nothing_received'
      model.cancelled += restOf(model)
  }
  if (restOf(model) === 0) model.state = model.received > 0 ? 'received' : 'cancelled'
  return one.act === 'receive' ? 'received' : 'changed'
}

function carryOut(id: number, sku: string, one: Step) {
  switch (one.act) {
    case 'receive': {
      const cost = one.cents === null ? {} : { unitCost: (one.cents / 100).toFixed(2), currency: 'EUR' }
      const line = { sku, quantity: one.units, ...cost, ...(one.aside ? { to: 'unavailable' } : {}) }
      return delivery(sql, 'receive', { id, lines: [line], close: one.close })
    }
    case 'change':
      return delivery(sql, 'change', { id, lines: [{ sku, quantity: one.units }] })
    case 'cancel':
      return delivery(sql, 'end', { id, act: 'cancel', lines: [{ sku, quantity: one.units }] })
    default:
      return delivery(sql, 'end', { id, act: one.act === 'close' ? 'close' : 'cancel' })
  }
}

let histories = 0

test('two deliveries of a SKU, whatever is done to them in whatever order, make the numbers of the model', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(units, units),
      fc.array(fc.tuple(fc.nat(1), step), { minLength: 1, maxLength: 12 }),
      async (ordered, steps) => {
        const sku = `S-${++histories}`
        await layIn(sql, { [sku]: { main: 0 } })
        const models: Model[] = ordered.map(many => ({ ordered: many, received: 0, cancelled: 0, state: 'open' }))
        const stock: Stock = { onHand: 0, unavailable: 0, average: null }
        const ids: number[] = []
        for (const [at, many] of ordered.entries()) {
          const lines = [{ sku, quantity: many }]
          ids.push(
            made(await delivery(sql, 'create', { reference: `${sku}/${at}`, location: 'main', expectedAt: '2026-01-01T00:00:00Z', lines })),
          )
        }
        for (const [which, one] of steps) {
          const [model, id] = [models[which], ids[which]]
          if (model === undefined || id === undefined) throw new Error('no such delivery')
          const outcome = expected(model, stock, one)
          expect((await carryOut(id, sku, one)).outcome).toBe(outcome)
          const [[line], row, there] = await Promise.all([
            readDeliveryLines(sql, id),
            readDelivery(sql, { id }, new Date(0)),
            buckets(sql, sku, 'main'),
          ])
          expect([line?.ordered, line?.received, line?.cancelled, row?.state]).toEqual([
            model.ordered,
            model.received,
            model.cancelled,
            model.state,
          ])
          const coming = models.reduce((sum, other) => sum + restOf(other), 0)
          expect(there).toEqual({ onHand: stock.onHand, reserved: 0, unavailable: stock.unavailable, incoming: coming })
        }
        const [cost] = await sql<{ average: string }[]>`
        select c.average::text from variant_costs c join variants v on v.id = c.variant_id where v.sku = ${sku} and c.valid_to is null`
        expect(cost?.average ?? null).toBe(stock.average)
      },
    ),
    { numRuns: repetitions('histories of deliveries', 15, 1_000) },
  )
  expect(await brokenRules(sql, INCOMING_RULES)).toEqual([])
})
