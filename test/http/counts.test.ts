import { beforeAll, describe, expect, test } from 'vitest'
import { ask, logIn, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let counter: string
let approver: string
beforeAll(async () => {
  stage = await setStage()
  counter = await stage.key('catalog:write', 'stock:write')
  approver = await stage.key('stock:approve')
  await stockUp(stage.app, counter, 'LAMP', 10)
  await stockUp(stage.app, counter, 'CHAIR', 4)
})

const post = (key: string, path: string, body?: unknown) =>
  ask(stage.app, `POST /v1/counts${path}`, { key, ...(body === undefined ? {} : { body }) })

async function handedIn(lamps: number): Promise<number> {
  const started = await post(counter, '', { location: 'berlin', skus: ['LAMP', 'CHAIR'] })
  const id = Number(started.body.id)
  await post(counter, `/${id}/entries`, { entries: [{ sku: 'LAMP', counted: lamps }] })
  await post(counter, `/${id}/submit`)
  return id
}

describe('a count', () => {
  test('is started, entered and handed in blind, then reviewed beside the books and approved by somebody else', async () => {
    const started = await post(counter, '', { location: 'berlin', note: 'November' })
    expect(started).toMatchObject({ status: 201, body: { state: 'open', scope: 'location', lines: 2, counted: 0, note: 'November' } })
    const path = `/${started.body.id}`
    const entered = await post(counter, `${path}/entries`, {
      entries: [
        { sku: 'LAMP', counted: 7 },
        { sku: 'CHAIR', add: 4 },
      ],
    })
    expect(entered.body.lines).toMatchObject([
      { sku: 'LAMP', lot: null, counted: 7 },
      { sku: 'CHAIR', counted: 4 },
    ])
    const lines = await ask(stage.app, `GET /v1/counts${path}/lines?limit=1`, { key: counter })
    expect(lines.body.items).toEqual([
      { sku: 'CHAIR', title: 'CHAIR', lot: null, counted: 4, countedAt: expect.any(String), countedBy: expect.stringMatching(/^key:/) },
    ])
    const rest = await ask(stage.app, `GET /v1/counts${path}/lines?cursor=${lines.body.next}`, { key: counter })
    expect(rest.body).toMatchObject({ items: [{ sku: 'LAMP' }], next: null })
    expect(lines.text + rest.text + entered.text).not.toMatch(/book|onHand|difference/)

    expect((await post(counter, `${path}/submit`)).body).toMatchObject({ state: 'review', counted: 2 })
    expect(await ask(stage.app, `GET /v1/counts${path}/review`, { key: counter })).toMatchObject({
      status: 403,
      body: { needs: 'stock:approve' },
    })
    const review = await ask(stage.app, `GET /v1/counts${path}/review`, { key: approver })
    expect(review.body).toMatchObject({
      totals: { lines: 2, differing: 1, found: 0, missing: 3, values: [], withoutCost: 1 },
      items: [{ sku: 'LAMP', counted: 7, book: 10, difference: -3, value: null, decision: null }],
      next: null,
    })
    const approved = await post(approver, `${path}/approve`, { reasonCode: 'miscount' })
    expect(approved.body).toEqual({
      id: started.body.id,
      state: 'approved',
      approved: 2,
      rejected: 0,
      found: 0,
      missing: 3,
      replayed: false,
    })
    expect(approved.headers.get('concord-token')).toMatch(/^\d+$/)
    expect((await ask(stage.app, 'GET /v1/stock/LAMP', { key: counter })).body.onHand).toBe(7)
    expect((await ask(stage.app, 'GET /v1/counts?state=approved', { key: counter })).body.items).toMatchObject([{ id: started.body.id }])
  })

  test('is not approved by whoever counted it, not by a clerk, and by an administrator always', async () => {
    const both = await stage.key('stock:write', 'stock:approve')
    const id = await handedIn(7)
    await post(approver, `/${id}/recount`, { lines: [{ sku: 'LAMP' }] })
    await post(both, `/${id}/entries`, { entries: [{ sku: 'LAMP', counted: 6 }] })
    await post(counter, `/${id}/submit`)
    expect((await post(both, `/${id}/approve`, { reasonCode: 'miscount' })).body).toMatchObject({ status: 403, code: 'forbidden' })
    const { cookie, csrf } = await logIn(stage.app, await stage.user('clerk'))
    const clerk = await ask(stage.app, `POST /v1/counts/${id}/approve`, { body: {}, headers: { cookie, 'x-csrf-token': csrf } })
    expect(clerk.body).toMatchObject({ status: 403, needs: 'stock:approve' })
    const admin = await stage.key('admin')
    const own = await handedIn(6)
    await post(approver, `/${own}/recount`, { lines: [{ sku: 'LAMP' }] })
    await post(admin, `/${own}/entries`, { entries: [{ sku: 'LAMP', counted: 6 }] })
    await post(admin, `/${own}/submit`)
    expect((await post(admin, `/${own}/approve`, { reasonCode: 'miscount' })).body).toMatchObject({ state: 'approved' })
  })

  test('tells which of its lines is wrong, and in which state it is', async () => {
    const id = await handedIn(6)
    expect((await post(counter, `/${id}/entries`, { entries: [{ sku: 'LAMP', counted: 1 }] })).body).toMatchObject({
      status: 409,
      code: 'conflict',
      state: 'review',
    })
    expect((await post(approver, `/${id}/approve`, { reasonCode: 'nothing' })).body).toMatchObject({
      status: 422,
      errors: [{ field: 'reasonCode', value: 'nothing' }],
    })
    expect((await post(approver, `/${id}/approve`, { lines: [{ sku: 'CHAIR' }] })).body).toMatchObject({
      status: 422,
      detail: expect.stringContaining('CHAIR was not counted'),
    })
    expect((await post(counter, `/${id}/cancel`)).body).toMatchObject({ state: 'cancelled' })
    expect((await ask(stage.app, 'GET /v1/counts/999999', { key: counter })).status).toBe(404)
    expect((await post(counter, '', { location: 'paris' })).body).toMatchObject({ status: 422, errors: [{ field: 'location' }] })
    expect((await post(counter, `/${id}/entries`, { entries: [{ sku: 'LAMP' }] })).status).toBe(422)
    expect((await post(counter, `/${id}/entries`, { entries: [{ sku: 'LAMP', counted: 1, add: 1 }] })).status).toBe(422)
  })
})

describe('the reasons', () => {
  const reasons = async (query = '') =>
    (await ask(stage.app, `GET /v1/stock/reasons${query}`, { key: counter })).body.items as Record<string, unknown>[]

  test('are listed by what they are for', async () => {
    expect((await reasons('?act=count')).map(reason => reason.code)).toEqual(['booking-error', 'miscount'])
  })

  test('are added, renamed and switched off, never twice and never for good', async () => {
    const add = (body: unknown) => ask(stage.app, 'POST /v1/stock/reasons', { key: approver, body })
    const change = (code: string, body: unknown) => ask(stage.app, `PATCH /v1/stock/reasons/${code}`, { key: approver, body })
    const sample = { code: 'sample', name: 'Given away', acts: ['adjust', 'count'] }
    expect(await add(sample)).toMatchObject({ status: 201, body: { ...sample, active: true } })
    expect((await add(sample)).body).toMatchObject({ status: 409, code: 'conflict' })
    expect((await change('sample', { name: 'Sample', acts: ['count'] })).body).toMatchObject({
      name: 'Sample',
      acts: ['count'],
      active: true,
    })
    expect((await change('sample', { active: false })).body).toMatchObject({ name: 'Sample', active: false })
    expect((await reasons()).map(reason => reason.code)).not.toContain('sample')
    expect((await reasons('?all=true')).map(reason => reason.code)).toContain('sample')
    const id = await handedIn(1)
    expect((await post(approver, `/${id}/approve`, { reasonCode: 'sample' })).body).toMatchObject({
      status: 422,
      errors: [{ field: 'reasonCode' }],
    })
    expect((await change('nope', { active: true })).status).toBe(404)
    expect((await add({ code: 'No Code', name: 'x', acts: ['burn'] })).body).toMatchObject({ status: 422 })
  })
})
