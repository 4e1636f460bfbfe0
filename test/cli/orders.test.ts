import { expect, test } from 'vitest'
import type { JsonValue } from '../../db/connect.ts'
import { misfit } from '../../src/domain/orders/amounts.ts'
import { chargeOf, NO_CHARGE } from '../../src/values/order-amounts.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, quietChannel } from '../support/goods.ts'
import { cliOn } from './stage.ts'

const { sql, url } = await freshDatabase()
await layIn(sql, { TEA: { MAIN: 5 }, CUP: { MAIN: 2 } })
const shop = await quietChannel(sql, 'shop')
const cli = cliOn(url)
const json = async (...words: string[]) => {
  const ran = await cli([...words, '--json'])
  return { code: ran.code, body: JSON.parse(ran.out) }
}
const placed = async (id: string, ...lines: [string, number][]) => {
  const [booked] = await book(sql, shop, 'shop', [{ id, lines: lines.map(([sku, ordered]) => ({ sku, ordered })) }])
  return String(booked?.orderId)
}

test('an order is listed, shown, shipped in parts with its tracking, and its rest is cancelled', async () => {
  const id = await placed('W-1', ['TEA', 3], ['CUP', 4])
  expect((await cli(['order', 'list', '--short'])).out).toMatch(
    new RegExp(`^order .*\\n${id} +shop +W-1 +accepted +\\S+ \\S+ +– +– +2\\n$`),
  )
  expect((await json('order', 'list', '--state', 'cancelled')).body).toEqual([])

  const tracked = ['--carrier', 'DHL', '--number', '0034', '--url', 'https://track.example.org/0034']
  const sent = await json('order', 'ship', id, 'TEA=2', ...tracked, '--key', 'k1')
  expect(sent).toMatchObject({
    code: 0,
    body: {
      lines: [
        { reserved: 1, shipped: 2 },
        { reserved: 2, short: 2 },
      ],
      acted: { replayed: false },
    },
  })
  const [act] = await sql`select body, actor from acts`
  expect(act).toMatchObject({
    actor: 'cli:test',
    body: { lines: [{ quantity: 2 }], tracking: { carrier: 'DHL', number: '0034', url: 'https://track.example.org/0034' } },
  })
  expect((await cli(['order', 'ship', id, 'TEA=2', ...tracked, '--key', 'k1'])).out).toContain('This was done before; nothing was changed.')
  expect(await balance(sql, 'TEA', 'MAIN')).toEqual({ onHand: 3, reserved: 1 })

  expect(await json('order', 'ship', id, 'CUP=3')).toMatchObject({ code: 1, body: { error: { code: 'insufficient_stock' } } })
  expect(await json('order', 'cancel', 'shop/W-1', 'CUP=3', '--cause', 'stock', '--reason', 'none left')).toMatchObject({
    code: 0,
    body: { short: 0, lines: [{ reserved: 1 }, { reserved: 1, cancelled: 3 }] },
  })
  const [cancelled] = await sql`select body->>'cause' as cause, body->>'reason' as reason from acts where kind = 'cancel'`
  expect(cancelled).toEqual({ cause: 'stock', reason: 'none left' })
  expect(await json('order', 'ready', 'shop/W-1')).toMatchObject({
    code: 0,
    body: { acted: { lines: [{ quantity: 1 }, { quantity: 1 }] } },
  })
  expect(await json('order', 'ship', 'shop/W-1')).toMatchObject({ body: { state: 'fulfilled' } })
  expect(await json('order', 'ready', 'shop/W-1')).toMatchObject({ code: 1, body: { error: { code: 'conflict' } } })
  await sql`update orders set total = 30 where id = ${id}`
  const money = ['TEA=2.50/1', '--shipping', '3.90', '--cause', 'returned']
  expect(await json('order', 'refund', id, ...money)).toMatchObject({ code: 0, body: { acted: { lines: [{ quantity: 1 }] } } })
  const [refund] =
    await sql`select body->'lines' as lines, body->'refund' as refund, body->>'cause' as cause from acts where kind = 'refund'`
  expect(refund).toMatchObject({
    lines: [{ quantity: 1 }],
    refund: { currency: 'EUR', shipping: '3.90', total: '6.40' },
    cause: 'returned',
  })
  expect(await json('order', 'refund', id, 'TEA=23.61', '--cause', 'other')).toMatchObject({
    code: 1,
    body: { error: { code: 'invalid' } },
  })
  expect(await balance(sql, 'TEA', 'MAIN')).toEqual({ onHand: 2, reserved: 0 })
  expect(await balance(sql, 'CUP', 'MAIN')).toEqual({ onHand: 1, reserved: 0 })
  const shown = (await cli(['order', 'show', id])).out
  expect(shown).toMatch(/\n\d+ +TEA +3 +0 +0 +3 +0 +0\n\d+ +CUP +4 +0 +0 +1 +3 +0\n/)
  expect(shown).toMatch(
    /ship +intended .*\n\d+ +cancel +intended .*\n\d+ +ready +intended .*\n\d+ +ship +intended .*\n\d+ +refund +intended /,
  )
  expect(await json('order', 'cancel', id)).toMatchObject({ code: 1, body: { error: { code: 'conflict' } } })
})

test('a SKU on several lines is named by its line', async () => {
  const id = await placed('W-2', ['TEA', 1], ['TEA', 1])
  const lines = (await json('order', 'show', id)).body.lines as { id: number }[]
  const [first, second] = lines.map(line => line.id)
  expect(await cli(['order', 'ship', id, 'TEA=1'])).toMatchObject({
    code: 2,
    err: expect.stringContaining(`TEA stands on several lines: name one, as line:${first}=1 or line:${second}=1`),
  })
  expect(await json('order', 'ship', id, `line:${second}=1`)).toMatchObject({ body: { lines: [{ shipped: 0 }, { shipped: 1 }] } })
})

test.each([
  [2, ['order', 'show', 'W-1'], '"W-1" is no number of an order, and not CHANNEL/ID'],
  [1, ['order', 'show', 'shop/W-9'], 'There is no order shop/W-9'],
  [1, ['order', 'ship', 'shop/W-1', 'PEN=1'], 'PEN is not part of this order.'],
  [2, ['order', 'ship', 'shop/W-1', 'TEA'], '"TEA" is not SKU=UNITS'],
  [2, ['order', 'ship', 'shop/W-1', '--carrier', 'DHL'], '--carrier and --number go together'],
  [
    2,
    ['order', 'refund', 'shop/W-1', 'TEA=1'],
    '--cause is one of customer, stock, undeliverable, price, fraud, other, returned, lost, faulty',
  ],
  [2, ['order', 'refund', 'shop/W-1', 'TEA', '--cause', 'other'], '"TEA" is not SKU=AMOUNT or SKU=AMOUNT/UNITS'],
  [2, ['order', 'cancel', 'shop/W-1', '--cause', 'lost'], '--cause is one of customer, stock, undeliverable, price, fraud, other'],
  [2, ['order', 'list', '--state', 'lost'], '--state is one of received,'],
])('exit code %i: %j', async (code, words, why) => {
  expect(await cli(words)).toMatchObject({ code, err: expect.stringContaining(why) })
})

test('an order is held, let go, and comes back to another place than it left from', async () => {
  await change(sql, [{ kind: 'receive', sku: 'TEA', location: 'MAIN', quantity: 20 }])
  const id = await placed('W-9', ['TEA', 1])
  expect((await cli(['order', 'hold', id, '--why', 'bored'])).code).toBe(2)
  expect(await json('order', 'hold', id, '--why', 'manual', '--reason', 'call first')).toMatchObject({ code: 0, body: { state: 'held' } })
  expect(await json('order', 'ship', id)).toMatchObject({ code: 1, body: { error: { code: 'conflict' } } })
  expect(await json('order', 'let-go', id)).toMatchObject({ code: 0, body: { state: 'accepted' } })
  await json('order', 'ship', id)
  await sql`insert into locations (code, name, kind) values ('STORE', 'Store', 'store')`
  expect((await cli(['order', 'return', id, 'TEA=1', '--location', 'STORE', '--to', 'nowhere'])).code).toBe(2)
  expect(await json('order', 'return', id, 'TEA=1', '--location', 'STORE')).toMatchObject({
    code: 0,
    body: { state: 'returned', lines: [{ returned: 1 }] },
  })
  expect(await balance(sql, 'TEA', 'STORE')).toEqual({ onHand: 1, reserved: 0 })
})

test('an order tells what it costs, and what does not add up', async () => {
  const id = await placed('W-M', ['CUP', 1])
  const charge = chargeOf({ price: 1000, discount: 100, tax: 171 }, false)
  const amounts = { digits: 2, taxIncluded: false, lines: { 1: charge }, shipping: NO_CHARGE, fees: NO_CHARGE, discount: 50, total: 1021 }
  const tell = (total: number) => {
    const told = { ...amounts, total }
    const found = misfit(told)
    return sql`update orders set amounts = ${sql.json({ ...told, ...(found === null ? {} : { misfit: found }) } as unknown as JsonValue)} where id = ${id}`
  }
  await tell(1021)
  const { out } = await cli(['order', 'show', id])
  expect(out).toMatch(/for +price +discount +tax \(on top\) +total\nCUP +10\.00 +1\.00 +1\.71 +10\.71\n/)
  expect(out).toMatch(/in all +10\.21\ntax +1\.71\ndiscount on the order +0\.50\n/)
  await tell(2021)
  expect((await cli(['order', 'show', id])).out).toMatch(/DOES NOT ADD UP by +10\.00/)
  expect((await json('order', 'cancel', id)).body).toMatchObject({ amounts: { difference: '10.00', isAmiss: true } })
})

test('what does not go on by itself is listed with its next step, and by kind', async () => {
  const id = await placed('W-0', ['CUP', 2])
  const lines = async (...words: string[]) => (await cli(['order', 'exceptions', ...words])).out.trimEnd().split('\n').slice(1)
  expect(await lines('--kind', 'short')).toEqual([
    expect.stringMatching(new RegExp(`^${id} +shop +W-0 +short of stock +1 .* CUP +cancel$`)),
  ])
  expect((await cli(['order', 'exceptions', '--kind', 'stuck'])).out).toBe('Every order goes on by itself.\n')
  await sql`insert into order_troubles (what, ref_id, order_id, tries, retry_at, trouble, since) values ('route', ${id}, ${id}, 3, now() + interval '1 hour', 'no zone', now())`
  expect(await lines('--kind', 'stuck')).toEqual([
    expect.stringMatching(/W-0 +cannot be carried on by itself .* no zone +mend what it says: order show \d+$/),
  ])
  expect((await json('order', 'exceptions', '--kind', 'short')).body).toMatchObject([
    { orderId: Number(id), cures: [{ cure: { cure: 'cancel' } }] },
  ])
  expect((await cli(['order', 'exceptions', '--kind', 'odd'])).code).toBe(2)
  await sql`delete from order_troubles`
  await cli(['order', 'hold', id, '--why', 'fraud'])
  expect(await lines('--kind', 'held')).toEqual([expect.stringMatching(new RegExp(` fraud +order let-go ${id}$`))])
  await cli(['order', 'let-go', id])
  // By the number that stands there a refused act is asked for again.
  const cancelled = await cli(['order', 'cancel', id])
  const [act] = await sql<{ id: number }[]>`select id from acts where order_id = ${id}`
  expect(cancelled.out).toMatch(new RegExp(`^act +told the platform.*\\n${act?.id} +cancel `, 'm'))
})
