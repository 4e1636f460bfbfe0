import { beforeAll, describe, expect, test } from 'vitest'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write')
  await stockUp(stage.app, key, 'MUG', 5)
})

const csv = { 'content-type': 'text/csv' }
const send = (query: string, body: string, headers: Readonly<Record<string, string>> = csv) =>
  ask(stage.app, `POST /v1/imports/stock${query}`, { key, body, headers })
const onHand = async () => (await ask(stage.app, 'GET /v1/stock/MUG', { key })).body.onHand

describe('a stock file over HTTP', () => {
  test('is judged first, applied when asked, and tells how far it is', async () => {
    const judged = await send('?name=count.csv', 'sku,location,quantity\nMUG,berlin,12\n')
    expect(judged).toMatchObject({
      status: 200,
      body: {
        ...{ kind: 'stock', name: 'count.csv', state: 'judged', rows: 1, applied: 0, changed: 1, errors: [] },
        samples: { changed: [{ row: 2, sku: 'MUG', location: 'berlin', from: { onHand: 5 }, to: { onHand: 12 } }] },
      },
    })
    expect(await onHand()).toBe(5)
    const applied = await ask(stage.app, `POST /v1/imports/${judged.body.id}/apply`, { key })
    expect(applied).toMatchObject({ status: 200, body: { state: 'done', rows: 1, applied: 1, failed: 0, endedAt: expect.any(String) } })
    expect(await onHand()).toBe(12)
    expect(await ask(stage.app, `POST /v1/imports/${judged.body.id}/apply`, { key })).toMatchObject({ status: 200, body: applied.body })
    expect((await ask(stage.app, `GET /v1/imports/${judged.body.id}`, { key })).body).toEqual(applied.body)
    const [movement] = await stage.sql`select actor, reason from movements order by id desc limit 1`
    expect(movement).toEqual({ actor: `key:${key.split('.')[0]}`, reason: `import ${judged.body.id} (count.csv)` })
  })

  test('of lines of JSON takes what holds for all rows from the query', async () => {
    const lines = '{"sku":"MUG","quantity":3}\n{"sku":"MUG","quantity":-1}\n'
    const judged = await send('?mode=delta&location=berlin', lines, { 'content-type': 'application/x-ndjson' })
    await ask(stage.app, `POST /v1/imports/${judged.body.id}/apply`, { key })
    expect(await onHand()).toBe(14)
    const again = await send('?mode=delta&location=berlin', lines, { 'content-type': 'application/x-ndjson' })
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict', import: judged.body.id } })
  })

  test('that is wrong is refused with every error, and cannot be applied', async () => {
    const refused = await send('', 'sku,location,quantity\nNOPE,berlin,1\nMUG,berlin,many\n')
    expect(refused.body).toMatchObject({
      ...{ state: 'refused', errorRows: 2 },
      errors: [
        { row: 2, column: 'sku', value: 'NOPE', expected: 'a SKU of the catalog' },
        { row: 3, column: 'quantity', value: 'many', expected: 'a whole number, such as 12' },
      ],
    })
    expect(await ask(stage.app, `POST /v1/imports/${refused.body.id}/apply`, { key })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    })
  })

  test('in a dry run is forgotten again', async () => {
    const tried = await send('?dryRun=true', 'sku,location,quantity\nMUG,berlin,1\n')
    expect(tried.body).toMatchObject({ state: 'judged', changed: 1 })
    expect(await ask(stage.app, `GET /v1/imports/${tried.body.id}`, { key })).toMatchObject({ status: 404 })
  })

  test('may be larger than other requests, and is taken from nobody without the scope', async () => {
    const large = `sku,location,quantity,reason\n${`MUG,berlin,1,${'x'.repeat(200)}\n`.repeat(6_000)}`
    expect((await send('?dryRun=true&mode=delta', large)).body).toMatchObject({ state: 'judged', rows: 6_000 })
    expect(await send('', large, { 'content-type': 'application/json' })).toMatchObject({ status: 415 })
    expect(await send('?basis=free', 'sku\n')).toMatchObject({ status: 422 })
    const reader = await stage.key('stock:read')
    expect(await ask(stage.app, 'POST /v1/imports/stock', { key: reader, body: 'sku\n', headers: csv })).toMatchObject({ status: 403 })
  })
})
