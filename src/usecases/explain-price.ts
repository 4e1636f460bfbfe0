import { explainHead } from '../../db/explain.ts'
import { channelSetUp, channelsThen } from '../../db/explain-channels.ts'
import { type PricePublishedThen, pricesPublishedThen } from '../../db/explain-sent.ts'
import { readPriceFacts } from '../../db/price-facts.ts'
import { type ListingShown, pricesShown } from '../../db/price-history.ts'
import { resolvePlace } from '../../db/price-resolve.ts'
import { type PriceDocument, priceDocument } from '../domain/pricing/document.ts'
import { effectivePrice } from '../domain/pricing/effective.ts'
import { type PassedOverTold, type PriceTold, toldPassedOver, toldPrice } from '../domain/pricing/explained.ts'
import type { PriceFacts } from '../domain/pricing/facts.ts'
import { type Reduction, reductionOf } from '../domain/pricing/reduction.ts'
import { passedOverSources } from '../domain/pricing/resolve.ts'
import type { ListingStanding } from '../domain/pricing/standing.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { unknownSku } from './past.ts'
import { type PriceMoment, priceMoment } from './price-moment.ts'
import { priceStandings } from './price-standings.ts'
import { refuseQuantity, unknownPartner } from './resolve-prices.ts'

/** What to explain: one channel or all; for a partner, a quantity; now or at any instant (ISO text), one of the past by what was known then. */
export type ExplainPriceAsked = {
  readonly channel?: string | undefined
  readonly partner?: string | undefined
  readonly quantity?: number | undefined
  readonly at?: string | undefined
}

export type ExplainedChannelPrice = {
  readonly channel: string
  readonly currency: string
  readonly taxIncluded: boolean
  /** What the lists and rules say; null where there is no price, or it is held for a person. Decimal text, as all amounts here. Buyers see what `listings` tells. */
  readonly amount: string | null
  readonly isSale: boolean
  readonly regular: PriceTold | null
  /** Where there is no regular price: what could have given one, and why it does not. */
  readonly noPrice: readonly PassedOverTold[]
  /** The sale in force. */
  readonly sale: PriceTold | null
  /** What the channel should show, with the sale that comes next; null for a partner or a quantity, which no channel shows, and where it is held. */
  readonly document: PriceDocument | null
  /** Of the sale in that document: when it began or will begin, and the lowest price that the channel applied in the 30 days before. */
  readonly reduction: Reduction | null
  readonly published: readonly Omit<PricePublishedThen, 'channelId'>[]
  /** What buyers see of each listing now, and what is held back, by whom, and the next step; null of the past, of what is to come, and for a partner or a quantity. */
  readonly listings: readonly ListingStanding[] | null
  /** Of what is to come: listings whose price the guard holds back now, as what it holds does not begin before somebody decides. Else empty. */
  readonly heldNow: readonly ListingStanding[]
}

export type ExplainedPrice = {
  readonly sku: string
  readonly title: string
  readonly at: string
  readonly tense: PriceMoment['tense']
  readonly partner: string | null
  readonly quantity: number
  readonly channels: readonly ExplainedChannelPrice[]
  /** Where there was no channel at that instant: the first one, and when it was set up; null where there is none to this day. */
  readonly firstChannel: { readonly channel: string; readonly at: string } | null
}

/**
 * Why a SKU costs what it costs in each channel: which source won and what it beat, who was passed over and why, each step of the arithmetic, floor and
 * ceiling; and what was intended, sent, accepted and read back. Worked out by the rule that decides it. Faults: not_found, invalid.
 */
export async function explainPrice(context: Context, sku: string, asked: ExplainPriceAsked = {}): Promise<ExplainedPrice> {
  const { sql } = context
  const { partner = null, quantity = 1 } = asked
  refuseQuantity(quantity)
  const head = await explainHead(sql, sku)
  if (head === null) throw unknownSku(sku)
  if (partner !== null && (await resolvePlace(sql, '', partner)).partnerId === null) throw unknownPartner(partner)
  const moment = await priceMoment(sql, asked.at)
  const then = { bound: moment.known ?? 'infinity', clock: moment.at }
  const isShown = moment.tense !== 'past' && partner === null && quantity === 1
  const [channels, published, shown, standings] = await Promise.all([
    channelsThen(sql, asked.channel ?? null, then),
    pricesPublishedThen(sql, head.id, then),
    pricesShown(sql, head.id, asked.channel ?? null, moment.known),
    isShown ? priceStandings(context, [sku], asked.channel ?? null) : null,
  ])
  const setUp = channels.length > 0 ? null : await channelSetUp(sql, asked.channel ?? null)
  if (asked.channel !== undefined && channels.length === 0) throw noChannelThen(asked.channel, moment.at, setUp?.at ?? null)
  const explained = await Promise.all(
    channels.map(async ({ channel, channelId }) => {
      const facts = await readPriceFacts(sql, { sku, channel, partner, known: moment.known })
      const sent = published.filter(one => one.channelId === channelId).map(({ channelId: _, ...one }) => one)
      const own = shown.filter(one => one.channel === channel)
      const here = standings?.filter(one => one.channel === channel) ?? null
      const [listings, heldNow] =
        moment.tense === 'now' ? [here, []] : [null, here?.filter(({ stands }) => stands === 'held' || stands === 'rejected') ?? []]
      return facts && { ...explainedChannel(channel, facts, quantity, new Date(moment.at), sent, own), listings, heldNow }
    }),
  )
  const { at, tense } = moment
  const firstChannel = setUp && { channel: setUp.channel, at: setUp.at.toISOString() }
  return { sku, title: head.title, at, tense, partner, quantity, channels: explained.filter(one => one !== null), firstChannel }
}

/** The refusal of a channel that nobody knows, or that was not there yet. */
function noChannelThen(channel: string, at: string, setUpAt: Date | null): Fault {
  return setUpAt === null
    ? new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
    : new Fault('not_found', `Channel ${channel} was not there yet at ${at}: it was set up at ${setUpAt.toISOString()}.`, {
        field: 'at',
        value: at,
        expected: `${setUpAt.toISOString()} or later`,
      })
}

function explainedChannel(
  channel: string,
  facts: PriceFacts,
  quantity: number,
  at: Date,
  published: ExplainedChannelPrice['published'],
  shown: readonly ListingShown[],
): Omit<ExplainedChannelPrice, 'listings' | 'heldNow'> {
  const documented = facts.partner === null && quantity === 1 ? priceDocument(facts, at) : null
  const reduction = documented && reductionOf(documented, shown, at)
  const { amount, regular, sale, isSale } = effectivePrice(facts, quantity, at)
  return {
    channel,
    currency: facts.channel.currency,
    taxIncluded: facts.channel.taxInclusive,
    amount: amount?.toFixed() ?? null,
    isSale,
    regular: regular && toldPrice(facts, regular),
    noPrice: regular === null ? passedOverSources(facts, 'regular', quantity, at).map(toldPassedOver) : [],
    sale: sale && toldPrice(facts, sale),
    document: documented && withReference(documented.document, facts.channel.takesReference ? reduction : null),
    reduction,
    published,
  }
}

function withReference(document: PriceDocument | null, reduction: Reduction | null): PriceDocument | null {
  return document?.sale && reduction ? { ...document, sale: { ...document.sale, reference: reduction.reference } } : document
}
