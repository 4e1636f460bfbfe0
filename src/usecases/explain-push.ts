import { isDeepStrictEqual } from 'node:util'
import { explainHead } from '../../db/explain.ts'
import {
  type ListedField,
  listedFields,
  listedThen,
  nextEvent,
  pushEvents,
  type StandsBecause,
  standsBecause,
  switchesThen,
  type UnmatchedListing,
  unmatchedFor,
  waitingAhead,
} from '../../db/explain-push.ts'
import type { PushCause } from '../../db/explain-push-causes.ts'
import { type Moment, partsThen } from '../../db/explain-stock.ts'
import { ledgerClock } from '../../db/partitions.ts'
import type { PublishingHead } from '../../db/publishing.ts'
import { backlogS } from '../domain/sync/backlog.ts'
import { AGED_EVERY, AGED_S } from '../domain/sync/push-order.ts'
import { type Push, type PushEvent, pushesOf, shownAfter } from '../domain/sync/pushes.ts'
import { type Verdict, verdictOf, verdictThen } from '../domain/sync/verdict.ts'
import type { Context } from './context.ts'
import { causesOf, type PriceBasis, priceBasis, type StockBasis, stockBasis } from './explain-push-basis.ts'
import { pastInstant, unknownSku } from './past.ts'
import { callsBeginAt, knownHead, quotaOf } from './publishing.ts'

export type PushField = 'stock' | 'price'

/** A call with what it was based on: what had changed, newest first, and of a price where it came from. */
export type PushTold = Push & { readonly causes: readonly PushCause[]; readonly price: PriceBasis | null }

/** Where a field waits and why there: SKUs of its account that go first, the calls until its own is over, and about when that is; null: nobody can tell. */
export type QueuePlace = StandsBecause & { readonly ahead: number; readonly calls: number; readonly aboutAt: string | null }

export type ListingPush = {
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
  /** Null: nothing was reckoned of it yet, or there is nothing that could be shown. */
  readonly verdict: Verdict | null
  readonly wanted: PushEvent['value']
  readonly shows: PushEvent['value']
  /** Units that may have been sold unseen: not shown until orders are known. */
  readonly withheld: number
  readonly forcedBy: string | null
  readonly queue: QueuePlace | null
  /** What changed since the last value was reckoned and altered nothing that is shown, the newest first. */
  readonly unaltered: readonly PushCause[]
  /** Of a past moment: what happened to it next. */
  readonly after: PushEvent | null
  /** The newest first. */
  readonly pushes: readonly PushTold[]
}

/** Why a SKU has nothing to send there at all: it is not listed; a listing may be it and is matched to none or another SKU; or its stock goes out with that of another channel. */
export type NoListing =
  | { readonly code: 'unlisted' }
  | ({ readonly code: 'unmatched' } & UnmatchedListing)
  | { readonly code: 'shared'; readonly lead: string }

export type ExplainedPush = {
  readonly sku: string
  readonly title: string
  readonly channel: string
  readonly currency: string | null
  readonly field: PushField
  readonly at: string
  readonly isPast: boolean
  /** How the number came about that should be shown; the one or the other, by the field. */
  readonly stock: StockBasis | null
  readonly price: PriceBasis | null
  readonly absent: NoListing | null
  readonly listings: readonly ListingPush[]
}

/** Events that are looked at of a field, and calls that are told of it. */
const EVENTS_MOST = 400
const PUSHES_MOST = 5

/**
 * Why a value of a SKU was sent to a channel, when, based on which change and by whom; or why nothing was, now or at a moment that has passed.
 * @throws Fault not_found for what nobody knows and for a time whose ledger was detached, invalid for no instant of the past.
 */
export async function explainPush(
  context: Context,
  sku: string,
  channel: string,
  field: PushField,
  asked: { readonly at?: string | undefined } = {},
): Promise<ExplainedPush> {
  const { sql } = context
  const [found, head] = await Promise.all([explainHead(sql, sku), knownHead(context, channel)])
  if (found === null) throw unknownSku(sku)
  const moment = await momentOf(context, asked.at)
  const isPast = asked.at !== undefined
  const at = isPast ? moment.clock : undefined
  const parts = field === 'stock' ? await partsThen(sql, found.id, moment) : []
  const goods = { sku, ids: [found.id, ...parts.map(part => part.variantId)], field }
  const [stock, price, fields, before] = await Promise.all([
    field === 'stock' ? stockBasis(context, sku, channel, at) : null,
    field === 'price' ? priceBasis(context, sku, channel, at) : null,
    listedFields(sql, head.channelId, found.id, field),
    isPast ? listedThen(sql, head.channelId, found.id, field, moment) : null,
  ])
  const scene = { context, head, goods, moment, at }
  const listings = await Promise.all(
    before === null ? fields.map(one => listingNow(scene, one)) : before.map(one => listingThen(scene, one)),
  )
  const isReckoned = listings.some(one => one.verdict !== null)
  return {
    ...{ sku, title: found.title, channel, field, at: moment.clock, isPast, stock, price },
    currency: price?.currency ?? null,
    absent: isReckoned ? null : await whyAbsent(scene, fields.length > 0, found.id),
    listings: isReckoned ? listings : [],
  }
}

type Scene = {
  readonly context: Context
  readonly head: PublishingHead
  readonly goods: { readonly sku: string; readonly ids: readonly number[]; readonly field: PushField }
  readonly moment: Moment
  /** ISO text of a moment that has passed. */
  readonly at: string | undefined
}

async function listingNow(scene: Scene, one: ListedField): Promise<ListingPush> {
  const { context, goods, moment } = scene
  const { listing, externalId, externalSku, wanted, shows, withheld, forcedBy } = one
  const verdict = one.facts && verdictOf({ ...one.facts, listingState: one.listingState }, moment.clock)
  const events = await pushEvents(context.sql, listing, goods.field, moment, EVENTS_MOST)
  return {
    ...{ listing, externalId, externalSku, verdict, wanted, shows, withheld, forcedBy, after: null },
    queue: verdict?.code === 'waiting' ? await placeOf(scene, listing) : null,
    unaltered: await unalteredSince(scene, events),
    pushes: await pushesTold(scene, events),
  }
}

async function listingThen(scene: Scene, one: Pick<ListedField, 'listing' | 'externalId' | 'externalSku'>): Promise<ListingPush> {
  const { context, head, goods, moment } = scene
  const { listing, externalId, externalSku } = one
  const [events, switches, after] = await Promise.all([
    pushEvents(context.sql, listing, goods.field, moment, EVENTS_MOST),
    switchesThen(context.sql, head.channel, goods.field, moment),
    nextEvent(context.sql, listing, goods.field, moment.bound),
  ])
  return {
    ...{ listing, externalId, externalSku, withheld: 0, forcedBy: null, queue: null, after },
    verdict: verdictThen(events, switches),
    wanted: events.findLast(({ event }) => event === 'intended')?.value ?? null,
    shows: shownAfter(events),
    unaltered: await unalteredSince(scene, events),
    pushes: await pushesTold(scene, events),
  }
}

/** What changed after the value was last reckoned; such a change left it as it was. */
async function unalteredSince({ context, head, goods, moment }: Scene, events: readonly PushEvent[]): Promise<readonly PushCause[]> {
  const reckoned = events.findLast(({ event }) => event === 'intended')
  if (goods.field === 'price' || reckoned === undefined) return []
  return causesOf(context, head.channel, goods.ids, { from: reckoned.at, to: moment.bound })
}

async function pushesTold({ context, head, goods }: Scene, events: readonly PushEvent[]): Promise<PushTold[]> {
  const reckoned = events.filter(({ event }) => event === 'intended')
  const told = new Map<string, Promise<Pick<PushTold, 'causes' | 'price'>>>()
  const basedOn = (intended: PushEvent): Promise<Pick<PushTold, 'causes' | 'price'>> => {
    const known = told.get(intended.at)
    if (known !== undefined) return known
    const before = reckoned[reckoned.indexOf(intended) - 1]?.at ?? null
    const period = { from: before, to: intended.at }
    const made =
      goods.field === 'stock'
        ? causesOf(context, head.channel, goods.ids, period, 'or the last before').then(causes => ({ causes, price: null }))
        : priceBasis(context, goods.sku, head.channel, intended.at).then(price => ({ causes: [], price }))
    told.set(intended.at, made)
    return made
  }
  const last = pushesOf(events).slice(0, PUSHES_MOST)
  return Promise.all(
    last.map(async push => {
      // What the platform had already went out because somebody asked, and for no change.
      const isSame = push.forcedBy !== null && isDeepStrictEqual(push.before, push.value)
      return { ...push, ...(push.intended === null || isSame ? { causes: [], price: null } : await basedOn(push.intended)) }
    }),
  )
}

async function placeOf({ context, head, goods, moment }: Scene, listing: number): Promise<QueuePlace | null> {
  const place = await standsBecause(context.sql, listing, goods.field)
  if (place === null) return null
  const { ahead: worse, older, waitedS } = await waitingAhead(context.sql, listing, goods.field)
  const pace = context.pushPaceOf?.(head.platform)
  const quota = quotaOf(head, pace)
  const untilOldS = Math.max(0, AGED_S / head.scale - waitedS)
  const beforeOld = Math.floor(untilOldS * (quota?.perSecond ?? 0)) * (pace?.perCall ?? 1)
  // Of what is old, one call in so many carries what has waited longest, whatever it is worth.
  const ahead = Math.min(worse, beforeOld + AGED_EVERY * (older + 1))
  const calls = Math.ceil((ahead + 1) / (pace?.perCall ?? 1))
  if (pace === undefined || quota === null) return { ...place, ahead, calls, aboutAt: null }
  const seconds = backlogS(calls, { left: quota.callsLeft ?? 0, ratePerS: quota.perSecond }, pace, head.scale)
  const begins = callsBeginAt(head, quota, new Date(moment.clock))
  return { ...place, ahead, calls, aboutAt: new Date(begins.getTime() + Math.round(seconds * 1000)).toISOString() }
}

async function whyAbsent({ context, head, goods }: Scene, isListed: boolean, variantId: number): Promise<NoListing | null> {
  if (isListed) return goods.field === 'stock' && head.stockLead !== null ? { code: 'shared', lead: head.stockLead } : null
  const other = await unmatchedFor(context.sql, head.channelId, variantId)
  return other === null ? { code: 'unlisted' } : { code: 'unmatched', ...other }
}

async function momentOf(context: Context, at: string | undefined): Promise<Moment> {
  if (at === undefined) return { bound: 'infinity', clock: (await ledgerClock(context.sql)).now.toISOString() }
  const instant = await pastInstant(context.sql, at, 'at')
  return { bound: instant, clock: instant }
}
