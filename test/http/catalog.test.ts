import { beforeAll, describe, expect, test } from 'vitest'
import { ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:read')
})

const mug = {
  handle: 'mug',
  title: 'Mug',
  vendor: 'Clay & Co',
  variants: [
    {
      sku: 'MUG-BLUE',
      title: 'Blue',
      gtin: '4006381333931',
      options: { Colour: 'Blue' },
      cost: '3.1',
      costCurrency: 'EUR',
      weightGrams: 350,
      hazard: '9',
    },
    { sku: 'MUG/RED 1', title: 'Red' },
  ],
}

describe('products', () => {
  test('are made with their variants and read back as stated', async () => {
    const made = await ask(stage.app, 'POST /v1/products', { key, body: mug })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({ handle: 'mug', vendor: 'Clay & Co', category: null, version: 1 })
    const blue = await ask(stage.app, 'GET /v1/variants/MUG-BLUE', { key })
    expect(blue.body).toMatchObject({
      product: 'mug',
      gtin: '04006381333931',
      gtinGiven: '4006381333931',
      cost: '3.10',
      weightGrams: 350,
      hazard: '9',
      options: { Colour: 'Blue' },
    })
  })

  test('may have SKUs with slashes and spaces in them', async () => {
    const red = await ask(stage.app, `GET /v1/variants/${encodeURIComponent('MUG/RED 1')}`, { key })
    expect(red.body).toMatchObject({ sku: 'MUG/RED 1', title: 'Red' })
  })

  test('are refused whole when one SKU exists already', async () => {
    const answer = await ask(stage.app, 'POST /v1/products', {
      key,
      body: { handle: 'cup', title: 'Cup', variants: [{ sku: 'CUP' }, { sku: 'MUG-BLUE' }] },
    })
    expect(answer.body).toMatchObject({ status: 409, code: 'conflict', detail: 'The SKU MUG-BLUE exists already (product mug).' })
    expect((await ask(stage.app, 'GET /v1/products/cup', { key })).status).toBe(404)
    expect((await ask(stage.app, 'GET /v1/variants/CUP', { key })).status).toBe(404)
  })

  test('tell what the check digit of a wrong GTIN should be', async () => {
    const body = { handle: 'cup', title: 'Cup', variants: [{ sku: 'CUP', gtin: '4006381333932' }] }
    const answer = await ask(stage.app, 'POST /v1/products', { key, body })
    expect(answer.body).toMatchObject({ status: 422, errors: [{ field: 'variants.0.gtin', expected: 'the check digit should be 1' }] })
  })

  test('are changed only on the version that was seen', async () => {
    const changed = await ask(stage.app, 'PATCH /v1/products/mug', { key, body: { version: 1, title: 'Big mug', vendor: null } })
    expect(changed.body).toMatchObject({ title: 'Big mug', vendor: null, version: 2 })
    const late = await ask(stage.app, 'PATCH /v1/products/mug', { key, body: { version: 1, title: 'Small mug' } })
    expect(late.body).toMatchObject({ status: 409, code: 'stale', version: 2 })
  })

  test('get further variants, and variants are changed', async () => {
    const more = await ask(stage.app, 'POST /v1/products/mug/variants', { key, body: { sku: 'MUG-GREEN' } })
    expect(more.status).toBe(201)
    const changed = await ask(stage.app, 'PATCH /v1/variants/MUG-GREEN', {
      key,
      body: { title: 'Green', status: 'archived', gtin: '96385074' },
    })
    expect(changed.body).toMatchObject({ title: 'Green', status: 'archived', gtin: '00000096385074', version: 2 })
    const found = await ask(stage.app, 'GET /v1/variants?gtin=96385074', { key })
    expect(found.body.items).toEqual([expect.objectContaining({ sku: 'MUG-GREEN' })])
    expect((await ask(stage.app, 'POST /v1/products/none/variants', { key, body: { sku: 'X' } })).status).toBe(404)
  })
})

describe('a repeated write', () => {
  test('with the same key and body is done once and answered the same', async () => {
    const request = { key, body: { handle: 'plate', title: 'Plate', variants: [{ sku: 'PLATE' }] }, idempotencyKey: 'plate-1' }
    const first = await ask(stage.app, 'POST /v1/products', request)
    const again = await ask(stage.app, 'POST /v1/products', request)
    expect(first.status).toBe(201)
    expect(again.body).toEqual(first.body)
  })

  test('with the same key and another body is a conflict', async () => {
    const answer = await ask(stage.app, 'POST /v1/products', {
      key,
      body: { handle: 'bowl', title: 'Bowl', variants: [{ sku: 'BOWL' }] },
      idempotencyKey: 'plate-1',
    })
    expect(answer.body).toMatchObject({ status: 409, code: 'conflict', errors: [{ field: 'idempotency-key' }] })
  })

  test('of another caller has nothing to do with it', async () => {
    const other = await stage.key('catalog:write')
    const answer = await ask(stage.app, 'POST /v1/products', {
      key: other,
      body: { handle: 'bowl', title: 'Bowl', variants: [{ sku: 'BOWL' }] },
      idempotencyKey: 'plate-1',
    })
    expect(answer.status).toBe(201)
  })
})

describe('a list', () => {
  test('is paged by a cursor: every product once, in order', async () => {
    const handles = Array.from({ length: 7 }, (_, n) => `paged-${n}`)
    for (const handle of handles)
      await ask(stage.app, 'POST /v1/products', { key, body: { handle, title: 'Paged', variants: [{ sku: handle }] } })
    const seen: string[] = []
    let cursor = ''
    for (let pages = 0; pages < 10; pages++) {
      const answer = await ask(stage.app, `GET /v1/products?limit=3&text=PAGED${cursor}`, { key })
      seen.push(...(answer.body.items as { handle: string }[]).map(item => item.handle))
      if (answer.body.next === null) break
      cursor = `&cursor=${answer.body.next}`
    }
    expect(seen).toEqual(handles)
  })

  test.each(['garbage', 'e30', 'WyJhIl0', 'WzEsMl0', 'Wy0xXQ', 'WzFlMzBd'])('refuses the cursor %s', async cursor => {
    const answer = await ask(stage.app, `GET /v1/products?cursor=${cursor}`, { key })
    expect(answer.body).toMatchObject({ status: 422, code: 'invalid', errors: [{ field: 'cursor' }] })
  })

  test.each(['limit=0', 'limit=201', 'limit=x', 'colour=red', 'text=%00'])('refuses ?%s', async query => {
    const answer = await ask(stage.app, `GET /v1/products?${query}`, { key })
    expect(answer.body).toMatchObject({ status: 422, errors: [{ field: query.split('=')[0] }] })
  })
})

describe('a body', () => {
  const send = (body: unknown, headers: Record<string, string> = {}) => ask(stage.app, 'POST /v1/products', { key, body, headers })
  const good = { handle: 'jar', title: 'Jar', variants: [{ sku: 'JAR' }] }

  test('with an unknown field is refused by its name', async () => {
    const answer = await send({ ...good, colour: 'red', variants: [{ sku: 'JAR', colour: 'red' }] })
    expect(answer.status).toBe(422)
    expect((answer.body.errors as { field: string }[]).map(error => error.field).sort()).toEqual(['colour', 'variants.0.colour'])
  })

  test('that is no JSON is malformed', async () => {
    expect((await send('{"handle": ')).body).toMatchObject({ status: 400, code: 'malformed', type: '/docs/problems/malformed' })
  })

  test('of another type is not taken', async () => {
    expect((await send('a=b', { 'content-type': 'text/plain' })).body).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })

  test('of more than 1 MB is too large', async () => {
    expect((await send({ ...good, title: 'x'.repeat(1024 * 1024) })).body).toMatchObject({ status: 413, code: 'too_large' })
  })

  test.each([
    ['a broken character', { ...good, title: 'a\ud800b' }, 'title'],
    ['a zero byte', { ...good, title: 'a\u0000b' }, 'title'],
    ['a SKU with a space at its end', { ...good, variants: [{ sku: 'JAR ' }] }, 'variants.0.sku'],
    ['a cost without its currency', { ...good, variants: [{ sku: 'JAR', cost: '1' }] }, 'variants.0.costCurrency'],
    ['a made-up currency', { ...good, variants: [{ sku: 'JAR', cost: '1', costCurrency: 'XQZ' }] }, 'variants.0.costCurrency'],
    ['no variant', { ...good, variants: [] }, 'variants'],
    ['a class of dangerous goods that there is not', { ...good, variants: [{ sku: 'JAR', hazard: '10' }] }, 'variants.0.hazard'],
    ['a weight in pieces', { ...good, variants: [{ sku: 'JAR', weightGrams: 1.5 }] }, 'variants.0.weightGrams'],
  ])('with %s is refused at its field', async (_, body, field) => {
    const answer = await send(body)
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([expect.objectContaining({ field })])
  })
})

describe('locations', () => {
  test('are made, listed, changed, and have one code each', async () => {
    const body = { code: 'Berlin 1', name: 'Berlin', kind: 'store', zone: 'Europe/Berlin', country: 'DE' }
    expect((await ask(stage.app, 'POST /v1/locations', { key, body })).body).toMatchObject({ ...body, active: true })
    expect((await ask(stage.app, 'POST /v1/locations', { key, body })).body).toMatchObject({
      status: 409,
      detail: 'The location Berlin 1 exists already.',
    })
    const changed = await ask(stage.app, 'PATCH /v1/locations/Berlin%201', { key, body: { active: false } })
    expect(changed.body).toMatchObject({ active: false, name: 'Berlin' })
    expect((await ask(stage.app, 'GET /v1/locations', { key })).body.items).toHaveLength(1)
    expect((await ask(stage.app, 'POST /v1/locations', { key, body: { ...body, code: 'x', zone: 'Berlin/Europe' } })).body).toMatchObject({
      status: 422,
      errors: [{ field: 'zone' }],
    })
  })
})
