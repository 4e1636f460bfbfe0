import { describe, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { countCommand, countLines, readCount } from '../../db/counts.ts'
import { cancelCount, enterCount, recountLines, startCount, submitCount } from '../../src/usecases/count-stock.ts'
import { decideCount } from '../../src/usecases/decide-count.ts'
import { reviewCount } from '../../src/usecases/review-count.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, orderLine, quietChannel } from '../support/goods.ts'

const { sql } = await freshDatabase()
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
const clerk = { sql, keyring, actor: 'user:clerk' }
const boss = { sql, keyring, actor: 'user:boss' }
const miscount = { decision: 'approved', reasonCode: 'miscount' } as const

/** Counts what is named, hands it in, and answers the number of the count. */
async function counted(
  location: string,
  found: Readonly<Record<string, number>>,
  skus: readonly string[] = Object.keys(found),
): Promise<number> {
  const { id } = await startCount(clerk, null, { location, skus })
  await enterCount(
    clerk,
    null,
    id,
    Object.entries(found).map(([sku, counted]) => ({ sku, counted })),
  )
  await submitCount(clerk, null, id)
  return id
}

const movementsOf = (sku: string) => sql`
  select m.kind, m.on_hand as units, m.reason_code as reason, m.cause_kind as cause, m.cause_id as id, m.actor from movements m
  join variants v on v.id = m.variant_id where v.sku = ${sku} and m.on_hand <> 0 and m.reason is distinct from 'opening' order by m.id`

describe('a count', () => {
  test('of a location lists what lies there by the books, and of chosen SKUs only those', async () => {
    await layIn(sql, { ANVIL: { north: 3 }, BUCKET: { north: 0, south: 4 }, CLAMP: { north: 7 } })
    const whole = await startCount(clerk, null, { location: 'north', note: 'year end' })
    expect(whole.lines).toBe(2)
    expect((await countLines(sql, whole.id, 0, 10)).map(line => line.sku)).toEqual(['ANVIL', 'CLAMP'])
    const chosen = await startCount(clerk, null, { location: 'north', skus: ['BUCKET'] })
    expect((await countLines(sql, chosen.id, 0, 10)).map(line => line.sku)).toEqual(['BUCKET'])
    await expect(startCount(clerk, null, { location: 'west' })).rejects.toMatchObject({ code: 'invalid', detail: { field: 'location' } })
    await expect(startCount(clerk, null, { location: 'north', skus: ['ANVIL', 'NOPE'] })).rejects.toMatchObject({
      code: 'invalid',
      detail: { field: '1.sku' },
    })
  })

  test('tells nobody what the books say until it is handed in', async () => {
    await layIn(sql, { DRILL: { north: 5 } })
    const { id } = await startCount(clerk, null, { location: 'north', skus: ['DRILL'] })
    const entered = await enterCount(clerk, null, id, [{ sku: 'DRILL', counted: 4 }])
    expect(Object.keys(entered.lines[0] ?? {}).sort()).toEqual(['counted', 'countedAt', 'lot', 'sku'])
    expect(Object.keys((await countLines(sql, id, 0, 1))[0] ?? {})).not.toContain('book')
    await expect(reviewCount(boss, id, 'all', 0, 10)).rejects.toMatchObject({ code: 'conflict', detail: { state: 'open' } })
  })

  test('takes a number again and again, or scan by scan, and the last one stands', async () => {
    await layIn(sql, { FILE: { north: 5 } })
    const { id } = await startCount(clerk, null, { location: 'north', skus: ['FILE'] })
    await enterCount(clerk, null, id, [{ sku: 'FILE', counted: 9 }])
    await enterCount(clerk, null, id, [{ sku: 'FILE', counted: 2 }])
    await enterCount(clerk, 'scan-1', id, [
      { sku: 'FILE', add: 1 },
      { sku: 'FILE', add: 1 },
    ])
    const again = await enterCount(clerk, 'scan-1', id, [
      { sku: 'FILE', add: 1 },
      { sku: 'FILE', add: 1 },
    ])
    expect(again).toMatchObject({ replayed: true, lines: [{ counted: 3 }, { counted: 4 }] })
    expect((await countLines(sql, id, 0, 1))[0]).toMatchObject({ counted: 4, countedBy: 'user:clerk' })
    await expect(
      enterCount(clerk, null, id, [
        { sku: 'FILE', add: 1 },
        { sku: 'FILE', add: -6 },
      ]),
    ).rejects.toMatchObject({ code: 'invalid', detail: { field: '1.add' } })
    expect((await countLines(sql, id, 0, 1))[0]?.counted).toBe(4)
  })

  test('refuses a future instant, an unknown SKU, a lot of a SKU without lots, and a count that is not there', async () => {
    const { id } = await startCount(clerk, null, { location: 'north', skus: ['FILE'] })
    const enter = (entry: object) => enterCount(clerk, null, id, [{ sku: 'FILE', counted: 1, ...entry }])
    await expect(enter({ countedAt: '2099-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'invalid', detail: { field: '0.countedAt' } })
    await expect(enter({ sku: 'NOPE' })).rejects.toMatchObject({ code: 'invalid', detail: { field: '0.sku', value: 'NOPE' } })
    await expect(enter({ lot: 'L1' })).rejects.toMatchObject({ code: 'invalid', detail: { field: '0.lot' } })
    await expect(enterCount(clerk, null, 999_999, [{ sku: 'FILE', counted: 1 }])).rejects.toMatchObject({ code: 'not_found' })
    await expect(submitCount(clerk, null, id)).rejects.toThrow('Nothing of this count was counted yet')
  })

  test('shows its reviewer the differences and what they are worth', async () => {
    await layIn(sql, { HAMMER: { north: 10 }, JIGSAW: { north: 2 }, KNIFE: { north: 1 } })
    await sql`update variants set cost = 2.5, cost_currency = 'EUR' where sku = 'HAMMER'`
    const id = await counted('north', { HAMMER: 7, JIGSAW: 3 }, ['HAMMER', 'JIGSAW', 'KNIFE'])
    const review = await reviewCount(boss, id, 'all', 0, 10)
    expect(review.lines.map(line => [line.sku, line.counted, line.book, line.difference])).toEqual([
      ['HAMMER', 7, 10, { units: -3, value: '-7.50' }],
      ['JIGSAW', 3, 2, { units: 1, value: null }],
      ['KNIFE', null, 1, { units: null, value: null }],
    ])
    expect(review.totals).toEqual({
      ...{ lines: 3, uncounted: 1, differing: 2, found: 1, missing: 3, withoutCost: 1 },
      values: [{ currency: 'EUR', value: '-7.50' }],
    })
    expect((await reviewCount(boss, id, 'uncounted', 0, 10)).lines.map(line => line.sku)).toEqual(['KNIFE'])
    expect((await reviewCount(boss, id, 'differences', 0, 1)).lines.map(line => line.sku)).toEqual(['HAMMER'])
  })
})

describe('approving a count', () => {
  test('posts the differences with their reason, their cause and the approver, and leaves alone what nobody counted', async () => {
    await layIn(sql, { LEVEL: { east: 10 }, MALLET: { east: 4 }, NAIL: { east: 8 } })
    const id = await counted('east', { LEVEL: 8, MALLET: 4 }, ['LEVEL', 'MALLET', 'NAIL'])
    expect(await decideCount(boss, null, id, miscount, false)).toMatchObject({ state: 'approved', approved: 2, found: 0, missing: 2 })
    expect(await movementsOf('LEVEL')).toEqual([{ kind: 'count', units: -2, reason: 'miscount', cause: 'count', id, actor: 'user:boss' }])
    expect(await movementsOf('MALLET')).toEqual([])
    expect([await balance(sql, 'LEVEL', 'east'), await balance(sql, 'NAIL', 'east')]).toMatchObject([{ onHand: 8 }, { onHand: 8 }])
    expect(await readCount(sql, id)).toMatchObject({ state: 'approved', endedBy: 'user:boss' })
  })

  test('takes what nobody counted for gone, where the approver says so', async () => {
    const id = await counted('east', { LEVEL: 8 }, ['LEVEL', 'NAIL'])
    await decideCount(boss, null, id, { ...miscount, uncounted: 'zero' }, false)
    expect(await balance(sql, 'NAIL', 'east')).toMatchObject({ onHand: 0 })
  })

  test('lets units that nobody expected there come onto the books', async () => {
    await layIn(sql, { OILER: { south: 1 } })
    const id = await counted('east', { LEVEL: 8, OILER: 6 }, ['LEVEL'])
    await decideCount(boss, null, id, miscount, false)
    expect(await balance(sql, 'OILER', 'east')).toMatchObject({ onHand: 6 })
  })

  test('allows for what was sold and received since the counting, also for what is told late', async () => {
    await layIn(sql, { PLIERS: { east: 10 } })
    const { id } = await startCount(clerk, null, { location: 'east', skus: ['PLIERS'] })
    const before = new Date(Date.now() - 60_000).toISOString()
    await enterCount(clerk, null, id, [{ sku: 'PLIERS', counted: 9 }])
    await change(sql, [{ sku: 'PLIERS', location: 'east', quantity: 3, kind: 'sale' }])
    await change(sql, [{ sku: 'PLIERS', location: 'east', quantity: 5, kind: 'receive' }])
    await submitCount(clerk, null, id)
    expect((await reviewCount(boss, id, 'all', 0, 1)).lines[0]).toMatchObject({ counted: 9, book: 10, difference: { units: -1 } })
    // A till that was cut off tells of a sale from before the counting: the unit is missing no longer.
    await change(sql, [{ sku: 'PLIERS', location: 'east', quantity: 1, kind: 'sale' }], { occurred_at: before })
    expect((await reviewCount(boss, id, 'all', 0, 1)).lines[0]).toMatchObject({ book: 9, difference: { units: 0 } })
    expect(await decideCount(boss, null, id, miscount, false)).toMatchObject({ found: 0, missing: 0 })
    expect(await balance(sql, 'PLIERS', 'east')).toMatchObject({ onHand: 11 })
  })

  test('of two counts of the same shelf corrects a slip once', async () => {
    await layIn(sql, { RASP: { east: 10 } })
    const [one, two] = [await counted('east', { RASP: 9 }), await counted('east', { RASP: 9 })]
    await decideCount(boss, null, one, miscount, false)
    expect(await decideCount(boss, null, two, miscount, false)).toMatchObject({ missing: 0 })
    expect(await balance(sql, 'RASP', 'east')).toMatchObject({ onHand: 9 })
  })

  test('never takes on hand below nothing', async () => {
    await layIn(sql, { SAW: { east: 10 } })
    const { id } = await startCount(clerk, null, { location: 'east', skus: ['SAW'] })
    await enterCount(clerk, null, id, [{ sku: 'SAW', counted: 1 }])
    await change(sql, [{ sku: 'SAW', location: 'east', quantity: 8, kind: 'sale' }])
    await submitCount(clerk, null, id)
    expect(await decideCount(boss, null, id, miscount, false)).toMatchObject({ missing: 2 })
    expect(await balance(sql, 'SAW', 'east')).toMatchObject({ onHand: 0 })
  })

  test('that finds fewer than are promised makes the newest order short, and one that finds more serves who waits', async () => {
    await layIn(sql, { TONGS: { east: 3 } })
    const channel = await quietChannel(sql, 'web')
    await book(sql, channel, 'web', [{ id: 'T1', lines: [{ sku: 'TONGS', ordered: 3 }] }])
    await decideCount(boss, null, await counted('east', { TONGS: 2 }), miscount, false)
    expect(await orderLine(sql, 'T1')).toMatchObject({ reserved: 2, short: 1 })
    await decideCount(boss, null, await counted('east', { TONGS: 5 }), miscount, false)
    expect(await orderLine(sql, 'T1')).toMatchObject({ reserved: 3, short: 0 })
  })

  test('needs a reason of the list where something differs, and none where nothing does', async () => {
    await layIn(sql, { VICE: { east: 2 }, WEDGE: { east: 2 } })
    const id = await counted('east', { VICE: 1, WEDGE: 2 })
    await expect(decideCount(boss, null, id, { decision: 'approved' }, false)).rejects.toMatchObject({
      code: 'invalid',
      detail: { field: 'reasonCode' },
    })
    await expect(decideCount(boss, null, id, { decision: 'approved', reasonCode: 'damaged' }, false)).rejects.toThrow(
      'no reason damaged for counts',
    )
    const first = await decideCount(boss, null, id, { decision: 'approved', lines: [{ sku: 'WEDGE' }] }, false)
    expect(first).toMatchObject({ state: 'review', approved: 1 })
    const last = await decideCount(boss, null, id, { decision: 'approved', lines: [{ sku: 'VICE', reasonCode: 'booking-error' }] }, false)
    expect(last).toMatchObject({ state: 'approved', approved: 2, missing: 1 })
    expect(await movementsOf('VICE')).toMatchObject([{ units: -1, reason: 'booking-error' }])
  })

  test('is not done by whoever counted or handed it in, unless they administer', async () => {
    const id = await counted('east', { VICE: 1 })
    await expect(decideCount(clerk, null, id, miscount, false)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await decideCount(clerk, null, id, miscount, true)).toMatchObject({ state: 'approved' })
  })

  test('is not done by whoever entered a number that somebody replaced since', async () => {
    await layIn(sql, { XYLITE: { east: 2 } })
    const { id } = await startCount(clerk, null, { location: 'east', skus: ['XYLITE'] })
    await enterCount(boss, null, id, [{ sku: 'XYLITE', counted: 1 }])
    await enterCount(clerk, null, id, [{ sku: 'XYLITE', counted: 1 }])
    await submitCount(clerk, null, id)
    await expect(decideCount(boss, null, id, miscount, false)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await decideCount({ ...boss, actor: 'user:deputy' }, null, id, miscount, false)).toMatchObject({ missing: 1 })
  })

  test('twice at once posts once', async () => {
    await layIn(sql, { YARN: { east: 10 } })
    const id = await counted('east', { YARN: 4 })
    const answers = await Promise.allSettled(
      Array.from({ length: 6 }, (_, n) => decideCount({ ...boss, actor: `user:boss-${n}` }, null, id, miscount, false)),
    )
    expect(answers.filter(answer => answer.status === 'fulfilled')).toHaveLength(1)
    expect(await movementsOf('YARN')).toMatchObject([{ units: -6 }])
  })

  test('of more lines than one statement takes goes on where it broke off, and answers the same for one key', async () => {
    const skus = Array.from({ length: 230 }, (_, n) => `MANY-${n}`)
    await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { west: 2 }])))
    const id = await counted('west', Object.fromEntries(skus.map(sku => [sku, 1])))
    // As if the process had died after the first of the three statements.
    const first = await countCommand(sql, 'count_decide_1', { ...miscount, count: id, actor: 'user:boss', limit: 100 })
    expect(first).toMatchObject({ outcome: 'done', state: 'review', more: true })
    const answer = await decideCount(boss, 'big', id, miscount, false)
    expect(answer).toMatchObject({ state: 'approved', approved: 230, missing: 230, replayed: false })
    expect(await decideCount(boss, 'big', id, miscount, false)).toEqual({ ...answer, replayed: true, token: expect.any(String) })
    expect(
      await sql`select sum(on_hand)::int as units from balances b join locations p on p.id = b.location_id where p.code = 'west'`,
    ).toEqual([{ units: 230 }])
  })
})

describe('a line', () => {
  test('is sent back, counted once more, and the number before is kept in the audit', async () => {
    await layIn(sql, { ZIP: { east: 10 }, ZINC: { east: 1 } })
    const id = await counted('east', { ZIP: 1, ZINC: 1 })
    await recountLines(boss, null, id, [{ sku: 'ZIP' }])
    await enterCount(clerk, null, id, [{ sku: 'ZIP', counted: 10 }])
    await submitCount(clerk, null, id)
    expect((await reviewCount(boss, id, 'differences', 0, 10)).lines).toEqual([])
    expect(await sql`select detail->>'counted' as counted, detail->>'countedBy' as by from audit where subject = ${`count:${id}`}`).toEqual(
      [{ counted: '1', by: 'user:clerk' }],
    )
  })

  test('that is rejected posts nothing; a count of which all is rejected ends as cancelled', async () => {
    const id = await counted('east', { ZIP: 3, ZINC: 2 })
    await decideCount(boss, null, id, { decision: 'rejected', lines: [{ sku: 'ZIP' }] }, false)
    await expect(decideCount(boss, null, id, { ...miscount, lines: [{ sku: 'ZIP' }] }, false)).rejects.toMatchObject({ code: 'conflict' })
    expect(await decideCount(boss, null, id, { decision: 'rejected' }, false)).toMatchObject({
      state: 'cancelled',
      approved: 0,
      rejected: 2,
    })
    expect(await balance(sql, 'ZIP', 'east')).toMatchObject({ onHand: 10 })
  })

  test('that was approved stays on the books: what is left is rejected, not cancelled', async () => {
    const id = await counted('east', { ZIP: 9, ZINC: 2 })
    await decideCount(boss, null, id, { ...miscount, lines: [{ sku: 'ZIP' }] }, false)
    await expect(cancelCount(boss, null, id)).rejects.toMatchObject({ code: 'conflict' })
    await decideCount(boss, null, id, { decision: 'rejected' }, false)
    expect(await readCount(sql, id)).toMatchObject({ state: 'approved' })
  })

  test('that nobody counted is approved only as zero', async () => {
    const id = await counted('east', { ZIP: 9 }, ['ZIP', 'ZINC'])
    await expect(decideCount(boss, null, id, { ...miscount, lines: [{ sku: 'ZINC' }] }, false)).rejects.toThrow('ZINC was not counted')
    await expect(decideCount(boss, null, id, { ...miscount, lines: [{ sku: 'NAIL' }] }, false)).rejects.toThrow('NAIL is not in this count')
    await cancelCount(clerk, null, id)
    expect(await readCount(sql, id)).toMatchObject({ state: 'cancelled' })
    await expect(enterCount(clerk, null, id, [{ sku: 'ZIP', counted: 1 }])).rejects.toMatchObject({
      code: 'conflict',
      detail: { state: 'cancelled' },
    })
  })
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
