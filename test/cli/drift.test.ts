import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { driftingChannel } from '../support/drifting.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
const shop = await driftingChannel(sql, 'shop', ['MUG', 'CUP'])
const cli = cliOn(url)

test('differences are listed with their cause, and decided on', async () => {
  expect((await cli(['drift', 'list'])).out).toBe('No difference: the platforms show what they should.\n')
  const set = await cli(['channel', 'drift', 'shop', '--price', 'ask', '--now'])
  expect(set.out).toMatch(
    /^shop: 0 differences are open, 0 of them held for a decision; stock: the hub wins, prices: a person is asked\na check runs/,
  )
  await shop.read('MUG', { price: '12.5' })
  const listed = await cli(['drift', 'list', '--held'])
  const [, id = ''] = /^(\d+) +shop +MUG +price +edited +10 EUR +12\.5 EUR .* held/m.exec(listed.out) ?? []
  expect(id).not.toBe('')
  expect((await cli(['drift', 'decide', id, 'maybe'])).err).toMatch(/hub, platform or seen/)
  expect((await cli(['drift', 'decide', id, 'seen'])).err).toBe(`Difference ${id} is one of price: it can only be hub or platform.\n`)
  expect((await cli(['drift', 'decide', id, 'hub', '--note', 'ours'])).out).toMatch(/open/)
  expect((await cli(['drift', 'list', '--held'])).out).toBe('No difference: the platforms show what they should.\n')
  expect((await cli(['channel', 'drift', 'shop', '--stock', 'both'])).err).toMatch(/hub, platform or ask/)
})
