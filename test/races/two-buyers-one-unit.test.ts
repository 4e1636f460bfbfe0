import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { close, connect } from '../../db/connect.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

const { sql, url } = await freshDatabase({ max: 24 })

test('two buyers, one unit: exactly one gets it, through two hubs', async () => {
  const other = connect(url, { max: 8 })
  for (let round = 0; round < repetitions('two buyers, one unit', 20, 300); round++) {
    await layIn(sql, { [`UNIT-${round}`]: { main: 1 } })
    const wish = { lines: [{ sku: `UNIT-${round}`, quantity: 1 }] }
    const answers = await Promise.all([reserve(sql, [{ key: `a${round}`, ...wish }]), reserve(other, [{ key: `b${round}`, ...wish }])])
    expect(answers.map(([answer]) => answer?.outcome).sort()).toEqual(['insufficient', 'reserved'])
  }
  await close(other, 1)
})

test('baskets in opposite order neither deadlock nor promise a unit twice', async () => {
  const rounds = repetitions('opposite baskets', 10, 200)
  for (let round = 0; round < rounds; round++) {
    await layIn(sql, { [`P-${round}`]: { main: 20 }, [`Q-${round}`]: { main: 20 } })
    const skus = [`P-${round}`, `Q-${round}`]
    const baskets = Array.from({ length: 40 }, (_, n) => ({
      key: `${round}/${n}`,
      lines: (n % 2 === 0 ? skus : skus.toReversed()).map(sku => ({ sku, quantity: 1 })),
    }))
    const outcomes = (await Promise.all(baskets.map(basket => reserve(sql, [basket])))).map(([answer]) => answer?.outcome)
    expect(outcomes.filter(outcome => outcome === 'reserved')).toHaveLength(20)
    for (const sku of skus) expect(await balance(sql, sku, 'main')).toEqual({ onHand: 20, reserved: 20 })
  }
})

test('one key raced by many callers of two hubs is one hold', async () => {
  await layIn(sql, { KEYED: { main: 50 } })
  const other = connect(url, { max: 8 })
  const wish = { key: 'raced', hash: 'same', lines: [{ sku: 'KEYED', quantity: 1 }] }
  const answers = await Promise.all(Array.from({ length: 24 }, (_, n) => reserve(n % 2 === 0 ? sql : other, [wish])))
  expect(new Set(answers.map(([answer]) => answer?.basket)).size).toBe(1)
  expect(await balance(sql, 'KEYED', 'main')).toEqual({ onHand: 50, reserved: 1 })
  await close(other, 1)
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
