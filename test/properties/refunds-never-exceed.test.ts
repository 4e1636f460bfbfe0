import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { bookOrders } from '../../db/orders.ts'
import { writePlatforms } from '../../db/platforms.ts'
import { cancelOrder } from '../../src/usecases/act-on-order.ts'
import { refundOrder } from '../../src/usecases/refund-order.ts'
import { Fault } from '../../src/values/fault.ts'
import { chargeOf, fromMinorUnits, inMinor, type OrderAmounts } from '../../src/values/order-amounts.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel, toBook } from '../support/goods.ts'
import { amountsArb } from '../support/order-amounts.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { testKeyring } from '../support/webhook-account.ts'

const IDS = ['1', '2']
const UNITS = 3
/** What cancelling gives back by itself, by platform. */
const PLATFORMS = {
  none: { cancelPaysWhole: false, cancelPaysParts: false },
  whole: { cancelPaysWhole: true, cancelPaysParts: false },
  parts: { cancelPaysWhole: false, cancelPaysParts: true },
  both: { cancelPaysWhole: true, cancelPaysParts: true },
} as const
type Platform = keyof typeof PLATFORMS
const NAMES = Object.keys(PLATFORMS) as Platform[]

const { sql } = await freshDatabase({ max: 1 })
await layIn(sql, { CUP: { main: 1_000_000 } })
await writePlatforms(
  sql,
  NAMES.map(platform => ({ platform, saleDates: false, saleBeside: false, referencePrice: false, ...PLATFORMS[platform] })),
)
const accounts = new Map<Platform, number>()
for (const platform of NAMES) {
  const { accountId } = await quietChannel(sql, platform)
  await sql`update accounts set platform = ${platform} where id = ${accountId}`
  accounts.set(platform, accountId)
}
const context = { sql, keyring: await testKeyring(), actor: 'test' } as const

/** A part of what was paid for each line and for shipping and fees, in thousandths (above 1000: too much); what is to be asked for once more; what the platform refused. */
const refund = fc.record({
  kind: fc.constant('refund' as const),
  lines: fc.tuple(fc.nat(1_100), fc.nat(1_100)),
  shipping: fc.nat(1_100),
  again: fc.boolean(),
  refused: fc.nat(5).map(n => n === 0),
})
/** Units of each line that are cancelled, and whether the platform refused. */
const cancel = fc.record({
  kind: fc.constant('cancel' as const),
  units: fc.tuple(fc.nat(UNITS), fc.nat(UNITS)),
  refused: fc.nat(5).map(n => n === 0),
})
const history = fc.record({
  platform: fc.constantFrom(...NAMES),
  amounts: amountsArb(IDS),
  /** Of what it costs; above 1000: the channel does not tell. */
  paid: fc.integer({ min: 500, max: 1_500 }),
  steps: fc.array(fc.oneof(refund, cancel), { minLength: 1, maxLength: 7 }),
})

/** One of each kind on each platform, so that none is missing by luck of a seed: a part goes back, more than was paid does not, one unit is cancelled, and then the rest. */
const OF_EACH_KIND = NAMES.flatMap(platform =>
  [1_000, 1_500].map(paid => {
    const charge = (price: number) => chargeOf({ price, discount: 0, tax: 0 }, true)
    const lines = { '1': charge(900), '2': charge(900) }
    return {
      platform,
      amounts: { digits: 2, taxIncluded: true, lines, shipping: charge(500), fees: charge(0), discount: 0, total: 2_300 },
      paid,
      steps: [
        { kind: 'refund' as const, lines: [100, 0] as [number, number], shipping: 0, again: true, refused: false },
        { kind: 'refund' as const, lines: [1_000, 1_000] as [number, number], shipping: 0, again: false, refused: false },
        { kind: 'cancel' as const, units: [1, 0] as [number, number], refused: false },
        { kind: 'cancel' as const, units: [UNITS, UNITS] as [number, number], refused: false },
      ],
    }
  }),
)

let booked = 0
async function order(platform: Platform, amounts: OrderAmounts): Promise<{ id: number; lineIds: number[] }> {
  booked += 1
  const lines = IDS.map(() => ({ sku: 'CUP', ordered: UNITS }))
  const total = fromMinorUnits(amounts.total, amounts.digits)
  const currency = ({ 0: 'JPY', 2: 'EUR', 3: 'KWD' } as Record<number, string>)[amounts.digits] ?? 'EUR'
  const sketch = toBook(accounts.get(platform) ?? 0, platform, { id: `R-${booked}`, lines })
  const [made] = await bookOrders(sql, [{ ...sketch, total, currency, amounts }], 'test')
  const rows = await sql<{ id: number }[]>`select id from order_lines where order_id = ${made?.orderId ?? 0} order by external_line_id`
  return { id: made?.orderId ?? 0, lineIds: rows.map(row => row.id) }
}

type Back = {
  readonly whole?: true
  readonly amounts: Readonly<Record<string, string>>
  readonly shipping: string | null
  readonly total: string
}

test(
  'whatever is asked for, in whatever order, and whatever cancelling gives back: no more goes back than was paid, in all, for a line, or for shipping and fees',
  async () => {
    const seen = { given: 0, kept: 0, whole: 0, parts: 0, nothing: 0 }
    await fc.assert(
      fc.asyncProperty(history, async ({ platform, amounts: told, paid: share, steps }) => {
        const amounts = share > 1000 ? told : { ...told, paid: Math.floor((told.total * share) / 1000) }
        const { id, lineIds } = await order(platform, amounts)
        const most = [...IDS.map(line => amounts.lines[line]?.total ?? 0), amounts.shipping.total + amounts.fees.total]
        const paid = Math.min(amounts.total, amounts.paid ?? amounts.total)
        const back = most.map(() => 0)
        let all = 0
        const cancelled = IDS.map(() => 0)
        const text = (minor: number): string => fromMinorUnits(minor, amounts.digits)
        const minor = (amount: string | null): number => inMinor(amount, amounts.digits)
        for (const [at, step] of steps.entries()) {
          if (step.kind === 'cancel') {
            const lines = lineIds.flatMap((lineId, n) => {
              const quantity = Math.min(step.units[n] ?? 0, UNITS - (cancelled[n] ?? 0))
              return quantity > 0 ? [{ lineId, quantity, n }] : []
            })
            if (lines.length === 0) continue
            const { actId } = await cancelOrder(context, null, id, { lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })) })
            for (const { n, quantity } of lines) cancelled[n] = (cancelled[n] ?? 0) + quantity
            const [act] = await sql<{ back: Back | null }[]>`select body->'refund' as back from acts where id = ${actId}`
            const isWhole = cancelled.every(units => units === UNITS)
            if (!PLATFORMS[platform][isWhole ? 'cancelPaysWhole' : 'cancelPaysParts']) {
              expect(act?.back ?? null).toBeNull()
              seen.nothing += 1
              continue
            }
            const given = act?.back
            if (!given) throw new Error('the cancellation does not say what goes back')
            const parts = [...IDS.map(line => minor(given.amounts[line] ?? null)), minor(given.shipping)]
            if (isWhole) {
              // Whatever was paid and has not gone back, however much of it was paid for which.
              expect([given.whole, minor(given.total), parts]).toEqual([true, paid - all, most.map((one, n) => one - (back[n] ?? 0))])
              seen.whole += 1
            } else {
              expect([given.whole, minor(given.total), given.shipping]).toEqual([undefined, parts.reduce((a, b) => a + b, 0), null])
              for (const { n, quantity } of lines) {
                const worth = ((most[n] ?? 0) * quantity) / UNITS
                expect(parts[n]).toBeLessThanOrEqual(Math.ceil(worth))
                // Less only where so much went back before.
                if ((back[n] ?? 0) + worth + 1 <= (most[n] ?? 0) && all + most.reduce((a, b) => a + b, 0) <= paid)
                  expect(parts[n]).toBeGreaterThanOrEqual(Math.floor(worth))
              }
              seen.parts += 1
            }
            if (step.refused) await sql`update acts set state = 'refused' where id = ${actId}`
            else {
              for (const [n, one] of parts.entries()) back[n] = (back[n] ?? 0) + one
              all += minor(given.total)
            }
            continue
          }
          const { lines, shipping, again, refused } = step
          const asked = [...lines, shipping].map((part, n) => Math.floor(((most[n] ?? 0) * part) / 1000))
          const wish = {
            lines: lineIds.flatMap((lineId, n) => (asked[n] ? [{ lineId, quantity: 0, amount: text(asked[n]) }] : [])),
            ...(asked[2] ? { shipping: text(asked[2]) } : {}),
            cause: 'other',
          } as const
          if (wish.lines.length === 0 && wish.shipping === undefined) continue
          const fits = asked.every((one, n) => (back[n] ?? 0) + one <= (most[n] ?? 0)) && all + asked.reduce((a, b) => a + b, 0) <= paid
          const ask = () => refundOrder(context, `r-${id}-${at}`, id, wish)
          const answer = await ask().catch((error: unknown) => error)
          if (!fits) {
            expect(answer).toBeInstanceOf(Fault)
            expect((answer as Fault).message).toMatch(/cannot be refunded/)
            seen.kept += 1
            continue
          }
          expect(answer).toMatchObject({ replayed: false })
          // The same key again is the same refund.
          if (again) expect(await ask()).toMatchObject({ replayed: true })
          if (refused) await sql`update acts set state = 'refused' where id = ${(answer as { actId: number }).actId}`
          else {
            for (const [n, one] of asked.entries()) back[n] = (back[n] ?? 0) + one
            all += asked.reduce((a, b) => a + b, 0)
          }
          seen.given += 1
        }
        const [row] = await sql<{ total: number }[]>`
        select coalesce(sum((body->'refund'->>'total')::numeric), 0) * ${10 ** amounts.digits}::int as total from acts where order_id = ${id} and state <> 'refused'`
        expect(Number(row?.total)).toBe(all)
        expect(all).toBeLessThanOrEqual(paid)
        for (const [n, one] of back.entries()) expect(one).toBeLessThanOrEqual(most[n] ?? 0)
      }),
      { numRuns: repetitions('histories of refunds', 48, 2_000), examples: OF_EACH_KIND.map((one): [typeof one] => [one]) },
    )
    expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(2)
  },
  isLong ? 3_600_000 : 120_000,
)
