import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'
import { priceList } from '../support/price-lists.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const cli = cliOn(url)

test('a policy tells which prices move in its channel, how many the guard will hold, and the first of them by name', async () => {
  const shop = await guardedChannel(sql, 'shop', 60)
  await guardedChannel(sql, 'other', 2)
  await priceList(sql, { code: 'less', audience: 'channel', of: 'shop', entries: [{ rule: 'percent', over: 'plain', value: '-5' }] })
  await shop.push()
  // 49 show 9.50 by now; 11 more are held at 10.00, as too many changed.
  const set = await cli(['price', 'policy', 'shop', '--ends-in', '0.99'])
  expect(set.out.split('\n').slice(0, 4)).toEqual([
    'shop: EUR with tax, no region, rounded to the nearest ending in 0.99 in steps of 1, 0 % on exchange',
    '  shop: of 60 listings 60 prices move (11 of them held by the guard), 0 are held, as nothing may be shown',
    '    SHOP-000000  9.50 EUR → 9.99 EUR',
    '    SHOP-000001  9.50 EUR → 9.99 EUR',
  ])
  const other = await cli(['price', 'policy', 'other', '--ends-in', '0.95'])
  expect(other.out).toContain('\nNo price that is shown moves by it.\n')
  expect((await cli(['price', 'policy', 'other', '--ends-in', '0.95'])).out.split('\n')).toHaveLength(2)
  const told = JSON.parse((await cli(['price', 'policy', 'shop', '--rounding', 'digits', '--json'])).out)
  expect(told).toMatchObject({
    changed: true,
    channels: [{ channel: 'shop', moved: 60, examples: [{ sku: 'SHOP-000000', before: { regular: '9.99' } }, {}, {}, {}, {}] }],
  })
})
