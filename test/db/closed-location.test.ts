import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, orderLine, quietChannel } from '../support/goods.ts'

const { sql } = await freshDatabase()
const broken = async () => (await runRules(sql)).filter(finding => finding.violations > 0)
const command = (name: string, body: Record<string, string | boolean | string[]>) =>
  sql`select ${sql(name)}(${sql.json({ actor: 'test', ...body })})`

test('goods of a closed location go to nobody who is short, until it opens', async () => {
  await layIn(sql, { MUG: { closed: 10 } })
  await command('location_put_1', { mode: 'put', code: 'closed', active: false })
  const channel = await quietChannel(sql, 'shop')
  const [booked] = await book(sql, channel, 'shop', [{ id: 'A', lines: [{ sku: 'MUG', ordered: 2 }] }])
  expect(booked).toMatchObject({ outcome: 'booked', short: 2 })
  // Whatever moves the SKU looks for whoever is short.
  await change(sql, [{ sku: 'MUG', location: 'closed', quantity: 11, kind: 'count' }])
  expect(await orderLine(sql, 'A')).toMatchObject({ reserved: 0, short: 2 })
  expect(await balance(sql, 'MUG', 'closed')).toEqual({ onHand: 11, reserved: 0 })
  expect(await broken()).toEqual([])
  await command('location_put_1', { mode: 'put', code: 'closed', active: true })
  expect(await orderLine(sql, 'A')).toMatchObject({ reserved: 2, short: 0 })
  expect(await broken()).toEqual([])
})

test('a location that comes to serve a channel serves its shorts', async () => {
  await layIn(sql, { CUP: { north: 0, south: 5 } })
  const channel = await quietChannel(sql, 'kiosk', ['north'])
  await book(sql, channel, 'kiosk', [{ id: 'B', lines: [{ sku: 'CUP', ordered: 3 }] }])
  expect(await orderLine(sql, 'B')).toMatchObject({ reserved: 0, short: 3 })
  await command('channel_set_1', { channel: 'kiosk', locations: ['north', 'south'] })
  expect(await orderLine(sql, 'B')).toMatchObject({ reserved: 3, short: 0 })
  expect(await broken()).toEqual([])
})
