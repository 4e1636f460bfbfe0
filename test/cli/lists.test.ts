import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
await layIn(sql, { TEA: { MAIN: 50 } })
const shop = await quietChannel(sql, 'shop')
const cli = cliOn(url)
await book(
  sql,
  shop,
  'shop',
  ['W-1', 'W-2', 'W-3', 'W-4'].map(id => ({ id, lines: [{ sku: 'TEA', ordered: 1 }] })),
)

test('a list that is cut says how much is left and how to see it, where a pipe gets rows only, too', async () => {
  const short = await cli(['order', 'list', '--limit', '1'])
  expect(short.out).toMatch(/^order .*\n\d+ +shop +W-4 .*\n… and 3 more \(--limit 4\)\n$/)
  const piped = await cli(['order', 'list', '--limit', '3', '--json'])
  expect([JSON.parse(piped.out).length, piped.err]).toEqual([3, '… and 1 more (--limit 4)\n'])
  expect((await cli(['order', 'list', '--limit', '4'])).out).not.toContain('more')
  const wrong = await cli(['order', 'list', '--limit', '0'])
  expect([wrong.code, wrong.err.split('\n')[0]]).toEqual([2, '--limit 0 is no number from 1 to 9999'])
})

test('every list that is cut takes --limit', async () => {
  const lists = [
    'alert',
    'count',
    'delivery',
    'drift',
    'import',
    'market offers',
    'market steps',
    'market stops',
    'transfer',
    'webhook deliveries',
  ]
  for (const name of lists) {
    const words = name.includes(' ') ? name.split(' ') : [name, 'list']
    expect([name, (await cli([...words, '--limit', '5'])).code]).toEqual([name, 0])
  }
})

test('orders are held by a rule from now on, which is shown, replaced and ended', async () => {
  expect((await cli(['order', 'hold-rule'])).out).toBe('No order is held by rule.\n')
  const set = await cli(['order', 'hold-rule', '--hold', 'amount', '--above', '500.00', '--currency', 'EUR'])
  expect(set.out).toMatch(/\n\d+ +all +its total is above 500 EUR +cli:test +\S+ \S+ +holds\n$/)
  await cli(['order', 'hold-rule', '--hold', 'amount', '--above', '800', '--currency', 'EUR'])
  await cli(['order', 'hold-rule', '--hold', 'address', '--channel', 'shop'])
  const rules = JSON.parse((await cli(['order', 'hold-rule', '--json'])).out) as {
    id: number
    rule: string
    above: string
    until: string | null
  }[]
  const holding = rules.filter(one => one.until === null)
  expect(holding.map(one => `${one.rule} ${one.above}`)).toEqual(['address null', 'amount 800'])
  const ended = JSON.parse((await cli(['order', 'hold-rule', '--end', String(holding[1]?.id), '--json'])).out) as typeof rules
  expect(ended.filter(one => one.until === null).map(one => one.rule)).toEqual(['address'])
  expect((await cli(['order', 'hold-rule', '--end', '999'])).code).toBe(1)
  expect((await cli(['order', 'hold-rule', '--hold', 'nonsense'])).err).toContain('--hold is one of short, address, amount')
  expect((await cli(['order', 'hold-rule', '--above', '5'])).code).toBe(2)
  expect((await cli(['order', 'hold-rule', '--hold', 'short', '--above', '5'])).err).toContain('a rule on short has no amount')
})

test('the link of a buyer says so where nobody told at which address the hub is reached', async () => {
  const { out } = await cli(['order', 'link', 'shop/W-1'])
  expect(out).toMatch(/^\/\S+\nPUBLIC_URL is not set here: put the address in front at which buyers reach the hub\.\n$/)
})
