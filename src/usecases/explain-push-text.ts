import type { PushCause } from '../../db/explain-push-causes.ts'
import type { SourceTold } from '../domain/pricing/explained.ts'
import type { StatedPrice } from '../domain/pricing/standing.ts'
import { unitPrice } from '../values/money.ts'
import type { ExplainedPush, ListingPush, NoListing, PushTold, QueuePlace } from './explain-push.ts'
import type { PriceBasis, StockBasis } from './explain-push-basis.ts'
import type { InstantText } from './explain-text.ts'
import { documentWords } from './price-standing-text.ts'

/** Why something was sent, or why nothing was, as lines of text for a terminal; `text` words its instants. */
export function explainPushText(told: ExplainedPush, text: InstantText): string {
  const { sku, title, channel, field, at, isPast, absent, listings } = told
  return [
    `${sku}  ${title}`,
    `${field} in ${channel}, ${isPast ? `as it was at ${text(at)}` : `now, ${text(at)}`}`,
    ...(absent === null ? [] : [`nothing to send: ${absentWords(absent, told)}`]),
    ...(absent === null && listings.length === 0
      ? [isPast ? 'nothing had been reckoned for it by then' : `nothing to send: there is no ${field} that could be shown`]
      : []),
    ...listings.flatMap(one => listingLines(told, one, text)),
  ].join('\n')
}

function absentWords(absent: NoListing, { sku, channel }: ExplainedPush): string {
  switch (absent.code) {
    case 'unlisted':
      return `${sku} is not listed in ${channel}. Where it is new there, "concord channel observe ${channel}" finds it`
    case 'shared':
      return `its stock goes out with that of ${absent.lead}, which serves ${channel}, too: "concord publication explain ${absent.lead} ${sku}"`
    case 'unmatched':
      return absent.sku === null
        ? `listing ${absent.externalSku} (${absent.externalId}) is matched to no SKU: match it on /channels/${channel} in the console`
        : `listing ${absent.externalSku} (${absent.externalId}) is matched to ${absent.sku}: change it on /channels/${channel} in the console`
  }
}

function listingLines(told: ExplainedPush, one: ListingPush, text: InstantText): string[] {
  const value = (document: ListingPush['wanted']): string => valueWords(document, text)
  return [
    '',
    `listing ${one.externalSku} (${one.externalId}): wanted ${value(one.wanted)}, shows ${value(one.shows)}`,
    `  ${verdictWords(told, one, text)}`,
    ...(told.stock === null ? [] : [`  ${stockWords(told.stock, one.withheld)}`]),
    ...(told.price === null ? [] : priceLines(told.price, text).map(line => `  ${line}`)),
    ...(one.unaltered.length === 0
      ? []
      : ['  changed since, without altering what is shown:', ...one.unaltered.map(cause => `    ${causeWords(cause, text)}`)]),
    ...(one.after === null ? [] : [`  after that: ${eventWord(one.after.event)} ${value(one.after.value)} at ${text(one.after.at)}`]),
    ...(one.pushes.length === 0 ? ['  nothing was sent yet'] : ['  sent:', ...one.pushes.flatMap(push => pushLines(push, text))]),
  ]
}

/** Why nothing goes out just now, or when it will, with the next step. */
function verdictWords({ channel, field, sku, isPast }: ExplainedPush, one: ListingPush, text: InstantText): string {
  const verdict = one.verdict
  if (verdict === null) return 'nothing was reckoned of it yet'
  const { since, until, by, ref, reason, attempts } = verdict
  const from = since === null ? '' : ` since ${text(since)}`
  const because = reason === null ? '' : `: ${reason}`
  const word = field === 'stock' ? 'stock' : 'prices'
  switch (verdict.code) {
    case 'gone':
      return 'not sent: the listing is no longer there'
    case 'held':
      return `not sent${from}${because}`
    case 'quarantined':
      return `not sent: the guard holds it${from} (incident ${ref})${because}. Next: "concord guard show ${ref}", then "guard approve ${ref}" or "guard reject ${ref}"`
    case 'rejected':
      return `not sent: ${by} rejected it (incident ${ref}). Next: set another value, or let it out after all: "concord guard approve ${ref}"`
    case 'refused':
      return `not sent again: the platform refused it${from}${because}. Next: mend that, then "concord publication force ${channel} --sku ${sku}"`
    case 'under_way':
      return `under way${from}`
    case 'in_feed':
      return `under way in a feed with many others${from}: it waits for the platform's verdicts, and what changed since goes after them`
    case 'account_paused':
      return `waits: the account is paused${from}${because}. Next: resume it`
    case 'paused':
      return `waits${from}: the channel is paused. Next: "concord channel resume ${channel}"`
    case 'observed':
      return `not sent: ${word} are only observed in ${channel}. Next: "concord channel publish ${channel} --${word} on"`
    case 'trouble':
      return `waits: the account is in trouble${from}${because}${until === null ? '' : `; it is tried again at ${text(until)}`}`
    case 'no_hub':
      return `waits${from}: no running hub holds the account. Next: start the hub (npm start)`
    case 'drift':
      return `waits: a person decides on difference ${ref} first. Next: "concord drift decide ${ref} hub" or "platform"`
    case 'scheduled':
      return `waits for its instant, ${text(until ?? '')}`
    case 'retry':
      return `a call with it failed${attempts > 0 ? ` (${attempts} so far)` : ''}${because}${until === null ? '' : `; it is tried again at ${text(until)}`}`
    case 'waiting':
      return isPast ? `waited to be sent${from}` : `${waitsWords(one)}${from}${queueWords(one, text)}`
    case 'accepted':
      return `sent: the platform took it at ${text(since ?? '')}, and it is not read back yet`
    case 'unchanged':
      return `nothing to send: the platform shows it${since === null ? '' : `, as read back at ${text(since)}`}`
  }
}

const waitsWords = ({ forcedBy }: ListingPush): string =>
  forcedBy === null ? 'waits to be sent' : `waits to be sent, as ${forcedBy} asked`

function queueWords({ queue }: ListingPush, text: InstantText): string {
  if (queue === null) return ''
  const ahead = queue.ahead === 0 ? 'it is the next' : `${queue.ahead} SKUs go first`
  return `: ${ahead}${placeWords(queue)}${queue.aboutAt === null ? '' : `; for the quota its call is over about ${text(queue.aboutAt)}`}`
}

const PLACES = {
  below_floor: 'what is shown is below its floor',
  sold_out: 'it is sold out and still offered',
  at_its_instant: 'its price begins or ends at its instant',
  loss: null,
}

/** Why it stands there, and what is lost while it does. */
function placeWords({ because, lossPerHour, currency }: QueuePlace): string {
  const loss = `about ${lossPerHour >= 0.005 ? lossPerHour.toFixed(2) : '0'} ${currency} are lost an hour`
  const why = PLACES[because]
  return ` (${why === null ? loss : `${why}; ${loss}`})`
}

/** `60 can be sold − 2 kept back, at most 50 = 50`. */
function stockWords({ atp, ahead, buffer, cap, stopSellingAt, shown, because }: StockBasis, withheld: number): string {
  if (because.includes('stop_selling'))
    return `reckoned: ${atp} can be sold, and at ${stopSellingAt} or fewer the channel stops selling = 0`
  const steps = [
    `${atp} can be sold`,
    ...(ahead > 0 ? [` + ${ahead} before they are there`] : []),
    ...(buffer > 0 ? [` − ${buffer} kept back`] : []),
    ...(because.includes('cap') ? [`, at most ${cap}`] : []),
    ` = ${shown}`,
    ...(withheld > 0 ? [`; less ${withheld} that may have been sold unseen, until all orders are known`] : []),
  ]
  return `reckoned: ${steps.join('')}`
}

function priceLines(price: PriceBasis, text: InstantText): string[] {
  if (price.source === null) return ['reckoned: nothing gives a price']
  const bound = [price.floor, price.ceiling].find(one => one !== null && price.steps.some(({ step }) => step === one.kind))
  return [
    `reckoned: ${price.amount === null ? 'held' : `${unitPrice(price.amount, price.currency)} ${price.currency}`} from ${sourceWords(price.source)}${setWords(price, text)}${
      bound ? `, moved to its ${bound.kind} (${bound.basis})` : ''
    }`,
    ...price.beaten.map(one => `  it beats ${sourceWords(one.source)}: ${unitPrice(one.amount, price.currency)}`),
  ]
}

const sourceWords = ({ kind, list, audience, audienceCode }: SourceTold): string =>
  `${kind === 'list' ? `list ${list}` : 'the typed price'} for ${audience}${audienceCode === null ? '' : ` ${audienceCode}`}`

function setWords({ actor, approvedBy, since }: PriceBasis, text: InstantText): string {
  const by = actor === null ? '' : `, set by ${actor}`
  return `${by}${approvedBy === null ? '' : `, approved by ${approvedBy}`}${since === null ? '' : ` at ${text(since)}`}`
}

/** One change: when, what, by whom. */
export function causeWords({ what, at, actor, detail }: PushCause, text: InstantText): string {
  return `${text(at)}  ${changeWords(what, detail)} by ${actor}`
}

function changeWords(what: PushCause['what'], detail: PushCause['detail']): string {
  const of = (name: string): string => String(detail[name])
  switch (what) {
    case 'movement': {
      const buckets = [
        ...moved('on hand', detail.onHand),
        ...moved('reserved', detail.reserved),
        ...moved('unavailable', detail.unavailable),
      ].join(', ')
      return `${of('kind')} of ${of('sku')} at ${of('location')}: ${buckets}${detail.order === undefined ? '' : `, order ${of('order')}`}`
    }
    case 'policy': {
      const buffer = detail.risk === true ? 'by risk' : detail.bufferPercent === undefined ? of('buffer') : `${of('bufferPercent')} %`
      return `rule of the channel: buffer ${buffer}, ${detail.cap === undefined ? 'no cap' : `cap ${of('cap')}`}, stop selling at ${of('stopSellingAt')}`
    }
    case 'pool':
      return `locations of the channel: ${(detail.locations as readonly string[]).join(', ')}`
    case 'safety':
      return `safety stock at ${of('location')}: ${of('quantity')}`
    case 'terms':
      return `${of('kind')} up to ${of('limit')}`
    case 'buffer':
      return `buffer by risk: ${of('units')} units`
  }
}

const moved = (name: string, units: unknown): string[] =>
  typeof units === 'number' ? [`${name} ${units > 0 ? '+' : '−'}${Math.abs(units)}`] : []

function pushLines(push: PushTold, text: InstantText): string[] {
  const { intended, before, price } = push
  const took = push.answeredAt === null ? '' : ` at ${text(push.answeredAt)}`
  const outcome = {
    under_way: 'no answer yet',
    accepted: `taken${took}, not read back yet`,
    applied: `taken${took}${push.appliedAt === null || push.appliedAt === push.answeredAt ? '' : `, seen to show at ${text(push.appliedAt)}`}`,
    refused: `refused${took}: ${push.words ?? 'no reason was given'}`,
    retry: `failed${took}: ${push.words ?? 'no reason was given'}`,
  }[push.outcome]
  const why = intended?.why
  const atp = typeof why?.atp === 'number' ? ` from ${why.atp} that could be sold` : ''
  return [
    `    ${text(push.at)}  ${before === null ? '' : `${valueWords(before, text)} → `}${valueWords(push.value, text)}, ${outcome}`,
    ...(push.forcedBy === null ? [] : [`      because ${push.forcedBy} asked for it`]),
    ...(push.isAgain ? ['      once more, after a call that failed'] : []),
    ...(intended === null ? [] : [`      reckoned ${text(intended.at)}${atp}`]),
    ...(typeof why?.turnedAt === 'string' ? [`      a price began or ended at ${text(why.turnedAt)}`] : []),
    ...push.causes.map(cause => `      ${causeWords(cause, text)}`),
    ...(price?.source ? [`      from ${sourceWords(price.source)}${setWords(price, text)}`] : []),
  ]
}

const EVENTS = {
  ...{ intended: 'reckoned anew', sent: 'sent', accepted: 'taken', applied: 'seen to show', refused: 'refused', retry: 'failed' },
  ...{ read: 'read', order: 'sold there', quarantined: 'held by the guard', held: 'held', forced: 'asked to be sent' },
} as const
const eventWord = (event: keyof typeof EVENTS): string => EVENTS[event]

/** `7`, or a price with its sale; `nothing` where there is none. */
export function valueWords(value: Readonly<Record<string, unknown>> | null, text: InstantText): string {
  if (value === null) return 'nothing'
  return typeof value.quantity === 'number' ? String(value.quantity) : documentWords(value as unknown as StatedPrice, text)
}
