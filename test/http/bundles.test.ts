import { beforeAll, describe, expect, test } from 'vitest'
import { cliOn } from '../cli/stage.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
let cli: ReturnType<typeof cliOn>
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('catalog:write', 'stock:write')
  cli = cliOn(stage.url)
  for (const [sku, units] of [
    ['POT', 10],
    ['CUP', 30],
    ['SET', 0],
    ['HAMPER', 0],
    ['TRAY', 4],
  ] as const)
    await stockUp(stage.app, key, sku, units)
})

const put = (sku: string, parts: unknown, idempotencyKey?: string) =>
  ask(stage.app, `PUT /v1/bundles/${sku}`, { key, body: { parts }, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
const get = (path: string) => ask(stage.app, `GET /v1/bundles${path}`, { key })

describe('a bundle', () => {
  test('consists of parts, also of bundles, and is resolved down to the shelves', async () => {
    expect(
      (
        await put('SET', [
          { sku: 'POT', quantity: 1 },
          { sku: 'CUP', quantity: 4 },
        ])
      ).body,
    ).toMatchObject({
      sku: 'SET',
      title: 'SET',
      parts: [
        { sku: 'CUP', quantity: 4, bundle: false },
        { sku: 'POT', quantity: 1, bundle: false },
      ],
    })
    expect(
      (
        await put('HAMPER', [
          { sku: 'SET', quantity: 2 },
          { sku: 'CUP', quantity: 1 },
        ])
      ).body,
    ).toMatchObject({
      parts: [
        { sku: 'CUP', quantity: 1, bundle: false },
        { sku: 'SET', quantity: 2, bundle: true },
      ],
      flat: [
        { sku: 'CUP', quantity: 9 },
        { sku: 'POT', quantity: 2 },
      ],
    })
    expect((await get('?part=POT')).body).toMatchObject({ items: [{ sku: 'SET' }, { sku: 'HAMPER' }], next: null })
    expect((await get('?limit=1')).body).toMatchObject({ items: [{ sku: 'SET' }], next: expect.any(String) })
  })

  test('is sold as its parts, in one promise', async () => {
    const held = await ask(stage.app, 'POST /v1/reservations', { key, body: { lines: [{ sku: 'SET', quantity: 3 }] } })
    expect(held).toMatchObject({ status: 201, body: { lines: [{ sku: 'SET', location: 'berlin', quantity: 3 }] } })
    const stock = await Promise.all(['POT', 'CUP'].map(sku => ask(stage.app, `GET /v1/stock/${sku}`, { key })))
    expect(stock.map(one => one.body.available)).toEqual([7, 18])
    await ask(stage.app, `POST /v1/reservations/${held.body.id}/release`, { key, body: {} })
  })

  test('never holds itself: the way round is told', async () => {
    expect((await put('POT', [{ sku: 'HAMPER', quantity: 1 }])).body).toMatchObject({
      status: 409,
      code: 'conflict',
      detail: 'A bundle cannot hold itself: POT → HAMPER → SET → POT.',
      path: ['POT', 'HAMPER', 'SET', 'POT'],
    })
    expect((await put('SET', [{ sku: 'SET', quantity: 1 }])).body).toMatchObject({ status: 409, path: ['SET', 'SET'] })
    expect(
      (
        await put('SET', [
          { sku: 'POT', quantity: 1 },
          { sku: 'NOPE', quantity: 1 },
        ])
      ).body,
    ).toMatchObject({
      status: 422,
      errors: [{ field: 'parts.1.sku', value: 'NOPE' }],
    })
    expect((await put('NOPE', [{ sku: 'POT', quantity: 1 }])).status).toBe(404)
    expect((await put('SET', [])).status).toBe(422)
  })

  test('keeps every version of itself, and ends', async () => {
    const smaller = [
      { sku: 'CUP', quantity: 2 },
      { sku: 'POT', quantity: 1 },
    ]
    await put('SET', smaller, 'smaller')
    await put('SET', smaller, 'smaller')
    await put('SET', smaller)
    const versions = async () =>
      ((await get('/SET/history')).body.items as Record<string, unknown>[]).map(one => [one.parts, one.validTo === null])
    const first = [
      { sku: 'CUP', quantity: 4 },
      { sku: 'POT', quantity: 1 },
    ]
    expect(await versions()).toEqual([
      [smaller, true],
      [first, false],
    ])
    expect((await get('/HAMPER')).body.flat).toEqual([
      { sku: 'CUP', quantity: 5 },
      { sku: 'POT', quantity: 2 },
    ])
    expect((await ask(stage.app, 'DELETE /v1/bundles/SET', { key })).body).toEqual({ sku: 'SET', ended: true })
    expect((await ask(stage.app, 'DELETE /v1/bundles/SET', { key })).body).toEqual({ sku: 'SET', ended: false })
    expect((await get('/SET')).body).toMatchObject({ status: 404, detail: 'SET is no bundle.' })
    expect(await versions()).toEqual([
      [smaller, false],
      [first, false],
    ])
  })

  test('is set, shown, listed and ended from the command line', async () => {
    expect((await cli(['bundle', 'set', 'SET', 'POT', 'CUP:3'])).out).toBe('SET = 3 × CUP, 1 × POT\n')
    expect((await cli(['bundle', 'set', 'SET', 'POT', 'CUP:3'])).out).toBe('It was so already.\n')
    expect((await cli(['bundle', 'show', 'HAMPER'])).out).toMatch(
      /HAMPER = 1 × CUP, 2 × SET\nTakes off the shelves: 7 × CUP, 2 × POT\n\nfrom .*\n.* now +key:.* 1 × CUP, 2 × SET/,
    )
    expect((await cli(['bundle', 'list', '--part', 'POT'])).out).toMatch(/SET +SET +3 × CUP, 1 × POT\nHAMPER/)
    expect(JSON.parse((await cli(['bundle', 'show', 'SET', '--json'])).out).versions).toHaveLength(3)
    expect(await cli(['bundle', 'set', 'SET', 'CUP:0'])).toMatchObject({ code: 2, err: expect.stringContaining('"CUP:0" is none of CUP') })
    expect(await cli(['bundle', 'set', 'CUP', 'SET'])).toMatchObject({ code: 1, err: expect.stringContaining('CUP → SET → CUP') })
    expect((await cli(['bundle', 'end', 'SET'])).out).toBe('SET is no bundle any more.\n')
    expect((await cli(['bundle', 'end', 'SET'])).out).toBe('SET was no bundle.\n')
  })
})
