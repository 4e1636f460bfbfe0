import { beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../db/connect.ts'
import { outcomeText } from '../../src/cli/dry-run.ts'
import type { Context } from '../../src/usecases/context.ts'
import { beginDryRun, type DryOutcome } from '../../src/usecases/dry-run.ts'
import { setPriceEntries } from '../../src/usecases/price-entries.ts'
import { approvePriceList, endPriceList, setPriceList, showPriceList } from '../../src/usecases/price-lists.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { contextOf } from './import-support.ts'

const FROM = '2098-12-01T00:00:00.000Z'
const TO = '2098-12-15T00:00:00.000Z'

let sql: Sql
let context: Context
let shop: Guarded
beforeAll(async () => {
  sql = (await freshDatabase()).sql
  context = await contextOf(sql)
  shop = await guardedChannel(sql, 'shop', 100)
})

type Terms = { readonly kind?: 'price' | 'sale'; readonly from?: string | null; readonly to?: string | null }

async function draft(
  code: string,
  { kind = 'price', from = FROM, to = null }: Terms,
  skus: readonly string[],
  amount: string,
): Promise<void> {
  await setPriceList(context, null, code, { currency: 'EUR', kind, audience: { kind: 'channel', code: 'shop' }, from, to })
  await price(context, code, skus, amount)
}

const price = (by: Context, code: string, skus: readonly string[], amount: string) =>
  setPriceEntries(
    by,
    null,
    code,
    skus.map(sku => ({ sku, rule: 'fixed', value: amount })),
  )

const approve = async (by: Context, code: string) => approvePriceList(by, null, code, (await showPriceList(context, code)).version)

async function tried(act: (context: Context) => Promise<unknown>): Promise<DryOutcome> {
  const dry = beginDryRun(context, { limit: 2, field: 'price' })
  await act(dry.context)
  return dry.outcome()
}

const eur = (regular: string, sale: object | null = null) => ({ currency: 'EUR', regular, sale })

test('a raise that begins later tells what changes then, and again at its end, in the guard’s eyes too', async () => {
  await draft('winter', { to: TO }, shop.skus.slice(0, 60), '12')
  const outcome = await tried(by => approve(by, 'winter'))
  expect(outcome).toMatchObject({
    fields: [],
    later: 0,
    turns: [
      { at: FROM, fields: [{ channel: 'shop', field: 'price', listings: 100, changed: 60, goes: 49, quarantined: { changed: 11 } }] },
      { at: TO, fields: [{ changed: 60 }] },
    ],
  })
  const examples = outcome.turns.map(turn => turn.fields[0]?.examples[0])
  expect(examples).toEqual([
    { listingId: expect.any(Number), sku: 'SHOP-000000', verdict: 'goes', before: eur('10'), after: eur('12') },
    { listingId: expect.any(Number), sku: 'SHOP-000000', verdict: 'goes', before: eur('12'), after: eur('10') },
  ])
  expect((await showPriceList(context, 'winter')).state).toBe('draft')
})

test('what turns just so without the change is not told of it', async () => {
  await approve(context, 'winter')
  // Priced by the list of before, which is the newer one's equal then.
  await draft('frost', { from: FROM, to: '2098-12-10T00:00:00.000Z' }, shop.skus.slice(58, 62), '12')
  const outcome = await tried(by => approve(by, 'frost'))
  expect(outcome.turns.map(({ at, fields }) => [at, fields[0]?.changed, fields[0]?.examples.map(one => one.sku)])).toEqual([
    [FROM, 2, ['SHOP-000060', 'SHOP-000061']],
    ['2098-12-10T00:00:00.000Z', 2, ['SHOP-000060', 'SHOP-000061']],
  ])
})

test('an entry that joins a list to come, another beginning, and the end of the list are told for the instants of the list', async () => {
  const joins = await tried(by => price(by, 'winter', ['SHOP-000099'], '15'))
  expect(joins).toMatchObject({
    touched: 1,
    fields: [],
    turns: [
      { at: FROM, fields: [{ changed: 1 }] },
      { at: TO, fields: [{ changed: 1 }] },
    ],
  })
  const later = '2098-12-05T00:00:00.000Z'
  const moved = await tried(by => setPriceList(by, null, 'winter', { from: later }))
  expect(moved.turns.map(({ at, fields }) => [at, fields[0]?.changed])).toEqual([[later, 60]])
})

test('the end of a list that has not begun tells the raise that falls away, and so does another beginning', async () => {
  const ends = await tried(by => endPriceList(by, null, 'winter', true))
  expect(ends).toMatchObject({ touched: 60, fields: [], turns: [], later: 0 })
  const example = (n: number) => ({ sku: `SHOP-00000${n}`, planned: eur('12'), stays: eur('10') })
  expect(ends.fallsAway).toEqual([{ at: FROM, channel: 'shop', listings: 60, examples: [example(0), example(1)] }])
  const moved = await tried(by => setPriceList(by, null, 'winter', { from: '2098-12-05T00:00:00.000Z' }))
  expect(moved.fallsAway).toEqual(ends.fallsAway)
  // What shows at once, or at the same instant, does not fall away.
  expect((await tried(by => setPriceList(by, null, 'winter', { from: null }))).fallsAway).toEqual([])
  expect((await tried(by => price(by, 'winter', ['SHOP-000000'], '13'))).fallsAway).toEqual([])
  expect(outcomeText(ends)).toContain(`At ${FROM} 60 prices of shop would have changed: that falls away.`)
})

test('the dates of a sale go out ahead: they are told as of now, and not again', async () => {
  const outcome = await tried(by => setPrices(by, null, [{ sku: 'SHOP-000090', currency: 'EUR', amount: '8', from: FROM, to: TO }]))
  expect(outcome).toMatchObject({
    fields: [{ changed: 1, examples: [{ after: eur('10', { amount: '8', from: FROM, to: TO }) }] }],
    turns: [],
    later: 0,
  })
})
