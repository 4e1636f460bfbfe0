import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { close, connect } from '../../db/connect.ts'
import { endHold } from '../../src/usecases/hold.ts'
import { orderHold } from '../../src/usecases/order-hold.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

const { sql, url } = await freshDatabase({ max: 12 })
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
const context = { sql, keyring, actor: 'test' }
await layIn(sql, { FIRST: { main: 1 } })
await quietChannel(sql, 'web')

/** Orders the hold as `externalId`; what was refused is told by its code. */
const order = (basket: string, externalId: string) =>
  orderHold(context, basket, { channel: 'web', externalId }, new Date()).catch((error: { code?: string }) => error.code ?? String(error))

test('a hold that is released, or whose time ends, while it becomes an order gives its unit to one of two buyers', async () => {
  const other = connect(url, { max: 4 })
  const rounds = repetitions('hold converts while it ends', 30, 400)
  for (let round = 0; round < rounds; round++) {
    const sku = `LAST-${round}`
    await layIn(sql, { [sku]: { main: 1 } })
    // Every other hold ends by itself within the round, at a moment that shifts from round to round.
    const expiresAt = round % 2 === 0 ? null : new Date(Date.now() + (round % 12)).toISOString()
    const [held] = await reserve(sql, [{ key: `hold-${round}`, expiresAt, lines: [{ sku, quantity: 1 }] }])
    const basket = held?.basket ?? ''
    const release = async () => (round % 2 === 0 ? endHold({ ...context, sql: other }, null, basket, 'release').catch(() => null) : null)
    const [ordered, , rival] = await Promise.all([
      order(basket, `O-${round}`),
      release(),
      reserve(other, [{ key: `rival-${round}`, lines: [{ sku, quantity: 1 }] }]),
    ])
    const rivalHas = rival[0]?.outcome === 'reserved' ? 1 : 0
    // Refused, because it was over before: then nothing is booked. Else it is booked, with the unit or short of it.
    const line = typeof ordered === 'string' ? null : await orderLine(sql, `O-${round}`)
    if (line === null) expect(ordered).toBe('conflict')
    else expect(line.reserved + line.short).toBe(1)
    expect(rivalHas + (line?.reserved ?? 0)).toBeLessThanOrEqual(1)
    // A hold that was over when it was ordered, and that nobody met since, is put away by the sweep.
    await sql`select due_sweep_1(clock_timestamp(), 100)`
    expect(await balance(sql, sku, 'main')).toEqual({ onHand: 1, reserved: rivalHas + (line?.reserved ?? 0) })
  }
  await close(other, 1)
})

test('a hold that is ordered several times at once is one order', async () => {
  for (let round = 0; round < repetitions('hold ordered twice', 10, 100); round++) {
    const sku = `TWICE-${round}`
    await layIn(sql, { [sku]: { main: 5 } })
    const [held] = await reserve(sql, [{ key: `twice-${round}`, lines: [{ sku, quantity: 2 }] }])
    const answers = await Promise.all(Array.from({ length: 3 }, () => order(held?.basket ?? '', `A-${round}`)))
    const ids = new Set(answers.map(answer => (typeof answer === 'string' ? answer : answer.orderId)))
    expect(ids.size).toBe(1)
    expect(await orderLine(sql, `A-${round}`)).toMatchObject({ ordered: 2, reserved: 2, short: 0 })
    expect(await balance(sql, sku, 'main')).toEqual({ onHand: 5, reserved: 2 })
  }
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
