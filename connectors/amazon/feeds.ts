import { z } from 'zod'
import { AccountTrouble, type ChannelAccess, type FieldOutcome, type PushItem, type PushOutcome, type Tools } from '../contract.ts'
import type { Feed, FeedLook, FeedStart } from '../feed.ts'
import type { Settings } from './access.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { download, upload } from './documents.ts'
import { pricePatch, refusal } from './push.ts'
import { documentShape, documentUploadShape, feedReportShape, feedShape, feedStartedShape, feedsShape } from './wire.ts'

/** Amazon takes 25,000 messages by its schema and refused feeds of more than 10,000 or 10 MiB in practice. */
export const FEED_MAX = 10_000

const TYPE = 'JSON_LISTINGS_FEED'
const CONTENT_TYPE = 'application/json; charset=UTF-8'
const BASE = '/feeds/2021-06-30'

export type FeedAccount = {
  readonly settings: Settings
  readonly channels: readonly ChannelAccess[]
  readonly client: Client
  readonly tools: Tools
}

/** Prices as one `JSON_LISTINGS_FEED`: the same patches as single calls carry, under Amazon's own queue. */
export function makeFeed(account: FeedAccount): Feed {
  return {
    upload: items => uploadFeed(account, items),
    start: document => startFeed(account, document),
    startedSince: at => startedSince(account, at),
    look: feed => look(account, feed),
    verdicts: (report, items) => verdicts(account, report, items),
    cancel: feed => cancel(account, feed),
  }
}

/** The document of a feed. Each message is numbered by its item's place, so that its verdict finds it; items that Amazon would round are left out. */
export function feedDocument(settings: Settings, items: readonly PushItem[]) {
  return {
    header: { sellerId: settings.sellerId, version: '2.0', issueLocale: 'en_US' },
    messages: items.flatMap((item, at) => {
      const prices = sendable(item)
      if (prices.length === 0) return []
      const { externalSku: sku, productType } = item.listing
      return [{ messageId: at + 1, sku, operationType: 'PATCH', productType: productType ?? 'PRODUCT', patches: [pricePatch(prices)] }]
    }),
  }
}

function sendable(item: PushItem): NonNullable<PushItem['prices']> {
  return (item.prices ?? []).filter(one => refusal(item, one.price) === null)
}

async function uploadFeed(account: FeedAccount, items: readonly PushItem[]): Promise<string> {
  if (items.length > FEED_MAX) throw new RangeError(`A feed carries at most ${FEED_MAX} listings, not ${items.length}.`)
  if (items.some(item => item.stock)) throw new RangeError('Stock never goes by feed: it could take effect hours later.')
  return uploadDocument(account, CONTENT_TYPE, JSON.stringify(feedDocument(account.settings, items)))
}

/** Puts a feed's document where Amazon will read it. Nothing happens by it. */
export async function uploadDocument(account: FeedAccount, contentType: string, body: string): Promise<string> {
  const call: Call = {
    ...{ operation: 'createFeedDocument', method: 'POST', path: `${BASE}/documents` },
    body: { contentType },
  }
  const { feedDocumentId, url } = promised(call, documentUploadShape, await account.client(call))
  await upload(account, url, contentType, body)
  return feedDocumentId
}

/** Starts a feed of this type. */
export async function startFeed(account: FeedAccount, document: string, feedType = TYPE): Promise<FeedStart> {
  const call: Call = {
    ...{ operation: 'createFeed', method: 'POST', path: `${BASE}/feeds`, writes: true },
    body: { feedType, marketplaceIds: account.channels.map(one => one.ref), inputFeedDocumentId: document },
  }
  try {
    const answer = await account.client(call)
    if (answer.status >= 400) return { status: 'refused', words: errorIn(answer.json)?.words ?? `Amazon answered ${answer.status}` }
    return { status: 'started', feed: promised(call, feedStartedShape, answer).feedId }
  } catch (error) {
    if (error instanceof AccountTrouble && error.kind === 'throttled')
      return { status: 'retry', words: error.message, afterMs: error.afterMs }
    throw error
  }
}

async function startedSince(account: FeedAccount, at: Date): Promise<string[]> {
  const found: { feedId: string; createdTime: string }[] = []
  let query: Call['query'] = { feedTypes: TYPE, createdSince: at.toISOString(), pageSize: '100' }
  for (;;) {
    const call: Call = { operation: 'getFeeds', method: 'GET', path: `${BASE}/feeds`, query }
    const page = promised(call, feedsShape, await account.client(call))
    found.push(...page.feeds)
    // A page's token goes alone.
    if (page.nextToken === undefined) break
    query = { nextToken: page.nextToken }
  }
  return found.sort((a, b) => Date.parse(a.createdTime) - Date.parse(b.createdTime)).map(one => one.feedId)
}

/** How far a feed is. */
export async function look(account: FeedAccount, feed: string): Promise<FeedLook> {
  const call: Call = { operation: 'getFeed', method: 'GET', path: `${BASE}/feeds/${encodeURIComponent(feed)}` }
  const answer = await account.client(call)
  // Amazon forgets feeds after 90 days.
  if (answer.status === 404) return { status: 'fatal' }
  const { processingStatus, resultFeedDocumentId } = promised(call, feedShape, answer)
  switch (processingStatus) {
    case 'IN_QUEUE':
      return { status: 'queued' }
    case 'IN_PROGRESS':
      return { status: 'working' }
    case 'CANCELLED':
      return { status: 'cancelled' }
    case 'FATAL':
      return { status: 'fatal' }
    case 'DONE':
      return resultFeedDocumentId === undefined ? { status: 'fatal' } : { status: 'done', report: resultFeedDocumentId }
  }
}

async function verdicts(account: FeedAccount, report: string, items: readonly PushItem[]): Promise<PushOutcome[]> {
  const read = feedReportShape.safeParse(parsed(await reportText(account, report)))
  if (!read.success)
    throw new AccountTrouble('down', `Amazon's report of a feed is something else than promised: ${z.prettifyError(read.error)}`)
  return judged(items, read.data)
}

/** The text of a feed's processing report. */
export async function reportText(account: FeedAccount, report: string): Promise<string> {
  const call: Call = { operation: 'getFeedDocument', method: 'GET', path: `${BASE}/documents/${encodeURIComponent(report)}` }
  return download(account, promised(call, documentShape, await account.client(call)))
}

/** Reads the verdict of each item out of a report. Where its numbers do not fit the feed, nothing is said of the items that it does not name. */
export function judged(items: readonly PushItem[], report: z.infer<typeof feedReportShape>): PushOutcome[] {
  const errors = Map.groupBy(
    report.issues.filter(issue => issue.severity === 'ERROR'),
    issue => issue.messageId,
  )
  const sent = items.filter(item => sendable(item).length > 0)
  const named = items.filter((_, at) => errors.has(at + 1)).length
  const isWhole = !errors.has(undefined) && report.summary.messagesProcessed === sent.length && report.summary.messagesInvalid <= named
  return items.map((item, at) => {
    const wrong = errors.get(at + 1)
    const prices = sendable(item)
    const outcomeOf = (): FieldOutcome | null => {
      if (!wrong) return isWhole ? { status: 'accepted', applied: false } : null
      // The report names no marketplace: of several prices the call that carries one of them alone finds the wrong one.
      const words = wrong.map(one => one.message).join(' ')
      return prices.length > 1
        ? { status: 'retry', words: `${words} It goes again alone.`, afterMs: 0 }
        : { status: 'rejected', code: wrong.map(one => one.code ?? 'INVALID').join(','), words }
    }
    const told = (item.prices ?? []).map(one => refusal(item, one.price) ?? outcomeOf())
    const known = told.filter(one => one !== null)
    return known.length < told.length ? {} : { prices: known }
  })
}

async function cancel(account: FeedAccount, feed: string): Promise<boolean> {
  const call: Call = {
    ...{ operation: 'cancelFeed', method: 'DELETE', path: `${BASE}/feeds/${encodeURIComponent(feed)}`, writes: true },
  }
  return (await account.client(call)).status < 300
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
