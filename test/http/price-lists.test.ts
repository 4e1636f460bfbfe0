import { beforeAll, describe, expect, test } from 'vitest'
import { quietChannel } from '../support/goods.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let writer: string
let approver: string
let reader: string
beforeAll(async () => {
  stage = await setStage()
  writer = await stage.key('prices:write')
  approver = await stage.key('prices:approve')
  reader = await stage.key('prices:read')
  const stocker = await stage.key('catalog:write', 'stock:write')
  for (const sku of ['MUG', 'LID']) await stockUp(stage.app, stocker, sku, 0)
  await stage.sql`update products set category = 'Kitchen'`
  await quietChannel(stage.sql, 'shop')
  await quietChannel(stage.sql, 'fair')
})

const put = (path: string, body: unknown, key = writer) => ask(stage.app, `PUT /v1/${path}`, { key, body })
const post = (path: string, body: unknown, key = writer, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/price-lists/${path}`, { key, body, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
const get = (path: string, key = reader) => ask(stage.app, `GET /v1/${path}`, { key })
const terms = {
  currency: 'EUR',
  kind: 'sale',
  audience: { kind: 'channel', code: 'shop' },
  from: '2098-12-01T00:00:00+01:00',
  to: '2098-12-08T00:00:00+01:00',
}

describe('a price list', () => {
  test('is written by one and approved by another, who names what they saw', async () => {
    expect(await put('price-lists/summer', {})).toMatchObject({ status: 422, body: { code: 'invalid', errors: [{ field: 'currency' }] } })
    const made = await put('price-lists/summer', { ...terms, title: 'Summer', priority: 5, fourEyes: true, why: 'for the fair' })
    expect(made).toMatchObject({
      status: 200,
      body: {
        ...{ code: 'summer', state: 'draft', made: true, changed: true, waitingTerms: null, entries: 0, overlaps: [] },
        terms: {
          ...{
            title: 'Summer',
            currency: 'EUR',
            kind: 'sale',
            audience: { kind: 'channel', code: 'shop' },
            priority: 5,
            taxIncluded: null,
            fourEyes: true,
          },
          ...{ from: '2098-11-30T23:00:00.000Z', to: '2098-12-07T23:00:00.000Z' },
        },
      },
    })
    expect(made.text).not.toContain('"id"')
    const entries = [
      { sku: 'MUG', rule: 'fixed', value: '9.90' },
      { category: 'Kitchen', rule: 'percent', over: 'plain', value: '-20' },
    ]
    const said = await post('summer/entries', { entries, why: 'as agreed' }, writer, 'entries-1')
    expect(said.body).toEqual({ changed: 2, waiting: true, version: expect.any(Number), replayed: false })
    expect((await post('summer/entries', { entries, why: 'as agreed' }, writer, 'entries-1')).body).toMatchObject({
      changed: 2,
      replayed: true,
    })

    expect(await post('summer/approve', { version: said.body.version })).toMatchObject({ status: 403, body: { needs: 'prices:approve' } })
    const both = await stage.key('prices:write', 'prices:approve')
    await post('summer/entries', { entries: [{ sku: 'LID', rule: 'none' }] }, both)
    const { body: now } = await get('price-lists/summer')
    expect(now).toMatchObject({ entries: 0, waitingEntries: 3 })
    expect(await post('summer/approve', { version: said.body.version }, approver)).toMatchObject({
      status: 409,
      body: { code: 'stale', version: now.version },
    })
    expect(await post('summer/approve', { version: now.version }, both)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await post('summer/approve', { version: now.version, why: 'looks right' }, approver)).toMatchObject({
      status: 200,
      body: { state: 'approved', entries: 3, waitingEntries: 0, approvedTerms: true, approvedEntries: 3 },
    })
    expect((await post('summer/approve', { version: now.version }, approver)).status).toBe(409)
  })

  test('tells what it asks, and who changed what, from what to what and why', async () => {
    await post('summer/entries', {
      entries: [
        { sku: 'MUG', rule: 'fixed', value: '8.90' },
        { sku: 'LID', rule: 'remove' },
      ],
    })
    const { body } = await get('price-lists/summer/entries?waiting=true')
    expect(body.items).toMatchObject([
      { scope: 'variant', of: 'MUG', minQuantity: 1, rule: 'fixed', value: '8.9', since: null, approvedBy: null },
      { scope: 'variant', of: 'LID', rule: 'remove', since: null },
    ])
    const mug = await get('price-lists/summer/entries?of=MUG&waiting=false')
    expect(mug.body.items).toMatchObject([
      { rule: 'fixed', value: '9.9', why: 'as agreed', approvedBy: expect.stringMatching(/^key:/), since: expect.any(String) },
    ])
    expect((await get('price-lists/summer/entries?scope=category')).body.items).toMatchObject([
      { of: 'Kitchen', over: 'plain', value: '-20' },
    ])

    await put('price-lists/summer', { priority: 7, why: 'before spring' })
    expect((await get('price-lists/summer')).body).toMatchObject({
      state: 'approved',
      terms: { priority: 5 },
      waitingTerms: { priority: 7 },
      waitingEntries: 2,
    })
    const { body: first } = await get('price-lists/summer/history?limit=2')
    expect(first.items).toMatchObject([
      { act: 'set', from: { priority: 5 }, to: { priority: 7 }, waiting: true, why: 'before spring', entry: null },
      { act: 'entry', entry: { scope: 'variant', of: 'LID' }, from: { rule: 'none' }, to: null, waiting: true, inForceFrom: null },
    ])
    const { body: second } = await get(`price-lists/summer/history?cursor=${first.next}`)
    expect(second.items).toMatchObject([
      { act: 'entry', entry: { of: 'MUG' }, from: { rule: 'fixed', value: '9.9' }, to: { rule: 'fixed', value: '8.9' } },
      { act: 'approve', to: { priority: 5 }, why: 'looks right' },
      {
        act: 'entry',
        entry: { of: 'LID' },
        from: null,
        to: { rule: 'none' },
        approvedBy: expect.any(String),
        inForceFrom: expect.any(String),
      },
      { act: 'entry', entry: { scope: 'category', of: 'Kitchen' } },
      { act: 'entry', entry: { of: 'MUG' }, from: null, why: 'as agreed' },
      { act: 'set', from: null, to: { title: 'Summer' }, waiting: false, why: 'for the fair' },
    ])
    expect(second.next).toBeNull()
    const ofSku = await get('price-lists/summer/history?sku=MUG')
    expect(ofSku.body.items).toMatchObject([{ to: { value: '8.9' } }, { to: { value: '9.9' } }])

    const rejected = await post('summer/reject', { why: 'not now' })
    expect(rejected.body).toMatchObject({
      rejectedTerms: true,
      rejectedEntries: 2,
      waitingTerms: null,
      waitingEntries: 0,
      terms: { priority: 5 },
    })
    expect(await post('summer/reject', {})).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect((await get('price-lists/summer/history?limit=1')).body.items).toMatchObject([{ act: 'reject', why: 'not now' }])
  })

  test('is found by its state, audience, kind and by what waits; live is one in its period', async () => {
    await put('price-lists/base', { currency: 'EUR' })
    const codes = async (query: string) => {
      const { body } = await get(`price-lists?${query}`)
      return (body.items as { code: string }[]).map(one => one.code)
    }
    expect(await codes('')).toEqual(['summer', 'base'])
    expect(await codes('waiting=true')).toEqual(['base'])
    expect(await codes('state=approved')).toEqual(['summer'])
    expect(await codes('kind=sale')).toEqual(['summer'])
    expect(await codes('audience=everyone')).toEqual(['base'])
    expect(await codes('audience=channel:shop')).toEqual(['summer'])
    expect(await codes('audience=channel:fair')).toEqual([])
    expect((await get('price-lists?audience=planet:earth')).status).toBe(422)
    const first = await get('price-lists?limit=1')
    expect((await get(`price-lists?limit=1&cursor=${first.body.next}`)).body).toMatchObject({ items: [{ code: 'base' }], next: null })
    const { body } = await get('price-lists/base')
    await post('base/approve', { version: body.version }, approver)
    expect(await codes('state=live')).toEqual(['base'])
    await put('price-lists/base', { to: '2020-01-01T00:00:00Z' })
    expect(await codes('state=ended')).toEqual(['base'])
    expect(await codes('state=live')).toEqual([])
    await put('price-lists/base', { to: null })
    expect(await codes('state=live')).toEqual(['base'])
  })

  test('warns of a list that could price the same goods at the same time', async () => {
    await put('price-lists/sunny', { ...terms, priority: 5, from: '2098-12-02T00:00:00Z' })
    await post('sunny/entries', { entries: [{ product: 'mug', rule: 'percent', over: 'plain', value: '-10' }] })
    expect((await get('price-lists/sunny')).body.overlaps).toEqual([{ list: 'summer', state: 'approved', wins: 'sunny' }])
    expect((await put('price-lists/sunny', { priority: 6 })).body.overlaps).toEqual([])
  })

  test('is ended for good', async () => {
    expect(await post('summer/end', {})).toMatchObject({ status: 403, body: { needs: 'prices:approve' } })
    expect(await post('summer/end', { why: 'over' }, approver)).toMatchObject({ status: 200, body: { state: 'ended', changed: true } })
    expect(await post('summer/entries', { entries: [{ all: true, rule: 'none' }] })).toMatchObject({ status: 409 })
    expect((await get('price-lists/winter')).status).toBe(404)
    expect((await get('price-lists/winter/entries')).status).toBe(404)
    expect((await get('price-lists/winter/history')).status).toBe(404)
  })
})

describe('what cannot be', () => {
  const refused = async (entry: unknown, more: readonly unknown[] = []) => {
    const { status, body } = await post('base/entries', { entries: [...more, entry] })
    return [status, ...((body.errors ?? []) as { field: string }[]).map(error => error.field)]
  }
  test('is refused with its field', async () => {
    expect(await refused({ sku: 'MUGG', rule: 'none' }, [{ all: true, rule: 'none' }])).toEqual([422, 'entries.1.sku'])
    expect(await refused({ sku: 'MUG', all: true, rule: 'none' })).toEqual([422, 'entries.0.sku'])
    expect(await refused({ rule: 'none' })).toEqual([422, 'entries.0.sku'])
    expect(await refused({ sku: 'MUG', rule: 'percent', value: '-20' })).toEqual([422, 'entries.0.over'])
    expect(await refused({ sku: 'MUG', rule: 'margin', over: 'plain', value: '20' })).toEqual([422, 'entries.0.over'])
    expect(await refused({ sku: 'MUG', rule: 'margin', over: 'cost', value: '100' })).toEqual([422, 'entries.0.value'])
    expect(await refused({ sku: 'MUG', rule: 'percent', over: 'cost', value: '-100' })).toEqual([422, 'entries.0.value'])
    expect(await refused({ sku: 'MUG', rule: 'fixed', value: '0' })).toEqual([422, 'entries.0.value'])
    expect(await refused({ sku: 'MUG', rule: 'fixed', value: '1', over: 'cost' })).toEqual([422, 'entries.0.over'])
    expect(await refused({ sku: 'MUG', rule: 'fixed' })).toEqual([422, 'entries.0.value'])
    expect(await refused({ sku: 'MUG', rule: 'none', value: '1' })).toEqual([422, 'entries.0.value'])
    expect(await refused({ sku: 'MUG', rule: 'percent', over: 'list', value: '1' })).toEqual([422, 'entries.0.baseList'])
    expect(await refused({ sku: 'MUG', rule: 'none' }, [{ sku: 'MUG', rule: 'fixed', value: '1' }])).toEqual([422, 'entries.1'])
    expect(await put('price-lists/base', { audience: { kind: 'tier' } })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'audience' }] },
    })
    expect(await put('price-lists/base', { audience: { kind: 'tier', code: 'gold' } })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'tier' }] },
    })
    expect(await put('price-lists/base', { from: '2098-01-02T00:00:00Z', to: '2098-01-01T00:00:00Z' })).toMatchObject({ status: 422 })
    expect(await put('price-lists/base', { currency: 'XXL' })).toMatchObject({ status: 422 })
    expect(
      await post('base/entries', { entries: [{ all: true, rule: 'percent', over: 'list', baseList: 'base', value: '1' }] }),
    ).toMatchObject({
      status: 409,
      body: { path: ['base', 'base'] },
    })
  })

  test('as a typed price below a floor, is refused with the arithmetic', async () => {
    await stage.sql`update variants set cost = 5.6, cost_currency = 'EUR' where sku = 'LID'`
    await ask(stage.app, 'POST /v1/price-limits', {
      key: writer,
      body: { limits: [{ kind: 'floor', basis: 'margin', percent: '20', sku: 'LID' }] },
    })
    const answer = await post('base/entries', {
      entries: [
        { all: true, rule: 'fixed', value: '99' },
        { sku: 'LID', rule: 'fixed', value: '6.99' },
      ],
    })
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'below_floor',
        detail:
          'LID at 6.99 EUR is below its floor in shop: cost 5.60 EUR / (100 % − 20 %) = 7.00 EUR. 1 more price is below a floor: LID in fair, floor 7.00 EUR. Nothing was changed. At least its floor is possible for each; "concord price limits --sku LID" tells the limits.',
        below: [{ sku: 'LID', channel: 'shop', amount: '6.99', floor: '7', why: { basis: 'margin', cost: '5.6' } }, { channel: 'fair' }],
      },
    })
    const plain = await ask(stage.app, 'POST /v1/prices', {
      key: writer,
      body: { prices: [{ sku: 'LID', currency: 'EUR', amount: '6', channel: 'fair' }] },
    })
    expect(plain).toMatchObject({
      status: 422,
      body: { code: 'below_floor', errors: [{ field: 'prices.0.amount', value: '6', expected: 'at least 7.00 EUR' }] },
    })
    expect((await ask(stage.app, 'GET /docs/problems/below_floor', { key: reader })).text).toContain('floor')
  })
})

test('audiences are made, changed and listed; a list is written for them', async () => {
  expect((await put('channel-groups/eu', { name: 'EU shops', channels: ['shop'] })).body).toMatchObject({
    code: 'eu',
    name: 'EU shops',
    channels: ['shop'],
  })
  const feed = async () =>
    (await stage.sql<{ n: number }[]>`select count(*)::int as n from change where kind = 'price' and account_id is not null`)[0]?.n
  const before = (await feed()) ?? 0
  expect((await put('channel-groups/eu', { channels: ['fair', 'shop'] })).body).toMatchObject({
    name: 'EU shops',
    channels: ['fair', 'shop'],
  })
  expect(await feed()).toBe(before + 1)
  await put('channel-groups/eu', { channels: ['fair', 'shop'] })
  expect(await feed()).toBe(before + 1)
  expect(await put('channel-groups/eu', { channels: ['mars'] })).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'channels', value: 'mars' }] },
  })
  expect((await put('regions/de', { name: 'Germany' })).body).toMatchObject({ code: 'de', name: 'Germany', channels: [] })
  expect((await put('partner-tiers/gold', {})).body).toMatchObject({ code: 'gold', name: 'gold', partners: 0 })
  expect(await put('partners/acme', { tier: 'silver' })).toMatchObject({ status: 422, body: { errors: [{ field: 'tier' }] } })
  expect((await put('partners/acme', { name: 'Acme', tier: 'gold' })).body).toMatchObject({ name: 'Acme', tier: 'gold' })
  expect((await get('partner-tiers')).body.items).toMatchObject([{ code: 'gold', partners: 1 }])
  expect((await put('partners/acme', { tier: null })).body).toMatchObject({ name: 'Acme', tier: null })
  await put('partners/baker', { name: 'Baker' })
  const first = await get('partners?limit=1')
  expect(first.body.items).toMatchObject([{ code: 'acme', tier: null }])
  expect((await get(`partners?limit=1&cursor=${first.body.next}`)).body).toMatchObject({ items: [{ code: 'baker' }], next: null })
  expect((await get('regions')).body.items).toMatchObject([{ code: 'de' }])
  expect((await get('channel-groups')).body.items).toMatchObject([{ code: 'eu', channels: ['fair', 'shop'] }])
  expect((await put('price-lists/eu-list', { currency: 'EUR', audience: { kind: 'group', code: 'eu' } })).body).toMatchObject({
    terms: { audience: { kind: 'group', code: 'eu' } },
  })
  expect((await put('regions/fr', {}, reader)).status).toBe(403)
})
