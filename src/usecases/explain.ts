import { explainHead } from '../../db/explain.ts'
import { type ChannelThen, channelsThen, shortThen, type TermsThen, termsThen } from '../../db/explain-channels.ts'
import { type PublishedThen, publishedThen } from '../../db/explain-sent.ts'
import {
  type BalanceThen,
  balancesThen,
  type Moment,
  type PlaceThen,
  partsThen,
  placesThen,
  type ReservationThen,
  reservationsThen,
} from '../../db/explain-stock.ts'
import { readLocation } from '../../db/locations.ts'
import { ledgerClock } from '../../db/partitions.ts'
import { type Shown, sellableAhead } from '../domain/inventory/availability.ts'
import {
  explainChannel,
  explainPlace,
  type PartFacts,
  type PlaceExplained,
  type PlaceFacts,
  type Step,
} from '../domain/inventory/explained.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { pastInstant, unknownLocation, unknownSku } from './past.ts'

/** What to explain: a channel or a location (all channels where neither is named), now or at an instant of the past (ISO text). */
export type ExplainAsked = {
  readonly channel?: string | undefined
  readonly location?: string | undefined
  readonly at?: string | undefined
}

/** A location as it was, what there was of the SKU, and what could be promised of it. */
export type ExplainedPlace = PlaceExplained<Facts>

export type ExplainedChannel = Omit<ChannelThen, 'channelId' | 'pool'> & {
  /** In order of preference, closed locations too. */
  readonly pool: readonly ExplainedPlace[]
  /** What could be sold of it before it was there, and how many units orders were short of. */
  readonly terms: (TermsThen & { readonly short: number }) | null
  readonly result: Shown
  /** From on hand to shown: what each step takes (−) or adds (+); they add up to what is shown. */
  readonly steps: readonly Step[]
  readonly published: readonly Omit<PublishedThen, 'channelId'>[]
}

export type Explained = {
  readonly sku: string
  readonly title: string
  /** The instant it is true for, by what was recorded then. */
  readonly at: string
  readonly isPast: boolean
  readonly isBundle: boolean
  readonly locations: readonly ExplainedPlace[]
  /** Open promises on it, and on the parts of a bundle; the oldest first. */
  readonly reservations: readonly Omit<ReservationThen, 'id' | 'variantId'>[]
  readonly reservationsLeftOut: number
  readonly chain: readonly ExplainedChannel[]
}

const RESERVATIONS_MOST = 500

/**
 * How what was on hand of a SKU became what each channel showed, now or at an instant of the past: every bucket, promise and rule as it was, by what was recorded
 * then, worked out by the rule that decides it.
 * @throws Fault not_found for what nobody knows and for a time whose ledger was detached, invalid for no instant of the past.
 */
export async function explain(context: Context, sku: string, asked: ExplainAsked = {}): Promise<Explained> {
  const { sql } = context
  const head = await explainHead(sql, sku)
  if (head === null) throw unknownSku(sku)
  if (asked.location !== undefined && (await readLocation(sql, asked.location)) === null) throw unknownLocation(asked.location)
  const moment = await momentOf(context, asked.at)
  const parts = await partsThen(sql, head.id, moment)
  const ids = [head.id, ...parts.map(part => part.variantId)]
  const [places, balances, reservations, channels, terms, published] = await Promise.all([
    placesThen(sql, moment),
    balancesThen(sql, ids, moment),
    reservationsThen(sql, ids, moment),
    channelsThen(sql, asked.channel ?? null, moment, head.id),
    termsThen(sql, head.id, moment),
    publishedThen(sql, head.id, moment),
  ])
  if (asked.channel !== undefined && channels.length === 0) throw unknownChannel(asked.channel, asked.at)
  const short = terms === null ? 0 : await shortThen(sql, head.id, ids.slice(1), moment)
  const at = (variantId: number) => places.map(place => factsAt(place, variantId, balances, reservations))
  const own = at(head.id)
  const partFacts: PartFacts[] = parts.map(({ variantId, ...part }) => ({ ...part, places: at(variantId) }))
  const isWanted = ({ location }: { readonly location: string }) => asked.location === undefined || location === asked.location
  const chain = channels.map(({ channelId, pool, ...channel }) => {
    const facts = pool.filter(isWanted).flatMap(({ locationId }) => own.filter(place => place.locationId === locationId))
    const policy = { ...channel, bufferPercent: Number(channel.bufferPercent) }
    const ahead = sellableAhead(terms, short, channel.sellAhead, new Date(moment.clock))
    const { pool: explained, result, steps } = explainChannel(facts, partFacts, policy, ahead)
    return {
      ...{ ...channel, pool: explained, result, steps },
      terms: terms && { ...terms, short },
      published: published.filter(one => one.channelId === channelId).map(({ channelId: _, ...one }) => one),
    }
  })
  const inPools = new Set(chain.flatMap(channel => channel.pool.map(place => place.location)))
  const held = new Set(balances.map(balance => balance.locationId))
  const listed = own.filter(
    place => isWanted(place) && (inPools.has(place.location) || (asked.channel === undefined && held.has(place.locationId))),
  )
  const open = reservations.filter(one => listed.some(place => place.location === one.location))
  return {
    ...{ sku, title: head.title, at: moment.clock, isPast: asked.at !== undefined, isBundle: parts.length > 0 },
    locations: listed.map(place => explainPlace(place, partFacts)),
    reservations: open.slice(0, RESERVATIONS_MOST).map(({ id: _id, variantId: _variant, ...one }) => one),
    reservationsLeftOut: Math.max(0, open.length - RESERVATIONS_MOST),
    chain: asked.location === undefined ? chain : chain.filter(channel => channel.pool.length > 0),
  }
}

async function momentOf(context: Context, at: string | undefined): Promise<Moment> {
  if (at === undefined) return { bound: 'infinity', clock: (await ledgerClock(context.sql)).now.toISOString() }
  const instant = await pastInstant(context.sql, at, 'at')
  return { bound: instant, clock: instant }
}

type Facts = PlaceFacts & PlaceThen & { readonly incoming: number }

function factsAt(place: PlaceThen, variantId: number, balances: readonly BalanceThen[], reservations: readonly ReservationThen[]): Facts {
  const balance = balances.find(one => one.variantId === variantId && one.locationId === place.locationId)
  const over = reservations.filter(one => one.isOver && one.variantId === variantId && one.location === place.location)
  const { onHand = 0, reserved = 0, unavailable = 0, expiredLots = 0, safetyStock = 0, incoming = 0 } = balance ?? {}
  const units = over.reduce((sum, one) => sum + one.quantity, 0)
  return { ...place, onHand, reserved, over: units, unavailable, expiredLots, safetyStock, incoming }
}

function unknownChannel(channel: string, at: string | undefined): Fault {
  const then = at === undefined ? '' : ` at ${at}`
  return new Fault('not_found', `there is no channel ${channel}${then}`, { field: 'channel', value: channel })
}
