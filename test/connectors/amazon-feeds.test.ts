import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { afterEach, describe, expect, test } from 'vitest'
import { judged } from '../../connectors/amazon/feeds.ts'
import type { PushItem } from '../../connectors/contract.ts'
import type { Feed } from '../../connectors/feed.ts'
import { type Exchange, GERMANY, openAmazon, SWEDEN } from './amazon-stage.ts'
import { goods, listingOf, type Stage, shownOf } from './stage.ts'

const SPECS = new URL('../../../shared/specs/amazon/', import.meta.url)
const isThere = existsSync(SPECS)
const json = (path: string) => JSON.parse(readFileSync(new URL(path, SPECS), 'utf8'))

const opened: Stage[] = []
afterEach(async () => {
  for (const stage of opened.splice(0)) await stage.close()
})

async function open(more: Parameters<typeof openAmazon>[0] = {}): Promise<Stage> {
  const stage = await openAmazon(more)
  opened.push(stage)
  return stage
}

const feedOf = (stage: Stage): Feed => {
  if (!stage.session.feed) throw new Error('Amazon has feeds')
  return stage.session.feed
}

async function item(stage: Stage, sku: string, regular: string, more: Partial<PushItem> = {}): Promise<PushItem> {
  const listing = await listingOf(stage, sku, GERMANY.id)
  return { listing, prices: [{ channelRef: GERMANY.id, price: { currency: 'EUR', regular, sale: null } }], ...more }
}

async function started(stage: Stage, items: readonly PushItem[]): Promise<string> {
  const answer = await feedOf(stage).start(await feedOf(stage).upload(items))
  if (answer.status !== 'started') throw new Error(answer.words)
  return answer.feed
}

async function verdicts(stage: Stage, feed: string, items: readonly PushItem[]) {
  const seen = await feedOf(stage).look(feed)
  if (seen.status !== 'done') throw new Error(`the feed is ${seen.status}`)
  return feedOf(stage).verdicts(seen.report, items)
}

function validator(file: string, definition?: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  formats.default(ajv)
  const model = json(file)
  return ajv.compile(definition ? { definitions: model.definitions, $ref: `#/definitions/${definition}` } : model)
}

function check(validate: ValidateFunction, text: string): void {
  validate(JSON.parse(text))
  expect(validate.errors ?? []).toEqual([])
}

describe.skipIf(!isThere)('an Amazon feed is as its published schemas say (needs ../shared/specs/amazon)', () => {
  test('its document, its calls and its report, plain and packed', async () => {
    const wire: Exchange[] = []
    const stage = await open({ record: wire })
    const skus = Array.from({ length: 12 }, (_, n) => `MUG-${n}`)
    stage.sandbox.seed(skus.map(sku => goods(stage, sku, 5)))
    const sale = { amount: '8.00', from: null, to: '2027-01-01T00:00:00.000Z' }
    const both = [
      { channelRef: GERMANY.id, price: { currency: 'EUR', regular: '12.00', sale } },
      { channelRef: SWEDEN.id, price: { currency: 'SEK', regular: '120.00', sale: null } },
    ]
    const few = [await item(stage, 'MUG-0', '12.00', { prices: both }), await item(stage, 'MUG-1', '-1.00')]
    const many = await Promise.all(skus.map(sku => item(stage, sku, '-2.00')))
    for (const items of [few, many]) {
      const feed = await started(stage, items)
      await stage.settle()
      const outcomes = await verdicts(stage, feed, items)
      expect(outcomes.filter(one => one.prices?.[0]?.status === 'rejected').length).toBe(items === few ? 1 : 12)
    }
    await feedOf(stage).startedSince(new Date(0))
    const seen = (method: string, path: RegExp) => wire.filter(one => one.method === method && path.test(one.url.pathname))
    const uploads = seen('PUT', /^\/presigned/)
    expect(uploads.length).toBe(2)
    for (const one of uploads) check(validator('feeds/listings-feed-schema-v2.json'), one.asked)
    const message = validator('feeds/listings-feed-message-schema-v2.json')
    for (const one of uploads) for (const each of JSON.parse(one.asked).messages) check(message, JSON.stringify(each))
    const model = 'models/feeds_2021-06-30.json'
    for (const one of seen('POST', /\/documents$/)) {
      check(validator(model, 'CreateFeedDocumentSpecification'), one.asked)
      check(validator(model, 'CreateFeedDocumentResponse'), one.answered)
    }
    for (const one of seen('POST', /\/feeds$/)) {
      check(validator(model, 'CreateFeedSpecification'), one.asked)
      check(validator(model, 'CreateFeedResponse'), one.answered)
    }
    for (const one of seen('GET', /\/feeds$/)) check(validator(model, 'GetFeedsResponse'), one.answered)
    for (const one of seen('GET', /\/feeds\/\d+$/)) check(validator(model, 'Feed'), one.answered)
    const results = seen('GET', /\/documents\//)
    for (const one of results) check(validator(model, 'FeedDocument'), one.answered)
    expect(results.map(one => JSON.parse(one.answered).compressionAlgorithm)).toEqual([undefined, 'GZIP'])
    const [plain] = seen('GET', /^\/presigned/)
    check(validator('feeds/listings-feed-processing-report-schema-v2.json'), plain?.answered ?? '')
  })
})

describe('a feed at Amazon', () => {
  test('changes the price of one marketplace and leaves stock, handling time and the others alone', async () => {
    const stage = await open()
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const items = [await item(stage, 'MUG', '12.00')]
    const feed = await started(stage, items)
    await stage.settle()
    expect(await verdicts(stage, feed, items)).toEqual([{ prices: [{ status: 'accepted', applied: false }] }])
    const { quantity, prices } = shownOf(stage, 'MUG')
    expect([quantity, prices[GERMANY.id]?.regular, prices[SWEDEN.id]?.regular]).toEqual([5, '12.00', '10.00'])
  })

  test('takes no stock, and no price that Amazon would round', async () => {
    const stage = await open()
    stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'CAP', 5)])
    await expect(feedOf(stage).upload([await item(stage, 'MUG', '12.00', { stock: { quantity: 3 } })])).rejects.toThrow(/Stock never/)
    const items = [await item(stage, 'MUG', '12.005'), await item(stage, 'CAP', '12.00')]
    const feed = await started(stage, items)
    await stage.settle()
    const outcomes = await verdicts(stage, feed, items)
    expect(outcomes.map(one => one.prices?.[0])).toMatchObject([{ status: 'rejected', code: 'not_sendable' }, { status: 'accepted' }])
    expect([shownOf(stage, 'MUG').prices[GERMANY.id]?.regular, shownOf(stage, 'CAP').prices[GERMANY.id]?.regular]).toEqual([
      '10.00',
      '12.00',
    ])
  })

  test('comes over a newer price that was sent by itself while the feed waited', async () => {
    const stage = await open({ options: { feedQueueMs: 60_000 } })
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    await started(stage, [await item(stage, 'MUG', '12.00')])
    await stage.session.push([await item(stage, 'MUG', '15.00')])
    stage.clock.advance(1000)
    await stage.sandbox.tick()
    expect(shownOf(stage, 'MUG').prices[GERMANY.id]?.regular).toBe('15.00')
    await stage.settle()
    expect(shownOf(stage, 'MUG').prices[GERMANY.id]?.regular).toBe('12.00')
  })

  test('waits for the one ahead of it, and twenty times longer when it goes slow', async () => {
    const stage = await open({ options: { feedQueueMs: 1000, feedWorkMs: 5000 } })
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const mug = await item(stage, 'MUG', '12.00')
    const [first, second] = [await started(stage, [mug]), await started(stage, [mug])]
    stage.sandbox.misbehave({ kind: 'late', operation: 'createFeed', times: 1 })
    const slow = await started(stage, [mug])
    const statuses = async () => {
      for (let n = 0; n < 3; n += 1) await stage.sandbox.tick()
      return Promise.all([first, second, slow].map(async feed => (await feedOf(stage).look(feed)).status))
    }
    stage.clock.advance(1000)
    expect(await statuses()).toEqual(['working', 'queued', 'queued'])
    stage.clock.advance(5000)
    await statuses()
    stage.clock.advance(200)
    expect(await statuses()).toEqual(['done', 'working', 'queued'])
    stage.clock.advance(5000)
    expect(await statuses()).toEqual(['done', 'done', 'queued'])
    stage.clock.advance(11_000)
    expect(await statuses()).toEqual(['done', 'done', 'working'])
  })

  test('is still under way after the platform was killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'concord-feed-'))
    try {
      const file = join(folder, 'amazon.sqlite')
      const before = await openAmazon({ file })
      before.sandbox.seed([goods(before, 'MUG', 5)])
      const items = [await item(before, 'MUG', '12.00')]
      const feed = await started(before, items)
      await before.close()
      const stage = await open({ file })
      expect((await feedOf(stage).look(feed)).status).toBe('queued')
      await stage.settle()
      expect(await verdicts(stage, feed, items)).toEqual([{ prices: [{ status: 'accepted', applied: false }] }])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('may be uploaded for five minutes only, with the type that was signed', async () => {
    const stage = await open()
    const call = (path: string, init: RequestInit) => stage.sandbox.fetch(new Request(`http://amazon.example${path}`, init))
    const token = await call('/auth/o2/token', {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: 'amzn1.application-oa2-client.0',
        client_secret: 'client-secret-x',
        refresh_token: 'Atzr|refresh-token-x',
      }),
    })
    const access = JSON.parse(await token.text()).access_token
    const place = await call('/feeds/2021-06-30/documents', {
      method: 'POST',
      headers: { 'x-amz-access-token': access },
      body: JSON.stringify({ contentType: 'application/json' }),
    })
    const { pathname, search } = new URL(JSON.parse(await place.text()).url)
    const put = async (type: string) =>
      (await call(`${pathname}${search}`, { method: 'PUT', headers: { 'content-type': type }, body: '{}' })).status
    expect([await put('text/plain'), await put('application/json')]).toEqual([403, 200])
    stage.clock.advance(5 * 60_000)
    expect(await put('application/json')).toBe(403)
    expect((await call('/feeds/2021-06-30/feeds?feedTypes=JSON_LISTINGS_FEED', {})).status).toBe(403)
  })
})

describe('the report of a feed', () => {
  const listing = { channelRef: GERMANY.id, externalId: 'MUG', externalParentId: null, externalSku: 'MUG', productType: null }
  const price = (channelRef: string, currency: string) => ({ channelRef, price: { currency, regular: '9.00', sale: null } })
  const one: PushItem = { listing, prices: [price(GERMANY.id, 'EUR')] }
  const two: PushItem = { listing, prices: [price(GERMANY.id, 'EUR'), price(SWEDEN.id, 'SEK')] }
  const error = (messageId: number | undefined) => ({
    ...(messageId === undefined ? {} : { messageId }),
    code: '90220',
    severity: 'ERROR',
    message: 'The price is too low.',
  })

  test('refuses what it names, and leaves warnings aside', () => {
    const warning = { ...error(1), severity: 'WARNING' }
    expect(judged([one, one], { issues: [warning, error(2)], summary: { messagesProcessed: 2, messagesInvalid: 1 } })).toEqual([
      { prices: [{ status: 'accepted', applied: false }] },
      { prices: [{ status: 'rejected', code: '90220', words: 'The price is too low.' }] },
    ])
  })

  test('sends several prices of a refused message again one by one, as it names no marketplace', () => {
    const [outcome] = judged([two], { issues: [error(1)], summary: { messagesProcessed: 1, messagesInvalid: 1 } })
    expect(outcome?.prices?.map(each => each.status)).toEqual(['retry', 'retry'])
  })

  test.each([
    ['counts other messages than were sent', { issues: [], summary: { messagesProcessed: 5, messagesInvalid: 0 } }],
    ['counts more refused than it names', { issues: [], summary: { messagesProcessed: 2, messagesInvalid: 1 } }],
    ['refuses without a message', { issues: [error(undefined)], summary: { messagesProcessed: 2, messagesInvalid: 0 } }],
  ])('tells nothing of the others where it %s', (_, report) => {
    expect(judged([one, one], report)).toEqual([{}, {}])
  })
})
