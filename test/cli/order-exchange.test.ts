import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { balance, book, layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
await layIn(sql, { TEA: { MAIN: 9, KIEL: 0 }, CUP: { MAIN: 4, KIEL: 2 } })
const shop = await quietChannel(sql, 'shop', ['MAIN'])
const cli = cliOn(url)
const json = async (...words: string[]) => {
  const ran = await cli([...words, '--json'])
  return { code: ran.code, body: JSON.parse(ran.out) }
}
const sold = async (id: string) => {
  const [booked] = await book(sql, shop, 'shop', [{ id, effect: 'settle', lines: [{ sku: 'TEA', ordered: 2, shipped: 2 }] }])
  return String(booked?.orderId)
}

test('goods are exchanged at a counter, for some that are sent, and for some that wait until they are back or are known not to come', async () => {
  const id = await sold('W-1')
  const counter = [
    'order',
    'exchange',
    id,
    'TEA=1',
    '--for',
    'CUP=1',
    '--location',
    'KIEL',
    '--to',
    'unavailable',
    '--counter',
    'KIEL',
    '--key',
    'k1',
  ]
  expect((await cli(counter)).out).toMatch(/^Return \d+; order W-1-X1 \(\d+\) goes out for it: fulfilled\.\n$/)
  expect((await cli(counter)).out).toContain('This was done before; nothing was changed.')
  expect([await balance(sql, 'TEA', 'KIEL'), await balance(sql, 'CUP', 'KIEL')]).toEqual([
    { onHand: 1, reserved: 0 },
    { onHand: 1, reserved: 0 },
  ])
  const waits = ['--for', 'CUP=2', '--for', 'TEA=1', '--wait', '--return-by', '2999-01-01T00:00:00Z', '--difference=-1.50']
  const held = await json('order', 'exchange', 'shop/W-1', 'TEA=1', ...waits)
  expect(held).toMatchObject({ code: 0, body: { number: 'W-1-X2', state: 'fulfilled', replacementState: 'held', replayed: false } })
  const { returnId, replacementId } = held.body
  expect((await cli(['order', 'show', id])).out).toMatch(new RegExp(`\n${returnId} +announced +\\d+ +1 +0 +0 +0 `))
  expect((await json('order', 'return', id, 'TEA=1', '--location', 'MAIN', '--return', String(returnId))).body).toMatchObject({
    state: 'returned',
  })
  expect((await json('order', 'show', String(replacementId))).body).toMatchObject({
    state: 'accepted',
    exchangeOf: Number(id),
    lines: [{ reserved: 2 }, { reserved: 1 }],
  })

  const other = await sold('W-2')
  const stays = await json('order', 'exchange', other, 'TEA=1', '--for', 'CUP=1', '--wait', '--return-by', '2999-01-01T00:00:00Z')
  expect(await json('order', 'not-coming', other, String(stays.body.returnId))).toMatchObject({ code: 0, body: { state: 'fulfilled' } })
  expect((await json('order', 'show', String(stays.body.replacementId))).body).toMatchObject({ state: 'cancelled' })
  expect(await json('order', 'not-coming', other, '999')).toMatchObject({ code: 1, body: { error: { code: 'not_found' } } })
  expect(await json('order', 'exchange', other, 'TEA=1', '--for', 'CUP=99')).toMatchObject({
    code: 1,
    body: { error: { code: 'insufficient_stock' } },
  })
})

test('what is typed wrongly is said', async () => {
  const id = await sold('W-3')
  const wrong = async (...words: string[]) => (await cli(['order', 'exchange', id, 'TEA=1', ...words])).err
  expect(await wrong('--for', 'CUP')).toContain('--for CUP is not SKU=UNITS')
  expect(await wrong('--for', 'CUP=1', '--to', 'bin', '--location', 'MAIN')).toContain('--to is one of stock, unavailable, scrap')
  expect(await wrong('--for', 'CUP=1', '--counter', 'KIEL', '--collect-at', 'KIEL')).toContain('exclude each other')
  expect(await wrong('--for', 'CUP=1', '--wait')).toBe('Say by --return-by until when it waits for the goods.\n')
  expect(await wrong()).toContain('Say what goes out for them.')
  expect((await cli(['order', 'hold', id, '--why', 'return'])).err).toContain('--why is one of payment, address, fraud, short, manual')
})
