import { beforeAll, describe, expect, test } from 'vitest'
import { guardedChannel } from '../support/guarded.ts'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let writer: string
let approver: string
let skus: readonly string[]
beforeAll(async () => {
  stage = await setStage()
  writer = await stage.key('prices:write')
  approver = await stage.key('prices:approve')
  skus = (await guardedChannel(stage.sql, 'shop', 60)).skus
})

const send = (body: string, query = '', key = writer) =>
  ask(stage.app, `POST /v1/imports/prices${query}`, { key, body, headers: { 'content-type': 'text/csv' } })
const exported = async (query = '') => (await ask(stage.app, `GET /v1/exports/prices${query}`, { key: writer })).text
const priceOf = async (sku: string) =>
  (
    await stage.sql<{ amount: string }[]>`
      select trim_scale(p.amount)::text as amount from prices p join variants v on v.id = p.variant_id where v.sku = ${sku} and superseded_at is null`
  )[0]?.amount

describe('a price file over HTTP', () => {
  test('is judged first, and applied when asked', async () => {
    const [sku = ''] = skus
    const judged = await send(`sku,currency,amount\n${sku},EUR,9\n`, '?name=one.csv')
    expect(judged).toMatchObject({
      status: 200,
      body: {
        ...{ kind: 'prices', name: 'one.csv', state: 'judged', rows: 1, applied: 0, changed: 1, errors: [] },
        guard: [{ channel: 'shop', listings: 60, changed: 1, dropped: 0, limit: null }],
      },
    })
    expect(await priceOf(sku)).toBe('10')
    const applied = await ask(stage.app, `POST /v1/imports/prices/${judged.body.id}/apply`, { key: writer })
    expect(applied).toMatchObject({ status: 200, body: { state: 'done', applied: 1, failed: 0 } })
    expect(await priceOf(sku)).toBe('9')
    expect((await ask(stage.app, `GET /v1/imports/prices/${judged.body.id}`, { key: writer })).body).toEqual(applied.body)
  })

  test('has decimal commas where that is stated, and no points then', async () => {
    const sku = skus[1] ?? ''
    const german = (amount: string) => `sku;currency;amount\n${skus[2]};EUR;7,5\n${sku};EUR;${amount}\n`
    const stated = '?delimiter=;&decimal=,'
    expect((await send(german('12,50'), '?delimiter=;')).body).toMatchObject({ state: 'refused' })
    for (const amount of ['1.234', '1.234,50', '12.50'])
      expect((await send(german(amount), stated)).body).toMatchObject({
        state: 'refused',
        errors: [{ row: 3, column: 'amount', value: amount, expected: 'a number such as 12,50, with no separators of thousands' }],
      })
    expect((await send(german('12,1234567'), stated)).body.errors).toMatchObject([
      { expected: 'at most 6 digits after the point: 12,123457' },
    ])
    const judged = await send(german('12,50'), stated)
    expect(judged.body).toMatchObject({ state: 'judged', changed: 2 })
    expect(await ask(stage.app, `POST /v1/imports/prices/${judged.body.id}/apply`, { key: writer })).toMatchObject({ body: { applied: 2 } })
    expect([await priceOf(skus[2] ?? ''), await priceOf(sku)]).toEqual(['7.5', '12.5'])
    const lines = await ask(stage.app, 'POST /v1/imports/prices?decimal=,', {
      ...{ key: writer, body: `{"sku":"${sku}","currency":"EUR","amount":"12,50"}\n`, headers: { 'content-type': 'application/x-ndjson' } },
    })
    expect(lines).toMatchObject({ status: 422, body: { code: 'invalid' } })
  })

  test('beyond a limit waits for whoever may approve prices, and for nobody else', async () => {
    const waiting = await send(`sku,currency,amount\n${skus.map(sku => `${sku},EUR,8\n`).join('')}`)
    expect(waiting.body).toMatchObject({ state: 'waiting', guard: [{ changed: 60, limit: 'changed', allowed: 49 }] })
    const at = `/v1/imports/prices/${waiting.body.id}`
    expect(await ask(stage.app, `POST ${at}/apply`, { key: writer })).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await ask(stage.app, `POST ${at}/approve`, { key: writer, body: {}, idempotencyKey: 'a' })).toMatchObject({ status: 403 })
    expect(await ask(stage.app, `POST ${at}/approve`, { key: approver, body: { note: 'yes' }, idempotencyKey: 'a' })).toMatchObject({
      status: 200,
      body: { state: 'done', applied: 60 },
    })
    expect(await priceOf(skus[59] ?? '')).toBe('8')
    expect(await ask(stage.app, `POST ${at}/reject`, { key: approver, body: {}, idempotencyKey: 'b' })).toMatchObject({ status: 409 })
  })

  test('is listed page by page, and found among those that wait', async () => {
    const waiting = await send(`sku,currency,amount\n${skus.map(sku => `${sku},EUR,12\n`).join('')}`, '?name=wait.csv')
    const listed = (query: string, key = writer) => ask(stage.app, `GET /v1/imports/prices${query}`, { key })
    expect((await listed('?state=waiting')).body).toMatchObject({
      items: [
        {
          id: waiting.body.id,
          kind: 'prices',
          name: 'wait.csv',
          state: 'waiting',
          rows: 60,
          changed: 60,
          beyond: ['shop'],
          decidedBy: null,
        },
      ],
      next: null,
    })
    const { items, next } = (await listed('?limit=1')).body as { items: { id: number }[]; next: string }
    expect(items.map(({ id }) => id)).toEqual([waiting.body.id])
    expect((await listed(`?limit=1&cursor=${next}`)).body).toMatchObject({ items: [{ kind: 'prices' }] })
    const stock = await stage.key('stock:read')
    expect((await listed('', stock)).status).toBe(403)
    expect((await ask(stage.app, 'GET /v1/imports/stock', { key: stock })).body).toEqual({ items: [], next: null })
    await ask(stage.app, `POST /v1/imports/prices/${waiting.body.id}/reject`, { key: approver, body: {}, idempotencyKey: 'w' })
  })

  test('is of prices only: whoever may write stock neither sees nor applies it', async () => {
    const stock = await stage.key('stock:write')
    const { body } = await send(`sku,currency,amount\n${skus[0]},EUR,7.00\n`)
    expect(await ask(stage.app, `GET /v1/imports/${body.id}`, { key: stock })).toMatchObject({ status: 404 })
    expect(await ask(stage.app, `POST /v1/imports/${body.id}/apply`, { key: stock })).toMatchObject({ status: 404 })
    expect((await send('sku,currency,amount\n', '', stock)).status).toBe(403)
  })

  test('that was exported changes nothing when it comes back', async () => {
    const file = await exported()
    expect(file.split('\n')[0]).toBe('sku,channel,currency,amount,from,to')
    expect((await send(file, '?dryRun=true')).body).toMatchObject({ rows: 60, new: 0, changed: 0, unchanged: 60 })
    const answer = await send(`sku,currency,amount\n${skus[1]},EUR,0\nX,EUR,1\n`)
    expect(answer.body).toMatchObject({
      state: 'refused',
      errors: [
        { row: 2, column: 'amount', value: '0', expected: 'a price above 0; leave it empty for none' },
        { row: 3, column: 'sku', value: 'X', expected: 'a SKU of the catalog' },
      ],
    })
  })

  test('of a list comes back the same, and a list that there is not is told', async () => {
    await stage.sql`select price_list_set_1(${stage.sql.json({ actor: 'user:ana', list: 'vip', terms: { currency: 'EUR' } })})`
    const set = await send(`sku,list,min_quantity,currency,amount\n${skus[0]},vip,5,EUR,6.125\n${skus[1]},vip,,EUR,7.00\n`)
    await ask(stage.app, `POST /v1/imports/prices/${set.body.id}/apply`, { key: writer })
    const file = await exported('?list=vip')
    expect(file).toBe(`sku,list,min_quantity,currency,amount\n${skus[0]},vip,5,EUR,6.125\n${skus[1]},vip,1,EUR,7.00\n`)
    expect((await send(file, '?dryRun=true')).body).toMatchObject({ rows: 2, new: 0, changed: 0, unchanged: 2 })
    expect(await ask(stage.app, 'GET /v1/exports/prices?list=none', { key: writer })).toMatchObject({ status: 404 })
  })
})
